"""The endpoints of amendments: proposed, signed by who joins, and decided by another person."""

from uuid import UUID

from fastapi import APIRouter

from services.claims.api.amendment_schemas import AmendmentIn, ParticipantAdditionIn, RefusalIn
from services.claims.api.doors import DecidingDesk, EitherDesk, RecipientDesk, about
from services.claims.domain import commands
from services.claims.domain.agreement import DECIDER, AgreementUnknown
from services.claims.domain.changes import Change
from services.claims.domain.state import NotDrafted
from services.claims.use_cases import streams
from shared.web.desk import CommandAnswer, Desk

router = APIRouter(prefix="/v1", tags=["amendments"])


@router.post("/agreements/{agreement_id}/amendments", status_code=201)
def propose(agreement_id: UUID, body: AmendmentIn, desk: EitherDesk) -> CommandAnswer:
    """
    Propose an amendment of an agreement in force, for another person to approve.

    A move of the budget within the agreement's tolerance takes effect at once. A recipient
    proposes moves of its own budget, or its own withdrawal.
    """
    amendment_id = desk.new_id("amendment")
    command = commands.ProposeAmendment(
        amendment_id=amendment_id,
        change=_change(agreement_id, body, desk),
        effective_on=body.effective_on,
        reason=body.reason,
        by=desk.caller.id,
        by_organisation_id=desk.caller.only_organisation,
        on=desk.today,
    )
    desk.created_at(f"/v1/agreements/{agreement_id}")
    return about(amendment_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


def _change(agreement_id: UUID, body: AmendmentIn, desk: Desk) -> Change:
    if not isinstance(body, ParticipantAdditionIn):
        return body.to_domain()
    agreement = desk.state(DECIDER, streams.agreement(agreement_id))
    if isinstance(agreement, NotDrafted):
        raise AgreementUnknown
    return body.to_domain_of(agreement.project_id)


@router.post("/agreements/{agreement_id}/amendments/{amendment_id}/signature")
def sign(agreement_id: UUID, amendment_id: UUID, desk: RecipientDesk) -> CommandAnswer:
    """Sign for the caller's organisation, which the amendment adds."""
    command = commands.SignAmendment(
        amendment_id=amendment_id,
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    return about(amendment_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/amendments/{amendment_id}/approval")
def approve(agreement_id: UUID, amendment_id: UUID, desk: DecidingDesk) -> CommandAnswer:
    """Approve what another person proposed: every check is made again, and it takes effect."""
    command = commands.ApproveAmendment(
        amendment_id=amendment_id,
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    return about(amendment_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/amendments/{amendment_id}/rejection")
def reject(
    agreement_id: UUID, amendment_id: UUID, body: RefusalIn, desk: DecidingDesk
) -> CommandAnswer:
    """Reject what another person proposed."""
    command = commands.RejectAmendment(
        amendment_id=amendment_id,
        reason=body.reason,
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    return about(amendment_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/amendments/{amendment_id}/withdrawal")
def withdraw(
    agreement_id: UUID, amendment_id: UUID, body: RefusalIn, desk: EitherDesk
) -> CommandAnswer:
    """Take a proposal back, on the side that made it."""
    command = commands.WithdrawAmendment(
        amendment_id=amendment_id,
        reason=body.reason,
        by=desk.caller.id,
        by_organisation_id=desk.caller.only_organisation,
        on=desk.today,
    )
    return about(amendment_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))
