"""Who stands behind an application, each in one role."""

from dataclasses import dataclass
from uuid import UUID

from services.intake.domain.organisation import Profile
from shared.kernel.identifiers import derived_id

ROLES = ("lead", "adopter", "ai-provider", "research", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """An organisation in the consortium of one application, as it was when it joined."""

    participant_id: UUID
    organisation_id: UUID
    role: str
    """One of ``ROLES``."""
    profile: Profile


PEOPLE_ROLES = ("lead", "contributor", "signatory")
"""Whoever leads names the people and writes, a contributor writes, a signatory submits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone of the lead organisation who works on the application, in one role."""

    person_id: str
    """Opaque, as the issuer of tokens names them."""
    role: str
    """One of ``PEOPLE_ROLES``."""


def participant_id_of(application_id: UUID, organisation_id: UUID) -> UUID:
    """An organisation takes part in an application once."""
    return derived_id("participant", application_id, organisation_id)
