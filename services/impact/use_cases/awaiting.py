"""What those who ask need to know of a survey: whose it is, and whether it waits for an answer."""

from services.impact.domain.contacts import Asked
from services.impact.domain.survey_events import SurveyEvent
from services.impact.domain.survey_state import AWAITS_RESPONSE, Status, Survey


def about(survey: Survey) -> SurveyEvent | None:
    """The survey's particulars as they are now; None where no such survey is foreseen."""
    return survey.planned


def awaits_answer(survey: Survey) -> bool:
    """Is somebody to be written to: for the response, or for the answer to an officer?"""
    return survey.status in AWAITS_RESPONSE or survey.status is Status.QUERIED


def asked_by(event: SurveyEvent) -> Asked:
    """The survey as far as it says who is to answer it."""
    return Asked(
        survey_id=event.survey_id,
        participant_id=event.participant_id,
        project_id=event.project_id,
        organisation_id=event.organisation_id,
    )
