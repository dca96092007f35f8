from dataclasses import replace
from datetime import date

import pytest

from services.claims.domain.claim import ClaimUnknown
from services.claims.domain.commands import CancelPayment, CompleteProject, ReturnPayment
from services.claims.domain.events import (
    PaymentCancelled,
    PaymentDisbursed,
    PaymentReturned,
    PaymentScheduled,
)
from services.claims.domain.payable import ClaimNotApproved
from services.claims.domain.payment import (
    DateInTheFuture,
    PaidBeforeApproval,
    PayerHandledTheClaim,
    PaymentAlreadyReturned,
    PaymentUnknown,
    ReturnedBeforePaid,
)
from services.claims.domain.state import ApprovedClaim
from services.claims.domain.values import PocketShare
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from tests.unit.claims.scenario import (
    ADOPTER,
    APPROVER,
    ASSESSOR,
    CLAIM,
    ISED,
    OFFICER,
    PAYER,
    PAYMENT,
    PREPARER,
    PROJECT,
    RUN,
    SIGNATORY,
    T1,
    TODAY,
    accepted,
    agreement_after,
    approved_claim,
    certifying,
    claiming,
    disbursing,
    executed,
    form,
    paying,
    scenario,
    scheduling,
)

APPROVED = (*executed(), *approved_claim(form()))
SCHEDULED = (*APPROVED, scheduling())
PAID = (*APPROVED, *paying())
SHARE = (PocketShare(pocket=ISED, amount=Money(180_00)),)
RETURN = ReturnPayment(payment_id=PAYMENT, returned_on=TODAY, reason="account closed", on=TODAY)
CANCELLATION = CancelPayment(payment_id=PAYMENT, reason="account closed", on=TODAY)
ANOTHER = derived_id("payment", "other")


class TestScheduling:
    def test_all_that_is_payable(self) -> None:
        """A payment is what is payable of the claim, without the holdback."""
        scenario(
            given=APPROVED,
            when=scheduling(),
            then=[
                PaymentScheduled(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    payment_id=PAYMENT,
                    run_id=RUN,
                    claim_id=CLAIM,
                    advance_id=None,
                    participant_id=ADOPTER,
                    quarter=T1,
                    shares=SHARE,
                    scheduled_by=PAYER,
                )
            ],
        )

    @pytest.mark.parametrize("by", [PREPARER, SIGNATORY, ASSESSOR, APPROVER])
    def test_by_somebody_who_handled_the_claim(self, by: str) -> None:
        """Whoever prepared, certified, assessed or approved a claim does not put it in a run."""
        scenario(given=APPROVED, when=scheduling(by=by), then="payer-handled-the-claim")

    def test_before_approval(self) -> None:
        """A claim that is not approved is not owed."""
        given = [*executed(), claiming(form()), certifying()]
        scenario(given=given, when=scheduling(), then=ClaimNotApproved)
        scenario(given=executed(), when=scheduling(), then=ClaimUnknown)

    def test_what_is_in_a_run(self) -> None:
        """What is in a run is in no other; the same payment again changes nothing."""
        scenario(given=SCHEDULED, when=scheduling(payment_id=ANOTHER), then="already-in-run")
        scenario(given=SCHEDULED, when=scheduling(), then=[])

    def test_what_is_paid(self) -> None:
        """What is paid is no longer payable; every reason is named."""
        scenario(given=PAID, when=scheduling(payment_id=ANOTHER), then="nothing-payable")
        scenario(
            given=PAID,
            when=scheduling(payment_id=ANOTHER, by=PREPARER),
            then="payer-handled-the-claim nothing-payable",
        )

    def test_it_stays_payable(self) -> None:
        """What is in a run has not left: it is payable until it has."""
        claim = agreement_after(*SCHEDULED).claims[CLAIM]
        assert isinstance(claim, ApprovedClaim)
        assert claim.payable == {ISED: Money(180_00)}

    def test_the_holdback_after_completion(self) -> None:
        """Released holdback is paid by a payment of its own, also while the first is on its way."""
        completion = CompleteProject(completed_on=TODAY, by=OFFICER, on=TODAY)
        (scheduled,) = accepted([*PAID, completion], scheduling(payment_id=ANOTHER))
        assert isinstance(scheduled, PaymentScheduled)
        assert scheduled.shares == (PocketShare(pocket=ISED, amount=Money(20_00)),)

        on_its_way = [*SCHEDULED, completion]
        scenario(given=on_its_way, when=scheduling(payment_id=ANOTHER), then="already-in-run")
        left = [*on_its_way, disbursing()]
        (scheduled,) = accepted(left, scheduling(payment_id=ANOTHER))
        assert isinstance(scheduled, PaymentScheduled)
        assert scheduled.shares == (PocketShare(pocket=ISED, amount=Money(20_00)),)


