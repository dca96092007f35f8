"""Questions about a call, and their answers, for everyone."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from services.intake.api.call_schemas import AnswerIn, QuestionIn, QuestionOut, both
from services.intake.api.doors import AnybodysCounter, ApplicantsDesk, OfficersDesk
from services.intake.domain import call as calls
from services.intake.domain import question as questions
from services.intake.projections import calls as views
from services.intake.use_cases import known, streams
from shared.eventstore.store import EventStore
from shared.kernel.refusals import NotFound
from shared.web.auth import Caller
from shared.web.desk import CommandAnswer, Desk
from shared.web.paging import AskedPage, Page

router = APIRouter(prefix="/v1", tags=["calls"])

ANSWERING = frozenset({"intake-officer", "programme-manager", "auditor"})
"""Roles that see what is not answered yet, and who asks."""


@router.post("/calls/{call_id}/questions", status_code=201)
def ask(call_id: UUID, body: QuestionIn, desk: ApplicantsDesk) -> CommandAnswer:
    """Ask about a call until it closes; the answer will be everyone's, who asked will not."""
    question_id = desk.new_id("question")
    desk.created_at(f"/v1/calls/{call_id}/questions")
    command = questions.AskQuestion(
        question_id=question_id,
        call=_call(desk, call_id),
        organisation_id=_asker(desk.caller),
        text=body.text,
        now=desk.now,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(questions.DECIDER, streams.question(question_id), command)


@router.post("/calls/{call_id}/questions/{question_id}/answer")
def answer(call_id: UUID, question_id: UUID, body: AnswerIn, desk: OfficersDesk) -> CommandAnswer:
    """Answer to everyone, in both languages; again, to correct the answer."""
    command = questions.AnswerQuestion(
        call_id=call_id,
        restated=None if body.question is None else body.question.to_domain(),
        answer=body.answer.to_domain(),
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(questions.DECIDER, streams.question(question_id), command)


@router.get("/calls/{call_id}/questions")
def list_questions(
    call_id: UUID,
    reader: AnybodysCounter,
    paging: AskedPage,
    answered: Annotated[bool | None, Query()] = None,
) -> Page[QuestionOut]:
    """
    The questions about a call, in the order in which they were asked.

    Everyone sees those that are answered, and what their own organisation asked; officers and
    programme managers see all of them.
    """
    reader.state(calls.DECIDER, streams.call(call_id))
    own, may_answer = _own(reader.caller, reader.store), _answers(reader.caller)
    after = paging.after(int)
    with reader.view(views.PROJECTION) as connection:
        rows = views.questions(
            connection,
            call_id=call_id,
            seen_by=None if may_answer else own,
            answered=answered,
            after=after[0] if after else None,
            fetch=paging.fetch,
        )

    def shown(row: Any) -> QuestionOut:
        whole = may_answer or row.organisation_id in own
        return QuestionOut(
            id=row.question_id,
            # The asker's own words may say who asks: where they were put otherwise, those are told.
            text=row.text if whole or row.question_en is None else None,
            asked_on=row.asked_on,
            question=both(row.question_en, row.question_fr),
            answer=both(row.answer_en, row.answer_fr),
            answered_on=row.answered_on,
            organisation_id=row.organisation_id if whole else None,
        )

    return paging.page(rows, key=lambda row: (row.number,), item=shown)


def _call(desk: Desk, call_id: UUID) -> calls.Call:
    desk.state(calls.DECIDER, streams.call(call_id))
    return known.call_of(desk.store, call_id)


def _asker(caller: Caller) -> UUID:
    if caller.organisation_id is None:
        raise NotFound(kind="organisation")
    return caller.organisation_id


def _answers(caller: Caller) -> bool:
    return not ANSWERING.isdisjoint(caller.acting_as)


def _own(caller: Caller, store: EventStore) -> frozenset[UUID]:
    if caller.organisation_id is None:
        return frozenset()
    return known.ids_of(store, caller.organisation_id)
