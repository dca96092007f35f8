"""What is said of people who are asked, coming in and going out."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.impact.gateways.contacts import Person, person
from shared.web.schemas import Request


class PersonIn(Request):
    """Somebody to write to."""

    name: str = Field(min_length=1, max_length=200, examples=["Ada Lovelace"])
    """At most 100 characters."""
    email: str = Field(min_length=3, max_length=320, examples=["ada@example.org"])
    language: Literal["en", "fr"]

    def to_person(self) -> Person:
        """As it is kept. Raises ``PersonNotInOrder``."""
        return person(name=self.name, email=self.email, language=self.language)


class ContactIn(PersonIn):
    """Who is asked for an organisation; without project and participant, about everything."""

    project_id: UUID | None = None
    participant_id: UUID | None = None


class ContactOut(BaseModel):
    """Who is asked for an organisation."""

    contact_id: UUID
    organisation_id: UUID
    project_id: UUID | None
    participant_id: UUID | None
    survey_id: UUID | None
    """Where the survey was handed over to them."""
    name: str
    email: str
    language: Literal["en", "fr"]
    is_reachable: bool | None
    """False: mail comes back, and nothing more is sent. Told to staff alone."""


class LinkRequest(Request):
    """Nothing needs to be said: the contact of the survey is sent a link."""


class LinkOut(BaseModel):
    """A personal link; its token is sent to the contact alone."""

    link_id: UUID
    contact_id: UUID
    issued_on: date
    expires_on: date
    revoked_on: date | None
    revoked_because: str | None
