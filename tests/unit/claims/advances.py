"""Words for tests of advances and recoveries: what is asked, granted, paid and asked back."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.claims.domain.agreement import DECIDER
from services.claims.domain.commands import (
    AgreementCommand,
    ApproveAdvance,
    ApproveWriteOff,
    CancelAdvance,
    CancelRecovery,
    DisbursePayment,
    ProposeWriteOff,
    ReceiveRecovery,
    RecoverAdvance,
    RecoveryPart,
    RefuseAdvance,
    RequestAdvance,
    RequestRecovery,
    SchedulePayment,
    WithdrawAdvance,
)
from services.claims.domain.events import AgreementEvent
from services.claims.domain.state import Agreement, ApprovedAdvance
from services.claims.domain.values import AdvanceMonth
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from tests.unit.claims.scenario import (
    ADOPTER,
    ADOPTER_ORG,
    APPROVER,
    ISED,
    OFFICER,
    PAYER,
    PREPARER,
    RUN,
    T1,
    TERMS,
    TODAY,
    assert_identity,
    executed,
)

ADVANCE, OTHER_ADVANCE = derived_id("advance", "one"), derived_id("advance", "other")
RECOVERY = derived_id("recovery", "one")
TERMS_OF_ADVANCES = replace(TERMS, advances_allowed=True, overdue_interest_bp=1_200)
"""One per cent a month on what is overdue."""
FINANCE, OTHER_FINANCE = "finance", "other-finance"

ASKED_ON = date(2023, 4, 10)
GRANTED_ON = date(2023, 4, 14)
PAID_ON = date(2023, 4, 20)
APRIL, MAY, JUNE = date(2023, 4, 1), date(2023, 5, 1), date(2023, 6, 1)

IN_FORCE = executed(terms=TERMS_OF_ADVANCES)


def asking(
    *months: tuple[date, int],
    advance_id: UUID = ADVANCE,
    participant: UUID = ADOPTER,
    organisation_id: UUID | None = ADOPTER_ORG,
    on: date = ASKED_ON,
) -> RequestAdvance:
    """An advance of 300 dollars, unless months say otherwise."""
    return RequestAdvance(
        advance_id=advance_id,
        participant_id=participant,
        months=tuple(
            AdvanceMonth(month=month, amount=Money(cents))
            for month, cents in months or ((APRIL, 100_00), (MAY, 200_00))
        ),
        by=PREPARER,
        by_organisation_id=organisation_id,
        on=on,
    )


def granting(
    advance_id: UUID = ADVANCE,
    *,
    by: str = APPROVER,
    roles: tuple[str, ...] = ("claims-approver",),
    on: date = GRANTED_ON,
) -> ApproveAdvance:
    return ApproveAdvance(advance_id=advance_id, by=by, by_roles=roles, on=on)


def refusing(by: str = APPROVER) -> RefuseAdvance:
    return RefuseAdvance(advance_id=ADVANCE, reason="no need", by=by, on=GRANTED_ON)


def withdrawing(organisation_id: UUID | None = ADOPTER_ORG) -> WithdrawAdvance:
    return WithdrawAdvance(
        advance_id=ADVANCE,
        reason="mistake",
        by=PREPARER,
        by_organisation_id=organisation_id,
        on=GRANTED_ON,
    )


def cancelling(advance_id: UUID = ADVANCE, on: date = GRANTED_ON) -> CancelAdvance:
    return CancelAdvance(advance_id=advance_id, reason="not needed", by=APPROVER, on=on)


def asking_back(
    *parts: tuple[Quarter, int],
    pocket: str = ISED,
    recovery_id: UUID = RECOVERY,
    participant: UUID = ADOPTER,
    due_on: date = TODAY,
    on: date = TODAY,
) -> RequestRecovery:
    """What was paid for claims, from one pocket: 100 dollars of the first quarter."""
    return RequestRecovery(
        recovery_id=recovery_id,
        participant_id=participant,
        parts=tuple(
            RecoveryPart(pocket=pocket, quarter=quarter, amount=Money(cents))
            for quarter, cents in parts or ((T1, 100_00),)
        ),
        due_on=due_on,
        reason="not eligible",
        by=OFFICER,
        on=on,
    )


def recovering(
    advance_id: UUID = ADVANCE,
    *,
    recovery_id: UUID = RECOVERY,
    due_on: date = TODAY,
    on: date = TODAY,
) -> RecoverAdvance:
    return RecoverAdvance(
        recovery_id=recovery_id,
        advance_id=advance_id,
        due_on=due_on,
        reason="not accounted for",
        by=OFFICER,
        on=on,
    )


def receiving(
    cents: int,
    *,
    interest: int = 0,
    recovery_id: UUID = RECOVERY,
    received_on: date = TODAY,
    on: date = TODAY,
) -> ReceiveRecovery:
    return ReceiveRecovery(
        recovery_id=recovery_id,
        amount=Money(cents),
        interest=Money(interest),
        received_on=received_on,
        by=FINANCE,
        on=max(on, received_on),
    )


def proposing(
    by: str = FINANCE, *, recovery_id: UUID = RECOVERY, on: date = TODAY
) -> ProposeWriteOff:
    return ProposeWriteOff(recovery_id=recovery_id, reason="insolvent", by=by, on=on)


def writing_off(
    by: str = OTHER_FINANCE, *, recovery_id: UUID = RECOVERY, on: date = TODAY
) -> ApproveWriteOff:
    return ApproveWriteOff(recovery_id=recovery_id, by=by, on=on)


def giving_up(by: str = FINANCE, *, recovery_id: UUID = RECOVERY) -> CancelRecovery:
    return CancelRecovery(recovery_id=recovery_id, reason="mistake", by=by, on=TODAY)


PAYMENT_OF_ADVANCE = derived_id("payment", ADVANCE, PAID_ON)


Step = AgreementCommand


def pay_advance(advance_id: UUID = ADVANCE, on: date = PAID_ON) -> tuple[AgreementCommand, ...]:
    """An advance leaves in a payment run."""
    payment_id = derived_id("payment", advance_id, on)
    return (
        SchedulePayment(payment_id=payment_id, run_id=RUN, payable_id=advance_id, by=PAYER, on=on),
        DisbursePayment(payment_id=payment_id, paid_on=on, by=PAYER, on=on),
    )


def lived(*steps: Step, given: Iterable[Step] = IN_FORCE) -> list[AgreementEvent]:
    """The events of a life, step by step; every contracted cent stands somewhere all the time."""
    events: list[AgreementEvent] = []
    for step in (*given, *steps):
        state = DECIDER.fold(events)
        events += DECIDER.decide(step, state)
        state = DECIDER.fold(events)
        assert isinstance(state, Agreement)
        assert_identity(state)
    return events


def after(*steps: Step, given: Iterable[Step] = IN_FORCE) -> Agreement:
    """The agreement after steps."""
    state = DECIDER.fold(lived(*steps, given=given))
    assert isinstance(state, Agreement)
    return state


GRANTED: tuple[Step, ...] = (asking(), granting())
PAID: tuple[Step, ...] = (*GRANTED, *pay_advance())


def in_all(agreement: Agreement) -> dict[str, float]:
    """Where everything stands over all pockets, in dollars; what is nil is left out."""
    names = ("committed", "payable", "held_back", "paid", "released")
    balances = agreement.balances().values()
    sums = {name: sum(getattr(each, name).cents for each in balances) for name in names}
    return {name: cents / 100 for name, cents in sums.items() if cents}


def outstanding(agreement: Agreement, advance_id: UUID = ADVANCE) -> Money:
    """What of an advance is to be accounted for."""
    advance = agreement.advances[advance_id]
    assert isinstance(advance, ApprovedAdvance)
    return sum(advance.outstanding.values(), ZERO)