class TestDisbursing:
    def test_what_was_scheduled(self) -> None:
        """Payable becomes paid when the payment has left."""
        scenario(
            given=SCHEDULED,
            when=disbursing(),
            then=[
                PaymentDisbursed(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    payment_id=PAYMENT,
                    claim_id=CLAIM,
                    participant_id=ADOPTER,
                    quarter=T1,
                    paid=SHARE,
                    paid_by=PAYER,
                )
            ],
        )
        agreement = agreement_after(*PAID)
        claim = agreement.claims[CLAIM]
        assert isinstance(claim, ApprovedClaim)
        assert (claim.payable, claim.paid) == ({}, {ISED: Money(180_00)})
        assert agreement.scheduled == {}

    def test_what_is_in_no_run(self) -> None:
        """Money leaves in payment runs only, and once."""
        scenario(given=APPROVED, when=disbursing(), then=PaymentUnknown)
        scenario(given=PAID, when=disbursing(), then=PaymentUnknown)

    @pytest.mark.parametrize("by", [PREPARER, SIGNATORY, ASSESSOR, APPROVER])
    def test_by_somebody_who_handled_the_claim(self, by: str) -> None:
        """Whoever had a hand in a claim does not say that it was paid."""
        scenario(given=SCHEDULED, when=disbursing(by=by), then=PayerHandledTheClaim)

    def test_on_a_day_before_the_approval(self) -> None:
        """A payment does not precede what allows it."""
        when = disbursing(paid_on=date(2024, 6, 29))
        scenario(given=SCHEDULED, when=when, then=PaidBeforeApproval)

    def test_tomorrow(self) -> None:
        """A payment is recorded once it has happened."""
        when = disbursing(paid_on=date(2024, 7, 1))
        scenario(given=SCHEDULED, when=when, then=DateInTheFuture)


class TestCancelling:
    def test_frees_what_it_was_to_pay(self) -> None:
        """What did not leave can be put in another run."""
        scenario(
            given=SCHEDULED,
            when=CANCELLATION,
            then=[
                PaymentCancelled(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    payment_id=PAYMENT,
                    run_id=RUN,
                    claim_id=CLAIM,
                    advance_id=None,
                    reason="account closed",
                )
            ],
        )
        agreement_after(*SCHEDULED, CANCELLATION)
        assert accepted([*SCHEDULED, CANCELLATION], scheduling(payment_id=ANOTHER))

    def test_what_is_in_no_run(self) -> None:
        """Only what is on its way is stopped."""
        scenario(given=APPROVED, when=CANCELLATION, then=PaymentUnknown)
        scenario(given=PAID, when=CANCELLATION, then=PaymentUnknown)


class TestReturning:
    def test_makes_it_payable_again(self) -> None:
        """What came back is owed as before, and can be put in a run again."""
        scenario(
            given=PAID,
            when=RETURN,
            then=[
                PaymentReturned(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    payment_id=PAYMENT,
                    claim_id=CLAIM,
                    participant_id=ADOPTER,
                    quarter=T1,
                    returned=SHARE,
                    reason="account closed",
                )
            ],
        )
        claim = agreement_after(*PAID, RETURN).claims[CLAIM]
        assert isinstance(claim, ApprovedClaim)
        assert claim.payable == {ISED: Money(180_00)}
        assert claim.paid == {}
        assert accepted([*PAID, RETURN], scheduling(payment_id=ANOTHER))

    def test_what_was_never_paid(self) -> None:
        """Only a payment that left comes back."""
        scenario(given=APPROVED, when=RETURN, then=PaymentUnknown)
        scenario(given=SCHEDULED, when=RETURN, then=PaymentUnknown)

    def test_twice(self) -> None:
        """A payment comes back once."""
        scenario(given=[*PAID, RETURN], when=RETURN, then=PaymentAlreadyReturned)

    def test_before_it_left_or_tomorrow(self) -> None:
        """A payment comes back between the day it left and today."""
        scenario(
            given=PAID,
            when=replace(RETURN, returned_on=date(2024, 6, 29)),
            then=ReturnedBeforePaid,
        )
        scenario(
            given=PAID, when=replace(RETURN, returned_on=date(2024, 7, 1)), then=DateInTheFuture
        )
