"""Endpoints of whoever answers: draft, response, receipt, answer to an officer, correction."""

from uuid import UUID

from fastapi import APIRouter

from services.impact.api import answer_schemas as schemas
from services.impact.api.doors import (
    AnyoneAtTheDesk,
    AtTheCounter,
    RecipientAtTheDesk,
    survey_at,
    survey_seen,
)
from services.impact.domain import survey
from services.impact.domain.receipt import receipt_of
from services.impact.domain.survey_commands import (
    AnswerQuery,
    CorrectResponse,
    SaveDraft,
    SubmitResponse,
)
from services.impact.use_cases import streams
from services.impact.use_cases.asking import asked_of
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer

router = APIRouter(prefix="/v1", tags=["surveys"])


@router.put("/surveys/{survey_id}/draft")
def save_draft(survey_id: UUID, draft: schemas.DraftIn, desk: RecipientAtTheDesk) -> CommandAnswer:
    """Keep answers for later. They need not be complete; each must be one that is possible."""
    state = survey_at(desk, survey_id)
    answers, replies = schemas.answers_to_domain(draft.answers)
    command = SaveDraft(
        answers=answers,
        replies=replies,
        organisation_id=desk.caller.organisation_id,
        by=desk.caller.id,
        on=desk.today,
        asked=asked_of(state, desk.store, desk.folds),
    )
    return desk.carry_out(survey.DECIDER, streams.survey(survey_id), command)


@router.post("/surveys/{survey_id}/response", status_code=201)
def respond(
    survey_id: UUID, response: schemas.ResponseIn, desk: RecipientAtTheDesk
) -> CommandAnswer:
    """Answer a survey for your organisation. A late answer is accepted and marked."""
    state = survey_at(desk, survey_id)
    answers, replies = schemas.answers_to_domain(response.answers)
    command = SubmitResponse(
        answers=answers,
        certified=response.certified,
        organisation_id=desk.caller.organisation_id,
        by=desk.caller.id,
        on=desk.today,
        now=desk.now,
        replies=replies,
        surprises=response.surprises_to_domain(),
        asked=asked_of(state, desk.store, desk.folds),
    )
    return desk.carry_out(survey.DECIDER, streams.survey(survey_id), command)


@router.get("/surveys/{survey_id}/receipt")
def read_receipt(survey_id: UUID, reader: AtTheCounter) -> schemas.ReceiptOut:
    """What was submitted and when, with a digest; corrections made later do not change it."""
    state, _ = survey_seen(reader, survey_id)
    if state.response is None:
        raise NotFound(kind="receipt")
    receipt = receipt_of(state.response)
    return schemas.ReceiptOut(
        survey_id=survey_id,
        submitted_on=state.response.effective_on,
        submitted_at=state.response.submitted_at,
        late=state.response.late,
        content=receipt.content,
        sha256=receipt.sha256,
    )


@router.post("/surveys/{survey_id}/query-answer", status_code=201)
def answer_query(
    survey_id: UUID, answer: schemas.QueryAnswerIn, desk: RecipientAtTheDesk
) -> CommandAnswer:
    """Answer an officer's question, correcting what it is about where it was wrong."""
    state = survey_at(desk, survey_id)
    command = AnswerQuery(
        text=answer.text,
        changes=schemas.changes_to_domain(answer.changes),
        organisation_id=desk.caller.organisation_id,
        by=desk.caller.id,
        on=desk.today,
        asked=asked_of(state, desk.store, desk.folds),
    )
    return desk.carry_out(survey.DECIDER, streams.survey(survey_id), command)


@router.post("/surveys/{survey_id}/correction", status_code=201)
def correct(
    survey_id: UUID, correction: schemas.CorrectionIn, desk: AnyoneAtTheDesk
) -> CommandAnswer:
    """Change answers that were submitted. Both values are kept; they are validated again."""
    state = survey_at(desk, survey_id)
    command = CorrectResponse(
        changes=schemas.changes_to_domain(correction.changes),
        reason=correction.reason,
        organisation_id=desk.caller.only_organisation,
        by=desk.caller.id,
        on=desk.today,
        asked=asked_of(state, desk.store, desk.folds),
    )
    return desk.carry_out(survey.DECIDER, streams.survey(survey_id), command)
