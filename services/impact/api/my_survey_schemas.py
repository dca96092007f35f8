"""What whoever answers with a personal link is shown."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.impact.api.answer_schemas import QueryOut, ValueOut, value_out
from services.impact.api.documents import DocumentOut
from services.impact.domain.answer_checks import bounds
from services.impact.domain.indicators import BY_CODE, Indicator
from services.impact.domain.question import INDICATOR, NUMBER, Bilingual, Question
from services.impact.domain.questionnaire_checks import LARGEST_ANSWER
from services.impact.domain.survey_events import Answer, Reply, ReplyValue
from services.impact.domain.survey_state import Status
from services.impact.domain.visibility import Condition, Visibility, visibilities


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
    choice_titles: dict[str, MyNames]
    """By code."""
    help: MyNames | None
    lowest: int | None
    """Null where it takes no number."""
    highest: int | None
    shown_when: Condition | None
    """Null: always."""
    visibility: Visibility
    """Given what was answered so far, in the draft until the survey is submitted."""
    surprising_bp: int | None
    """An answer that moves by a larger share of last year's needs a reason; null: none does."""


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
    """0: every indicator may be answered."""
    questions: list[MyQuestionOut]
    answers_schema: dict[str, Any] | None
    """JSON Schema (2020-12) of the answers, by question, with the routing; null for version 0."""
    last_year: list[MyAnswerOut]
    """What stands in the survey of the year before; none where it was not answered."""
    draft: list[MyAnswerOut] | None
    """What was saved for later; null where nothing was, and once it is submitted."""
    receipt: MyReceiptOut | None
    """Null until it is submitted."""
    query: QueryOut | None
    """What an officer asks about the answers; null where nothing waits for a reply."""
    documents: list[DocumentOut]
    """What is attached, in that order."""
    version: int


def questions_out(
    questions: Sequence[Question], answers: Mapping[str, ReplyValue]
) -> list[MyQuestionOut]:
    """The questions of a questionnaire, as they are shown to who has answered so far."""
    visible = visibilities(questions, answers)
    return [_question_out(each, visible[each.code]) for each in questions]


def _question_out(question: Question, visibility: Visibility) -> MyQuestionOut:
    indicator = BY_CODE.get(question.code)
    numbers = question.kind in {INDICATOR, NUMBER}
    lowest, highest = bounds(question) if numbers else (None, None)
    return MyQuestionOut(
        code=question.code,
        kind=question.kind,
        titles=_names(question.titles),
        unit=question.unit if indicator is None else indicator.unit,
        required=question.required,
        choices=[each.code for each in question.choices],
        choice_titles={each.code: _names(each.titles) for each in question.choices},
        help=question.help and _names(question.help),
        lowest=lowest,
        highest=highest,
        shown_when=question.shown_when,
        visibility=visibility,
        surprising_bp=question.surprising_bp,
    )


def _names(text: Bilingual) -> MyNames:
    return MyNames(en=text.en, fr=text.fr)


def indicator_out(indicator: Indicator) -> MyQuestionOut:
    """An indicator of the catalogue, as it is asked where there is no questionnaire."""
    return MyQuestionOut(
        code=indicator.code,
        kind="indicator",
        titles=MyNames(en=indicator.name_en, fr=indicator.name_fr),
        unit=indicator.unit,
        required=False,
        choices=[],
        choice_titles={},
        help=MyNames(en=indicator.definition_en, fr=indicator.definition_fr),
        lowest=-LARGEST_ANSWER if indicator.may_be_negative else 0,
        highest=LARGEST_ANSWER,
        shown_when=None,
        visibility=Visibility.VISIBLE,
        surprising_bp=None,
    )


def answers_out(answers: Iterable[Answer], replies: Iterable[Reply]) -> list[MyAnswerOut]:
    """What was answered, as it is shown."""
    return [
        *(MyAnswerOut(code=each.indicator, value=each.value) for each in answers),
        *(MyAnswerOut(code=each.question, value=value_out(each.value)) for each in replies),
    ]
