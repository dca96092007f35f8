"""What goes in and comes out for whoever answers with a personal link."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.impact.domain.indicators import Indicator
from services.impact.domain.question import Question
from services.impact.domain.survey_events import (
    Answer,
    IpEntry,
    Reply,
    ReplyValue,
    Surprise,
)
from services.impact.domain.survey_state import Status
from shared.web.schemas import Request

Code = Annotated[str, Field(min_length=1, max_length=100, examples=["JOBS-CREATED"])]


class MyAnswerIn(Request):
    """The answer to one indicator, in whole units of it."""

    indicator: Code
    value: int


class MyPropertyIn(Request):
    """A piece of intellectual property."""

    title: str = Field(max_length=200)
    kind: str = Field(max_length=40, examples=["patent"])
    canadian_owned: bool
    reuse_allowed: bool
    reused: bool
    commercialised: bool
    ip_id: UUID | None = None
    owner_organisation_id: UUID | None = None


MyValueIn = (
    bool
    | int
    | Annotated[str, Field(max_length=2_000)]
    | Annotated[list[MyPropertyIn], Field(max_length=100)]
)
MyAnswersIn = (
    Annotated[list[MyAnswerIn], Field(max_length=100)]
    | Annotated[dict[Code, MyValueIn], Field(max_length=100)]
)
"""By question, as the questionnaire has them; or indicators alone, as a list."""


class MySurpriseIn(Request):
    """Why an answer moved so much since last year."""

    reason: str = Field(max_length=40, examples=["new-contract"])
    explanation: str = Field(max_length=2_000)
    """Nothing about persons."""


class MyDraftIn(Request):
    """Answers so far."""

    answers: MyAnswersIn


class MyResponseIn(MyDraftIn):
    """The answers. Leave out what you do not know: it is not counted as zero."""

    certified: bool
    """True: the answers are true to the best of your knowledge."""
    surprises: dict[Code, MySurpriseIn] = Field(default_factory=dict, max_length=100)
    """By question, where an answer moved by more than the questionnaire finds usual."""

    def surprises_to_domain(self) -> dict[str, Surprise]:
        """As the domain speaks of them."""
        return {
            code: Surprise(reason=each.reason, explanation=each.explanation)
            for code, each in self.surprises.items()
        }


class MyNames(BaseModel):
    """A text in both languages."""

    en: str
    fr: str


class MyQuestionOut(BaseModel):
    """One thing that is asked."""

    code: str
    kind: str
    titles: MyNames
    unit: str
    required: bool
    choices: list[str]
    """Codes that a question of choice takes."""


class MyAnswerOut(BaseModel):
    """What was answered to one question."""

    code: str
    value: Any
    """Yes or no, a whole number, a text, or a list of intellectual property."""


class MyReceiptOut(BaseModel):
    """That the survey was answered, and what stands."""

    answered_on: date
    late: bool
    answers: list[MyAnswerOut]


class MySurveyOut(BaseModel):
    """One survey, as whoever answers it sees it."""

    survey_id: UUID
    project_title: str
    programme_code: str
    year: int
    """Years after completion."""
    due_on: date
    state: Status
    questionnaire_version: int
    """0: every indicator may be answered. `GET /v1/questionnaires/…` says the rest."""
    questions: list[MyQuestionOut]
    draft: list[MyAnswerOut] | None
    """What was saved for later; null where nothing was, and once it is submitted."""
    receipt: MyReceiptOut | None
    """Null until it is submitted."""
    version: int


def answers_to_domain(answers: MyAnswersIn) -> tuple[tuple[Answer, ...], tuple[Reply, ...]]:
    """As the domain speaks of them."""
    if isinstance(answers, list):
        return tuple(Answer(indicator=each.indicator, value=each.value) for each in answers), ()
    return (), tuple(Reply(question=code, value=_value(each)) for code, each in answers.items())


def _value(value: MyValueIn) -> ReplyValue:
    if isinstance(value, list):
        return tuple(IpEntry(**each.model_dump()) for each in value)
    return value


def question_out(question: Question, unit: str) -> MyQuestionOut:
    """A question of a questionnaire, as it is shown."""
    return MyQuestionOut(
        code=question.code,
        kind=question.kind,
        titles=MyNames(en=question.titles.en, fr=question.titles.fr),
        unit=unit,
        required=question.required,
        choices=[each.code for each in question.choices],
    )


def indicator_out(indicator: Indicator) -> MyQuestionOut:
    """An indicator of the catalogue, as it is asked where there is no questionnaire."""
    return MyQuestionOut(
        code=indicator.code,
        kind="indicator",
        titles=MyNames(en=indicator.name_en, fr=indicator.name_fr),
        unit=indicator.unit,
        required=False,
        choices=[],
    )


def answers_out(answers: Iterable[Answer], replies: Iterable[Reply]) -> list[MyAnswerOut]:
    """What was answered, as it is shown."""
    return [
        *(MyAnswerOut(code=each.indicator, value=each.value) for each in answers),
        *(MyAnswerOut(code=each.question, value=each.value) for each in replies),
    ]
