"""Where the money stands: outstanding, remaining, needed, and owed when a year ends."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.finance.api.doors import AsOf, OfficersCounter, Until
from services.finance.domain.ageing import COMMITMENTS, PAYABLES
from services.finance.domain.cash_requirement import Month
from services.finance.domain.ledger import Account
from services.finance.projections.knowledge import Knowledge, Moment, day_of, end_of
from services.finance.projections.ledger import PROJECTION
from services.finance.projections.outstanding import (
    AgesOfPocket,
    cash_requirement_of,
    commitments_by_age,
    payables_by_age,
)
from services.finance.projections.pockets import pockets
from services.finance.projections.year_ends import (
    RECEIVABLE,
    Outstanding,
    outstanding_at_year_end,
    pocket_years,
)
from services.finance.use_cases.ceilings import ceilings_of
from shared.kernel.money import Money, total
from shared.web.desk import Reader
from shared.web.schemas import FiscalYear

router = APIRouter(prefix="/v1", tags=["views"])

FunderAgreement = Annotated[
    str | None, Query(max_length=100, description="Only the pockets of this funder agreement.")
]


class BandOut(BaseModel):
    """What is older than ``over_days`` and not older than ``up_to_days``."""

    over_days: int | None
    """Null in the first band."""
    up_to_days: int | None
    """Null in the last band."""
    amount: Money


class AgesOut(BaseModel):
    """What is outstanding of one pocket, or of all."""

    bands: list[BandOut]
    total: Money

    @staticmethod
    def parts(bands: tuple[int, ...], edges: tuple[int, ...]) -> dict[str, object]:
        """The bands, and what they add up to."""
        bounds = zip((None, *edges), (*edges, None), bands, strict=True)
        return {
            "bands": [
                BandOut(over_days=low, up_to_days=high, amount=Money(cents))
                for low, high, cents in bounds
            ],
            "total": Money(sum(bands)),
        }


class PocketAgesOut(AgesOut):
    """What is outstanding of one pocket."""

    pocket: str


class PayableAgesOut(BaseModel):
    """What is owed to participants."""

    on: date
    """The day up to which ages are counted."""
    items: list[PocketAgesOut]
    total: AgesOut


class CommitmentAgesOfPocket(PocketAgesOut):
    """What agreements still commit of one pocket."""

    overdue: Money
    """Planned for a quarter that is over, and not claimed."""


class CommitmentAgesOut(BaseModel):
    """What agreements still commit."""

    on: date
    """The day up to which ages are counted."""
    items: list[CommitmentAgesOfPocket]
    total: AgesOut
    overdue: Money


class PocketYearOut(BaseModel):
    """One pocket in one fiscal year."""

    pocket: str
    fiscal_year: int
    ceiling: Money | None
    """The most that may be promised for the year; null where only the authority bounds it."""
    reserved: Money
    committed: Money
    spent: Money
    """Owed or paid, less what came back."""
    remaining: Money | None
    """Ceiling less reserved, committed and spent; null without a ceiling."""


class PocketRemainingOut(BaseModel):
    """One pocket over all years."""

    pocket: str
    authority: Money
    available: Money
    """What remains to be promised, whatever the year."""
    years: list[PocketYearOut]


class PocketYearsOut(BaseModel):
    """What remains of every pocket, in all and per fiscal year."""

    as_of: Moment | None
    items: list[PocketRemainingOut]


class MonthOut(BaseModel):
    """What is needed in one month."""

    starts_on: date | None
    """Null: everything after the last month."""
    payable: Money
    committed: Money
    held_back: Money
    total: Money
    to_be_drawn: Money
    """What of it the cash at hand does not cover; the earliest need is covered first."""

    @classmethod
    def of(cls, month: Month) -> "MonthOut":
        """As it is answered."""
        return cls(
            starts_on=month.starts_on,
            payable=Money(month.payable),
            committed=Money(month.committed),
            held_back=Money(month.held_back),
            total=Money(month.total),
            to_be_drawn=Money(month.to_be_drawn),
        )


class CashRequirementOut(BaseModel):
    """What will be needed month by month, and what there is of it."""

    on: date
    cash: Money
    due_from_funder: Money
    """Claimed from funders and not yet received; it is not counted as cash."""
    months: list[MonthOut]
    """24 months, and what comes later."""
    total: Money


class OutstandingOut(BaseModel):
    """What one party owed or was owed."""

    account: Account
    pocket: str
    funder: str | None
    project_id: UUID | None
    participant_id: UUID | None
    amount: Money

    @classmethod
    def of(cls, outstanding: Outstanding) -> "OutstandingOut":
        """As it is answered."""
        return cls(
            account=outstanding.account,
            pocket=outstanding.pocket,
            funder=outstanding.funder,
            project_id=outstanding.project_id,
            participant_id=outstanding.participant_id,
            amount=Money(outstanding.cents),
        )


class YearEndOut(BaseModel):
    """Receivables and payables on the last day of a fiscal year."""

    fiscal_year: int
    receivables: list[OutstandingOut]
    """Due from funders, and to be recovered from participants."""
    receivable: Money
    payables: list[OutstandingOut]
    """Payable and held back, to participants; drawn and not yet paid out, to funders."""
    payable: Money


@router.get("/commitments/ages")
def ages_of_commitments(
    reader: OfficersCounter, as_of: AsOf = None, until: Until = None
) -> CommitmentAgesOut:
    """
    What agreements still commit, by how long ago they were executed, and what is overdue of it.

    What an amendment adds is as old as its agreement.
    """
    on = _asked_for(reader, as_of, until)
    with reader.view(PROJECTION) as connection:
        found = commitments_by_age(connection, Knowledge(as_of=as_of, until=until), on=on)
    return CommitmentAgesOut(
        on=on,
        items=[
            CommitmentAgesOfPocket.model_validate(
                AgesOut.parts(each.bands, COMMITMENTS)
                | {"pocket": each.pocket, "overdue": Money(each.overdue)}
            )
            for each in found
        ],
        total=_all_of(found, COMMITMENTS),
        overdue=Money(sum(each.overdue for each in found)),
    )


@router.get("/payables/ages")
def ages_of_payables(
    reader: OfficersCounter, as_of: AsOf = None, until: Until = None
) -> PayableAgesOut:
    """
    The backlog of payments: what is owed to participants, by how long ago it became payable.

    Payments settle what was owed first. What is claimed and not yet approved is no money of the
    ledger: the claims service counts it (`GET /v1/claims/backlog`).
    """
    on = _asked_for(reader, as_of, until)
    with reader.view(PROJECTION) as connection:
        found = payables_by_age(connection, Knowledge(as_of=as_of, until=until), on=on)
    return PayableAgesOut(
        on=on,
        items=[
            PocketAgesOut.model_validate(
                AgesOut.parts(each.bands, PAYABLES) | {"pocket": each.pocket}
            )
            for each in found
        ],
        total=_all_of(found, PAYABLES),
    )


@router.get("/pocket-years")
def all_pocket_years(
    reader: OfficersCounter, as_of: AsOf = None, until: Until = None
) -> PocketYearsOut:
    """What remains of every pocket, in all and for each fiscal year, under the year's ceiling."""
    known = Knowledge(as_of=as_of, until=until)
    with reader.view(PROJECTION) as connection:
        balances = pockets(connection, known)
        used = {(each.pocket, each.fiscal_year): each for each in pocket_years(connection, known)}
    items = []
    for balance in balances:
        code = balance.names.code
        ceilings = ceilings_of(reader.store, code, end_of(as_of) if as_of else None)
        years = []
        for year in sorted({*ceilings, *(year for of, year in used if of == code)}):
            of_year = used.get((code, year))
            ceiling = ceilings.get(year)
            taken = Money(of_year.used if of_year else 0)
            years.append(
                PocketYearOut(
                    pocket=code,
                    fiscal_year=year,
                    ceiling=ceiling,
                    reserved=Money(of_year.reserved if of_year else 0),
                    committed=Money(of_year.committed if of_year else 0),
                    spent=Money(of_year.spent if of_year else 0),
                    remaining=None if ceiling is None else ceiling - taken,
                )
            )
        items.append(
            PocketRemainingOut(
                pocket=code,
                authority=Money(balance.authority),
                available=Money(balance.available),
                years=years,
            )
        )
    return PocketYearsOut(as_of=as_of, items=items)


