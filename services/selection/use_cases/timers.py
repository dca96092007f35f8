"""
What happens on a date unless something else happens first.

An award lapses; a month begins, for the calendar of a committee; the last day of an agenda is over.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from services.selection.domain.award import AwardApproved, AwardCommitted, AwardLapsed
from services.selection.domain.calendar import MONTHS_AHEAD, months_after
from services.selection.domain.committee import CalendarExtended, MeetingMoved, MeetingScheduled
from services.selection.use_cases import streams
from services.selection.use_cases.calendars import Extending
from services.selection.use_cases.packs import Freezing
from services.selection.use_cases.policies import lapsing
from shared.eventstore.effects import Effects
from shared.eventstore.store import Recorded
from shared.eventstore.together import carry_out_together
from shared.kernel.identifiers import derived_id
from shared.timers.timer import Arm, Disarm, Timer

AWARD_LAPSES = "award-lapses"
MONTH_BEGINS = "month-begins"
AGENDA_CLOSES = "agenda-closes"

ONE_DAY = timedelta(days=1)

NOT_EXECUTED = "not-executed-in-time"
"""Why an award fell: no agreement was executed by the day it lapses."""


def timers_of(recorded: Recorded) -> Iterable[Arm | Disarm]:
    """
    When what is to be looked at again.

    A timer that a later event has made pointless is left: its handler finds nothing to do.
    """
    match recorded.event:
        case AwardApproved(award_id=award_id, lapses_on=lapses_on):
            yield Arm(
                timer_id=_timer(award_id),
                kind=AWARD_LAPSES,
                fires_on=lapses_on,
                stream=streams.award(award_id),
            )
        case AwardCommitted(award_id=award_id) | AwardLapsed(award_id=award_id):
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
        case _:
            return


def _timer(award_id: UUID) -> UUID:
    return derived_id("timer", AWARD_LAPSES, award_id)


def let_the_award_lapse(timer: Timer, effects: Effects) -> None:
    """Its reservation returns, as of the day it lapsed, however late the timer is."""
    decide = lapsing(timer.stream.id, reason=NOT_EXECUTED, on=timer.fires_on)
    carry_out_together(effects.store, effects.context, decide, about=timer.stream)


def extend_the_calendar(timer: Timer, effects: Effects) -> None:
    """The regular meeting of the month six months ahead, as of the first day of this one."""
    decide = Extending(committee_id=timer.stream.id, on=timer.fires_on)
    carry_out_together(effects.store, effects.context, decide, about=timer.stream)


def freeze_the_pack(timer: Timer, effects: Effects) -> None:
    """As of the last day of the agenda, which ended when the timer fired."""
    decide = Freezing(meeting_id=timer.stream.id, on=timer.fires_on - ONE_DAY)
    carry_out_together(effects.store, effects.context, decide, about=timer.stream)


TIMER_HANDLERS: Mapping[str, Callable[[Timer, Effects], None]] = {
    AWARD_LAPSES: let_the_award_lapse,
    MONTH_BEGINS: extend_the_calendar,
    AGENDA_CLOSES: freeze_the_pack,
}
