"""The endpoints of an agreement's end: what it has to show, completion and termination."""

from uuid import UUID

from fastapi import APIRouter

from services.claims.api.closing_schemas import (
    ClosingOut,
    CompletionIn,
    IpDeclarationIn,
    RequirementIn,
    TerminationIn,
)
from services.claims.api.closing_schemas import closing as shown
from services.claims.api.doors import (
    AnyReader,
    OfficerDesk,
    RecipientDesk,
    about,
    agreement_seen_by,
)
from services.claims.domain import commands
from services.claims.domain.agreement import DECIDER
from services.claims.domain.values import ClosingRequirement
from services.claims.use_cases import streams
from shared.web.desk import CommandAnswer

router = APIRouter(prefix="/v1", tags=["closing"])


@router.get("/agreements/{agreement_id}/closing")
def read_closing(agreement_id: UUID, reader: AnyReader) -> ClosingOut:
    """What the project has shown for its closing, and everything that is missing."""
    agreement = agreement_seen_by(reader, agreement_id)
    return shown(agreement_id, agreement, reader.caller.only_organisation)


@router.post("/agreements/{agreement_id}/requirements/{requirement}")
def meet_requirement(
    agreement_id: UUID, requirement: ClosingRequirement, body: RequirementIn, desk: OfficerDesk
) -> CommandAnswer:
    """Confirm that a closing requirement is met, by somebody who acts for no participant."""
    command = commands.MeetRequirement(
        requirement=requirement,
        document_sha256=body.document_sha256,
        met_on=body.met_on,
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    return desk.carry_out(DECIDER, streams.agreement(agreement_id), command)


@router.post("/agreements/{agreement_id}/ip-declarations", status_code=201)
def declare_ip(agreement_id: UUID, body: IpDeclarationIn, desk: RecipientDesk) -> CommandAnswer:
    """Declare intellectual property of the caller's organisation, or that there is none."""
    declaration_id = desk.new_id("ip-declaration")
    stream = streams.agreement(agreement_id)
    desk.created_at(f"/v1/agreements/{agreement_id}/closing")
    if body.intellectual_property is None:
        none = commands.DeclareNoIp(
            participant_id=body.participant_id,
            by=desk.caller.id,
            by_organisation_id=desk.caller.organisation_id,
            on=desk.today,
        )
        return about(declaration_id, desk.carry_out(DECIDER, stream, none))
    command = commands.DeclareIp(
        declaration_id=declaration_id,
        participant_id=body.participant_id,
        intellectual_property=body.intellectual_property.to_domain(),
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    return about(declaration_id, desk.carry_out(DECIDER, stream, command))


@router.post("/agreements/{agreement_id}/termination")
def terminate(agreement_id: UUID, body: TerminationIn, desk: OfficerDesk) -> CommandAnswer:
    """End an agreement before its time: give back what is committed, settle what was held back."""
    command = commands.TerminateAgreement(
        terminated_on=body.terminated_on,
        reason=body.reason,
        recovery=None if body.recovery is None else body.recovery.to_domain(),
        by=desk.caller.id,
        on=desk.today,
    )
    return desk.carry_out(DECIDER, streams.agreement(agreement_id), command)


@router.post("/agreements/{agreement_id}/completion")
def complete(agreement_id: UUID, body: CompletionIn, desk: OfficerDesk) -> CommandAnswer:
    """Complete a project that has shown everything: release the holdback and what is left."""
    command = commands.CompleteProject(
        completed_on=body.completed_on, by=desk.caller.id, on=desk.today
    )
    return desk.carry_out(DECIDER, streams.agreement(agreement_id), command)
