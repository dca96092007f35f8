"""What is said of a survey and of what was answered: values, and the events of its life."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.documents.scanning import Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise:
    """Why an answer moved more than usual since the year before."""

    reason: str
    """One of ``answer_checks.SURPRISE_REASONS``."""
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a participant says of one indicator, in whole units of it."""

    indicator: str
    value: int
    surprise: Surprise | None = None
    """Given where the questionnaire asks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IpEntry:
    """A piece of intellectual property, as a participant tells it in a survey."""

    title: str
    kind: str
    """One of ``question.IP_KINDS``."""
    canadian_owned: bool
    reuse_allowed: bool
    """Others may use it outside the project."""
    reused: bool
    """Others do."""
    commercialised: bool
    ip_id: UUID | None = None
    """The piece of the register it is about; None: one that was not told before."""
    owner_organisation_id: UUID | None = None
    """None: the participant's own."""


ReplyValue = bool | int | str | tuple[IpEntry, ...]
"""Yes or no; a number in whole units; the code of a choice or a text; a list of property."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a participant says to one question that is not about an indicator."""

    question: str
    value: ReplyValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """
    One answer that was changed: what it said and what it says now.

    ``code`` is the question's, which is the indicator's where it asks about one. None: no answer.
    """

    code: str
    old: ReplyValue | None
    new: ReplyValue | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyEvent:
    """What every event about a survey carries, so that each can be read by itself."""

    effective_on: date
    survey_id: UUID
    project_id: UUID
    programme_code: str
    participant_id: UUID
    organisation_id: UUID
    year: int
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyPlanned(SurveyEvent):
    """It will open on a date."""

    opens_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyOpened(SurveyEvent):
    """It can be answered."""

    questionnaire_version: int = 0
    """What it asks, from here on; 0: every indicator of the catalogue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyMarkedLate(SurveyEvent):
    """Its due date passed without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSubmitted(SurveyEvent):
    """The participant answered; ``late`` when after the due date."""

    answers: tuple[Answer, ...]
    by: str
    late: bool
    replies: tuple[Reply, ...] = ()
    """To questions that are not about an indicator."""
    lapsed: bool = False
    """It had lapsed by then."""
    submitted_at: datetime | None = None
    """The instant, in UTC; None where only the day was kept."""
    documents: tuple[str, ...] = ()
    """SHA-256 of what was attached by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyDraftSaved(SurveyEvent):
    """Answers were kept for later; the newest draft stands for those before."""

    answers: tuple[Answer, ...]
    replies: tuple[Reply, ...]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyQueried(SurveyEvent):
    """An officer asks about what was answered."""

    codes: tuple[str, ...]
    """Of the questions it is about; empty: the answers as a whole."""
    text: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyQueryAnswered(SurveyEvent):
    """The participant answered the officer, and perhaps corrected what was asked about."""

    text: str
    by: str
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyValidated(SurveyEvent):
    """An officer who did not submit it takes the answers as they now are."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyCorrected(SurveyEvent):
    """Answers were changed after they were submitted; both values are kept."""

    corrections: tuple[Correction, ...]
    reason: str
    """One of ``survey_review.CORRECTION_REASONS``."""
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyExcused(SurveyEvent):
    """Nobody needs to answer it."""

    reason: str
    """One of ``follow_up.EXCUSES``."""
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyLapsed(SurveyEvent):
    """So long after its due date nobody is asked any more; an answer is still taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyReassigned(SurveyEvent):
    """Another organisation took the participant's place; ``organisation_id`` is the new one's."""

    old_organisation_id: UUID
    reason: str
    """One of ``follow_up.REPLACEMENTS``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyRescheduled(SurveyEvent):
    """The project's completion moved, and with it a survey that had not opened."""

    opens_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorsReported(SurveyEvent):
    """What the survey says of indicators from here on, in whole units of each."""

    values: tuple[Answer, ...]
    """All that are answered; one that is not there is missing, and never zero."""
    validated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyDocumentAttached(SurveyEvent):
    """A document shows what is answered. Its content is kept elsewhere, by its SHA-256."""

    document_id: UUID
    sha256: str
    """In hexadecimal."""
    title: str
    """What it is; no personal data."""
    size: int
    """In bytes."""
    media_type: str
    """By its content."""
    scan: Scan
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyDocumentDetached(SurveyEvent):
    """A document was taken off before an officer could see it; its content is deleted."""

    document_id: UUID
    by: str


Event = (
    SurveyPlanned
    | SurveyOpened
    | SurveyMarkedLate
    | ResponseSubmitted
    | SurveyDraftSaved
    | SurveyQueried
    | SurveyQueryAnswered
    | SurveyValidated
    | SurveyCorrected
    | SurveyExcused
    | SurveyLapsed
    | SurveyReassigned
    | SurveyRescheduled
    | IndicatorsReported
    | SurveyDocumentAttached
    | SurveyDocumentDetached
)


def about(planned: SurveyPlanned) -> dict[str, Any]:
    """The fields that all events about one survey share."""
    return {
        "survey_id": planned.survey_id,
        "project_id": planned.project_id,
        "programme_code": planned.programme_code,
        "participant_id": planned.participant_id,
        "organisation_id": planned.organisation_id,
        "year": planned.year,
        "due_on": planned.due_on,
    }
