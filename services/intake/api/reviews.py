"""What officers do with an application: eligibility, assessment, forwarding."""

from uuid import UUID

from fastapi import APIRouter

from services.intake.api.doors import OfficersDesk
from services.intake.api.review_schemas import AssessmentIn, EligibilityIn, ForwardingIn
from services.intake.domain import application_commands as commands
from services.intake.domain.application import DECIDER
from services.intake.use_cases import streams
from shared.web.desk import CommandAnswer

router = APIRouter(prefix="/v1", tags=["review"])


@router.post("/applications/{application_id}/eligibility")
def decide_eligibility(
    application_id: UUID, body: EligibilityIn, desk: OfficersDesk
) -> CommandAnswer:
    """Find it eligible, or not and say why."""
    command = commands.DecideEligibility(
        confirmed=body.confirmed,
        reasons=tuple(body.reasons),
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/applications/{application_id}/assessment")
def assess(application_id: UUID, body: AssessmentIn, desk: OfficersDesk) -> CommandAnswer:
    """Fill in the grid of its programme; again, to correct it, until it is forwarded."""
    command = commands.AssessApplication(
        scores=tuple((line.criterion, line.score) for line in body.scores),
        summary=body.summary,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/applications/{application_id}/forwarding")
def forward(application_id: UUID, body: ForwardingIn, desk: OfficersDesk) -> CommandAnswer:
    """Put it before the committee, with what is asked of each pocket."""
    command = commands.ForwardApplication(
        funding=body.to_domain(application_id), on=desk.today, by=desk.caller.id
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)
