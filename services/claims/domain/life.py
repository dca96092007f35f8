"""What an agreement's state keeps of its life beside the money: conditions, proposals, pauses."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from services.claims.domain.changes import Change
from services.claims.domain.values import ConditionDue
from shared.kernel.schedule import FundingCell


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that must come true, and by when."""

    condition_id: UUID
    code: str
    text_en: str
    text_fr: str
    due: ConditionDue
    due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCondition(Condition):
    """Not met yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledCondition(Condition):
    """Met, or waived."""

    outcome: Literal["met", "waived"]
    settled_on: date
    settled_by: str


class Reservation(StrEnum):
    """Where the money of a proposed increase stands in its pockets."""

    NOT_NEEDED = "not-needed"
    AWAITED = "awaited"
    RESERVED = "reserved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An amendment that somebody proposed."""

    amendment_id: UUID
    change: Change
    effective_on: date
    """The day from which it counts, once approved."""
    proposed_by: str
    proposed_on: date
    by_organisation_id: UUID | None
    """Of a recipient who proposed it; None for an officer."""
    increase: tuple[FundingCell, ...]
    """What its pockets reserve before it is approved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenProposal(Proposal):
    """Not decided yet."""

    reservation: Reservation
    signed_by: str | None = None
    """Who signed for the participant that it adds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledProposal(Proposal):
    """Decided, or taken back."""

    outcome: Literal["approved", "applied", "rejected", "withdrawn"]
    """``applied``: within the tolerance, without an approval."""
    settled_on: date
    settled_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """A pause: no payments, and costs that do not count unless said otherwise."""

    starts_on: date
    ends_before: date | None
    """The day of the resumption; None while it lasts."""
    costs_eligible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MetRequirement:
    """What shows that a closing requirement is met."""

    document_sha256: str
    met_on: date
    confirmed_by: str
