"""What the calendar does to have a survey answered: reminders, and an officer who is told."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

from services.impact.domain import reminders, survey
from services.impact.domain.reminders import (
    ESCALATES_DAYS_AFTER_DUE,
    SETTLING,
    Kind,
    reminder_days,
)
from services.impact.domain.survey_events import SurveyEvent, SurveyOpened
from services.impact.use_cases import streams
from services.impact.use_cases.awaiting import about, awaits_answer
from shared.eventstore.effects import Effects
from shared.eventstore.store import Recorded
from shared.kernel.identifiers import derived_id
from shared.timers.loop import Handler
from shared.timers.timer import Arm, Disarm, Timer

REMINDER, ESCALATION = "survey-reminder", "survey-escalation"


def timers_of(recorded: Recorded) -> Iterable[Arm | Disarm]:
    """An open survey is reminded of until it is answered, or nobody is to answer it any more."""
    match recorded.event:
        case SurveyOpened() as event:
            days = reminder_days(event.effective_on, event.due_on)
            for kind, day in days.items():
                yield Arm(
                    timer_id=_timer_id(event.survey_id, kind),
                    kind=REMINDER,
                    fires_on=day,
                    stream=streams.survey(event.survey_id),
                    payload={"kind": kind},
                )
            yield Arm(
                timer_id=_timer_id(event.survey_id, ESCALATION),
                kind=ESCALATION,
                fires_on=event.due_on + timedelta(days=ESCALATES_DAYS_AFTER_DUE),
                stream=streams.survey(event.survey_id),
            )
        case event if isinstance(event, SETTLING):
            for kind in (*Kind, ESCALATION):
                yield Disarm(_timer_id(event.survey_id, kind))


def _timer_id(survey_id: UUID, kind: str) -> UUID:
    return derived_id("timer", survey_id, "reminder", kind)


def _remind(timer: Timer, effects: Effects) -> None:
    asked = _still_asked(timer, effects)
    if asked is not None:
        # It becomes due on its day, even when we only get to it later.
        command = reminders.RaiseReminder(
            kind=Kind(timer.payload["kind"]), survey=asked, on=timer.fires_on
        )
        effects.carry_out(reminders.DECIDER, streams.reminders(asked.survey_id), command)


def _escalate(timer: Timer, effects: Effects) -> None:
    asked = _still_asked(timer, effects)
    if asked is not None:
        command = reminders.Escalate(survey=asked, on=timer.fires_on)
        effects.carry_out(reminders.DECIDER, streams.reminders(asked.survey_id), command)


def _still_asked(timer: Timer, effects: Effects) -> SurveyEvent | None:
    state = survey.DECIDER.fold(effects.store.events(timer.stream))
    return about(state) if awaits_answer(state) else None


TIMERS: Mapping[str, Handler] = {REMINDER: _remind, ESCALATION: _escalate}
