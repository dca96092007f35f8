"""What a recovery leaves behind, step by step."""

from collections.abc import Iterable

from services.claims.domain.events import (
    RecoveryCancelled,
    RecoveryReceived,
    RecoveryRequested,
    RecoveryWriteOffProposed,
    RecoveryWrittenOff,
)
from services.claims.domain.interest import Movement
from services.claims.domain.reimbursement import Cell, Cells
from services.claims.domain.set_off import recovered_after
from services.claims.domain.state import (
    Agreement,
    ApprovedAdvance,
    ProposedWriteOff,
    Recovery,
    added,
)
from shared.kernel.frozen import replace
from shared.kernel.money import Money, total
from shared.kernel.schedule import FundingCell, total_by_pocket


def after_request(agreement: Agreement, event: RecoveryRequested) -> Agreement:
    """Paid is asked back; an advance that is asked back is no longer set off against claims."""
    parts = _cells(event.parts)
    recovery = Recovery(
        recovery_id=event.recovery_id,
        participant_id=event.participant_id,
        advance_id=event.advance_id,
        parts=parts,
        outstanding=parts,
        due_on=event.due_on,
        reason=event.reason,
        requested_by=event.requested_by,
        requested_on=event.effective_on,
    )
    taken = ((cell, -amount) for cell, amount in parts.items())
    return _with(_advance_moved(agreement, recovery, taken), recovery)


def after_receipt(agreement: Agreement, event: RecoveryReceived) -> Agreement:
    """What came back is no longer paid: it counts as released."""
    before = agreement.recoveries[event.recovery_id]
    amount = total(cell.amount for cell in event.received)
    movement = Movement(on=event.effective_on, amount=amount, interest=event.interest)
    recovery = replace(
        before,
        outstanding=_less(before.outstanding, event.received),
        movements=(*before.movements, movement),
    )
    recovered = recovered_after(
        agreement.recovered, event.participant_id, total_by_pocket(event.received)
    )
    return replace(_with(agreement, recovery), recovered=recovered)


def after_proposal(agreement: Agreement, event: RecoveryWriteOffProposed) -> Agreement:
    """A write-off waits for another officer."""
    before = agreement.recoveries[event.recovery_id]
    proposed = ProposedWriteOff(proposed_by=event.proposed_by, reason=event.reason)
    return _with(agreement, replace(before, proposed_write_off=proposed))


def after_write_off(agreement: Agreement, event: RecoveryWrittenOff) -> Agreement:
    """What was not recovered stays paid, and is asked back no more."""
    before = agreement.recoveries[event.recovery_id]
    recovery = replace(
        before, outstanding=_less(before.outstanding, event.written_off), ended="written-off"
    )
    return _with(agreement, recovery)


def after_cancellation(agreement: Agreement, event: RecoveryCancelled) -> Agreement:
    """It stays paid; an advance is again to be accounted for."""
    before = agreement.recoveries[event.recovery_id]
    cancelled = _cells(event.cancelled)
    recovery = replace(
        before,
        outstanding=_less(before.outstanding, event.cancelled),
        cancelled=cancelled,
        ended="cancelled",
    )
    return _with(_advance_moved(agreement, recovery, cancelled.items()), recovery)


def _cells(funding: Iterable[FundingCell]) -> Cells:
    return {(cell.quarter, cell.pocket): cell.amount for cell in funding}


def _less(cells: Cells, funding: Iterable[FundingCell]) -> Cells:
    return added(cells, (((each.quarter, each.pocket), -each.amount) for each in funding))


def _advance_moved(
    agreement: Agreement, recovery: Recovery, changes: Iterable[tuple[Cell, Money]]
) -> Agreement:
    """The agreement with what is outstanding of the recovery's advance changed, if it is of one."""
    if recovery.advance_id is None:
        return agreement
    advance = agreement.advances[recovery.advance_id]
    if not isinstance(advance, ApprovedAdvance):
        raise TypeError(f"advance {recovery.advance_id} was asked back without being approved")
    advance = replace(advance, outstanding=added(advance.outstanding, changes))
    return replace(agreement, advances={**agreement.advances, advance.advance_id: advance})


def _with(agreement: Agreement, recovery: Recovery) -> Agreement:
    return replace(agreement, recoveries={**agreement.recoveries, recovery.recovery_id: recovery})
