"""Organisations, as they are sent and answered."""

from uuid import UUID

from pydantic import BaseModel

from services.intake.api.words import Name
from services.intake.domain.organisation import Profile, without_separators
from shared.web.schemas import Request


class OrganisationIn(Request):
    """An organisation to register."""

    business_number: Name
    neq: Name | None = None
    legal_name: Name
    kind: Name
    province: Name
    employees: int
    for_profit: bool
    incorporated_in_canada: bool

    def to_domain(self) -> Profile:
        """As the domain speaks of it; numbers may be written with spaces or hyphens."""
        return Profile(
            business_number=without_separators(self.business_number),
            neq=None if self.neq is None else without_separators(self.neq),
            legal_name=self.legal_name.strip(),
            kind=self.kind,
            province=self.province,
            employees=self.employees,
            for_profit=self.for_profit,
            incorporated_in_canada=self.incorporated_in_canada,
        )


class OrganisationOut(BaseModel):
    """A registered organisation."""

    id: UUID
    business_number: str
    neq: str | None
    legal_name: str
    kind: str
    province: str
    employees: int
    for_profit: bool
    incorporated_in_canada: bool
    sme: bool
