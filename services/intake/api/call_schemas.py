"""Calls, as they are sent and answered."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.intake.api.words import Name, Words
from services.intake.domain.bilingual import Bilingual
from services.intake.domain.call import Call
from shared.kernel.periods import TORONTO
from shared.web.schemas import Request

Text = Annotated[str, Field(min_length=1, max_length=2000)]


class ReasonWords(Request):
    """Why, in both languages, for everyone to read."""

    en: Text
    fr: Text

    def to_domain(self) -> Bilingual:
        """As the domain speaks of it."""
        return Bilingual(en=self.en, fr=self.fr)


class CallIn(Request):
    """A call to publish."""

    programme_code: Name
    title: Words
    opens_at: AwareDatetime
    closes_at: AwareDatetime | None = None
    """null: the call is continuous."""
    instructions: Words | None = None
    """How to apply, for people to read."""


class CallAmendmentIn(Request):
    """All that a call announces, and why it changes."""

    title: Words
    opens_at: AwareDatetime
    """Once the call is open: as it was."""
    closes_at: AwareDatetime | None
    """Once the call is open: as it was; it is extended or closed early instead."""
    instructions: Words | None = None
    reason: ReasonWords


class ExtensionIn(Request):
    """A later closing."""

    closes_at: AwareDatetime
    reason: ReasonWords


class ClosureIn(Request):
    """An earlier closing."""

    closes_at: AwareDatetime | None = None
    """null: at once."""
    reason: ReasonWords


class TorontoTime(BaseModel):
    """An instant as clocks in Toronto show it."""

    on: date
    at: str
    """``17:00:00``."""
    utc_offset: str
    """``-04:00`` in daylight-saving time: it tells the two hours of a night in autumn apart."""

    @classmethod
    def of(cls, instant: datetime) -> Self:
        """The same instant."""
        local = instant.astimezone(TORONTO)
        return cls(on=local.date(), at=local.time().isoformat(), utc_offset=local.isoformat()[-6:])


class CallOut(BaseModel):
    """A published call. What is received before the instant at which it closes counts."""

    id: UUID
    programme_code: str
    programme_version: int
    title: Bilingual
    opens_at: datetime
    closes_at: datetime | None
    instructions: Bilingual | None
    opens_in_toronto: TorontoTime
    closes_in_toronto: TorontoTime | None
    open: bool
    """At the instant of the answer."""

    @classmethod
    def of(cls, call: Call, *, now: datetime) -> Self:
        """As it is announced."""
        return cls(
            id=call.call_id,
            programme_code=call.programme_code,
            programme_version=call.programme_version,
            title=call.title,
            opens_at=call.opens_at,
            closes_at=call.closes_at,
            instructions=call.instructions,
            opens_in_toronto=TorontoTime.of(call.opens_at),
            closes_in_toronto=None if call.closes_at is None else TorontoTime.of(call.closes_at),
            open=call.is_open_at(now),
        )

    @classmethod
    def of_row(cls, row: Any, *, now: datetime) -> Self:
        """As the view has it."""
        return cls.of(
            Call(
                call_id=row.call_id,
                programme_code=row.programme_code,
                programme_version=row.programme_version,
                title=Bilingual(en=row.title_en, fr=row.title_fr),
                opens_at=row.opens_at,
                closes_at=row.closes_at,
                instructions=both(row.instructions_en, row.instructions_fr),
            ),
            now=now,
        )


class QuestionIn(Request):
    """A question about a call, in one's own words, without names."""

    text: Text


class AnswerIn(Request):
    """An answer for everyone."""

    question: Words | None = None
    """The question in both languages; null: it is published as it was asked."""
    answer: Words


class QuestionOut(BaseModel):
    """A question about a call. Who asked it is for those who answer."""

    id: UUID
    text: str | None
    """As it was asked; null where an officer put it otherwise, but for those who asked."""
    asked_on: date
    question: Bilingual | None
    """As the officer put it in both languages."""
    answer: Bilingual | None
    answered_on: date | None
    organisation_id: UUID | None
    """Who asked: for officers and for those who asked; null for everyone else."""


def both(en: str | None, fr: str | None) -> Bilingual | None:
    """A text that a row has in both languages, or in none."""
    return None if en is None or fr is None else Bilingual(en=en, fr=fr)