@router.get("/cash-requirement")
def cash_requirement(
    reader: OfficersCounter,
    funder_agreement: FunderAgreement = None,
    as_of: AsOf = None,
    until: Until = None,
) -> CashRequirementOut:
    """
    How much cash will be needed in each of the next 24 months, and what is to be drawn for it.

    What is payable is needed now. What is committed is needed in the month after its planned
    quarter, what is held back in the month after its project's last quarter; what is overdue, now.
    """
    on = _asked_for(reader, as_of, until)
    known = Knowledge(as_of=as_of, until=until)
    with reader.view(PROJECTION) as connection:
        found = cash_requirement_of(connection, known, on=on, funder_agreement=funder_agreement)
    return CashRequirementOut(
        on=on,
        cash=Money(found.cash),
        due_from_funder=Money(found.due_from_funder),
        months=[MonthOut.of(month) for month in found.months],
        total=Money(sum(month.total for month in found.months)),
    )


@router.get("/year-ends/{fiscal_year}")
def year_end(
    fiscal_year: FiscalYear, reader: OfficersCounter, as_of: AsOf = None, until: Until = None
) -> YearEndOut:
    """What funders and participants owed us and were owed on the last day of a fiscal year."""
    with reader.view(PROJECTION) as connection:
        found = outstanding_at_year_end(
            connection, Knowledge(as_of=as_of, until=until), fiscal_year
        )
    receivables = [OutstandingOut.of(each) for each in found if each.account in RECEIVABLE]
    payables = [OutstandingOut.of(each) for each in found if each.account not in RECEIVABLE]
    return YearEndOut(
        fiscal_year=fiscal_year,
        receivables=receivables,
        receivable=total(each.amount for each in receivables),
        payables=payables,
        payable=total(each.amount for each in payables),
    )


def _asked_for(reader: Reader, as_of: Moment | None, until: date | None) -> date:
    """The day that a position is of."""
    return until or (day_of(as_of) if as_of else reader.today)


def _all_of(found: list[AgesOfPocket], edges: tuple[int, ...]) -> AgesOut:
    sums = tuple(sum(each.bands[index] for each in found) for index in range(len(edges) + 1))
    return AgesOut.model_validate(AgesOut.parts(sums, edges))
