"""What the calendar starts: surveys open, and are late when nobody answered."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from services.impact.domain.survey import DECIDER
from services.impact.domain.survey_calendar import late_on
from services.impact.domain.survey_commands import MarkSurveyLate, OpenSurvey
from services.impact.domain.survey_events import ResponseSubmitted, SurveyPlanned
from services.impact.use_cases import streams
from shared.eventstore.effects import Effects
from shared.eventstore.store import Recorded
from shared.kernel.identifiers import derived_id
from shared.timers.loop import Handler
from shared.timers.timer import Arm, Disarm, Timer

OPENS, LATE = "survey-opens", "survey-late"


def timers_of(recorded: Recorded) -> Iterable[Arm | Disarm]:
    """A planned survey opens and, unless it is answered before, becomes late."""
    match recorded.event:
        case SurveyPlanned() as event:
            for kind, day in ((OPENS, event.opens_on), (LATE, late_on(event))):
                yield Arm(
                    timer_id=_timer_id(event.survey_id, kind),
                    kind=kind,
                    fires_on=day,
                    stream=streams.survey(event.survey_id),
                )
        case ResponseSubmitted() as event:
            yield Disarm(_timer_id(event.survey_id, LATE))


def _timer_id(survey_id: UUID, kind: str) -> UUID:
    return derived_id("timer", survey_id, kind)


def _open(timer: Timer, effects: Effects) -> None:
    # It opened on the day it was to open, even when we only get to it later.
    effects.carry_out(DECIDER, timer.stream, OpenSurvey(on=timer.fires_on))


def _mark_late(timer: Timer, effects: Effects) -> None:
    effects.carry_out(DECIDER, timer.stream, MarkSurveyLate(on=timer.fires_on))


TIMERS: Mapping[str, Handler] = {OPENS: _open, LATE: _mark_late}
