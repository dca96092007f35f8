"""
What happens on a date unless something else happens first.

An award lapses, on its own day or on the day after the last day of a condition that is not met; a
month begins, for the calendar of a committee; the last day of an agenda is over.
When money returns to a pocket, whoever waits for it is seen to at once: that is a timer which is
due, so that it happens whatever the money returned from.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from services.selection.domain.award import (
    AwardApproved,
    AwardCommitted,
    AwardLapsed,
    AwardReplaced,
    AwardWithdrawn,
    ConditionConfirmed,
)
from services.selection.domain.calendar import MONTHS_AHEAD, months_after
from services.selection.domain.committee import CalendarExtended, MeetingMoved, MeetingScheduled
from services.selection.domain.conditions import Condition
from services.selection.use_cases import streams
from services.selection.use_cases.calendars import Extending
from services.selection.use_cases.offering import Offering, frees_money
from services.selection.use_cases.packs import Freezing
from services.selection.use_cases.policies import lapsing
from shared.eventstore.effects import Effects
from shared.eventstore.store import Recorded
from shared.kernel.identifiers import derived_id
from shared.kernel.periods import civil_date
from shared.timers.timer import Arm, Disarm, Timer

AWARD_LAPSES = "award-lapses"
CONDITION_LAPSES = "condition-lapses"
MONTH_BEGINS = "month-begins"
AGENDA_CLOSES = "agenda-closes"
OFFER_MONEY = "offer-money"

ONE_DAY = timedelta(days=1)

NOT_EXECUTED = "not-executed-in-time"
"""Why an award fell: no agreement was executed by the day it lapses."""
NOT_MET = "condition-not-met"
"""Why an award fell: a condition was not met by its day."""


def timers_of(recorded: Recorded) -> Iterable[Arm | Disarm]:
    """
    When what is to be looked at again.

    A timer that a later event has made pointless is left: its handler finds nothing to do.
    """
    match recorded.event:
        case AwardApproved(award_id=award_id, lapses_on=lapses_on) as approved:
            yield Arm(
                timer_id=_timer(award_id),
                kind=AWARD_LAPSES,
                fires_on=lapses_on,
                stream=streams.award(award_id),
            )
            for condition in approved.conditions:
                yield _of(condition, award_id)
        case ConditionConfirmed(condition_id=condition_id):
            yield Disarm(_condition_timer(condition_id))
        case (
            AwardCommitted(award_id=award_id)
            | AwardLapsed(award_id=award_id)
            | AwardWithdrawn(award_id=award_id)
            | AwardReplaced(award_id=award_id)
        ):
            # The timers of its conditions fire to no effect: an ended award does not lapse.
            yield Disarm(_timer(award_id))
        case CalendarExtended(through=through):
            # The month after the last one scheduled is due when it is six months ahead.
            begins = months_after(through, 1 - MONTHS_AHEAD)
            yield Arm(
                timer_id=derived_id("timer", MONTH_BEGINS, recorded.stream.id, begins),
                kind=MONTH_BEGINS,
                fires_on=begins,
                stream=recorded.stream,
            )
        case (
            MeetingScheduled(meeting_id=meeting_id, agenda_closes_on=closes, effective_on=on)
            | MeetingMoved(meeting_id=meeting_id, agenda_closes_on=closes, effective_on=on)
        ):
            # Called at short notice, what it is called for stays open to the end of that day.
            over = max(closes, on) + ONE_DAY
            yield Arm(
                timer_id=derived_id("timer", AGENDA_CLOSES, meeting_id, over),
                kind=AGENDA_CLOSES,
                fires_on=over,
                stream=streams.meeting(meeting_id),
            )
        case event if frees_money(event):
            yield Arm(
                timer_id=derived_id("timer", OFFER_MONEY, recorded.event_id),
                kind=OFFER_MONEY,
                fires_on=civil_date(recorded.recorded_at),
                stream=recorded.stream,
            )
        case _:
            return


def _of(condition: Condition, award_id: UUID) -> Arm:
    return Arm(
        timer_id=_condition_timer(condition.condition_id),
        kind=CONDITION_LAPSES,
        fires_on=condition.due_on + timedelta(days=1),
        stream=streams.award(award_id),
    )


def _condition_timer(condition_id: UUID) -> UUID:
    return derived_id("timer", CONDITION_LAPSES, condition_id)


def _timer(award_id: UUID) -> UUID:
    return derived_id("timer", AWARD_LAPSES, award_id)


def let_the_award_lapse(timer: Timer, effects: Effects) -> None:
    """Its reservation returns, as of the day it lapsed, however late the timer is."""
    _lapse(timer, effects, NOT_EXECUTED)


def let_the_condition_lapse(timer: Timer, effects: Effects) -> None:
    """The award falls with its condition, as of the day after the condition's last day."""
    _lapse(timer, effects, NOT_MET)


def _lapse(timer: Timer, effects: Effects, reason: str) -> None:
    decide = lapsing(timer.stream.id, reason=reason, on=timer.fires_on)
    effects.carry_out_together(decide, about=timer.stream)


def offer_the_money(timer: Timer, effects: Effects) -> None:
    """Whoever waits for money is offered what the pockets hold by now."""
    decide = Offering(on=effects.today)
    effects.carry_out_together(decide, about=timer.stream)


def extend_the_calendar(timer: Timer, effects: Effects) -> None:
    """The regular meeting of the month six months ahead, as of the first day of this one."""
    decide = Extending(committee_id=timer.stream.id, on=timer.fires_on)
    effects.carry_out_together(decide, about=timer.stream)


def freeze_the_pack(timer: Timer, effects: Effects) -> None:
    """As of the last day of the agenda, which ended when the timer fired."""
    decide = Freezing(meeting_id=timer.stream.id, on=timer.fires_on - ONE_DAY)
    effects.carry_out_together(decide, about=timer.stream)


TIMER_HANDLERS: Mapping[str, Callable[[Timer, Effects], None]] = {
    AWARD_LAPSES: let_the_award_lapse,
    MONTH_BEGINS: extend_the_calendar,
    AGENDA_CLOSES: freeze_the_pack,
    CONDITION_LAPSES: let_the_condition_lapse,
    OFFER_MONEY: offer_the_money,
}
