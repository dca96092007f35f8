"""What if these projects slip, or are cancelled?"""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, StringConstraints

from services.finance.api.doors import AsOf, OfficersCounter, Until
from services.finance.domain.cells import TABLES, Cell, cents_of
from services.finance.domain.scenario import Supposed, freed, suppose
from services.finance.domain.tables import Basis, five_tables
from services.finance.projections.knowledge import Moment
from services.finance.projections.ledger import PROJECTION
from services.finance.projections.scenarios import promised_to
from services.finance.projections.tables import tables_of
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.kernel.refusals import Invalid
from shared.web.schemas import FiscalYear

router = APIRouter(prefix="/v1/tables/{fiscal_year}", tags=["views"])

MOST = 100
"""How many projects may be named."""

_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
Slip = Annotated[str, StringConstraints(pattern=rf"^{_UUID}:([1-9]|1\d|20)$")]


class NothingSupposed(Invalid):
    """A scenario is about some projects."""

    en = "Name at least one project that slips or is cancelled."
    fr = "Nommez au moins un projet qui glisse ou qui est annulé."


class ProjectSupposedTwice(Invalid):
    """One thing is supposed of each project."""

    en = "More than one thing is supposed of the project {project_id}."
    fr = "On suppose plus d’une chose du projet {project_id}."


def supposed_of(
    slipped: Annotated[
        list[Slip] | None,
        Query(
            max_length=MOST,
            description="A project and by how many quarters it is late (1 to 20): `{id}:2`.",
        ),
    ] = None,
    cancelled: Annotated[list[UUID] | None, Query(max_length=MOST)] = None,
) -> Supposed:
    """What a question supposes. Raises ``NothingSupposed`` and ``ProjectSupposedTwice``."""
    slips = [each.split(":") for each in slipped or ()]
    given = [UUID(project) for project, _ in slips] + (cancelled or [])
    if not given:
        raise NothingSupposed(field="slipped")
    for index, project in enumerate(given):
        if project in given[:index]:
            raise ProjectSupposedTwice(project_id=project, field="slipped")
    return Supposed(
        slipped={UUID(project): int(quarters) for project, quarters in slips},
        cancelled=frozenset(cancelled or ()),
    )


class ChangedCellOut(BaseModel):
    """A cell of the forecast that would be another."""

    table: int
    row: str | None
    """Null: the total of the table."""
    quarter: Quarter | None
    """Null: the year."""
    before: Money
    after: Money
    difference: Money


class FreedOut(BaseModel):
    """What would be available again."""

    pocket: str
    amount: Money


class ScenarioOut(BaseModel):
    """The forecast of a year as it would be; the books are as they were."""

    fiscal_year: int
    as_of: Moment
    until: date | None
    changes: list[ChangedCellOut]
    """Every cell that would change, with its row's, quarter's and table's totals."""
    freed: list[FreedOut]
    """By what is cancelled."""


@router.get("/scenario")
def scenario(
    fiscal_year: FiscalYear,
    supposed: Annotated[Supposed, Depends(supposed_of)],
    reader: OfficersCounter,
    *,
    as_of: AsOf = None,
    until: Until = None,
) -> ScenarioOut:
    """
    The forecast if some projects slip by quarters, or are cancelled: what would change.

    What is committed moves, and the match promised with it; what is owed or paid stays. Nothing is
    recorded: the address of a scenario gives it again.
    """
    seen_on = as_of or reader.today
    with reader.view(PROJECTION) as connection:
        asked = tables_of(
            connection, fiscal_year=fiscal_year, basis=Basis.FORECAST, as_of=seen_on, until=until
        )
        promised = promised_to(connection, asked.known, supposed)
    after = five_tables(
        fiscal_year=fiscal_year,
        basis=Basis.FORECAST,
        amounts=suppose(asked.amounts, promised, supposed, fiscal_year=fiscal_year),
        lines=asked.lines,
        receivables=asked.receivables,
        reference=asked.reference,
    )
    changes = []
    for number, table_of in TABLES.items():
        rows = dict.fromkeys(
            row.code for tables in (asked.tables, after) for row in table_of(tables).rows
        )
        for row in (*rows, None):
            for quarter in (*Quarter.all_of(fiscal_year), None):
                cell = Cell(table=number, row=row, quarter=quarter)
                was, will_be = cents_of(asked.tables, cell), cents_of(after, cell)
                if was != will_be:
                    changes.append(
                        ChangedCellOut(
                            table=number,
                            row=row,
                            quarter=quarter,
                            before=Money(was),
                            after=Money(will_be),
                            difference=Money(will_be - was),
                        )
                    )
    return ScenarioOut(
        fiscal_year=fiscal_year,
        as_of=seen_on,
        until=until,
        changes=changes,
        freed=[
            FreedOut(pocket=pocket, amount=Money(cents))
            for pocket, cents in sorted(freed(promised, supposed).items())
        ],
    )
