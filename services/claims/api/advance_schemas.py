"""What requests say of advances, and what answers show of them."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.claims.api.claim_schemas import Reason
from services.claims.domain.advance_effects import is_overdue
from services.claims.domain.state import AnyAdvance, ApprovedAdvance, DroppedAdvance
from services.claims.domain.values import AdvanceMonth
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter
from shared.web.schemas import Request

AdvanceState = Literal[
    "requested", "refused", "withdrawn", "cancelled", "approved", "outstanding", "settled"
]


class ReasonIn(Request):
    """Why."""

    reason: Reason


class AdvanceMonthIn(Request):
    """What is needed in one month."""

    month: date
    """Its first day."""
    amount: Money

    def to_domain(self) -> AdvanceMonth:
        """As the domain speaks of it."""
        return AdvanceMonth(month=self.month, amount=self.amount)


class AdvanceIn(Request):
    """What a participant needs before it has spent it."""

    participant_id: UUID
    months: Annotated[tuple[AdvanceMonthIn, ...], Field(max_length=12)]
    """One to three."""


class AdvanceMonthOut(BaseModel):
    """What is needed in one month."""

    month: date
    amount: Money


class OutstandingOut(BaseModel):
    """A part of what was paid from one pocket, in the quarter in which it is spent so far."""

    pocket: str
    quarter: Quarter
    amount: Money


class AdvanceOut(BaseModel):
    """One advance, from its request to its settlement."""

    advance_id: UUID
    participant_id: UUID
    state: AdvanceState
    """*outstanding* once it is paid, until claims or a recovery account for all of it."""
    amount: Money
    months: list[AdvanceMonthOut]
    requested_on: date
    approved_on: date | None = None
    dropped_on: date | None = None
    reason: str | None = None
    """Why nothing came of it."""
    quarter: Quarter | None = None
    payable: Money = ZERO
    paid_on: date | None = None
    reconcile_by: date | None = None
    overdue: bool = False
    outstanding: list[OutstandingOut] = []


class AdvancesOut(BaseModel):
    """Advances of an agreement."""

    items: list[AdvanceOut]


def advance_out(advance: AnyAdvance, today: date) -> AdvanceOut:
    """An advance as it stands."""
    shown = AdvanceOut(
        advance_id=advance.advance_id,
        participant_id=advance.participant_id,
        state="requested",
        amount=advance.amount,
        months=[AdvanceMonthOut(month=each.month, amount=each.amount) for each in advance.months],
        requested_on=advance.requested_on,
    )
    if isinstance(advance, DroppedAdvance):
        dropped = {
            "state": advance.how,
            "dropped_on": advance.dropped_on,
            "reason": advance.reason,
        }
        return shown.model_copy(update=dropped)
    if isinstance(advance, ApprovedAdvance):
        return shown.model_copy(update=_approved(advance, today))
    return shown


def _approved(advance: ApprovedAdvance, today: date) -> dict[str, object]:
    state: AdvanceState = "settled"
    if advance.payable:
        state = "approved"
    if advance.outstanding:
        state = "outstanding"
    return {
        "state": state,
        "approved_on": advance.approved_on,
        "quarter": advance.quarter,
        "payable": total(advance.payable.values()),
        "paid_on": advance.paid_on,
        "reconcile_by": advance.reconcile_by,
        "overdue": is_overdue(advance, today),
        "outstanding": [
            OutstandingOut(pocket=pocket, quarter=quarter, amount=amount)
            for (quarter, pocket), amount in sorted(advance.outstanding.items())
        ],
    }
