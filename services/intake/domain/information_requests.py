"""
Questions to the applicant, each with a date by which to answer.

A request is open until an officer closes it: an answer that nobody has read settles nothing.
A late answer is still wanted; it is accepted and marked.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

from services.intake.domain.application_state import Started, UnderReview, review_of
from services.intake.domain.definition import NotAmongThese, NothingListed, TextMissing
from services.intake.domain.people import must_write
from services.intake.domain.review import InformationRequest
from services.intake.domain.review_commands import (
    CloseInformationRequest,
    MarkInformationOverdue,
    RequestInformation,
    SupplyInformation,
)
from services.intake.domain.review_events import (
    Answer,
    InformationMarkedOverdue,
    InformationRequestClosed,
    InformationRequested,
    InformationSupplied,
    Question,
    ReviewEvent,
)
from services.intake.domain.stages import (
    ReasonMissing,
    may_still_be_reviewed,
    must_be_another,
)
from shared.kernel.refusals import Invalid, NotFound, Reason, Refusal, RuleBroken

FIXED_PARTS = ("consortium", "budget")
"""What a question may be about in every programme, beside its sections."""
LONGEST_WAIT = timedelta(days=366)


class InformationRequestNotValid(Invalid):
    """A request asks something, and leaves time to answer."""

    en = "The request for information cannot be as described."
    fr = "La demande de renseignements ne peut pas être telle que décrite."


class DueDateNotPossible(Invalid):
    """An answer is due after today, and within a year."""

    en = "{due_on} is not between {earliest} and {latest}."
    fr = "{due_on} n’est pas entre {earliest} et {latest}."


class AnswersNotValid(Invalid):
    """Every question of a request is answered."""

    en = "Not every question is answered."
    fr = "Certaines questions restent sans réponse."


class AnswerWithoutQuestion(Invalid):
    """There is one answer per question."""

    en = "There is no question that this answers."
    fr = "Aucune question ne correspond à cette réponse."


class InformationAlreadySupplied(RuleBroken):
    """A request is answered once; whoever needs to know more asks again."""

    en = "This request for information is already answered."
    fr = "Cette demande de renseignements a déjà sa réponse."


class InformationRequestAlreadyClosed(RuleBroken):
    """What is closed stays closed."""

    en = "This request for information is closed."
    fr = "Cette demande de renseignements est close."


def ask(command: RequestInformation, state: Started) -> list[ReviewEvent]:
    """Ask the applicant; raises every problem of the request at once."""
    reviewed = may_still_be_reviewed(state)
    must_be_another(command.by, reviewed)
    if reasons := [problem.as_reason() for problem in _problems(command, reviewed)]:
        raise InformationRequestNotValid(reasons=reasons)
    return [
        InformationRequested(
            effective_on=command.on,
            application_id=reviewed.proposal.application_id,
            request_id=command.request_id,
            questions=command.questions,
            due_on=command.due_on,
            by=command.by,
        )
    ]


def supply(command: SupplyInformation, state: Started) -> list[ReviewEvent]:
    """Answer a request, in time or late."""
    request = _existing(state, command.request_id)
    reviewed = may_still_be_reviewed(state)
    must_write(command.by, reviewed.proposal)
    if request.closed is not None:
        raise InformationRequestAlreadyClosed
    if request.supplied is not None:
        raise InformationAlreadySupplied
    if reasons := _unanswered(request.questions, command.answers):
        raise AnswersNotValid(reasons=reasons)
    return [
        InformationSupplied(
            effective_on=command.on,
            application_id=reviewed.proposal.application_id,
            request_id=command.request_id,
            answers=command.answers,
            late=command.on > request.due_on,
            by=command.by,
        )
    ]


def mark_overdue(command: MarkInformationOverdue, state: Started) -> list[ReviewEvent]:
    """Its date has passed; nothing when it was answered, closed, or is no longer needed."""
    request = review_of(state).request(command.request_id)
    if request is None or request.status != "open" or not isinstance(state, UnderReview):
        return []
    return [
        InformationMarkedOverdue(
            effective_on=command.on,
            application_id=state.proposal.application_id,
            request_id=command.request_id,
            due_on=request.due_on,
        )
    ]


def close(command: CloseInformationRequest, state: Started) -> list[ReviewEvent]:
    """Take note of the answer; without one, say why none is needed."""
    request = _existing(state, command.request_id)
    reviewed = may_still_be_reviewed(state)
    must_be_another(command.by, reviewed)
    if request.closed is not None:
        raise InformationRequestAlreadyClosed
    reason = (command.reason or "").strip() or None
    if request.supplied is None and reason is None:
        raise ReasonMissing(field="reason")
    return [
        InformationRequestClosed(
            effective_on=command.on,
            application_id=reviewed.proposal.application_id,
            request_id=command.request_id,
            reason=reason,
            by=command.by,
        )
    ]


def _existing(state: Started, request_id: UUID) -> InformationRequest:
    request = review_of(state).request(request_id)
    if request is None:
        raise NotFound(kind="information request")
    return request


def _problems(command: RequestInformation, reviewed: UnderReview) -> Iterable[Refusal]:
    if not command.questions:
        yield NothingListed(field="questions")
    sections = [section.code for section in reviewed.sent.definition.sections]
    parts = [*FIXED_PARTS, *sections]
    for index, question in enumerate(command.questions):
        if not question.text.strip():
            yield TextMissing(field=f"questions[{index}].text")
        if question.section is not None and question.section not in parts:
            yield NotAmongThese(
                value=question.section, field=f"questions[{index}].section", accepted=parts
            )
    yield from _due(command.due_on, command.on)


def _due(due_on: date, today: date) -> Iterable[Refusal]:
    earliest, latest = today + timedelta(days=1), today + LONGEST_WAIT
    if not earliest <= due_on <= latest:
        yield DueDateNotPossible(
            due_on=due_on,
            earliest=earliest,
            latest=latest,
            field="due_on",
            accepted={"minimum": earliest.isoformat(), "maximum": latest.isoformat()},
        )


def _unanswered(questions: Sequence[Question], answers: Sequence[Answer]) -> list[Reason]:
    problems: list[Refusal] = [
        TextMissing(field=f"answers[{index}].text")
        for index in range(len(questions))
        if index >= len(answers) or not answers[index].text.strip()
    ]
    problems += [
        AnswerWithoutQuestion(field=f"answers[{index}]", accepted={"maximum": len(questions)})
        for index in range(len(questions), len(answers))
    ]
    return [problem.as_reason() for problem in problems]
