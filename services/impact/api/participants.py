"""Endpoints for participants that merge, are sold, close or leave."""

from uuid import UUID

from fastapi import APIRouter

from services.impact.api import answer_schemas as schemas
from services.impact.api.doors import OfficerAtTheDesk
from services.impact.domain import follow_up
from services.impact.use_cases import streams
from services.impact.use_cases.participants import change_participant
from shared.eventstore.together import carry_out_together
from shared.web.desk import CommandAnswer, Desk

router = APIRouter(prefix="/v1/follow-ups/{project_id}/participants", tags=["follow-ups"])


@router.post("/{participant_id}/replacement", status_code=201)
def replace(
    project_id: UUID,
    participant_id: UUID,
    replacement: schemas.ReplacementIn,
    desk: OfficerAtTheDesk,
) -> CommandAnswer:
    """Another organisation takes its place: it answers what was not answered yet."""
    command = follow_up.ReplaceParticipant(
        participant_id=participant_id,
        organisation_id=replacement.organisation_id,
        reason=replacement.reason,
        by=desk.caller.id,
        on=desk.today,
    )
    return _carry_out(desk, project_id, command)


@router.post("/{participant_id}/excuse", status_code=201)
def excuse(
    project_id: UUID, participant_id: UUID, excuse: schemas.ExcuseIn, desk: OfficerAtTheDesk
) -> CommandAnswer:
    """Nobody answers for it any more; what was answered stays."""
    command = follow_up.ExcuseParticipant(
        participant_id=participant_id, reason=excuse.reason, by=desk.caller.id, on=desk.today
    )
    return _carry_out(desk, project_id, command)


def _carry_out(
    desk: Desk,
    project_id: UUID,
    command: follow_up.ReplaceParticipant | follow_up.ExcuseParticipant,
) -> CommandAnswer:
    return desk.answer(
        carry_out_together(
            desk.store,
            desk.context,
            lambda loaded: change_participant(loaded, project_id, command),
            about=streams.follow_up(project_id),
            request_hash=desk.request_hash,
            expected_version=desk.expected_version,
            folds=desk.folds,
        )
    )
