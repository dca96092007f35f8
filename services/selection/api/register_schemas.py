"""What the registers, the waiting list and the statistics show."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from services.selection.api.decision_schemas import BilingualOut, ConditionOut
from services.selection.api.schemas import AwardOut
from shared.kernel.money import Money
from shared.kernel.schedule import FundingCell


class AwardWithConditionsOut(AwardOut):
    """An award, its conditions and what became of it."""

    conditions: tuple[ConditionOut, ...]
    withdrawn_on: date | None
    replaced_by: UUID | None


class YearOut(BaseModel):
    """One fiscal year of one pocket."""

    pocket: str
    fiscal_year: int
    """The calendar year in which it ends."""
    ceiling: Money | None
    """null where the funder sets none: the pocket as a whole counts."""
    reserved: Money
    committed: Money
    left: Money | None
    """ceiling − reserved − committed; negative after a cut, or where a forecast moved money."""


class ReservationOut(BaseModel):
    """What one award has reserved of one pocket for one fiscal year."""

    pocket: str
    fiscal_year: int | None
    award_id: UUID
    application_id: UUID | None
    programme: str | None
    title: str | None
    lead: str | None
    """The organisation that leads."""
    amount: Money
    since: date


class WaitingOut(BaseModel):
    """One application that waits for money."""

    programme_code: str
    rank: int
    """1 is first of its programme."""
    application_id: UUID
    committee_id: UUID
    title: str
    amount: Money
    """What would be granted."""
    funding: tuple[FundingCell, ...]
    since: date
    state: Literal["waiting", "offered"]
    offered_on: date | None


class PeriodOut(BaseModel):
    """The decisions that were counted, both days included; null where there is no bound."""

    decided_from: date | None
    decided_until: date | None


class WaitingTimeOut(BaseModel):
    """How long applicants of a programme waited for a decision, in calendar days."""

    programme: str
    measured: int
    not_measured: int
    """Decided, but the day of submission is not known."""
    median_days: float | None
    p90_days: int | None
    """Nine in ten waited no longer."""


class SuccessOut(BaseModel):
    """What became of the applications of a programme whose lead is in a province."""

    programme: str
    province: str
    """``?`` where it is not known."""
    decided: int
    funded: int
    declined: int
    rate_bp: int
    """Funded of decided, in basis points."""
    asked: Money
    granted: Money


class WaitingTimesOut(BaseModel):
    """Waiting times by programme, and of what."""

    base: BilingualOut
    period: PeriodOut
    items: list[WaitingTimeOut]
    next: str | None


class SuccessRatesOut(BaseModel):
    """Success rates by programme and province, and of what."""

    base: BilingualOut
    period: PeriodOut
    items: list[SuccessOut]
    next: str | None
