"""
When somebody is written to about a survey: at its opening, before, on and after its due date.

A reminder that has become due waits until a message takes it along. Whether the survey still
waits for an answer is asked when the reminder becomes due, and again when it is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, assert_never
from uuid import UUID

from services.impact.domain.survey_events import (
    ResponseSubmitted,
    SurveyEvent,
    SurveyExcused,
    SurveyLapsed,
    SurveyQueryAnswered,
)
from shared.kernel.decider import Decider


class Kind(StrEnum):
    """Why somebody is written to about a survey."""

    OPENING = "opening"
    BEFORE_DUE = "before-due"
    DUE = "due"
    OVERDUE = "overdue"
    ASKED = "asked"
    """An officer, or the organisation, asked for the link; or an officer asks about answers."""
    HANDED_OVER = "handed-over"
    """A colleague is to answer."""


DAYS_AFTER_DUE: Mapping[Kind, int] = {Kind.BEFORE_DUE: -14, Kind.DUE: 0, Kind.OVERDUE: 30}
"""When the calendar reminds, beside the day on which the survey opens."""
ESCALATES_DAYS_AFTER_DUE = 30
REPEATED = frozenset({Kind.ASKED, Kind.HANDED_OVER})
"""What people ask for may be asked for again; what the calendar does is done once."""

SETTLING = (ResponseSubmitted, SurveyExcused, SurveyLapsed, SurveyQueryAnswered)
"""Events after which nobody is reminded of a survey any more."""


def reminder_days(opened_on: date, due_on: date) -> dict[Kind, date]:
    """On which civil day each reminder becomes due; none before the survey opened."""
    days = {kind: due_on + timedelta(days=after) for kind, after in DAYS_AFTER_DUE.items()}
    return {Kind.OPENING: opened_on} | {kind: day for kind, day in days.items() if day >= opened_on}


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseReminder:
    """Somebody is to be written to about a survey that waits for an answer."""

    kind: Kind
    survey: SurveyEvent
    """Which survey, and of whom."""
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalate:
    """An officer is to look after a survey that nobody answers."""

    survey: SurveyEvent
    on: date


Command = RaiseReminder | Escalate


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRaised(SurveyEvent):
    """Somebody is to be written to about a survey."""

    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyEscalated(SurveyEvent):
    """A survey was not answered in spite of every reminder: an officer is told."""


Event = ReminderRaised | SurveyEscalated


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminders:
    """What was done so far to have a survey answered."""

    raised: frozenset[Kind] = frozenset()
    escalated: bool = False


def decide(command: Command, state: Reminders) -> Sequence[Event]:
    """What the calendar does, it does once."""
    match command:
        case RaiseReminder():
            if command.kind in state.raised and command.kind not in REPEATED:
                return []
            about = _about(command.survey)
            return [ReminderRaised(effective_on=command.on, kind=command.kind, **about)]
        case Escalate():
            if state.escalated:
                return []
            return [SurveyEscalated(effective_on=command.on, **_about(command.survey))]
        case unreachable:
            assert_never(unreachable)


def evolve(state: Reminders, event: Event) -> Reminders:
    """What was done, after an event."""
    match event:
        case ReminderRaised():
            return replace(state, raised=state.raised | {event.kind})
        case SurveyEscalated():
            return replace(state, escalated=True)
        case unreachable:
            assert_never(unreachable)


def _about(survey: SurveyEvent) -> dict[str, Any]:
    """The fields that all events about one survey share."""
    shared: tuple[tuple[str, UUID | str | int | date], ...] = (
        ("survey_id", survey.survey_id),
        ("project_id", survey.project_id),
        ("programme_code", survey.programme_code),
        ("participant_id", survey.participant_id),
        ("organisation_id", survey.organisation_id),
        ("year", survey.year),
        ("due_on", survey.due_on),
    )
    return dict(shared)


DECIDER: Decider[Command, Reminders, Event] = Decider(
    initial=Reminders(), decide=decide, evolve=evolve
)
