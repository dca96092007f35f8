"""Advances: asked for by recipients, granted by staff, paid in payment runs like claims."""

from uuid import UUID

from fastapi import APIRouter

from services.claims.api.advance_schemas import (
    AdvanceIn,
    AdvanceOut,
    AdvancesOut,
    ReasonIn,
    advance_out,
)
from services.claims.api.doors import (
    AnyReader,
    ApproverDesk,
    RecipientDesk,
    about,
    agreement_seen_by,
)
from services.claims.domain import commands
from services.claims.domain.advance import AdvanceUnknown, advance_of
from services.claims.domain.agreement import DECIDER
from services.claims.use_cases import streams
from shared.web.desk import CommandAnswer

router = APIRouter(prefix="/v1", tags=["advances"])


@router.get("/agreements/{agreement_id}/advances")
def list_advances(agreement_id: UUID, reader: AnyReader) -> AdvancesOut:
    """All advances of an agreement, oldest first; a recipient sees its own organisation's."""
    agreement = agreement_seen_by(reader, agreement_id)
    ours = reader.caller.only_organisation
    return AdvancesOut(
        items=[
            advance_out(advance, reader.today)
            for advance in agreement.advances.values()
            if ours in {None, agreement.participants[advance.participant_id].organisation_id}
        ]
    )


@router.get("/agreements/{agreement_id}/advances/{advance_id}")
def read_advance(agreement_id: UUID, advance_id: UUID, reader: AnyReader) -> AdvanceOut:
    """One advance; a recipient reads those of its own organisation."""
    agreement = agreement_seen_by(reader, agreement_id)
    advance = advance_of(advance_id, agreement)
    party = agreement.participants[advance.participant_id]
    if reader.caller.only_organisation not in {None, party.organisation_id}:
        raise AdvanceUnknown
    return advance_out(advance, reader.today)


@router.post("/agreements/{agreement_id}/advances", status_code=201)
def request_advance(agreement_id: UUID, body: AdvanceIn, desk: RecipientDesk) -> CommandAnswer:
    """
    Ask for money before it is spent, for the caller's organisation.

    For one to three of the months until three months from now, within what is committed for
    their quarters and planned for the fiscal year; one advance at a time.
    """
    advance_id = desk.new_id("advance")
    command = commands.RequestAdvance(
        advance_id=advance_id,
        participant_id=body.participant_id,
        months=tuple(month.to_domain() for month in body.months),
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    desk.created_at(f"/v1/agreements/{agreement_id}/advances/{advance_id}")
    return about(advance_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/advances/{advance_id}/approval")
def approve_advance(agreement_id: UUID, advance_id: UUID, desk: ApproverDesk) -> CommandAnswer:
    """Grant an advance as it was requested, by another person of the level it needs."""
    command = commands.ApproveAdvance(
        advance_id=advance_id,
        by=desk.caller.id,
        by_roles=desk.caller.roles,
        on=desk.today,
    )
    return about(advance_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/advances/{advance_id}/refusal")
def refuse_advance(
    agreement_id: UUID, advance_id: UUID, body: ReasonIn, desk: ApproverDesk
) -> CommandAnswer:
    """Turn a requested advance down."""
    command = commands.RefuseAdvance(
        advance_id=advance_id, reason=body.reason, by=desk.caller.id, on=desk.today
    )
    return about(advance_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/advances/{advance_id}/withdrawal")
def withdraw_advance(
    agreement_id: UUID, advance_id: UUID, body: ReasonIn, desk: RecipientDesk
) -> CommandAnswer:
    """Take a requested advance of the caller's organisation back."""
    command = commands.WithdrawAdvance(
        advance_id=advance_id,
        reason=body.reason,
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    return about(advance_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/advances/{advance_id}/cancellation")
def cancel_advance(
    agreement_id: UUID, advance_id: UUID, body: ReasonIn, desk: ApproverDesk
) -> CommandAnswer:
    """Give up an approved advance that was not paid: it is committed again."""
    command = commands.CancelAdvance(
        advance_id=advance_id, reason=body.reason, by=desk.caller.id, on=desk.today
    )
    return about(advance_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))
