"""What a rule is asked about, and what a rule is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias
from uuid import UUID

from services.intake.domain.budget import Budget
from services.intake.domain.consortium import Participant
from services.intake.domain.rules.parameters import Kind, Parameters
from services.intake.domain.similarity import Other
from shared.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRule:
    """A rule a programme lists, with its parameters."""

    name: str
    parameters: Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What the rules look at: all that counts of an application at the instant it is submitted."""

    at: datetime
    opens_at: datetime
    closes_at: datetime | None
    reimbursement_rate_bp: int
    starts_on: date
    ends_on: date
    lead_organisation_id: UUID
    participants: tuple[Participant, ...]
    budget: Budget
    title: str = ""
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What each section of the form answers, by the section's code."""
    documents: tuple[str, ...] = ()
    """The kinds of the documents attached."""
    unconfirmed: tuple[Participant, ...] = ()
    """Participants that have not confirmed their part; the lead needs not."""
    on_hold: frozenset[UUID] = frozenset()
    """Organisations that are on hold."""
    others: tuple[Other, ...] = ()
    """Other applications of the same lead."""
    resubmission: bool = False
    """It was returned to its applicant, who sends it again."""


Rule: TypeAlias = Callable[[Submission, Parameters], Iterable[Refusal]]
"""Asks one question; gives its objections, none when it is content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRule:
    """A rule as programmes may list it."""

    objections: Rule
    source: str
    """Where the rule comes from: document and section."""
    parameters: Mapping[str, Kind] = field(default_factory=dict)
    """Every parameter it needs, and what each may be."""
