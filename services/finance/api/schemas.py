"""What finance is told, and what it answers."""

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, Field, StringConstraints

from services.finance.domain.events import LineKind, PlanLine
from services.finance.domain.tables import Basis, Figure, FiveTables, Table
from services.finance.projections.identities import Identity
from services.finance.projections.knowledge import Moment
from services.finance.projections.pockets import PocketBalances
from services.finance.projections.tables import TablesAsked
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.web.schemas import Request

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{0,59}$")]
"""Capital letters, digits and hyphens: ``ISED-P1-PROJECTS``."""


class Names(Request):
    """A name in both languages."""

    en: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    fr: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class PlanLineIn(Request):
    """One line of a plan."""

    kind: LineKind
    code: Code
    programme: Code | None = None
    quarter: Quarter
    amount: Money

    def to_domain(self) -> PlanLine:
        """As the domain speaks of it."""
        return PlanLine(
            kind=self.kind,
            code=self.code,
            programme=self.programme,
            quarter=self.quarter,
            amount=self.amount,
        )


class PlanLinesIn(Request):
    """All the lines of a plan."""

    lines: Annotated[list[PlanLineIn], Field(max_length=2_000)]


class ApprovalIn(Request):
    """When the board approved a plan."""

    approved_on: date


class ActualIn(Request):
    """What operations cost, or what came in beside the projects' money."""

    kind: LineKind
    code: Code
    amount: Money
    happened_on: date


class NamesOut(BaseModel):
    """A name in both languages."""

    en: str
    fr: str


class PlanLineOut(BaseModel):
    """One line of a plan."""

    kind: LineKind
    code: str
    programme: str | None
    quarter: Quarter
    amount: Money


class PlanOut(BaseModel):
    """The lines of a plan as they are now, and its latest approval."""

    fiscal_year: int
    version: int
    approved_on: date | None
    lines: list[PlanLineOut]


class FigureOut(BaseModel):
    """An amount in cents, and as it is printed in millions."""

    cents: int
    printed: str

    @classmethod
    def of(cls, figure: Figure) -> "FigureOut":
        """Of a figure of the domain."""
        return cls(cents=figure.cents, printed=figure.printed)


class RowOut(FigureOut):
    """One row of tables 1 to 4."""

    code: str


class TableOut(BaseModel):
    """Tables 1 to 3."""

    rows: list[RowOut]
    total: FigureOut

    @staticmethod
    def parts(table: Table) -> dict[str, Any]:
        """The rows and the total of a table of the domain."""
        return {
            "rows": [
                RowOut(code=row.code, cents=row.total.cents, printed=row.total.printed)
                for row in table.rows
            ],
            "total": FigureOut.of(table.total),
        }


class SourcesOut(TableOut):
    """Table 4: less table 3, it is the surplus."""

    surplus: FigureOut


class CashFlowCells(BaseModel):
    """T1 to T4, and the year."""

    cells: list[FigureOut]
    total: FigureOut


class CashFlowRow(CashFlowCells):
    """One row of table 5."""

    code: str


class CashFlowOut(BaseModel):
    """Table 5."""

    columns: list[str]
    rows: list[CashFlowRow]
    total: CashFlowCells


class FiveTablesOut(BaseModel):
    """The five tables, by number."""

    commitments_by_programme: TableOut = Field(alias="1")
    commitments_by_source: TableOut = Field(alias="2")
    spending: TableOut = Field(alias="3")
    sources_of_funds: SourcesOut = Field(alias="4")
    cash_flow: CashFlowOut = Field(alias="5")

    @classmethod
    def of(cls, fiscal_year: int, tables: FiveTables) -> "FiveTablesOut":
        """Of the tables of the domain."""
        cash_flow = CashFlowOut(
            columns=[str(quarter) for quarter in Quarter.all_of(fiscal_year)],
            rows=[
                CashFlowRow(
                    code=row.code,
                    cells=[FigureOut.of(cell) for cell in row.cells],
                    total=FigureOut.of(row.total),
                )
                for row in tables.cash_flow.rows
            ],
            total=CashFlowCells(
                cells=[FigureOut.of(cell) for cell in tables.cash_flow.totals],
                total=FigureOut.of(tables.cash_flow.total),
            ),
        )
        return cls.model_validate(
            {
                "1": TableOut(**TableOut.parts(tables.by_programme)),
                "2": TableOut(**TableOut.parts(tables.by_source)),
                "3": TableOut(**TableOut.parts(tables.spending)),
                "4": SourcesOut(
                    **TableOut.parts(tables.sources_of_funds),
                    surplus=FigureOut.of(tables.surplus),
                ),
                "5": cash_flow,
            }
        )


