"""
What an organisation is: its numbers, its names, its kind, where it is and how large.

The numbers are checked when they are entered; the rest is what eligibility rules ask about.
"""

import re
from dataclasses import dataclass, fields
from uuid import UUID

from stdnum.ca import bn

from shared.kernel.identifiers import derived_id
from shared.kernel.refusals import Invalid, Reason, Refusal

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
_PROGRAMME_ACCOUNT = re.compile(r"([1-9][0-9]{8})[A-Z]{2}[0-9]{4}")
_KEPT_NUMBER = re.compile(r"[0-9A-Z]{1,20}")
_NAICS = re.compile(r"[0-9]{2,6}")

NAICS_SECTORS = frozenset(
    {"11", "21", "22", "23", "31", "32", "33", "41", "44", "45", "48", "49", "51", "52", "53"}
    | {"54", "55", "56", "61", "62", "71", "72", "81", "91"}
)
"""The sectors with which a code of the industry classification begins (NAICS Canada 2022)."""


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
    naics: str | None = None
    """Code of its industry, two to six digits (NAICS Canada); None: nobody said."""
    legal_name_en: str | None = None
    """Its English legal name, where it has one beside ``legal_name``."""
    legal_name_fr: str | None = None
    """Its French legal name, where it has one beside ``legal_name``."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which it is known, each once."""
        named = (self.legal_name, self.legal_name_en, self.legal_name_fr)
        return tuple(dict.fromkeys(name for name in named if name))

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


def normalised_business_number(number: str) -> str:
    """
    The nine digits of a business number, however it is written.

    ``123026635 RT 0001``, ``123-026-635rc0001`` and ``123 026 635`` are all ``123026635``: two
    letters and four digits at the end name an account of the business with the Canada Revenue
    Agency. Whatever else is written stays as it is, without separators and in capitals.
    """
    bare = without_separators(number).upper()
    account = _PROGRAMME_ACCOUNT.fullmatch(bare)
    return account[1] if account else bare


def naics_is_valid(code: str) -> bool:
    """Two to six digits that begin with a sector of the classification."""
    return _NAICS.fullmatch(code) is not None and code[:2] in NAICS_SECTORS


def organisation_id_of(business_number: str) -> UUID:
    """One business number, one organisation."""
    return derived_id("organisation", business_number)


class OrganisationNotValid(Invalid):
    """The organisation cannot be registered as it was described."""

    en = "The organisation cannot be registered as described."
    fr = "L’organisation ne peut pas être inscrite telle que décrite."


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


class NaicsNotValid(Invalid):
    """An industry is coded with two to six digits that begin with a sector."""

    en = "{code} is not a code of the industry classification (NAICS)."
    fr = "{code} n’est pas un code de la classification des industries (SCIAN)."


def problems_of(profile: Profile, *, any_number: bool = False) -> list[Reason]:
    """
    Everything that is wrong with a description, at once.

    ``any_number``: a business number that does not check is let pass, as long as it can be kept.
    """
    reasons: list[Refusal] = []
    number = profile.business_number
    if not (business_number_is_valid(number) or (any_number and _KEPT_NUMBER.fullmatch(number))):
        reasons.append(
            BusinessNumberNotValid(
                number=number,
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
    if profile.naics is not None and not naics_is_valid(profile.naics):
        reasons.append(
            NaicsNotValid(
                code=profile.naics, field="naics", accepted="two to six digits, e.g. 5415"
            )
        )
    for field in ("legal_name_en", "legal_name_fr"):
        name = getattr(profile, field)
        if name is not None and not name.strip():
            reasons.append(LegalNameMissing(field=field))
    return [reason.as_reason() for reason in reasons]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One field of a description that is another one now, both as text; None: nothing was said."""

    field: str
    before: str | None
    after: str | None


def changes_between(before: Profile, after: Profile) -> tuple[Changed, ...]:
    """The fields that differ, in the order of a description."""
    return tuple(
        Changed(field=name, before=_text(getattr(before, name)), after=_text(getattr(after, name)))
        for name in (each.name for each in fields(Profile))
        if getattr(before, name) != getattr(after, name)
    )


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
