"""What the calendar starts: periods open, reminders are due, advances become overdue."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from uuid import UUID

from services.claims.domain import events
from services.claims.domain.advance_effects import reconciled_by
from services.claims.domain.agreement import DECIDER
from services.claims.domain.claim_calendar import next_occasion, reminder_day
from services.claims.domain.commands import (
    MarkAdvanceOverdue,
    OpenClaimPeriods,
    RemindOfClaimPeriod,
)
from services.claims.domain.values import Occasion
from shared.eventstore.effects import Effects
from shared.eventstore.store import Recorded, Stream
from shared.kernel.identifiers import derived_id
from shared.timers.loop import Handler
from shared.timers.timer import Arm, Timer

OPENS, REMINDS = "claim-period-opens", "claim-period-reminder"
ADVANCE_DUE = "advance-due"


def timers_of(recorded: Recorded) -> Iterable[Arm]:
    """
    The first period opens when an agreement is executed and begins, the next when one ends.

    Whoever has not claimed is reminded before the due day, on it and after it; each reminder
    plans the next, so that none is planned for a period that everybody has claimed. A timer that
    has become pointless, because the agreement ended or was amended, fires and changes nothing.
    """
    stream = recorded.stream
    match recorded.event:
        case events.AgreementExecuted() as event:
            yield _opening(stream, max(event.effective_on, event.starts_on), stream.id)
        case events.AgreementAmended() as event:
            # Its end or its participants may have changed.
            yield _opening(stream, event.effective_on, event.amendment_id)
        case events.AgreementTerminated() as event:
            yield _opening(stream, event.effective_on, "termination")
        case events.ClaimPeriodOpened() | events.ClaimPeriodRescheduled() as event:
            after = event.period_ends_on + timedelta(days=1)
            yield _opening(stream, after, after.isoformat())
            if event.due_on is not None:
                yield from _reminder(stream, event.period_starts_on, event.due_on, event)
        case events.PaymentDisbursed(advance_id=UUID() as advance_id) as event:
            yield Arm(
                timer_id=derived_id("timer", ADVANCE_DUE, event.payment_id),
                kind=ADVANCE_DUE,
                fires_on=reconciled_by(event.effective_on) + timedelta(days=1),
                stream=stream,
                payload={"advance_id": str(advance_id)},
            )
        case events.ClaimPeriodReminded() as event:
            yield from _reminder(stream, event.period_starts_on, event.due_on, event)


def _opening(stream: Stream, fires_on: date, because: UUID | str) -> Arm:
    return Arm(
        timer_id=derived_id("timer", OPENS, stream.id, because),
        kind=OPENS,
        fires_on=fires_on,
        stream=stream,
    )


def _reminder(
    stream: Stream, starts_on: date, due_on: date, event: events.AgreementFact
) -> Iterable[Arm]:
    occasion = next_occasion(due_on, after=event.effective_on)
    if occasion is None:
        return
    fires_on = reminder_day(due_on, occasion)
    yield Arm(
        timer_id=derived_id("timer", REMINDS, stream.id, starts_on.isoformat(), str(fires_on)),
        kind=REMINDS,
        fires_on=fires_on,
        stream=stream,
        payload={"period_starts_on": starts_on.isoformat(), "occasion": occasion.value},
    )


def _open(timer: Timer, effects: Effects) -> None:
    # It opened on the day it was to open, even when we only get to it later.
    effects.carry_out(DECIDER, timer.stream, OpenClaimPeriods(on=timer.fires_on))


def _remind(timer: Timer, effects: Effects) -> None:
    command = RemindOfClaimPeriod(
        period_starts_on=date.fromisoformat(timer.payload["period_starts_on"]),
        occasion=Occasion(timer.payload["occasion"]),
        on=timer.fires_on,
    )
    effects.carry_out(DECIDER, timer.stream, command)


def _mark_overdue(timer: Timer, effects: Effects) -> None:
    command = MarkAdvanceOverdue(advance_id=UUID(timer.payload["advance_id"]), on=timer.fires_on)
    effects.carry_out(DECIDER, timer.stream, command)


TIMER_HANDLERS: Mapping[str, Handler] = {
    OPENS: _open,
    REMINDS: _remind,
    ADVANCE_DUE: _mark_overdue,
}
