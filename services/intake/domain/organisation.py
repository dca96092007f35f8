"""
Who may take part: an organisation, registered once per business number.

The numbers are checked when they are entered; what an organisation is (its kind, where it is,
how many people it employs) is what eligibility rules ask about.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID

from stdnum.ca import bn

from shared.kernel.decider import Decider
from shared.kernel.identifiers import derived_id
from shared.kernel.refusals import Invalid, Reason, Refusal, RuleBroken

PROVINCES = ("AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT")
"""The ten provinces and three territories, by their postal codes."""

KINDS = (
    "sme",
    "large",
    "start-up",
    "hospital",
    "post-secondary",
    "institute",
    "incubator",
    "non-profit",
    "government",
)

SME_EMPLOYEES_BELOW = 500
"""A small or medium-sized enterprise has fewer employees (Global Innovation Clusters)."""

_NEQ = re.compile(r"(11|22|33|88)[0-9]{8}")
_NINE_DIGITS = re.compile(r"[1-9][0-9]{8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is known of an organisation."""

    business_number: str
    """Nine digits, as the Canada Revenue Agency issues them."""
    neq: str | None
    """Québec enterprise number, ten digits."""
    legal_name: str
    kind: str
    """One of ``KINDS``."""
    province: str
    """One of ``PROVINCES``."""
    employees: int
    for_profit: bool
    incorporated_in_canada: bool

    @property
    def sme(self) -> bool:
        """A small or medium-sized enterprise: it says so, or is a firm small enough."""
        return self.kind == "sme" or (self.for_profit and self.employees < SME_EMPLOYEES_BELOW)


def business_number_is_valid(number: str) -> bool:
    """Nine digits, not starting with 0, whose last is the Luhn check digit."""
    return _NINE_DIGITS.fullmatch(number) is not None and bool(bn.is_valid(number))


def neq_is_valid(number: str) -> bool:
    """Ten digits that start as the Registraire des entreprises issues them."""
    return _NEQ.fullmatch(number) is not None


def without_separators(number: str) -> str:
    """``123 026 635`` and ``123-026-635`` are ``123026635``."""
    return re.sub(r"[\s-]", "", number)


def organisation_id_of(business_number: str) -> UUID:
    """One business number, one organisation."""
    return derived_id("organisation", business_number)


# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOrganisation:
    """Enter an organisation under its business number."""

    profile: Profile
    on: date
    by: str


Command: TypeAlias = RegisterOrganisation


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationRegistered:
    """An organisation is known from now on."""

    effective_on: date
    organisation_id: UUID
    profile: Profile
    by: str


Event: TypeAlias = OrganisationRegistered


# State


@dataclass(frozen=True, slots=True, kw_only=True)
class Unregistered:
    """Nobody has entered it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A registered organisation."""

    organisation_id: UUID
    profile: Profile


State: TypeAlias = Unregistered | Organisation


# Refusals


class OrganisationNotValid(Invalid):
    """The organisation cannot be registered as it was described."""

    en = "The organisation cannot be registered as described."
    fr = "L’organisation ne peut pas être inscrite telle que décrite."


class OrganisationAlreadyRegistered(RuleBroken):
    """An organisation is registered once per business number, and this one is already known."""

    en = "Business number {business_number} is already registered."
    fr = "Le numéro d’entreprise {business_number} est déjà inscrit."


class BusinessNumberNotValid(Invalid):
    """A business number has nine digits, the last of which checks the others."""

    en = "{number} is not a valid business number."
    fr = "{number} n’est pas un numéro d’entreprise valide."


class NeqNotValid(Invalid):
    """A Québec enterprise number has ten digits and starts with 11, 22, 33 or 88."""

    en = "{number} is not a valid Québec enterprise number."
    fr = "{number} n’est pas un numéro d’entreprise du Québec (NEQ) valide."


class LegalNameMissing(Invalid):
    """An organisation has a legal name."""

    en = "The legal name is missing."
    fr = "La dénomination sociale est absente."


class KindUnknown(Invalid):
    """An organisation is of a kind that programmes know."""

    en = "There is no kind of organisation called {kind}."
    fr = "Il n’y a pas de type d’organisation nommé {kind}."


class ProvinceUnknown(Invalid):
    """A province or territory of Canada is written with its two letters."""

    en = "{province} is not a province or territory."
    fr = "{province} n’est ni une province ni un territoire."


class EmployeesNotPlausible(Invalid):
    """A number of employees is not negative, and one of a small enterprise is under 500."""

    en = "{employees} employees do not go with an organisation of kind {kind}."
    fr = "{employees} employés ne conviennent pas à une organisation de type {kind}."


def problems_of(profile: Profile) -> list[Reason]:
    """Everything that is wrong with a description, at once."""
    reasons: list[Refusal] = []
    if not business_number_is_valid(profile.business_number):
        reasons.append(
            BusinessNumberNotValid(
                number=profile.business_number,
                field="business_number",
                accepted="nine digits with a valid check digit, e.g. 123026635",
            )
        )
    if profile.neq is not None and not neq_is_valid(profile.neq):
        reasons.append(
            NeqNotValid(
                number=profile.neq, field="neq", accepted="ten digits starting 11, 22, 33 or 88"
            )
        )
    if not profile.legal_name.strip():
        reasons.append(LegalNameMissing(field="legal_name"))
    if profile.kind not in KINDS:
        reasons.append(KindUnknown(kind=profile.kind, field="kind", accepted=list(KINDS)))
    if profile.province not in PROVINCES:
        reasons.append(
            ProvinceUnknown(province=profile.province, field="province", accepted=list(PROVINCES))
        )
    too_many = profile.kind == "sme" and profile.employees >= SME_EMPLOYEES_BELOW
    if profile.employees < 0 or too_many:
        reasons.append(
            EmployeesNotPlausible(
                employees=profile.employees,
                kind=profile.kind,
                field="employees",
                accepted={"minimum": 0, "maximum_of_an_sme": SME_EMPLOYEES_BELOW - 1},
            )
        )
    return [reason.as_reason() for reason in reasons]


def decide(command: Command, state: State) -> Sequence[Event]:
    """Register once; the same description again changes nothing."""
    profile = command.profile
    if reasons := problems_of(profile):
        raise OrganisationNotValid(reasons=reasons)
    if isinstance(state, Organisation):
        if state.profile == profile:
            return []
        raise OrganisationAlreadyRegistered(
            business_number=profile.business_number, field="business_number"
        )
    return [
        OrganisationRegistered(
            effective_on=command.on,
            organisation_id=organisation_id_of(profile.business_number),
            profile=profile,
            by=command.by,
        )
    ]


def evolve(_state: State, event: Event) -> State:
    """Registered is registered."""
    return Organisation(organisation_id=event.organisation_id, profile=event.profile)


DECIDER: Decider[Command, State, Event] = Decider(
    initial=Unregistered(), decide=decide, evolve=evolve
)
