"""What can be asked of a survey."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.impact.domain.follow_up_dates import PlannedSurvey
from services.impact.domain.question import WHOLE_CATALOGUE, Asked
from services.impact.domain.survey_events import Answer, Reply, ReplyValue, Surprise
from shared.documents.scanning import Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSurvey:
    """Foresee a survey, as its project's follow-up plans it, or now plans it."""

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
    now: datetime | None = None
    """The instant, for the receipt."""
    replies: tuple[Reply, ...] = ()
    """To any question, indicators too."""
    surprises: Mapping[str, Surprise] = field(default_factory=dict)
    """Why answers moved so much since last year, by question."""
    asked: Asked = WHOLE_CATALOGUE


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveDraft:
    """Keep answers for later; they need not be complete."""

    answers: tuple[Answer, ...]
    replies: tuple[Reply, ...]
    organisation_id: UUID | None
    """For which organisation the person acts."""
    by: str
    on: date
    asked: Asked = WHOLE_CATALOGUE


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResponse:
    """Ask the participant about its answers, as an officer."""

    codes: tuple[str, ...]
    """Of the questions it is about; empty: the answers as a whole."""
    text: str
    by: str
    on: date
    asked: Asked = WHOLE_CATALOGUE


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerQuery:
    """Answer the officer, for the participant's organisation."""

    text: str
    changes: Mapping[str, ReplyValue | None]
    """Answers as they should be, by question; None: no answer any more."""
    organisation_id: UUID | None
    """For which organisation the person acts."""
    by: str
    on: date
    asked: Asked = WHOLE_CATALOGUE


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidateResponse:
    """Take the answers as they stand, as an officer."""

    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectResponse:
    """Change answers that were submitted."""

    changes: Mapping[str, ReplyValue | None]
    """Answers as they should be, by question; None: no answer any more."""
    reason: str
    organisation_id: UUID | None
    """For which organisation the person acts; None: for the funder."""
    by: str
    on: date
    asked: Asked = WHOLE_CATALOGUE


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcuseSurvey:
    """Nobody needs to answer it; one that was answered is not excused."""

    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseSurvey:
    """So long after it was due it is given up, unless it was answered."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignSurvey:
    """Another organisation took the participant's place; one that was answered stays as it is."""

    organisation_id: UUID
    reason: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachDocument:
    """Attach a document to the answers, for the participant's organisation."""

    document_id: UUID
    sha256: str
    title: str
    """What it is; no personal data."""
    size: int
    """In bytes."""
    media_type: str
    scan: Scan
    organisation_id: UUID | None
    """For which organisation the person acts."""
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DetachDocument:
    """Take a document off again."""

    document_id: UUID
    organisation_id: UUID | None
    """For which organisation the person acts."""
    by: str
    on: date


Command = (
    PlanSurvey
    | OpenSurvey
    | MarkSurveyLate
    | SubmitResponse
    | SaveDraft
    | QueryResponse
    | AnswerQuery
    | ValidateResponse
    | CorrectResponse
    | ExcuseSurvey
    | LapseSurvey
    | ReassignSurvey
    | AttachDocument
    | DetachDocument
)
