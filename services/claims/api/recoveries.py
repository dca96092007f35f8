"""Recoveries: what was paid and is asked back, received, written off or cancelled."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.claims.api.advance_schemas import ReasonIn
from services.claims.api.doors import AnyReader, OfficerDesk, about, agreement_seen_by
from services.claims.api.recovery_schemas import (
    AdvanceRecoveryIn,
    ReceiptIn,
    RecoveriesOut,
    RecoveryIn,
    recoveries_out,
)
from services.claims.domain import commands
from services.claims.domain.agreement import DECIDER
from services.claims.use_cases import streams
from shared.kernel.refusals import Invalid
from shared.web.desk import CommandAnswer, Desk, at_desk

LOOK_AHEAD = timedelta(days=366)

FinanceDesk = Annotated[Desk, Depends(at_desk("finance-officer"))]

router = APIRouter(prefix="/v1", tags=["recoveries"])


class DayOutOfReach(Invalid):
    """What is owed is told for a day from today, within a year."""

    en = "What is owed is told for {first} to {last}."
    fr = "Ce qui est dû est indiqué du {first} au {last}."


@router.get("/agreements/{agreement_id}/recoveries")
def list_recoveries(agreement_id: UUID, reader: AnyReader, on: date | None = None) -> RecoveriesOut:
    """
    What is asked back under an agreement, with the interest owed on a day: today, or a later one.

    A recipient sees its own organisation's.
    """
    agreement = agreement_seen_by(reader, agreement_id)
    day = reader.today if on is None else on
    last = reader.today + LOOK_AHEAD
    if not reader.today <= day <= last:
        raise DayOutOfReach(
            field="on",
            accepted=[reader.today.isoformat(), last.isoformat()],
            first=reader.today,
            last=last,
        )
    return recoveries_out(agreement, on=day, only=reader.caller.only_organisation)


@router.post("/agreements/{agreement_id}/recoveries", status_code=201)
def request_recovery(agreement_id: UUID, body: RecoveryIn, desk: OfficerDesk) -> CommandAnswer:
    """Ask back what was paid for a participant's claims, by pocket and quarter."""
    recovery_id = desk.new_id("recovery")
    command = commands.RequestRecovery(
        recovery_id=recovery_id,
        participant_id=body.participant_id,
        parts=tuple(part.to_domain() for part in body.parts),
        due_on=body.due_on,
        reason=body.reason,
        by=desk.caller.id,
        on=desk.today,
    )
    desk.created_at(f"/v1/agreements/{agreement_id}/recoveries")
    return about(recovery_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/advances/{advance_id}/recovery", status_code=201)
def recover_advance(
    agreement_id: UUID, advance_id: UUID, body: AdvanceRecoveryIn, desk: OfficerDesk
) -> CommandAnswer:
    """Ask back all of an advance that claims did not account for in time."""
    recovery_id = desk.new_id("recovery")
    command = commands.RecoverAdvance(
        recovery_id=recovery_id,
        advance_id=advance_id,
        due_on=body.due_on,
        reason=body.reason,
        by=desk.caller.id,
        on=desk.today,
    )
    desk.created_at(f"/v1/agreements/{agreement_id}/recoveries")
    return about(recovery_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/recoveries/{recovery_id}/receipts")
def receive_recovery(
    agreement_id: UUID, recovery_id: UUID, body: ReceiptIn, desk: FinanceDesk
) -> CommandAnswer:
    """Record what came back, and the interest that came with it."""
    command = commands.ReceiveRecovery(
        recovery_id=recovery_id,
        amount=body.amount,
        interest=body.interest,
        received_on=body.received_on,
        by=desk.caller.id,
        on=desk.today,
    )
    return about(recovery_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/recoveries/{recovery_id}/write-off")
def propose_write_off(
    agreement_id: UUID, recovery_id: UUID, body: ReasonIn, desk: FinanceDesk
) -> CommandAnswer:
    """Propose to give up what is still to be recovered; another finance officer approves."""
    command = commands.ProposeWriteOff(
        recovery_id=recovery_id, reason=body.reason, by=desk.caller.id, on=desk.today
    )
    return about(recovery_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/recoveries/{recovery_id}/write-off/approval")
def approve_write_off(agreement_id: UUID, recovery_id: UUID, desk: FinanceDesk) -> CommandAnswer:
    """Give up what is still to be recovered, as another person than the proposer."""
    command = commands.ApproveWriteOff(recovery_id=recovery_id, by=desk.caller.id, on=desk.today)
    return about(recovery_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/recoveries/{recovery_id}/cancellation")
def cancel_recovery(
    agreement_id: UUID, recovery_id: UUID, body: ReasonIn, desk: OfficerDesk
) -> CommandAnswer:
    """Stop asking back what is left, as another person than the one who asked."""
    command = commands.CancelRecovery(
        recovery_id=recovery_id, reason=body.reason, by=desk.caller.id, on=desk.today
    )
    return about(recovery_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))
