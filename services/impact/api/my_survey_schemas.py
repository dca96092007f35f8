"""What whoever answers with a personal link is shown."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from pydantic import BaseModel

from services.impact.api.answer_schemas import QueryOut, ValueOut, value_out
from services.impact.api.documents import DocumentOut
from services.impact.domain.indicators import Indicator
from services.impact.domain.question import Question
from services.impact.domain.survey_events import Answer, Reply
from services.impact.domain.survey_state import Status


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
    value: ValueOut


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
    query: QueryOut | None
    """What an officer asks about the answers; null where nothing waits for a reply."""
    documents: list[DocumentOut]
    """What is attached, in that order."""
    version: int


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
        *(MyAnswerOut(code=each.question, value=value_out(each.value)) for each in replies),
    ]
