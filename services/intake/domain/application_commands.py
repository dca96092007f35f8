"""What can be asked of an application. Append to this file."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from services.intake.domain.budget import Budget
from services.intake.domain.call import Call
from services.intake.domain.consortium import Participant
from services.intake.domain.definition import Definition
from services.intake.domain.funding import (
    GivenCell,
)
from shared.documents.scanning import Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class StartApplication:
    """Begin to answer a call. ``lead`` is the organisation that applies."""

    application_id: UUID
    call: Call
    title: str
    starts_on: date
    ends_on: date
    lead: Participant
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetConsortium:
    """Say who takes part, the lead included."""

    participants: tuple[Participant, ...]
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBudget:
    """Say what it costs and what is asked for. ``definition`` is the call's version."""

    budget: Budget
    definition: Definition
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitApplication:
    """Certify and send. ``definition`` is version ``call.programme_version``."""

    certified: bool
    call: Call
    definition: Definition
    now: datetime
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawApplication:
    """Take it back."""

    reason: str
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideEligibility:
    """Find it eligible, or not and say why."""

    confirmed: bool
    reasons: tuple[str, ...]
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessApplication:
    """Score it on the grid: criterion and score, in any order."""

    scores: tuple[tuple[str, int], ...]
    summary: str
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardApplication:
    """Put it before the committee. ``funding`` None: split by the programme's pockets."""

    funding: tuple[GivenCell, ...] | None
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAward:
    """Selection said that the committee funds it."""

    award_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDecline:
    """Selection said that the committee does not fund it."""

    meeting_id: UUID
    reasons: tuple[str, ...]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLapse:
    """Selection said that the award fell."""

    award_id: UUID
    reason: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachDocument:
    """Attach a document that an organisation brought; see ``document.AttachedDocument``."""

    document_id: UUID
    organisation_id: UUID
    sha256: str
    kind: str
    title: str
    size: int
    media_type: str
    scan: Scan
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DetachDocument:
    """Take a document off. ``organisation_id`` is that of whoever asks."""

    document_id: UUID
    organisation_id: UUID | None
    on: date
    by: str


Command: TypeAlias = (
    StartApplication
    | SetConsortium
    | SetBudget
    | SubmitApplication
    | WithdrawApplication
    | DecideEligibility
    | AssessApplication
    | ForwardApplication
    | RecordAward
    | RecordDecline
    | RecordLapse
    | AttachDocument
    | DetachDocument
)
