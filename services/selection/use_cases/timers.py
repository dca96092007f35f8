"""What happens on a date unless something else happens first: an award lapses."""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from services.selection.domain.award import AwardApproved, AwardCommitted, AwardLapsed
from services.selection.use_cases import streams
from services.selection.use_cases.policies import lapsing
from shared.eventstore.effects import Effects
from shared.eventstore.store import Recorded
from shared.eventstore.together import carry_out_together
from shared.kernel.identifiers import derived_id
from shared.timers.timer import Arm, Disarm, Timer

AWARD_LAPSES = "award-lapses"

NOT_EXECUTED = "not-executed-in-time"
"""Why an award fell: no agreement was executed by the day it lapses."""


def timers_of(recorded: Recorded) -> Iterable[Arm | Disarm]:
    """An award lapses on its day, unless it was executed or fell before."""
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
        case _:
            return


def _timer(award_id: UUID) -> UUID:
    return derived_id("timer", AWARD_LAPSES, award_id)


def let_the_award_lapse(timer: Timer, effects: Effects) -> None:
    """Its reservation returns, as of the day it lapsed, however late the timer is."""
    decide = lapsing(timer.stream.id, reason=NOT_EXECUTED, on=timer.fires_on)
    carry_out_together(effects.store, effects.context, decide, about=timer.stream)


TIMER_HANDLERS: Mapping[str, Callable[[Timer, Effects], None]] = {
    AWARD_LAPSES: let_the_award_lapse,
}