class TablesOut(BaseModel):
    """The five tables of a fiscal year."""

    fiscal_year: int
    basis: Basis
    as_of: Moment
    until: date | None
    plan_version: int | None
    """Which approved plan they stand on; none where none is approved."""
    plan_approved_on: date | None
    explanation: str
    """Where each figure opens: a URI template (RFC 6570) of its table, row and quarter."""
    tables: FiveTablesOut

    @classmethod
    def of(cls, asked: TablesAsked, *, as_of: Moment, until: date | None) -> "TablesOut":
        """What was asked for, and the answer."""
        question = {
            "basis": str(asked.basis),
            "as_of": as_of.isoformat(),
            "until": until and until.isoformat(),
        }
        given = urlencode({name: value for name, value in question.items() if value is not None})
        return cls(
            fiscal_year=asked.fiscal_year,
            basis=asked.basis,
            as_of=as_of,
            until=until,
            plan_version=asked.plan_version,
            plan_approved_on=asked.plan_approved_on,
            explanation=(
                f"/v1/tables/{asked.fiscal_year}/explanation?{given}{{&table,row,quarter}}"
            ),
            tables=FiveTablesOut.of(asked.fiscal_year, asked.tables),
        )


class PocketOut(BaseModel):
    """
    One pocket. ``difference`` is zero:

    authority = available + reserved + committed + payable + held back
                + paid + to be recovered − recovered
    """

    code: str
    funder: str | None
    funder_agreement: str | None
    names: NamesOut | None
    authority: Money
    available: Money
    reserved: Money
    committed: Money
    payable: Money
    held_back: Money
    paid: Money
    to_be_recovered: Money
    recovered: Money
    due_from_funder: Money
    cash: Money
    difference: Money

    @classmethod
    def of(cls, pocket: PocketBalances) -> "PocketOut":
        """Of the balances of a pocket."""
        names = pocket.names
        is_named = names.name_en is not None and names.name_fr is not None
        return cls(
            code=names.code,
            funder=names.funder,
            funder_agreement=names.funder_agreement,
            names=NamesOut(en=names.name_en or "", fr=names.name_fr or "") if is_named else None,
            authority=Money(pocket.authority),
            available=Money(pocket.available),
            reserved=Money(pocket.reserved),
            committed=Money(pocket.committed),
            payable=Money(pocket.payable),
            held_back=Money(pocket.held_back),
            paid=Money(pocket.paid),
            to_be_recovered=Money(pocket.to_be_recovered),
            recovered=Money(pocket.recovered),
            due_from_funder=Money(pocket.due_from_funder),
            cash=Money(pocket.cash),
            difference=Money(pocket.difference),
        )


class PocketsOut(BaseModel):
    """All pockets, in the order in which they were opened."""

    as_of: Moment | None
    items: list[PocketOut]


class BreakOut(BaseModel):
    """What an identity does not hold for, and by how much."""

    of: str
    difference: Money


class IdentityOut(BaseModel):
    """Something that must be true, and whether it is."""

    name: str
    ok: bool
    checked: int
    broken: int
    difference: Money
    breaks: list[BreakOut]

    @classmethod
    def of(cls, identity: Identity) -> "IdentityOut":
        """Of a checked identity."""
        return cls(
            name=identity.name,
            ok=identity.ok,
            checked=identity.checked,
            broken=identity.broken,
            difference=Money(identity.difference),
            breaks=[
                BreakOut(of=each.of, difference=Money(each.difference)) for each in identity.breaks
            ],
        )


class IdentitiesOut(BaseModel):
    """Everything that must be true."""

    as_of: Moment | None
    ok: bool
    items: list[IdentityOut]
