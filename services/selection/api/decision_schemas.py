"""What a decision says beside its outcome: a secret count, and conditions."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.selection.domain.ballots import SecretCount
from services.selection.domain.granting import AskedCondition
from shared.web.schemas import Request

Voter = Annotated[str, Field(min_length=1, max_length=200)]


class SecretCountIn(Request):
    """What came out of the ballot box."""

    voted: tuple[Voter, ...] = Field(max_length=100)
    votes_for: int = Field(ge=0, le=100)
    votes_against: int = Field(ge=0, le=100)
    abstained: int = Field(default=0, ge=0, le=100)
    casting_for: bool | None = None
    """On a tie, how the chair breaks it: true is for funding."""

    def to_domain(self) -> SecretCount:
        """As the domain speaks of it."""
        return SecretCount(
            voted=self.voted,
            votes_for=self.votes_for,
            votes_against=self.votes_against,
            abstained=self.abstained,
            casting_for=self.casting_for,
        )


class SecretCountOut(BaseModel):
    """What came out of the ballot box."""

    voted: tuple[str, ...]
    votes_for: int
    votes_against: int
    abstained: int
    casting_for: bool | None


class BilingualIn(Request):
    """A text in both languages."""

    en: str = Field(max_length=2_000)
    fr: str = Field(max_length=2_000)


class ConditionIn(Request):
    """What must be met for the award to stand."""

    text: BilingualIn
    due_on: date
    """The last day on which it can be met."""
    confirmed_by: str = Field(min_length=1, max_length=100)
    """The role of whoever says that it is met."""

    def to_domain(self) -> AskedCondition:
        """As the domain speaks of it."""
        return AskedCondition(
            text_en=self.text.en,
            text_fr=self.text.fr,
            due_on=self.due_on,
            confirmed_by=self.confirmed_by,
        )


class ConfirmConditionIn(Request):
    """A condition is met."""

    met_on: date


class ReconsiderIn(Request):
    """Why a committee decides again."""

    reason: str = Field(min_length=1, max_length=2_000)


class WithdrawAwardIn(Request):
    """Nothing more to say."""


class RankIn(Request):
    """Another place on the waiting list of the programme."""

    rank: int = Field(ge=1, le=10_000)
    """1 is first."""
    reason: str = Field(min_length=1, max_length=2_000)


class BilingualOut(BaseModel):
    """A text in both languages."""

    en: str
    fr: str


class ConditionOut(BaseModel):
    """A condition of an award, and whether it is met."""

    condition_id: UUID
    text: BilingualOut
    due_on: date
    confirmed_by: str
    met_on: date | None
    met_by: str | None
    """The person who said so, opaque."""
