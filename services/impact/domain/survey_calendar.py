"""A survey's life by the calendar: planned, opened, late, lapsed; moved, reassigned, excused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from services.impact.domain.follow_up import EXCUSES, ChangeNotAcceptable
from services.impact.domain.survey_answering import SurveyAlreadyAnswered
from services.impact.domain.survey_commands import (
    ExcuseSurvey,
    LapseSurvey,
    MarkSurveyLate,
    OpenSurvey,
    PlanSurvey,
    ReassignSurvey,
)
from services.impact.domain.survey_events import (
    Event,
    SurveyEvent,
    SurveyExcused,
    SurveyLapsed,
    SurveyMarkedLate,
    SurveyOpened,
    SurveyPlanned,
    SurveyReassigned,
    SurveyRescheduled,
    about,
)
from services.impact.domain.survey_state import HAS_RESPONSE, Status, Survey, planned_of

LAPSES_DAYS_AFTER = 180
"""How long after it was due an unanswered survey is given up."""


def late_on(survey: SurveyEvent) -> date:
    """The day from which a survey without an answer is late."""
    return survey.due_on + timedelta(days=1)


def lapses_on(survey: SurveyEvent) -> date:
    """The day on which a survey without an answer lapses."""
    return survey.due_on + timedelta(days=LAPSES_DAYS_AFTER)


def plan(command: PlanSurvey, state: Survey) -> Sequence[Event]:
    """Foresee it; one that has not opened moves where it is planned for another day."""
    survey = command.survey
    if state.planned is not None:
        return _reschedule(command, state, state.planned)
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


def _reschedule(command: PlanSurvey, state: Survey, planned: SurveyPlanned) -> Sequence[Event]:
    survey = command.survey
    dates = (survey.opens_on, survey.due_on)
    if state.status is not Status.PLANNED or dates == (planned.opens_on, planned.due_on):
        return []
    moved = replace(planned, due_on=survey.due_on)
    return [
        SurveyRescheduled(effective_on=command.on, opens_on=survey.opens_on, **about(moved)),
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


def lapse(command: LapseSurvey, state: Survey) -> Sequence[Event]:
    """A survey that nobody answered is given up."""
    planned = planned_of(state)
    if state.status not in {Status.OPEN, Status.LATE}:
        return []
    return [SurveyLapsed(effective_on=command.on, **about(planned))]


def excuse(command: ExcuseSurvey, state: Survey) -> Sequence[Event]:
    """A survey that nobody answered need not be answered."""
    planned = planned_of(state)
    if command.reason not in EXCUSES:
        raise ChangeNotAcceptable(reason=command.reason, field="reason", accepted=list(EXCUSES))
    if state.response is not None:
        raise SurveyAlreadyAnswered(answered_on=state.response.effective_on)
    if state.status is Status.EXCUSED:
        return []
    return [
        SurveyExcused(
            effective_on=command.on, reason=command.reason, by=command.by, **about(planned)
        )
    ]


def reassign(command: ReassignSurvey, state: Survey) -> Sequence[Event]:
    """Whoever takes the participant's place is asked what nobody answered."""
    planned = planned_of(state)
    answered = state.status in HAS_RESPONSE or state.status is Status.EXCUSED
    if answered or planned.organisation_id == command.organisation_id:
        return []
    moved = replace(planned, organisation_id=command.organisation_id)
    return [
        SurveyReassigned(
            effective_on=command.on,
            old_organisation_id=planned.organisation_id,
            reason=command.reason,
            **about(moved),
        )
    ]
