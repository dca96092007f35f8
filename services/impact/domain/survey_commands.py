"""What can be asked of a survey."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.impact.domain.follow_up import PlannedSurvey
from services.impact.domain.survey_events import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSurvey:
    """Foresee a survey, as its project's follow-up plans it."""

    project_id: UUID
    programme_code: str
    survey: PlannedSurvey
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSurvey:
    """From now on it can be answered."""

    on: date
    questionnaire_version: int = 0
    """The newest of its programme; 0: none was published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkSurveyLate:
    """Its due date has passed; late if it has not been answered."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitResponse:
    """Answer it, for the participant's organisation."""

    answers: tuple[Answer, ...]
    certified: bool
    """The person who answers says that it is true to the best of their knowledge."""
    organisation_id: UUID | None
    """For which organisation the person acts."""
    by: str
    on: date


Command = PlanSurvey | OpenSurvey | MarkSurveyLate | SubmitResponse
