"""What is asked of an organisation, what happens to it, and what it is: see ``organisation``."""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID

from services.intake.domain.profile import Changed, Profile

# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOrganisation:
    """Enter an organisation under its business number."""

    profile: Profile
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrganisation:
    """As ``RegisterOrganisation``, from a list: a business number may be wrong, and is flagged."""

    profile: Profile
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendOrganisation:
    """
    Describe it anew, as it has been since ``effective_on``, and say why.

    Its business number is what it is registered under: the one in ``profile`` is not looked at.
    """

    profile: Profile
    effective_on: date
    reason: str
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOrganisation:
    """Let it submit nothing until it is released."""

    reason: str
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseOrganisation:
    """Let it submit again; by another person than who put it on hold."""

    reason: str
    on: date
    by: str


Command: TypeAlias = (
    RegisterOrganisation
    | ImportOrganisation
    | AmendOrganisation
    | HoldOrganisation
    | ReleaseOrganisation
)


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationRegistered:
    """An organisation is known from now on."""

    effective_on: date
    organisation_id: UUID
    profile: Profile
    by: str
    imported: bool = False
    """It came with a list, where a business number need not check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationAmended:
    """It is described otherwise, since ``effective_on``."""

    effective_on: date
    organisation_id: UUID
    profile: Profile
    changed: tuple[Changed, ...]
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationHeld:
    """It is on hold."""

    effective_on: date
    organisation_id: UUID
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationHoldReleased:
    """It is no longer on hold."""

    effective_on: date
    organisation_id: UUID
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationMerged:
    """It was another one all along: ``into`` stands for it from now on."""

    effective_on: date
    organisation_id: UUID
    into: UUID
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationAbsorbed:
    """It stands for others that were the same."""

    effective_on: date
    organisation_id: UUID
    absorbed: tuple[UUID, ...]
    """The one that was merged, then those it stood for itself."""
    reason: str
    by: str


Event: TypeAlias = (
    OrganisationRegistered
    | OrganisationAmended
    | OrganisationHeld
    | OrganisationHoldReleased
    | OrganisationMerged
    | OrganisationAbsorbed
)


# State


@dataclass(frozen=True, slots=True, kw_only=True)
class Unregistered:
    """Nobody has entered it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why it submits nothing at present, since when, and who said so."""

    reason: str
    since: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A registered organisation."""

    organisation_id: UUID
    profile: Profile
    hold: Hold | None = None
    merged_into: UUID | None = None
    """The organisation that stands for it; itself perhaps merged later."""
    absorbed: tuple[UUID, ...] = ()
    """Those it stands for."""

    @property
    def on_hold(self) -> bool:
        """It submits nothing at present."""
        return self.hold is not None


State: TypeAlias = Unregistered | Organisation
