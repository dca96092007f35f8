"""Why a cell of the five tables is what it is, and why it is not what it was."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.finance.api.comparisons import BeforeAsOf, BeforeUntil, ComparisonOut, Limit
from services.finance.api.doors import AsOf, OfficersCounter, Until
from services.finance.api.entries import EntriesOut, entries_out
from services.finance.domain.cells import Cell
from services.finance.domain.events import LineKind
from services.finance.domain.plan_versions import differences
from services.finance.domain.tables import Basis, CountedLine
from services.finance.projections.cells import counted, figure_of, plan_lines_of
from services.finance.projections.entries import compared
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import PROJECTION
from services.finance.projections.tables import tables_of
from shared.kernel.money import Money, total
from shared.kernel.periods import Quarter
from shared.web.paging import AskedPage
from shared.web.schemas import FiscalYear

router = APIRouter(prefix="/v1/tables/{fiscal_year}", tags=["views"])


def _asked(
    table: Annotated[int, Query(ge=1, le=5)],
    row: Annotated[str | None, Query(max_length=100, description="None: of all rows.")] = None,
    quarter: Annotated[Literal["T1", "T2", "T3", "T4"] | None, Query()] = None,
    *,
    fiscal_year: FiscalYear,
) -> Cell:
    return Cell(
        table=table,
        row=row,
        quarter=None if quarter is None else Quarter(fiscal_year, int(quarter[1])),
    )


AskedCell = Annotated[Cell, Depends(_asked)]


class CountedLineOut(BaseModel):
    """A line of the plan, and what of it the figure counts."""

    kind: LineKind
    code: str
    programme: str | None
    quarter: Quarter
    planned: Money
    counted: Money
    """All of it as planned; as forecast, what has not come yet."""

    @classmethod
    def of(cls, counted_line: CountedLine) -> "CountedLineOut":
        """As it is answered."""
        line = counted_line.line
        return cls(
            kind=line.kind,
            code=line.code,
            programme=line.programme,
            quarter=line.quarter,
            planned=line.amount,
            counted=Money(counted_line.cents),
        )


class ExplanationOut(BaseModel):
    """``figure`` is ``entries.total`` and ``plan_total``."""

    figure: Money
    """As the table says."""
    entries: EntriesOut
    plan_version: int | None
    """Which approved plan the lines are of."""
    plan_lines: list[CountedLineOut]
    plan_total: Money


class PlanChangeOut(BaseModel):
    """What a figure counts of one line of the plan, then and now."""

    kind: LineKind
    code: str
    programme: str | None
    quarter: Quarter
    before: Money
    after: Money
    amount: Money
    """By how much it moved the figure."""


class CellComparisonOut(ComparisonOut):
    """``difference`` is what the causes, the rest and the changes of the plan add up to."""

    plan_changes: list[PlanChangeOut]


@router.get("/explanation")
def explain(
    fiscal_year: FiscalYear,
    cell: AskedCell,
    paging: AskedPage,
    reader: OfficersCounter,
    *,
    basis: Basis = Basis.FORECAST,
    as_of: AsOf = None,
    until: Until = None,
) -> ExplanationOut:
    """
    What a cell of the five tables is made of: entries of the ledger, and lines of the plan.

    Without ``row`` the total of the table, without ``quarter`` the year.
    """
    seen_on = as_of or reader.today
    with reader.view(PROJECTION) as connection:
        asked = tables_of(
            connection, fiscal_year=fiscal_year, basis=basis, as_of=seen_on, until=until
        )
        made_of = entries_out(
            connection, counted(connection, asked, cell), Knowledge(as_of=seen_on), paging
        )
    lines = [each for each in plan_lines_of(asked, cell) if each.cents]
    return ExplanationOut(
        figure=Money(figure_of(asked, cell)),
        entries=made_of,
        plan_version=asked.plan_version,
        plan_lines=[CountedLineOut.of(each) for each in lines],
        plan_total=total(Money(each.cents) for each in lines),
    )


@router.get("/comparison")
def compare(
    fiscal_year: FiscalYear,
    cell: AskedCell,
    reader: OfficersCounter,
    *,
    before_as_of: BeforeAsOf,
    before_until: BeforeUntil = None,
    basis: Basis = Basis.FORECAST,
    as_of: AsOf = None,
    until: Until = None,
    limit: Limit = 100,
) -> CellComparisonOut:
    """
    Why a cell of the five tables is not what it was: entries, largest first, and plan lines.

    The earlier answer is bounded by ``before_as_of`` and ``before_until``, the later one by
    ``as_of`` and ``until``. As planned, a cell changes when the board approves another version.
    """
    with reader.view(PROJECTION) as connection:
        earlier, later = (
            tables_of(
                connection, fiscal_year=fiscal_year, basis=basis, as_of=seen_on, until=happened_by
            )
            for seen_on, happened_by in (
                (before_as_of, before_until),
                (as_of or reader.today, until),
            )
        )
        found = compared(
            connection,
            counted(connection, earlier, cell),
            counted(connection, later, cell),
            limit=limit,
        )
    before, after = figure_of(earlier, cell), figure_of(later, cell)
    changes = differences(
        *([each.counted_line for each in plan_lines_of(asked, cell)] for asked in (earlier, later))
    )
    return CellComparisonOut(
        **ComparisonOut.of(found).model_dump(exclude={"before", "after", "difference"}),
        before=Money(before),
        after=Money(after),
        difference=Money(after - before),
        plan_changes=[
            PlanChangeOut(
                kind=change.kind,
                code=change.code,
                programme=change.programme,
                quarter=change.quarter,
                before=change.before,
                after=change.after,
                amount=change.difference,
            )
            for change in changes
        ],
    )
