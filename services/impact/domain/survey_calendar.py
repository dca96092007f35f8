"""A survey's life by the calendar: planned, opened, late, lapsed; moved, reassigned, excused."""

from collections.abc import Sequence
from datetime import date, timedelta

from services.impact.domain.survey_commands import (
    MarkSurveyLate,
    OpenSurvey,
    PlanSurvey,
)
from services.impact.domain.survey_events import (
    Event,
    SurveyMarkedLate,
    SurveyOpened,
    SurveyPlanned,
    about,
)
from services.impact.domain.survey_state import Status, Survey, planned_of

LAPSES_DAYS_AFTER = 180
"""How long after it was due an unanswered survey is given up."""


def late_on(survey: SurveyPlanned) -> date:
    """The day from which a survey without an answer is late."""
    return survey.due_on + timedelta(days=1)


def lapses_on(survey: SurveyPlanned) -> date:
    """The day on which a survey without an answer lapses."""
    return survey.due_on + timedelta(days=LAPSES_DAYS_AFTER)


def plan(command: PlanSurvey, state: Survey) -> Sequence[Event]:
    """Foresee it; again, it is as it was."""
    if state.planned is not None:
        return []
    survey = command.survey
    return [
        SurveyPlanned(
            effective_on=command.on,
            survey_id=survey.survey_id,
            project_id=command.project_id,
            programme_code=command.programme_code,
            participant_id=survey.participant_id,
            organisation_id=survey.organisation_id,
            year=survey.year,
            due_on=survey.due_on,
            opens_on=survey.opens_on,
        )
    ]


def open_it(command: OpenSurvey, state: Survey) -> Sequence[Event]:
    """A planned survey opens, and from then on asks what its questionnaire asked that day."""
    planned = planned_of(state)
    if state.status is not Status.PLANNED:
        return []
    return [
        SurveyOpened(
            effective_on=command.on,
            questionnaire_version=command.questionnaire_version,
            **about(planned),
        )
    ]


def mark_late(command: MarkSurveyLate, state: Survey) -> Sequence[Event]:
    """An open survey without an answer is late."""
    planned = planned_of(state)
    if state.status is not Status.OPEN:
        return []
    return [SurveyMarkedLate(effective_on=command.on, **about(planned))]
