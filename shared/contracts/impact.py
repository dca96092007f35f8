"""What impact publishes: what happened to the surveys about a project's effects."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.contracts.base import ProjectContract


class SurveyContract(ProjectContract):
    """A fact about one participant's yearly survey."""

    survey_id: UUID
    participant_id: UUID
    programme_code: str
    year: int
    """1 to 5: years after completion."""
    due_on: date


class SurveyOpened(SurveyContract):
    """The participant can answer."""

    contract_type: ClassVar[str] = "impact.survey-opened.v1"


class SurveySubmitted(SurveyContract):
    """The participant answered; ``late`` when after the due date."""

    contract_type: ClassVar[str] = "impact.survey-submitted.v1"

    late: bool
