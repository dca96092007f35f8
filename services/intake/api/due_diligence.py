"""Due diligence: what officers find, theme by theme, and what they conclude."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from services.intake.api.doors import OfficersDesk
from services.intake.api.due_diligence_schemas import (
    ConclusionIn,
    CorrectionIn,
    FindingIn,
    ResolutionIn,
    WhyIn,
)
from services.intake.domain import review_commands as commands
from services.intake.domain.application import DECIDER
from services.intake.use_cases import streams
from shared.web.desk import CommandAnswer

router = APIRouter(prefix="/v1/applications/{application_id}", tags=["due diligence"])

Theme = Annotated[str, Path(max_length=200)]


@router.post("/due-diligence")
def open_due_diligence(application_id: UUID, desk: OfficersDesk) -> CommandAnswer:
    """Begin to look into the themes that the programme lists."""
    command = commands.OpenDueDiligence(on=desk.today, by=desk.caller.id)
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/findings", status_code=201)
def record_finding(application_id: UUID, body: FindingIn, desk: OfficersDesk) -> CommandAnswer:
    """Write down what was found; a blocking finding stops the assessment until it is settled."""
    finding_id = desk.new_id("finding")
    desk.created_at(f"/v1/applications/{application_id}/review")
    command = commands.RecordFinding(
        finding_id=finding_id,
        theme=body.theme,
        severity=body.severity,
        text=body.text,
        document_sha256=body.document_sha256,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/findings/{finding_id}/correction")
def correct_finding(
    application_id: UUID, finding_id: UUID, body: CorrectionIn, desk: OfficersDesk
) -> CommandAnswer:
    """Say a finding otherwise; what it said before is kept beside it."""
    command = commands.CorrectFinding(
        finding_id=finding_id,
        severity=body.severity,
        text=body.text,
        document_sha256=body.document_sha256,
        reason=body.reason,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/findings/{finding_id}/resolution")
def resolve_finding(
    application_id: UUID, finding_id: UUID, body: ResolutionIn, desk: OfficersDesk
) -> CommandAnswer:
    """Say how a finding was settled; a blocking one by another person than who wrote it."""
    command = commands.ResolveFinding(
        finding_id=finding_id, resolution=body.resolution, on=desk.today, by=desk.caller.id
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/themes/{theme}/conclusion")
def conclude_theme(
    application_id: UUID, theme: Theme, body: ConclusionIn, desk: OfficersDesk
) -> CommandAnswer:
    """Score a theme and say why; the last conclusion completes due diligence."""
    command = commands.ConcludeTheme(
        theme=theme,
        score=body.score,
        text=body.text,
        ip_plan=body.ip_plan.to_domain() if body.ip_plan else None,
        emissions=body.emissions.to_domain() if body.emissions else None,
        cybersecurity=body.cybersecurity.to_domain() if body.cybersecurity else None,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/themes/{theme}/reopening")
def reopen_theme(
    application_id: UUID, theme: Theme, body: WhyIn, desk: OfficersDesk
) -> CommandAnswer:
    """Take a conclusion back; the theme is concluded anew."""
    command = commands.ReopenTheme(
        theme=theme, reason=body.reason, on=desk.today, by=desk.caller.id
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)
