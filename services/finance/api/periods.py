"""Closing the quarters of the books, opening them again, and what they froze."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, StringConstraints

from services.finance.api.doors import AsOf, InPath, OfficersCounter, OfficersDesk
from services.finance.domain import period
from services.finance.domain.events import PeriodClosed, PeriodReopened, PeriodReopeningAsked
from services.finance.domain.period_view import LateFact, PeriodView, TrialRow
from services.finance.projections.knowledge import Knowledge, Moment, end_of
from services.finance.projections.ledger import PROJECTION
from services.finance.projections.periods import period_of, trial_balance
from services.finance.use_cases import streams
from shared.eventstore.store import Recorded
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.web.desk import CommandAnswer, Reader
from shared.web.schemas import Request

router = APIRouter(prefix="/v1", tags=["periods"])

MOST_LATE_FACTS = 500
Limit = Annotated[
    int, Query(ge=1, le=MOST_LATE_FACTS, description="How many late facts are listed.")
]


class ReopeningIn(Request):
    """Why a closed quarter is to be opened again."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    """About the books, never about a person."""


class ReopeningOut(BaseModel):
    """Who asked for it, and who confirmed it."""

    reason: str
    asked_by: str
    asked_on: date
    confirmed_by: str | None = None
    confirmed_on: date | None = None


class ClosingOut(BaseModel):
    """One closing of a quarter, in force unless its reopening was confirmed."""

    quarter: Quarter
    in_force: bool
    position: int
    """The facts recorded up to here are in its trial balance."""
    sha256: str
    closed_by: str
    closed_on: date
    recorded_at: datetime
    reopening: ReopeningOut | None


class PeriodsOut(BaseModel):
    """All closings, oldest first."""

    as_of: Moment | None
    open_from: date | None
    """The first day that is open; null while nothing is closed."""
    next: Quarter | None
    """The quarter to be closed next; any that is over while nothing is closed."""
    items: list[ClosingOut]


class TrialRowOut(BaseModel):
    """One account of one pocket at the end of the quarter."""

    account: str
    pocket: str | None
    frozen: Money | None
    """When the quarter was closed."""
    posted: Money
    """By posting date: the books as they are."""
    happened: Money
    """By true date, late facts included."""

    @classmethod
    def of(cls, row: TrialRow) -> "TrialRowOut":
        """As it is answered."""
        return cls(
            account=row.account,
            pocket=row.pocket,
            frozen=None if row.frozen is None else Money(row.frozen),
            posted=Money(row.posted),
            happened=Money(row.happened),
        )


class LateFactOut(BaseModel):
    """A fact of the quarter, or of one before it, that counts after it."""

    position: int
    """``/v1/entries/{position}`` is the fact."""
    entry: str
    event_type: str
    happened_on: date
    posted_on: date
    recorded_at: datetime
    amount: Money
    """What it moved: the sum of its positive lines."""

    @classmethod
    def of(cls, fact: LateFact) -> "LateFactOut":
        """As it is answered."""
        return cls(
            position=fact.position,
            entry=fact.entry,
            event_type=fact.event_type,
            happened_on=fact.happened_on,
            posted_on=fact.posted_on,
            recorded_at=fact.recorded_at,
            amount=Money(fact.cents),
        )


class PeriodOut(BaseModel):
    """A quarter: what was frozen beside what the books say of it now."""

    quarter: Quarter
    as_of: Moment | None
    closed: bool
    closing: ClosingOut | None
    """Its own latest one; of a quarter before the first closing there is none."""
    unchanged: bool | None
    """The books still say what was frozen; null where nothing is."""
    sha256_now: str | None
    """Of the trial balance by posting date now, made as the one of the closing."""
    trial_balance: list[TrialRowOut]
    late: list[LateFactOut]
    late_entries: int
    """How many there are in all."""

    @classmethod
    def of(
        cls, view: PeriodView, *, as_of: Moment | None, closing: ClosingOut | None
    ) -> "PeriodOut":
        """As it is answered."""
        return cls(
            quarter=view.quarter,
            as_of=as_of,
            closed=view.closed_by is not None,
            closing=closing,
            unchanged=view.is_unchanged,
            sha256_now=view.sha256,
            trial_balance=[TrialRowOut.of(row) for row in view.rows],
            late=[LateFactOut.of(fact) for fact in view.late],
            late_entries=view.late_entries,
        )


@router.post("/periods/{quarter}/closing")
def close_period(quarter: InPath, desk: OfficersDesk) -> CommandAnswer:
    """
    Close a quarter that is over, and everything before it, with its trial balance.

    The trial balance is what the ledger says at its last position. Facts that are recorded after
    it count in the first quarter that is still open.
    """
    answered = desk.answered_before()
    if answered is not None:
        return answered
    seen = desk.store.version(streams.periods())
    # Read after the changes of periods, so that the trial balance has seen all of them.
    position = desk.store.head()
    with desk.view(PROJECTION) as connection:
        lines = trial_balance(connection, quarter, position)
    return desk.carry_out(
        period.DECIDER,
        streams.periods(),
        period.ClosePeriod(
            quarter=quarter,
            position=position,
            trial_balance=lines,
            seen=seen,
            by=desk.caller.id,
            on=desk.today,
        ),
    )


@router.post("/periods/{quarter}/reopening")
def ask_for_reopening(quarter: InPath, body: ReopeningIn, desk: OfficersDesk) -> CommandAnswer:
    """Ask for the latest closed quarter to be opened again; another person confirms it."""
    return desk.carry_out(
        period.DECIDER,
        streams.periods(),
        period.AskForReopening(
            quarter=quarter, reason=body.reason, by=desk.caller.id, on=desk.today
        ),
    )


@router.post("/periods/{quarter}/reopening/confirmation")
def confirm_reopening(quarter: InPath, desk: OfficersDesk) -> CommandAnswer:
    """Open a quarter again, as another person than the one who asked."""
    return desk.carry_out(
        period.DECIDER,
        streams.periods(),
        period.ConfirmReopening(quarter=quarter, by=desk.caller.id, on=desk.today),
    )


@router.get("/periods")
def all_periods(reader: OfficersCounter, as_of: AsOf = None) -> PeriodsOut:
    """Which quarters were closed and opened again, by whom and with which trial balance."""
    history = _history(reader, as_of)
    state = period.DECIDER.fold(recorded.event for recorded in history)
    following = state.closed[-1].next() if state.closed else None
    return PeriodsOut(
        as_of=as_of,
        open_from=None if following is None else following.starts_on,
        next=following,
        items=_closings(history),
    )


@router.get("/periods/{quarter}")
def one_period(
    quarter: InPath, reader: OfficersCounter, as_of: AsOf = None, limit: Limit = 100
) -> PeriodOut:
    """
    A quarter's trial balance by posting date, beside the frozen one and the one by true date.

    The late facts are what the last two differ by.
    """
    with reader.view(PROJECTION) as connection:
        view = period_of(connection, quarter, Knowledge(as_of=as_of), limit=limit)
    own = [each for each in _closings(_history(reader, as_of)) if each.quarter == quarter]
    return PeriodOut.of(view, as_of=as_of, closing=own[-1] if own else None)


def _history(reader: Reader, as_of: Moment | None) -> list[Recorded]:
    history = reader.store.load(streams.periods())
    if as_of is None:
        return history
    return [recorded for recorded in history if recorded.recorded_at < end_of(as_of)]


def _closings(history: list[Recorded]) -> list[ClosingOut]:
    """Every closing with what became of it: a change is about the latest one still in force."""
    found: list[ClosingOut] = []
    for recorded in history:
        event: period.Event = recorded.event
        if isinstance(event, PeriodClosed):
            found.append(
                ClosingOut(
                    quarter=event.quarter,
                    in_force=True,
                    position=event.position,
                    sha256=event.sha256,
                    closed_by=event.closed_by,
                    closed_on=event.effective_on,
                    recorded_at=recorded.recorded_at,
                    reopening=None,
                )
            )
            continue
        index = max(index for index, each in enumerate(found) if each.in_force)
        found[index] = _reopened(found[index], event)
    return found


def _reopened(closing: ClosingOut, event: PeriodReopeningAsked | PeriodReopened) -> ClosingOut:
    if isinstance(event, PeriodReopeningAsked):
        asked = ReopeningOut(
            reason=event.reason, asked_by=event.asked_by, asked_on=event.effective_on
        )
        return closing.model_copy(update={"reopening": asked})
    confirmed = {"confirmed_by": event.confirmed_by, "confirmed_on": event.effective_on}
    reopening = closing.reopening.model_copy(update=confirmed) if closing.reopening else None
    return closing.model_copy(update={"in_force": False, "reopening": reopening})
