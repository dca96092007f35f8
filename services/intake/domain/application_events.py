"""What has happened to an application. Facts in the past tense; append to this file."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from services.intake.domain.budget import Budget
from services.intake.domain.consortium import Participant
from services.intake.domain.definition import Definition
from shared.documents.scanning import Scan
from shared.kernel.schedule import FundingCell, MatchCell


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What was given for one criterion of the grid."""

    criterion: str
    score: int
    out_of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationStarted:
    """An organisation began to answer a call; it leads and is the first participant."""

    effective_on: date
    application_id: UUID
    call_id: UUID
    programme_code: str
    title: str
    starts_on: date
    ends_on: date
    lead: Participant
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsortiumSet:
    """The whole consortium, as it is from now on."""

    effective_on: date
    application_id: UUID
    participants: tuple[Participant, ...]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetSet:
    """The whole budget, as it is from now on."""

    effective_on: date
    application_id: UUID
    budget: Budget
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationSubmitted:
    """
    The applicant certified it, and no rule of its programme objected.

    The definition is copied, so that a later version of the programme changes nothing here.
    """

    effective_on: date
    application_id: UUID
    number: int
    """1 for the first submission of this application."""
    submitted_at: datetime
    programme_version: int
    definition: Definition
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationWithdrawn:
    """The applicant took it back."""

    effective_on: date
    application_id: UUID
    reason: str
    was_forwarded: bool
    """A committee has it, and needs to know."""
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityConfirmed:
    """An officer found it eligible."""

    effective_on: date
    application_id: UUID
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityRefused:
    """An officer found it ineligible, and said why."""

    effective_on: date
    application_id: UUID
    reasons: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationAssessed:
    """It was scored on the grid of its programme."""

    effective_on: date
    application_id: UUID
    scores: tuple[Score, ...]
    summary: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationForwarded:
    """It is before the committee, with all the committee needs to know."""

    effective_on: date
    application_id: UUID
    programme_code: str
    programme_version: int
    title: str
    lead_organisation_id: UUID
    participants: tuple[Participant, ...]
    starts_on: date
    ends_on: date
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]
    scores: tuple[Score, ...]
    summary: str
    by: str
    submitted_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationAwarded:
    """The committee decided to fund it."""

    effective_on: date
    application_id: UUID
    award_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationDeclined:
    """The committee decided not to fund it."""

    effective_on: date
    application_id: UUID
    meeting_id: UUID
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardLapsed:
    """The award fell before an agreement was executed."""

    effective_on: date
    application_id: UUID
    award_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentAttached:
    """
    An organisation attached a document, whose content is kept under its SHA-256.

    ``kind`` is one of ``document.KINDS``; ``size`` is in bytes; ``title`` names no person.
    """

    effective_on: date
    application_id: UUID
    document_id: UUID
    organisation_id: UUID
    sha256: str
    kind: str
    title: str
    size: int
    media_type: str
    scan: Scan
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDetached:
    """A document is no longer part of the application."""

    effective_on: date
    application_id: UUID
    document_id: UUID
    by: str


Event: TypeAlias = (
    ApplicationStarted
    | ConsortiumSet
    | BudgetSet
    | ApplicationSubmitted
    | ApplicationWithdrawn
    | EligibilityConfirmed
    | EligibilityRefused
    | ApplicationAssessed
    | ApplicationForwarded
    | ApplicationAwarded
    | ApplicationDeclined
    | AwardLapsed
    | DocumentAttached
    | DocumentDetached
)
