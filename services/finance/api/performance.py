"""How the year goes: plan, forecast and actual side by side, leverage, and what was released."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.finance.api.doors import AsOf, OfficersCounter, Until
from services.finance.domain.performance import Compared, Leverage, LeverageBase, side_by_side
from services.finance.domain.tables import Basis
from services.finance.projections.knowledge import Knowledge, Moment
from services.finance.projections.ledger import PROJECTION
from services.finance.projections.performance import leverage_by_programme, released_in
from services.finance.projections.tables import NoApprovedPlan, tables_of
from shared.kernel.money import Money, total
from shared.kernel.periods import Quarter
from shared.web.schemas import FiscalYear

router = APIRouter(prefix="/v1", tags=["views"])

OfYear = Annotated[
    FiscalYear | None, Query(description="Only what stands in its quarters; all years without it.")
]


class ComparedOut(BaseModel):
    """One cell of the five tables on its three bases."""

    table: int
    row: str | None
    """Null: the total of the table."""
    quarter: Quarter | None
    """Null: the year."""
    plan: Money | None
    """Null where no plan is approved."""
    forecast: Money
    actual: Money
    variance: Money | None
    """Actual less plan."""

    @classmethod
    def of(cls, compared: Compared) -> "ComparedOut":
        """As it is answered."""
        return cls(
            table=compared.cell.table,
            row=compared.cell.row,
            quarter=compared.cell.quarter,
            plan=None if compared.plan is None else Money(compared.plan),
            forecast=Money(compared.forecast),
            actual=Money(compared.actual),
            variance=None if compared.variance is None else Money(compared.variance),
        )


class BasesOut(BaseModel):
    """The five tables, plan beside forecast beside actual."""

    fiscal_year: int
    as_of: Moment
    until: date | None
    plan_version: int | None
    cells: list[ComparedOut]
    """Per table, row and quarter; rows, quarters and tables end with their totals."""


class LeverageOut(BaseModel):
    """The participants' own money beside public money."""

    base: LeverageBase
    match: Money
    public: Money
    rate_bp: int | None
    """Match in basis points of public money; null where there is none."""

    @classmethod
    def of(cls, leverage: Leverage) -> "LeverageOut":
        """As it is answered."""
        return cls(
            base=leverage.base,
            match=Money(leverage.match),
            public=Money(leverage.public),
            rate_bp=leverage.rate_bp,
        )


class ProgrammeLeverageOut(BaseModel):
    """The leverage of one programme on each base."""

    programme: str
    leverage: list[LeverageOut]


class LeveragesOut(BaseModel):
    """Leverage by programme and of all."""

    fiscal_year: int | None
    as_of: Moment
    until: date | None
    items: list[ProgrammeLeverageOut]
    total: list[LeverageOut]


class ReleaseOut(BaseModel):
    """What went back to its pockets for one reason."""

    reason: str
    """`termination`, `completion`, `amendment`, `holdback-forfeited` or `recovered`."""
    programme: str | None
    amount: Money


class ReleasedOut(BaseModel):
    """What went back on the days of a fiscal year."""

    fiscal_year: int
    as_of: Moment
    until: date | None
    items: list[ReleaseOut]
    total: Money


@router.get("/tables/{fiscal_year}/bases")
def bases(
    fiscal_year: FiscalYear, reader: OfficersCounter, as_of: AsOf = None, until: Until = None
) -> BasesOut:
    """Plan, forecast and actual per quarter for every row of the five tables, with the variance."""
    seen_on = as_of or reader.today
    tables = {}
    version = None
    with reader.view(PROJECTION) as connection:
        for basis in Basis:
            try:
                asked = tables_of(
                    connection, fiscal_year=fiscal_year, basis=basis, as_of=seen_on, until=until
                )
            except NoApprovedPlan:
                continue
            tables[basis] = asked.tables
            version = asked.plan_version
    return BasesOut(
        fiscal_year=fiscal_year,
        as_of=seen_on,
        until=until,
        plan_version=version,
        cells=[ComparedOut.of(each) for each in side_by_side(fiscal_year, tables)],
    )


@router.get("/leverage")
def leverage(
    reader: OfficersCounter,
    fiscal_year: OfYear = None,
    as_of: AsOf = None,
    until: Until = None,
) -> LeveragesOut:
    """How much of their own money participants bring for public money, on each base."""
    with reader.view(PROJECTION) as connection:
        found = leverage_by_programme(connection, Knowledge(as_of=as_of, until=until), fiscal_year)
    sums = [
        Leverage(
            base=base,
            match=sum(each.match for of in found.values() for each in of if each.base is base),
            public=sum(each.public for of in found.values() for each in of if each.base is base),
        )
        for base in LeverageBase
    ]
    return LeveragesOut(
        fiscal_year=fiscal_year,
        as_of=as_of or reader.today,
        until=until,
        items=[
            ProgrammeLeverageOut(
                programme=programme, leverage=[LeverageOut.of(each) for each in of_programme]
            )
            for programme, of_programme in found.items()
        ],
        total=[LeverageOut.of(each) for each in sums],
    )


@router.get("/released/{fiscal_year}")
def released(
    fiscal_year: FiscalYear, reader: OfficersCounter, as_of: AsOf = None, until: Until = None
) -> ReleasedOut:
    """What went back to its pockets on the days of a year, by reason and programme."""
    with reader.view(PROJECTION) as connection:
        found = released_in(connection, Knowledge(as_of=as_of, until=until), fiscal_year)
    items = [
        ReleaseOut(reason=each.reason, programme=each.programme, amount=Money(each.cents))
        for each in found
    ]
    return ReleasedOut(
        fiscal_year=fiscal_year,
        as_of=as_of or reader.today,
        until=until,
        items=items,
        total=total(each.amount for each in items),
    )
