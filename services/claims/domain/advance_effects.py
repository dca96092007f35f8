"""What an advance leaves behind, step by step."""

from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from services.claims.domain.events import (
    AdvanceApproved,
    AdvanceCancelled,
    AdvanceMarkedOverdue,
    AdvanceRefused,
    AdvanceRequested,
    AdvanceWithdrawn,
    PaymentDisbursed,
    PaymentReturned,
)
from services.claims.domain.state import (
    Agreement,
    AnyAdvance,
    ApprovedAdvance,
    DroppedAdvance,
    RequestedAdvance,
    added,
    cells_by_participant,
)
from services.claims.domain.values import PocketShare
from shared.kernel.frozen import replace
from shared.kernel.periods import Quarter

DAYS_TO_RECONCILE = timedelta(days=45)
"""After the end of the quarter in which it was paid, within which an advance is accounted for."""


def reconciled_by(paid_on: date) -> date:
    """The last day for the account of an advance: 45 days after the quarter it was paid in."""
    return Quarter.of(paid_on).ends_on + DAYS_TO_RECONCILE


def is_overdue(advance: ApprovedAdvance, on: date) -> bool:
    """Some of it is not accounted for, and the time for that is over."""
    return (
        bool(advance.outstanding) and advance.reconcile_by is not None and on > advance.reconcile_by
    )


def after_request(agreement: Agreement, event: AdvanceRequested) -> Agreement:
    """A request waits for a decision."""
    advance = RequestedAdvance(
        advance_id=event.advance_id,
        participant_id=event.participant_id,
        months=event.months,
        requested_by=event.requested_by,
        requested_on=event.effective_on,
    )
    return _with(agreement, advance)


def after_drop(
    agreement: Agreement, event: AdvanceRefused | AdvanceWithdrawn | AdvanceCancelled
) -> Agreement:
    """Nothing comes of it; what was drawn for it is committed again."""
    before = agreement.advances[event.advance_id]
    how: Literal["refused", "withdrawn", "cancelled"] = "refused"
    if isinstance(event, AdvanceWithdrawn):
        how = "withdrawn"
    if isinstance(event, AdvanceCancelled):
        how = "cancelled"
        committed = cells_by_participant(agreement.committed, event.drawn)
        agreement = replace(agreement, committed=committed)
    advance = DroppedAdvance(
        advance_id=before.advance_id,
        participant_id=before.participant_id,
        months=before.months,
        requested_by=before.requested_by,
        requested_on=before.requested_on,
        how=how,
        reason=event.reason,
        dropped_on=event.effective_on,
    )
    return _with(agreement, advance)


def after_approval(agreement: Agreement, event: AdvanceApproved) -> Agreement:
    """Committed became payable."""
    before = agreement.advances[event.advance_id]
    advance = ApprovedAdvance(
        advance_id=before.advance_id,
        participant_id=before.participant_id,
        months=before.months,
        requested_by=before.requested_by,
        requested_on=before.requested_on,
        approved_by=event.approved_by,
        approved_on=event.effective_on,
        quarter=event.quarter,
        drawn=event.drawn,
        payable={share.pocket: share.amount for share in event.payable},
    )
    committed = cells_by_participant(agreement.committed, event.drawn, taken=True)
    return replace(_with(agreement, advance), committed=committed)


def after_marking(agreement: Agreement, event: AdvanceMarkedOverdue) -> Agreement:
    """It is known that it is overdue."""
    return _with(agreement, replace(_approved(agreement, event.advance_id), marked_overdue=True))


def after_payment(agreement: Agreement, advance_id: UUID, event: PaymentDisbursed) -> Agreement:
    """Payable became paid, and is to be accounted for."""
    moved = _moved(agreement, advance_id, event.quarter, event.paid)
    advance = replace(
        moved, paid_on=event.effective_on, reconcile_by=reconciled_by(event.effective_on)
    )
    return _with(agreement, advance)


def after_return(agreement: Agreement, advance_id: UUID, event: PaymentReturned) -> Agreement:
    """Paid became payable again; there is nothing to account for."""
    back = tuple(replace(each, amount=-each.amount) for each in event.returned)
    moved = _moved(agreement, advance_id, event.quarter, back)
    return _with(agreement, replace(moved, paid_on=None, reconcile_by=None, marked_overdue=False))


def _moved(
    agreement: Agreement, advance_id: UUID, quarter: Quarter, paid: tuple[PocketShare, ...]
) -> ApprovedAdvance:
    """The advance with that much paid and outstanding instead of payable."""
    advance = _approved(agreement, advance_id)
    return replace(
        advance,
        payable=added(advance.payable, ((each.pocket, -each.amount) for each in paid)),
        paid=added(advance.paid, ((each.pocket, each.amount) for each in paid)),
        outstanding=added(
            advance.outstanding, (((quarter, each.pocket), each.amount) for each in paid)
        ),
    )


def _approved(agreement: Agreement, advance_id: UUID) -> ApprovedAdvance:
    advance = agreement.advances[advance_id]
    if not isinstance(advance, ApprovedAdvance):
        raise TypeError(f"advance {advance_id} was paid without being approved")
    return advance


def _with(agreement: Agreement, advance: AnyAdvance) -> Agreement:
    return replace(agreement, advances={**agreement.advances, advance.advance_id: advance})
