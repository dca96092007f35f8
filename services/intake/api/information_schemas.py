"""Requests for information: what is asked, what is answered, and how both are shown."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.intake.api.review_schemas import Sha256, Text
from services.intake.api.words import Name
from services.intake.domain.review import InformationRequest
from services.intake.domain.review_events import Answer, Question
from shared.web.schemas import Request

MOST_QUESTIONS = 50


class QuestionIn(Request):
    """One thing to ask."""

    text: Text
    section: Name | None = None
    """The code of a section, ``consortium`` or ``budget``; null: about the whole."""


class InformationRequestIn(Request):
    """What to ask the applicant."""

    questions: Annotated[list[QuestionIn], Field(max_length=MOST_QUESTIONS)]
    due_on: date
    """The last day on which the answer is in time."""

    def to_domain(self) -> tuple[Question, ...]:
        """As the domain speaks of it."""
        return tuple(Question(text=each.text, section=each.section) for each in self.questions)


class AnswerIn(Request):
    """The answer to one question."""

    text: Text
    document_sha256: Sha256 | None = None
    """A document of the application that shows it."""


class AnswersIn(Request):
    """One answer per question, in their order."""

    answers: Annotated[list[AnswerIn], Field(max_length=MOST_QUESTIONS)]

    def to_domain(self) -> tuple[Answer, ...]:
        """As the domain speaks of it."""
        return tuple(
            Answer(text=each.text, document_sha256=each.document_sha256) for each in self.answers
        )


class ClosingIn(Request):
    """Why no answer is needed any more."""

    reason: Text | None = None
    """Needed where there is no answer."""


class QuestionOut(BaseModel):
    """A question, and its answer once it is there."""

    text: str
    section: str | None
    answer: str | None
    document_sha256: str | None


class InformationRequestOut(BaseModel):
    """A request for information, and how far it has come."""

    id: UUID
    status: str
    """``open``, ``overdue``, ``answered`` or ``closed``."""
    questions: list[QuestionOut]
    asked_on: date
    due_on: date
    answered_on: date | None
    late: bool
    """Answered after it was due."""
    closed_on: date | None
    closed_because: str | None

    @classmethod
    def of(cls, request: InformationRequest) -> "InformationRequestOut":
        """What applicants and staff alike may see."""
        answers = request.answers or (None,) * len(request.questions)
        supplied, closed = request.supplied, request.closed
        return cls(
            id=request.request_id,
            status=request.status,
            questions=[
                QuestionOut(
                    text=question.text,
                    section=question.section,
                    answer=answer.text if answer else None,
                    document_sha256=answer.document_sha256 if answer else None,
                )
                for question, answer in zip(request.questions, answers, strict=True)
            ],
            asked_on=request.asked_on,
            due_on=request.due_on,
            answered_on=supplied.effective_on if supplied else None,
            late=supplied.late if supplied else False,
            closed_on=closed.effective_on if closed else None,
            closed_because=closed.reason if closed else None,
        )


class InformationRequestsOut(BaseModel):
    """All that was asked about an application, oldest first."""

    items: list[InformationRequestOut]
