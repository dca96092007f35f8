"""Organisations, as they are sent and answered."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.intake.api.words import Name
from services.intake.domain.bilingual import Bilingual
from services.intake.domain.organisation import Organisation
from services.intake.domain.profile import (
    Profile,
    business_number_is_valid,
    normalised_business_number,
    without_separators,
)
from shared.web.desk import CommandAnswer
from shared.web.schemas import Request

MOST_EMPLOYEES = 10_000_000

Filter = Annotated[str | None, Field(max_length=200)]

Motive = Annotated[str, Field(min_length=1, max_length=2000)]


class DescriptionIn(Request):
    """What an organisation is, but for its business number."""

    neq: Name | None = None
    legal_name: Name
    kind: Name
    province: Name
    employees: Annotated[int, Field(le=MOST_EMPLOYEES)]
    for_profit: bool
    incorporated_in_canada: bool
    naics: Name | None = None
    """Code of its industry, two to six digits (NAICS Canada)."""
    legal_name_en: Name | None = None
    legal_name_fr: Name | None = None

    def profile(self, business_number: str) -> Profile:
        """As the domain speaks of it; numbers may be written with spaces or hyphens."""
        return Profile(
            business_number=normalised_business_number(business_number),
            neq=None if self.neq is None else without_separators(self.neq),
            legal_name=self.legal_name.strip(),
            kind=self.kind,
            province=self.province,
            employees=self.employees,
            for_profit=self.for_profit,
            incorporated_in_canada=self.incorporated_in_canada,
            naics=None if self.naics is None else without_separators(self.naics),
            legal_name_en=None if self.legal_name_en is None else self.legal_name_en.strip(),
            legal_name_fr=None if self.legal_name_fr is None else self.legal_name_fr.strip(),
        )


class OrganisationIn(DescriptionIn):
    """An organisation to register."""

    business_number: Name
    """Nine digits; those of a programme account (``123026635 RT0001``) are taken as well."""

    def to_domain(self) -> Profile:
        """As the domain speaks of it."""
        return self.profile(self.business_number)


class AmendmentIn(DescriptionIn):
    """What an organisation is now, all of it, since when, and why that changes."""

    effective_on: date
    """Today or earlier."""
    reason: Motive


class HoldIn(Request):
    """Why it is put on hold, or released."""

    reason: Motive


class MergerIn(Request):
    """Which organisation stands for it from now on, and why."""

    into: UUID
    reason: Motive


class OrganisationOut(BaseModel):
    """
    A registered organisation.

    From outside one sees all of one's own, and of others what it takes to name them.
    """

    id: UUID
    """Of the one that stands for it, where it was merged."""
    business_number: str
    business_number_valid: bool
    """False: it was imported with a number that does not check."""
    neq: str | None
    """null as well where it is not yours to see."""
    legal_name: str
    legal_name_en: str | None
    legal_name_fr: str | None
    kind: str
    province: str
    naics: str | None
    employees: int | None
    """null where it is not yours to see."""
    for_profit: bool
    incorporated_in_canada: bool
    sme: bool
    on_hold: bool | None
    """For staff; null for everyone else."""
    hold_reason: str | None
    on_hold_since: date | None
    absorbed: list[UUID]
    """Ids that were merged into it."""

    @classmethod
    def of(cls, state: Organisation, *, own: bool, for_staff: bool) -> "OrganisationOut":
        """As far as the reader may see it."""
        profile, hold = state.profile, state.hold if for_staff else None
        return cls(
            id=state.organisation_id,
            business_number=profile.business_number,
            business_number_valid=business_number_is_valid(profile.business_number),
            neq=profile.neq if own or for_staff else None,
            legal_name=profile.legal_name,
            legal_name_en=profile.legal_name_en,
            legal_name_fr=profile.legal_name_fr,
            kind=profile.kind,
            province=profile.province,
            naics=profile.naics,
            employees=profile.employees if own or for_staff else None,
            for_profit=profile.for_profit,
            incorporated_in_canada=profile.incorporated_in_canada,
            sme=profile.sme,
            on_hold=state.on_hold if for_staff else None,
            hold_reason=None if hold is None else hold.reason,
            on_hold_since=None if hold is None else hold.since,
            absorbed=list(state.absorbed),
        )


class OrganisationFilters(BaseModel):
    """Which organisations a list shows."""

    model_config = ConfigDict(extra="ignore")

    name: Filter = None
    """Anywhere in one of its names, whatever the accents, capitals and legal form."""
    business_number: Filter = None
    """The whole of it."""
    province: Filter = None
    kind: Filter = None
    on_hold: bool | None = None
    """For staff; nobody else learns it."""


class OrganisationLine(BaseModel):
    """An organisation in a list."""

    id: UUID
    business_number: str
    business_number_valid: bool
    legal_name: str
    legal_name_en: str | None
    legal_name_fr: str | None
    kind: str
    province: str
    naics: str | None
    sme: bool
    on_hold: bool | None
    """For staff; null for everyone else."""

    @classmethod
    def of_row(cls, row: Any, *, for_staff: bool) -> "OrganisationLine":
        """As the view has it."""
        return cls(
            id=row.organisation_id,
            business_number=row.business_number,
            business_number_valid=row.number_is_valid,
            legal_name=row.legal_name,
            legal_name_en=row.legal_name_en,
            legal_name_fr=row.legal_name_fr,
            kind=row.kind,
            province=row.province,
            naics=row.naics,
            sme=row.sme,
            on_hold=row.on_hold if for_staff else None,
        )


class WhyTheSame(BaseModel):
    """Why two organisations may be one."""

    code: str
    says: Bilingual


class DuplicateOut(BaseModel):
    """Two organisations that may be one; ``first`` would stand for both."""

    first: UUID
    first_name: str
    second: UUID
    second_name: str
    likeness: int
    """0 to 100: of their names; 100 where a number says it."""
    reasons: list[WhyTheSame]


class ImportedRow(BaseModel):
    """A row of the list that is an organisation now, or was one already."""

    row: int
    """As spreadsheets count: the headings are row 1."""
    id: UUID
    business_number_valid: bool
    """False: it is registered under a number that does not check, and flagged."""


class RowProblem(BaseModel):
    """One thing that is wrong with a row."""

    row: int
    column: str
    code: str
    says: Bilingual
    accepted: Any = None


class ImportAnswer(CommandAnswer):
    """What became of every row of a list."""

    registered: list[ImportedRow]
    unchanged: list[ImportedRow]
    refused: list[RowProblem]
