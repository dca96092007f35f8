"""What can be asked while officers review an application. Append to this file."""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID

from services.intake.domain.review_events import (
    Answer,
    CybersecurityPlan,
    EmissionsEstimate,
    IpPlan,
    Question,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignOfficer:
    """Give it to an officer, oneself or another."""

    officer_id: str
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestInformation:
    """Ask the applicant. ``due_on`` is the last day on which the answer is in time."""

    request_id: UUID
    questions: tuple[Question, ...]
    due_on: date
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyInformation:
    """Answer a request: one answer per question, in their order."""

    request_id: UUID
    answers: tuple[Answer, ...]
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkInformationOverdue:
    """The calendar says that the date has passed."""

    request_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseInformationRequest:
    """Take note of the answer, or do without one and say why."""

    request_id: UUID
    reason: str | None
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDueDiligence:
    """Begin to look into what the programme lists."""

    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFinding:
    """Write down what was found. ``severity`` is one of ``SEVERITIES``."""

    finding_id: UUID
    theme: str
    severity: str
    text: str
    document_sha256: str | None
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectFinding:
    """Say it otherwise, and why; what it said before is kept."""

    finding_id: UUID
    severity: str
    text: str
    document_sha256: str | None
    reason: str
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveFinding:
    """Say how it was settled."""

    finding_id: UUID
    resolution: str
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcludeTheme:
    """Say what to think of a theme. ``score`` is out of ``OUT_OF``."""

    theme: str
    score: int
    text: str
    ip_plan: IpPlan | None
    emissions: EmissionsEstimate | None
    cybersecurity: CybersecurityPlan | None
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenTheme:
    """Take a conclusion back, and say why."""

    theme: str
    reason: str
    on: date
    by: str


ReviewCommand: TypeAlias = (
    AssignOfficer
    | RequestInformation
    | SupplyInformation
    | MarkInformationOverdue
    | CloseInformationRequest
    | OpenDueDiligence
    | RecordFinding
    | CorrectFinding
    | ResolveFinding
    | ConcludeTheme
    | ReopenTheme
)
