"""With advances and recoveries among the claims, every contracted cent still stands somewhere."""
# ruff: noqa: D102  # the names of the steps say what they do

from contextlib import suppress
from dataclasses import replace
from datetime import date
from uuid import UUID

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.claims.domain.claim_form import ClaimNotInOrder
from services.claims.domain.commands import (
    AgreementCommand,
    CertifyClaim,
    DraftClaim,
    ReturnPayment,
)
from services.claims.domain.events import (
    AdvanceApproved,
    AdvanceCancelled,
    ClaimApproved,
    HoldbackForfeited,
    PaymentDisbursed,
    PaymentReturned,
    RecoveryReceived,
)
from services.claims.domain.recovery_rules import recoverable
from services.claims.domain.state import (
    ApprovedAdvance,
    Recovery,
    RequestedAdvance,
    Standing,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter
from shared.kernel.refusals import Refusal
from shared.kernel.schedule import FundingCell
from tests.unit.claims.advances import (
    TERMS_OF_ADVANCES,
    Step,
    asking,
    asking_back,
    cancelling,
    giving_up,
    granting,
    proposing,
    receiving,
    recovering,
    writing_off,
)
from tests.unit.claims.scenario import (
    TODAY,
    approved_claim,
    disbursing,
    executed,
    form,
    line,
    match_cell,
    scheduling,
)
from tests.unit.claims.test_identity import (
    ORGANISATION,
    QUARTERS,
    LifeOfAnAgreement,
    schedules,
)

DAYS = (date(2023, 4, 10), date(2023, 10, 10), date(2024, 1, 10))
shares = st.integers(1, 100)


def some(amount: Money, share: int) -> int:
    """A share of an amount in per cent, a cent at least."""
    return -(-amount.cents * share // 100)


class LifeWithAdvances(LifeOfAnAgreement):
    @initialize(
        funding=schedules(),
        match=st.integers(0, 2_000_00),
        rate=st.integers(1, 10_000),
        holdback=st.integers(0, 10_000),
    )
    def execute(self, funding: list[FundingCell], match: int, rate: int, holdback: int) -> None:
        terms = replace(TERMS_OF_ADVANCES, reimbursement_rate_bp=rate, holdback_bp=holdback)
        matching = [match_cell(QUARTERS[0], match, participant=one) for one in ORGANISATION]
        for command in executed(funding=funding, match=matching, terms=terms):
            self.carry_out(command)

    def carry_out(self, command: AgreementCommand) -> None:
        if not isinstance(command, DraftClaim | CertifyClaim):
            super().carry_out(command)
            return
        # The forecast that was drawn knows nothing of advances.
        with suppress(ClaimNotInOrder):
            super().carry_out(command)

    def perhaps(self, step: Step) -> None:
        """Carry out what may be refused."""
        with suppress(Refusal):
            self.carry_out(step)  # type: ignore[arg-type]

    def advances(self) -> list[ApprovedAdvance]:
        return [
            each for each in self.agreement.advances.values() if isinstance(each, ApprovedAdvance)
        ]

    def recoveries(self) -> list[Recovery]:
        return [each for each in self.agreement.recoveries.values() if each.outstanding]

    @rule(data=st.data(), cents=st.integers(1, 300_00), on=st.sampled_from(DAYS))
    def ask_for_an_advance(self, data: st.DataObject, cents: int, on: date) -> None:
        participant = data.draw(st.sampled_from(list(ORGANISATION)))
        self.perhaps(
            asking(
                (on.replace(day=1), cents),
                advance_id=derived_id("advance", next(self.numbers)),
                participant=participant,
                organisation_id=ORGANISATION[participant],
                on=on,
            )
        )

    def requested(self) -> list[RequestedAdvance]:
        return [
            each for each in self.agreement.advances.values() if isinstance(each, RequestedAdvance)
        ]

    @precondition(lambda self: self.requested() != [])
    @rule(data=st.data())
    def grant_it(self, data: st.DataObject) -> None:
        advance = data.draw(st.sampled_from(self.requested()))
        self.perhaps(granting(advance.advance_id, on=advance.requested_on))

    @precondition(lambda self: self.in_standing(Standing.EXECUTED))
    @rule(data=st.data(), share=shares)
    def be_advanced_all_at_once(self, data: st.DataObject, share: int) -> None:
        cells = [
            cell for cell in self.agreement.funding_left() if cell.quarter in map(Quarter.of, DAYS)
        ]
        if cells:
            cell = data.draw(st.sampled_from(cells))
            on = next(day for day in DAYS if Quarter.of(day) == cell.quarter)
            advance_id = derived_id("advance", next(self.numbers))
            organisation = ORGANISATION[cell.participant_id]
            self.perhaps(
                asking(
                    (on.replace(day=1), some(cell.amount, share)),
                    advance_id=advance_id,
                    participant=cell.participant_id,
                    organisation_id=organisation,
                    on=on,
                )
            )
            if advance_id in self.agreement.advances:
                self.carry_out(granting(advance_id, on=on))
                self.pay(advance_id)

    @precondition(
        lambda self: (
            self.in_standing(Standing.EXECUTED)
            and any(each.outstanding for each in self.advances())
        )
    )
    @rule(data=st.data(), cents=st.integers(1, 900_00))
    def claim_what_was_advanced(self, data: st.DataObject, cents: int) -> None:
        paid = [each for each in self.advances() if each.outstanding]
        participant = data.draw(st.sampled_from(paid)).participant_id
        free = self.free_quarters(participant)
        if free:
            quarter = data.draw(st.sampled_from(free))
            cost = replace(line(cents, period=quarter), paid_on=TODAY)
            for step in approved_claim(
                form(cost, period=quarter, participant=participant),
                claim_id=derived_id("claim", next(self.numbers)),
                organisation_id=ORGANISATION[participant],
            ):
                self.carry_out(step)

    @precondition(lambda self: any(each.payable for each in self.advances()))
    @rule(data=st.data())
    def pay_it_or_give_it_up(self, data: st.DataObject) -> None:
        advance = data.draw(st.sampled_from([each for each in self.advances() if each.payable]))
        if data.draw(st.integers(0, 4)) == 0:
            self.perhaps(cancelling(advance.advance_id, on=advance.approved_on))
            return
        self.pay(advance.advance_id)

    def pay(self, advance_id: UUID) -> None:
        advance = self.agreement.advances[advance_id]
        assert isinstance(advance, ApprovedAdvance)
        payment_id = derived_id("payment", next(self.numbers))
        self.carry_out(scheduling(advance_id, payment_id=payment_id))
        self.carry_out(disbursing(payment_id, paid_on=advance.approved_on))

    @precondition(lambda self: any(each.outstanding for each in self.advances()))
    @rule(data=st.data())
    def ask_an_advance_back(self, data: st.DataObject) -> None:
        paid = [each for each in self.advances() if each.outstanding]
        advance = data.draw(st.sampled_from(paid))
        recovery_id = derived_id("recovery", next(self.numbers))
        self.carry_out(recovering(advance.advance_id, recovery_id=recovery_id))

    @rule(data=st.data(), share=shares)
    def ask_something_back(self, data: st.DataObject, share: int) -> None:
        participant = data.draw(st.sampled_from(list(ORGANISATION)))
        paid = recoverable(self.agreement, participant)
        assert all(amount > ZERO for amount in paid.values())
        if paid:
            quarter, pocket = data.draw(st.sampled_from(sorted(paid)))
            self.carry_out(
                asking_back(
                    (quarter, some(paid[quarter, pocket], share)),
                    pocket=pocket,
                    participant=participant,
                    recovery_id=derived_id("recovery", next(self.numbers)),
                )
            )

    @precondition(lambda self: self.recoveries() != [])
    @rule(data=st.data(), share=shares)
    def end_a_recovery(self, data: st.DataObject, share: int) -> None:
        recovery = data.draw(st.sampled_from(self.recoveries()))
        which = {"recovery_id": recovery.recovery_id}
        match data.draw(st.sampled_from(["received", "received", "written off", "cancelled"])):
            case "received":
                self.carry_out(receiving(some(recovery.to_recover, share), **which))  # type: ignore[arg-type]
            case "written off":
                self.carry_out(proposing(**which))
                self.carry_out(writing_off(**which))
            case "cancelled":
                self.carry_out(giving_up(**which))

    @precondition(lambda self: self.standing_payments() != [])
    @rule(data=st.data())
    def return_a_payment(self, data: st.DataObject) -> None:
        payment_id = data.draw(st.sampled_from(self.standing_payments()))
        self.perhaps(
            ReturnPayment(payment_id=payment_id, returned_on=TODAY, reason="refused", on=TODAY)  # type: ignore[arg-type]
        )

    @invariant()
    def events_say_what_the_state_says(self) -> None:
        drawn = moved = kept = back = ZERO
        for event in self.events:
            match event:
                case ClaimApproved() | AdvanceApproved():
                    drawn += total(cell.amount for cell in event.drawn)
                    if isinstance(event, ClaimApproved):
                        kept += total(part.amount for part in event.recovery_set_off)
                case HoldbackForfeited():
                    drawn -= total(share.amount for share in event.forfeited)
                case AdvanceCancelled():
                    drawn -= total(cell.amount for cell in event.drawn)
                case PaymentDisbursed():
                    moved += total(share.amount for share in event.paid)
                case PaymentReturned():
                    moved -= total(share.amount for share in event.returned)
                case RecoveryReceived():
                    back += total(cell.amount for cell in event.received)
        balances = self.agreement.balances().values()
        paid = total(each.paid for each in balances)
        owed = total(each.payable + each.held_back for each in balances)
        assert drawn == owed + paid + back + kept
        assert moved == paid + back

    @invariant()
    def nothing_is_accounted_for_twice(self) -> None:
        for advance in self.advances():
            assert total(advance.outstanding.values()) <= total(advance.paid.values())
            assert all(amount > ZERO for amount in advance.outstanding.values())
        for recovery in self.agreement.recoveries.values():
            assert ZERO <= recovery.to_recover <= recovery.asked
            gone = total(each.amount for each in recovery.movements)
            assert gone + recovery.to_recover <= recovery.asked


def test_every_contracted_cent_stands_somewhere_with_advances() -> None:
    """Advances and recoveries, in any order among claims, keep the identity of every pocket."""
    run_state_machine_as_test(
        LifeWithAdvances,
        settings=settings(max_examples=60, stateful_step_count=50, deadline=None),
    )
