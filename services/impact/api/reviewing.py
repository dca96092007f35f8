"""Endpoints of officers: ask about answers, take them, excuse from giving them."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter

from services.impact.api import answer_schemas as schemas
from services.impact.api.doors import OfficerAtTheDesk, survey_at
from services.impact.domain import survey
from services.impact.domain.survey_commands import (
    ExcuseSurvey,
    QueryResponse,
    ValidateResponse,
)
from services.impact.use_cases import querying, streams, validating
from services.impact.use_cases.asking import asked_of
from shared.eventstore.together import carry_out_together
from shared.web.desk import CommandAnswer

router = APIRouter(prefix="/v1", tags=["surveys"])


@router.post("/surveys/{survey_id}/query", status_code=201)
def query(survey_id: UUID, query: schemas.QueryIn, desk: OfficerAtTheDesk) -> CommandAnswer:
    """
    Ask the participant about its answers; one question at a time.

    Its contact is told with the next message. A link that was used still opens the survey until
    its last day; the message brings another where that day is near or past.
    """
    state = survey_at(desk, survey_id)
    command = QueryResponse(
        codes=tuple(query.codes),
        text=query.text,
        by=desk.caller.id,
        on=desk.today,
        asked=asked_of(state, desk.store, desk.folds),
    )
    outcome = carry_out_together(
        desk.store,
        desk.context,
        partial(querying.query, survey_id, command),
        about=streams.survey(survey_id),
        request_hash=desk.request_hash,
        expected_version=desk.expected_version,
        folds=desk.folds,
    )
    return desk.answer(outcome)


@router.post("/surveys/{survey_id}/validation", status_code=201)
def validate(survey_id: UUID, desk: OfficerAtTheDesk) -> CommandAnswer:
    """
    Take the answers as they stand. Whoever submitted or corrected them does not.

    What they tell of intellectual property is in the register from then on.
    """
    survey_at(desk, survey_id)
    command = ValidateResponse(by=desk.caller.id, on=desk.today)
    outcome = carry_out_together(
        desk.store,
        desk.context,
        partial(validating.validate, survey_id, command),
        about=streams.survey(survey_id),
        request_hash=desk.request_hash,
        expected_version=desk.expected_version,
        folds=desk.folds,
    )
    return desk.answer(outcome)


@router.post("/surveys/{survey_id}/excuse", status_code=201)
def excuse(survey_id: UUID, excuse: schemas.ExcuseIn, desk: OfficerAtTheDesk) -> CommandAnswer:
    """Nobody needs to answer it. One that was answered is not excused."""
    survey_at(desk, survey_id)
    command = ExcuseSurvey(reason=excuse.reason, by=desk.caller.id, on=desk.today)
    return desk.carry_out(survey.DECIDER, streams.survey(survey_id), command)
