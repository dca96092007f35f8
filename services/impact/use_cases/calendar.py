"""What the calendar starts: surveys open, are late and finally lapse when nobody answers."""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from services.impact.domain import questionnaire
from services.impact.domain.survey import DECIDER
from services.impact.domain.survey_calendar import lapses_on, late_on
from services.impact.domain.survey_commands import LapseSurvey, MarkSurveyLate, OpenSurvey
from services.impact.domain.survey_events import (
    ResponseSubmitted,
    SurveyExcused,
    SurveyOpened,
    SurveyPlanned,
    SurveyRescheduled,
)
from services.impact.domain.survey_state import planned_of
from services.impact.use_cases import streams
from shared.eventstore.effects import Effects
from shared.eventstore.store import Append, Recorded
from shared.kernel.identifiers import derived_id
from shared.timers.loop import Handler
from shared.timers.timer import Arm, Disarm, Timer

OPENS, LATE, LAPSES = "survey-opens", "survey-late", "survey-lapses"


def timers_of(recorded: Recorded) -> Iterable[Arm | Disarm]:
    """A planned survey opens and, unless it is answered before, becomes late and lapses."""
    match recorded.event:
        case SurveyPlanned() | SurveyRescheduled() as event:
            yield _arm(event.survey_id, OPENS, event.opens_on)
            yield _arm(event.survey_id, LATE, late_on(event))
        case SurveyOpened() as event:
            yield _arm(event.survey_id, LAPSES, lapses_on(event))
        case ResponseSubmitted() as event:
            yield Disarm(_timer_id(event.survey_id, LATE))
            yield Disarm(_timer_id(event.survey_id, LAPSES))
        case SurveyExcused() as event:
            for kind in (OPENS, LATE, LAPSES):
                yield Disarm(_timer_id(event.survey_id, kind))


def _arm(survey_id: UUID, kind: str, day: date) -> Arm:
    return Arm(
        timer_id=_timer_id(survey_id, kind),
        kind=kind,
        fires_on=day,
        stream=streams.survey(survey_id),
    )


def _timer_id(survey_id: UUID, kind: str) -> UUID:
    return derived_id("timer", survey_id, kind)


def _open(timer: Timer, effects: Effects) -> None:
    history = effects.store.events(timer.stream)
    survey = DECIDER.fold(history)
    asks = questionnaire.DECIDER.fold(
        effects.store.events(streams.questionnaire(planned_of(survey).programme_code))
    )
    # It opened on the day it was to open, even when we only get to it later.
    command = OpenSurvey(on=timer.fires_on, questionnaire_version=asks.newest)
    opened = DECIDER.decide(command, survey)
    if opened:
        effects.store.append([Append(timer.stream, len(history), opened)], effects.context)


def _mark_late(timer: Timer, effects: Effects) -> None:
    effects.carry_out(DECIDER, timer.stream, MarkSurveyLate(on=timer.fires_on))


def _lapse(timer: Timer, effects: Effects) -> None:
    effects.carry_out(DECIDER, timer.stream, LapseSurvey(on=timer.fires_on))


TIMERS: Mapping[str, Handler] = {OPENS: _open, LATE: _mark_late, LAPSES: _lapse}
