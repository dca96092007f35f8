"""Answers as they go in and come out over HTTP."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.impact.domain.survey_events import (
    Answer,
    Correction,
    IpEntry,
    Reply,
    ReplyValue,
    Surprise,
)
from shared.web.schemas import Request

Code = Annotated[str, Field(min_length=1, max_length=100, examples=["JOBS-CREATED"])]


class AnswerIn(Request):
    """The answer to one indicator, in whole units of it."""

    indicator: Code
    value: int

    def to_domain(self) -> Answer:
        """As the domain speaks of it."""
        return Answer(indicator=self.indicator, value=self.value)


class IpEntryIn(Request):
    """A piece of intellectual property."""

    title: str = Field(max_length=200)
    kind: str = Field(max_length=40, examples=["patent"])
    canadian_owned: bool
    reuse_allowed: bool
    """Others may use it outside the project."""
    reused: bool
    """Others do."""
    commercialised: bool
    ip_id: UUID | None = None
    """The piece of the register that it is about; leave out for a new one."""
    owner_organisation_id: UUID | None = None
    """Leave out for your own organisation."""

    def to_domain(self) -> IpEntry:
        """As the domain speaks of it."""
        return IpEntry(**self.model_dump())


ValueIn = (
    bool
    | int
    | Annotated[str, Field(max_length=2_000)]
    | Annotated[list[IpEntryIn], Field(max_length=100)]
)
AnswersIn = (
    Annotated[list[AnswerIn], Field(max_length=100)]
    | Annotated[dict[Code, ValueIn], Field(max_length=100)]
)
"""By question, as the questionnaire's schema has them; or indicators alone, as a list."""


class SurpriseIn(Request):
    """Why an answer moved so much since last year."""

    reason: str = Field(max_length=40, examples=["new-contract"])
    explanation: str = Field(max_length=2_000)
    """Nothing about persons."""


class DraftIn(Request):
    """Answers so far."""

    answers: AnswersIn


class ResponseIn(Request):
    """A participant's answers. Leave out what you do not know: it is not counted as zero."""

    answers: AnswersIn
    certified: bool
    """True: the answers are true to the best of your knowledge."""
    surprises: dict[Code, SurpriseIn] = Field(default_factory=dict, max_length=100)
    """By question, where an answer moved by more than the questionnaire finds usual."""

    def surprises_to_domain(self) -> dict[str, Surprise]:
        """As the domain speaks of them."""
        return {
            code: Surprise(reason=each.reason, explanation=each.explanation)
            for code, each in self.surprises.items()
        }


class QueryIn(Request):
    """What an officer asks about the answers."""

    codes: list[Code] = Field(default_factory=list, max_length=100)
    """Questions that it is about; none: the answers as a whole."""
    text: str = Field(max_length=2_000)


ChangesIn = Annotated[dict[Code, ValueIn | None], Field(max_length=100)]
"""Answers as they should be, by question; null: no answer any more."""


class QueryAnswerIn(Request):
    """The answer to an officer, with corrections where the answers were wrong."""

    text: str = Field(max_length=2_000)
    changes: ChangesIn = Field(default_factory=dict)


class CorrectionIn(Request):
    """Answers to change, and why."""

    changes: ChangesIn
    reason: str = Field(max_length=40, examples=["new-information"])


class ExcuseIn(Request):
    """Why nobody needs to answer."""

    reason: str = Field(max_length=40, examples=["closed"])


class ReplacementIn(Request):
    """Which organisation takes the participant's place, and why."""

    organisation_id: UUID
    reason: str = Field(max_length=40, examples=["merged"])


class IpEntryOut(BaseModel):
    """A piece of intellectual property, as it was told."""

    title: str
    kind: str
    canadian_owned: bool
    reuse_allowed: bool
    reused: bool
    commercialised: bool
    ip_id: UUID | None
    owner_organisation_id: UUID | None


ValueOut = bool | int | str | list[IpEntryOut]


class ReplyOut(BaseModel):
    """The answer to a question that is not about an indicator."""

    question: str
    value: ValueOut


class CorrectionOut(BaseModel):
    """An answer that was changed: what it said and what it says now."""

    corrected_on: date
    reason: str
    code: str
    old: ValueOut | None
    new: ValueOut | None


class QueryOut(BaseModel):
    """What an officer asks."""

    queried_on: date
    codes: list[str]
    text: str


class ExpectationOut(BaseModel):
    """What the application expected of one indicator."""

    indicator: str
    baseline: int | None
    expected: int


class LastYearOut(BaseModel):
    """What was answered in the survey of the year before."""

    indicator: str
    value: int


class ReceiptOut(BaseModel):
    """What was submitted, and when."""

    survey_id: UUID
    submitted_on: date
    submitted_at: datetime | None
    late: bool
    content: str
    """What was submitted, as JSON text."""
    sha256: str
    """Of the content's UTF-8 bytes."""


def answers_to_domain(answers: AnswersIn) -> tuple[tuple[Answer, ...], tuple[Reply, ...]]:
    """As the domain speaks of them."""
    if isinstance(answers, list):
        return tuple(each.to_domain() for each in answers), ()
    return (), tuple(
        Reply(question=code, value=value_to_domain(value)) for code, value in answers.items()
    )


def changes_to_domain(changes: Mapping[str, ValueIn | None]) -> dict[str, ReplyValue | None]:
    """As the domain speaks of them."""
    return {
        code: None if value is None else value_to_domain(value) for code, value in changes.items()
    }


def value_to_domain(value: ValueIn) -> ReplyValue:
    """As the domain speaks of it."""
    if isinstance(value, list):
        return tuple(each.to_domain() for each in value)
    return value


def value_out(value: ReplyValue) -> ValueOut:
    """As it is shown."""
    if isinstance(value, tuple):
        return [IpEntryOut.model_validate(each, from_attributes=True) for each in value]
    return value


def corrections_out(
    corrections: tuple[Correction, ...], on: date, reason: str
) -> list[CorrectionOut]:
    """As they are shown."""
    return [
        CorrectionOut(
            corrected_on=on,
            reason=reason,
            code=each.code,
            old=None if each.old is None else value_out(each.old),
            new=None if each.new is None else value_out(each.new),
        )
        for each in corrections
    ]
