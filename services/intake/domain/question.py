"""
A question about a call, and its answer.

An applicant asks in their own words; an officer answers in both languages, and may put the question
in both as well. Answers are for everyone; who asked is not told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from services.intake.domain.bilingual import Bilingual
from services.intake.domain.call import Call
from services.intake.domain.call_changes import InOneLanguageOnly
from shared.kernel.decider import Decider
from shared.kernel.refusals import Invalid, NotFound, RuleBroken

# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class AskQuestion:
    """Ask about a call that has not closed. ``organisation_id`` is the asker's."""

    question_id: UUID
    call: Call
    organisation_id: UUID
    text: str
    now: datetime
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerQuestion:
    """Answer it to everyone; again, to correct the answer."""

    call_id: UUID
    restated: Bilingual | None
    """The question in both languages; None: it is published as it was asked."""
    answer: Bilingual
    on: date
    by: str


Command: TypeAlias = AskQuestion | AnswerQuestion


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAsked:
    """Someone wants to know something about a call."""

    effective_on: date
    question_id: UUID
    call_id: UUID
    organisation_id: UUID
    text: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswered:
    """Everyone may read the answer."""

    effective_on: date
    question_id: UUID
    call_id: UUID
    restated: Bilingual | None
    answer: Bilingual
    by: str


Event: TypeAlias = QuestionAsked | QuestionAnswered


# State


@dataclass(frozen=True, slots=True, kw_only=True)
class Unasked:
    """Nobody has asked it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question; without an answer until an officer gives one."""

    question_id: UUID
    call_id: UUID
    restated: Bilingual | None = None
    answer: Bilingual | None = None


State: TypeAlias = Unasked | Question


# Refusals


class QuestionEmpty(Invalid):
    """A question says something."""

    en = "The question is missing."
    fr = "La question est absente."


class QuestionTooLate(RuleBroken):
    """Questions are asked while their answers still help somebody to apply."""

    en = "The call closed on {closes_at}; questions about it are no longer taken."
    fr = "L’appel a pris fin le {closes_at}; les questions à son sujet ne sont plus reçues."


def decide(command: Command, state: State) -> Sequence[Event]:
    """Ask once; answer, and correct the answer."""
    match command:
        case AskQuestion():
            return _ask(command)
        case AnswerQuestion():
            if isinstance(state, Unasked) or state.call_id != command.call_id:
                raise NotFound(kind="question")
            return _answer(command, state)
        case unreachable:
            assert_never(unreachable)


def _ask(command: AskQuestion) -> list[Event]:
    if not command.text.strip():
        raise QuestionEmpty(field="text")
    if command.call.has_closed_by(command.now):
        raise QuestionTooLate(closes_at=command.call.closes_at)
    return [
        QuestionAsked(
            effective_on=command.on,
            question_id=command.question_id,
            call_id=command.call.call_id,
            organisation_id=command.organisation_id,
            text=command.text,
            by=command.by,
        )
    ]


def _answer(command: AnswerQuestion, state: Question) -> list[Event]:
    for field, text in (("question", command.restated), ("answer", command.answer)):
        if text is not None and not text.is_complete:
            raise InOneLanguageOnly(field=field, accepted=["en", "fr"])
    if (state.restated, state.answer) == (command.restated, command.answer):
        return []
    return [
        QuestionAnswered(
            effective_on=command.on,
            question_id=state.question_id,
            call_id=state.call_id,
            restated=command.restated,
            answer=command.answer,
            by=command.by,
        )
    ]


def evolve(state: State, event: Event) -> State:
    """What is known of a question after it was asked or answered."""
    match event:
        case QuestionAsked():
            return Question(question_id=event.question_id, call_id=event.call_id)
        case QuestionAnswered():
            if isinstance(state, Unasked):
                raise TypeError(f"{event} happened to a question that nobody asked")
            return replace(state, restated=event.restated, answer=event.answer)
        case unreachable:
            assert_never(unreachable)


DECIDER: Decider[Command, State, Event] = Decider(initial=Unasked(), decide=decide, evolve=evolve)
