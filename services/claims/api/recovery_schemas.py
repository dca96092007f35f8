"""What requests say of recoveries, and what answers show of them."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.claims.api.advance_schemas import OutstandingOut
from services.claims.api.claim_schemas import Reason
from services.claims.domain.commands import RecoveryPart
from services.claims.domain.recovery_rules import interest_on
from services.claims.domain.state import Agreement, Recovery
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter
from shared.web.schemas import Request

MOST_PARTS = 200

RecoveryState = Literal["open", "recovered", "written-off", "cancelled"]


class RecoveryPartIn(Request):
    """How much of what was paid from one pocket for one quarter."""

    pocket: str = Field(min_length=1, max_length=100)
    quarter: Quarter
    amount: Money

    def to_domain(self) -> RecoveryPart:
        """As the domain speaks of it."""
        return RecoveryPart(pocket=self.pocket, quarter=self.quarter, amount=self.amount)


class AdvanceRecoveryIn(Request):
    """Why an advance is asked back, and by when."""

    due_on: date
    reason: Reason


class RecoveryIn(AdvanceRecoveryIn):
    """What is asked back of what was paid for claims."""

    participant_id: UUID
    parts: Annotated[tuple[RecoveryPartIn, ...], Field(max_length=MOST_PARTS)]


class ReceiptIn(Request):
    """What came back on a day."""

    amount: Money = ZERO
    """Of the debt."""
    interest: Money = ZERO
    """For being late, apart."""
    received_on: date


class RecoveryOut(BaseModel):
    """One recovery."""

    recovery_id: UUID
    participant_id: UUID
    advance_id: UUID | None
    state: RecoveryState
    reason: str
    requested_on: date
    due_on: date
    overdue: bool
    asked: Money
    recovered: Money
    """Received, or set off against claims."""
    to_recover: Money
    interest: Money
    """Owed on the day that was asked for, beside what is to be recovered."""
    write_off_proposed: bool
    outstanding: list[OutstandingOut]


class RecoveriesOut(BaseModel):
    """What is asked back under an agreement, and what is owed on a day."""

    on: date
    to_recover: Money
    overdue: Money
    """What of it was due before that day."""
    interest: Money
    items: list[RecoveryOut]


def recoveries_out(agreement: Agreement, *, on: date, only: UUID | None) -> RecoveriesOut:
    """All recoveries, oldest first; of one organisation where ``only`` names it."""
    items = [
        _recovery(recovery, agreement, on)
        for recovery in agreement.recoveries.values()
        if only in {None, agreement.participants[recovery.participant_id].organisation_id}
    ]
    return RecoveriesOut(
        on=on,
        to_recover=total(item.to_recover for item in items),
        overdue=total(item.to_recover for item in items if item.overdue),
        interest=total(item.interest for item in items),
        items=items,
    )


def _recovery(recovery: Recovery, agreement: Agreement, on: date) -> RecoveryOut:
    state: RecoveryState = "open" if recovery.outstanding else "recovered"
    return RecoveryOut(
        recovery_id=recovery.recovery_id,
        participant_id=recovery.participant_id,
        advance_id=recovery.advance_id,
        state=recovery.ended or state,
        reason=recovery.reason,
        requested_on=recovery.requested_on,
        due_on=recovery.due_on,
        overdue=bool(recovery.outstanding) and on > recovery.due_on,
        asked=recovery.asked,
        recovered=total(movement.amount for movement in recovery.movements),
        to_recover=recovery.to_recover,
        interest=interest_on(recovery, agreement, on),
        write_off_proposed=recovery.proposed_write_off is not None and recovery.ended is None,
        outstanding=[
            OutstandingOut(pocket=pocket, quarter=quarter, amount=amount)
            for (quarter, pocket), amount in sorted(recovery.outstanding.items())
        ],
    )
