"""How advances and recoveries are told to other services."""

from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from services.claims.domain import events, values
from shared.contracts import claims as contracts
from shared.contracts.base import Contract


def of_an_advance(
    event: events.AdvanceApproved
    | events.AdvanceCancelled
    | events.PaymentDisbursed
    | events.PaymentReturned,
    about: Mapping[str, Any],
) -> Contract:
    """The contract that tells what happened to an advance."""
    whose = {
        **about,
        "advance_id": event.advance_id,
        "participant_id": event.participant_id,
        "quarter": event.quarter,
    }
    match event:
        case events.AdvanceApproved():
            return contracts.AdvanceApproved(
                **whose, drawn=event.drawn, payable=shares(event.payable)
            )
        case events.AdvanceCancelled():
            return contracts.AdvanceCancelled(**whose, drawn=event.drawn)
        case events.PaymentDisbursed():
            return contracts.AdvanceDisbursed(
                **whose, payment_id=event.payment_id, paid=shares(event.paid)
            )
        case events.PaymentReturned():
            return contracts.AdvanceReturned(
                **whose,
                payment_id=event.payment_id,
                returned=shares(event.returned),
                reason=event.reason,
            )
        case unreachable:
            assert_never(unreachable)


def of_a_recovery(
    event: events.RecoveryRequested
    | events.RecoveryReceived
    | events.RecoveryWrittenOff
    | events.RecoveryCancelled,
    about: Mapping[str, Any],
) -> Contract:
    """The contract that tells what happened to a recovery."""
    whose = {
        **about,
        "recovery_id": event.recovery_id,
        "participant_id": event.participant_id,
    }
    match event:
        case events.RecoveryRequested():
            return contracts.RecoveryRequested(
                **whose, advance_id=event.advance_id, parts=event.parts, due_on=event.due_on
            )
        case events.RecoveryReceived():
            return contracts.RecoveryReceived(
                **whose, received=event.received, interest=event.interest
            )
        case events.RecoveryWrittenOff():
            return contracts.RecoveryWrittenOff(
                **whose, written_off=event.written_off, interest_waived=event.interest_waived
            )
        case events.RecoveryCancelled():
            return contracts.RecoveryCancelled(**whose, cancelled=event.cancelled)
        case unreachable:
            assert_never(unreachable)


def shares(parts: Iterable[values.PocketShare]) -> tuple[contracts.PocketShare, ...]:
    """Amounts per pocket, as contracts carry them."""
    return tuple(contracts.PocketShare(pocket=part.pocket, amount=part.amount) for part in parts)
