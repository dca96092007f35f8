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


def participant_id_of(application_id: UUID, organisation_id: UUID) -> UUID:
    """An organisation takes part in an application once."""
    return derived_id("participant", application_id, organisation_id)
