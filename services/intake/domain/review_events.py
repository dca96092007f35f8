"""
What has happened while officers review an application. Facts in the past tense; append.

Texts here are about the project, never about a person.
"""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFinding:
    """What an officer found of one rule of the programme, in its own documents."""

    rule: str
    """Its name, as in the definition."""
    met: bool
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing an officer needs to know."""

    text: str
    section: str | None = None
    """The part of the application it is about: a section's code, ``consortium`` or ``budget``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the applicant says to one question."""

    text: str
    document_sha256: str | None = None
    """A document of the application that shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IpPlan:
    """What the plan for intellectual property says (theme ``ip-plan``)."""

    plan_provided: bool
    owned_in_canada: bool
    reuse_allowed: bool
    """Others than the participants may reuse it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionsEstimate:
    """What the project changes in greenhouse gases (theme ``emissions``)."""

    tonnes: int
    """Tonnes of CO2e avoided; negative where it adds some."""
    method: str
    """How it was estimated, and over which years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CybersecurityPlan:
    """What the plan for cybersecurity says (theme ``cybersecurity``)."""

    plan_provided: bool
    handles_personal_information: bool
    framework: str | None = None
    """The published practice it follows, where it follows one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerAssigned:
    """An officer is to see to it."""

    effective_on: date
    application_id: UUID
    officer_id: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRequested:
    """The applicant was asked, and answers by a date."""

    effective_on: date
    application_id: UUID
    request_id: UUID
    questions: tuple[Question, ...]
    due_on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationSupplied:
    """The applicant answered every question of a request."""

    effective_on: date
    application_id: UUID
    request_id: UUID
    answers: tuple[Answer, ...]
    """In the order of the questions."""
    late: bool
    """After the date it was due."""
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationMarkedOverdue:
    """The date passed without an answer."""

    effective_on: date
    application_id: UUID
    request_id: UUID
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRequestClosed:
    """An officer has read the answer, or needs none any more and says why."""

    effective_on: date
    application_id: UUID
    request_id: UUID
    reason: str | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDiligenceOpened:
    """Officers look into what the programme lists."""

    effective_on: date
    application_id: UUID
    themes: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRecorded:
    """An officer found something, good to know or in the way."""

    effective_on: date
    application_id: UUID
    finding_id: UUID
    theme: str
    severity: str
    text: str
    document_sha256: str | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCorrected:
    """A finding says something else from now on; what it said before stays beside it."""

    effective_on: date
    application_id: UUID
    finding_id: UUID
    theme: str
    severity: str
    text: str
    document_sha256: str | None
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingResolved:
    """What was found is settled."""

    effective_on: date
    application_id: UUID
    finding_id: UUID
    theme: str
    resolution: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeConcluded:
    """A theme is looked into, and this is what to think of it."""

    effective_on: date
    application_id: UUID
    theme: str
    score: int
    out_of: int
    text: str
    by: str
    ip_plan: IpPlan | None = None
    emissions: EmissionsEstimate | None = None
    cybersecurity: CybersecurityPlan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeReopened:
    """Its conclusion no longer holds."""

    effective_on: date
    application_id: UUID
    theme: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDiligenceCompleted:
    """Every theme of the programme is concluded."""

    effective_on: date
    application_id: UUID
    by: str


ReviewEvent: TypeAlias = (
    OfficerAssigned
    | InformationRequested
    | InformationSupplied
    | InformationMarkedOverdue
    | InformationRequestClosed
    | DueDiligenceOpened
    | FindingRecorded
    | FindingCorrected
    | FindingResolved
    | ThemeConcluded
    | ThemeReopened
    | DueDiligenceCompleted
)
