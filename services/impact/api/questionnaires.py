"""Endpoints of questionnaires: publish a version, read one with the schema of its answers."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from services.impact.api.doors import AtTheCounter, ManagerAtTheDesk
from services.impact.domain import questionnaire
from services.impact.domain.answer_schema import answer_schema
from services.impact.domain.question import Bilingual, Choice, Question
from services.impact.domain.visibility import Condition
from services.impact.use_cases import streams
from shared.web.desk import CommandAnswer
from shared.web.schemas import Request

router = APIRouter(prefix="/v1", tags=["questionnaires"])

ProgrammeCode = Annotated[str, Path(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$", max_length=40)]


class BilingualIn(Request):
    """A text in both languages."""

    en: str = Field(max_length=2_000)
    fr: str = Field(max_length=2_000)

    def to_domain(self) -> Bilingual:
        """As the domain speaks of it."""
        return Bilingual(en=self.en, fr=self.fr)


class ChoiceIn(Request):
    """One of the answers that a question of choice takes."""

    code: str = Field(max_length=100)
    titles: BilingualIn


class ConditionIn(Request):
    """When a question is shown, by the answers to questions before it."""

    operator: str = Field(max_length=40, examples=["equals"])
    question: str = Field(default="", max_length=100)
    value: bool | int | Annotated[str, Field(max_length=100)] | None = None
    parts: list["ConditionIn"] = Field(default_factory=list, max_length=20)

    def to_domain(self) -> Condition:
        """As the domain speaks of it."""
        return Condition(
            operator=self.operator,
            question=self.question,
            value=self.value,
            parts=tuple(each.to_domain() for each in self.parts),
        )


class QuestionIn(Request):
    """One thing that is asked."""

    code: str = Field(max_length=100)
    """The indicator's code where it asks about one."""
    kind: str = Field(max_length=40, examples=["indicator"])
    titles: BilingualIn
    help: BilingualIn | None = None
    unit: str = Field(default="", max_length=40)
    required: bool = False
    lowest: int | None = None
    highest: int | None = None
    choices: list[ChoiceIn] = Field(default_factory=list, max_length=50)
    shown_when: ConditionIn | None = None
    surprising_bp: int | None = None
    """An answer that moves by a larger share of last year's needs a reason."""

    def to_domain(self) -> Question:
        """As the domain speaks of it."""
        return Question(
            code=self.code,
            kind=self.kind,
            titles=self.titles.to_domain(),
            help=None if self.help is None else self.help.to_domain(),
            unit=self.unit,
            required=self.required,
            lowest=self.lowest,
            highest=self.highest,
            choices=tuple(
                Choice(code=each.code, titles=each.titles.to_domain()) for each in self.choices
            ),
            shown_when=None if self.shown_when is None else self.shown_when.to_domain(),
            surprising_bp=self.surprising_bp,
        )


class QuestionnaireIn(Request):
    """What the surveys of a programme ask from now on."""

    titles: BilingualIn
    questions: list[QuestionIn] = Field(max_length=200)


class QuestionnaireOut(BaseModel):
    """A version of a questionnaire."""

    programme_code: str
    version: int
    newest: int
    """The newest version; surveys that open ask it."""
    published_on: date
    titles: Bilingual
    questions: tuple[Question, ...]
    answers: dict[str, Any]
    """JSON Schema (2020-12) of the answers, by question."""


@router.post("/questionnaires/{programme}", status_code=201)
def publish(
    programme: ProgrammeCode, sent: QuestionnaireIn, desk: ManagerAtTheDesk
) -> CommandAnswer:
    """Publish the next version. Surveys that are open keep the version they opened with."""
    command = questionnaire.PublishQuestionnaire(
        programme_code=programme,
        titles=sent.titles.to_domain(),
        questions=tuple(each.to_domain() for each in sent.questions),
        by=desk.caller.id,
        on=desk.today,
    )
    desk.created_at(f"/v1/questionnaires/{programme}")
    return desk.carry_out(questionnaire.DECIDER, streams.questionnaire(programme), command)


@router.get("/questionnaires/{programme}")
def read(
    programme: ProgrammeCode,
    reader: AtTheCounter,
    version: Annotated[int | None, Query(ge=1, le=10_000)] = None,
) -> QuestionnaireOut:
    """A version of a programme's questionnaire, the newest where none is named."""
    published, _ = reader.state(questionnaire.DECIDER, streams.questionnaire(programme))
    asked = published.version(version or published.newest)
    return QuestionnaireOut(
        programme_code=programme,
        version=asked.version,
        newest=published.newest,
        published_on=asked.effective_on,
        titles=asked.titles,
        questions=asked.questions,
        answers=answer_schema(asked),
    )
