from dataclasses import replace
from datetime import date

import pytest

from services.claims.domain.claim import ClaimUnknown
from services.claims.domain.commands import CompleteProject, ReturnPayment
from services.claims.domain.events import PaymentDisbursed, PaymentReturned
from services.claims.domain.payment import (
    ClaimNotApproved,
    DateInTheFuture,
    NothingPayable,
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
    SIGNATORY,
    T1,
    TODAY,
    accepted,
    agreement_after,
    approved_claim,
    certifying,
    claiming,
    executed,
    form,
    paying,
    scenario,
)

APPROVED = (*executed(), *approved_claim(form()))
PAID = (*APPROVED, paying())
SHARE = (PocketShare(pocket=ISED, amount=Money(180_00)),)
RETURN = ReturnPayment(payment_id=PAYMENT, returned_on=TODAY, reason="account closed", on=TODAY)


class TestPaying:
    def test_all_that_is_payable(self) -> None:
        """A payment pays what is payable of the claim, without the holdback."""
        scenario(
            given=APPROVED,
            when=paying(),
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

    @pytest.mark.parametrize("by", [PREPARER, SIGNATORY, ASSESSOR, APPROVER])
    def test_by_somebody_who_handled_the_claim(self, by: str) -> None:
        """Whoever prepared, certified, assessed or approved a claim does not pay it."""
        scenario(given=APPROVED, when=paying(by=by), then=PayerHandledTheClaim)

    def test_before_approval(self) -> None:
        """A claim that is not approved is not owed."""
        given = [*executed(), claiming(form()), certifying()]
        scenario(given=given, when=paying(), then=ClaimNotApproved)
        scenario(given=executed(), when=paying(), then=ClaimUnknown)

    def test_on_a_day_before_the_approval(self) -> None:
        """A payment does not precede what allows it."""
        scenario(given=APPROVED, when=paying(paid_on=date(2024, 6, 29)), then=PaidBeforeApproval)

    def test_tomorrow(self) -> None:
        """A payment is recorded once it has happened."""
        scenario(given=APPROVED, when=paying(paid_on=date(2024, 7, 1)), then=DateInTheFuture)

    def test_twice(self) -> None:
        """What is paid is no longer payable; the same payment again changes nothing."""
        another = paying(payment_id=derived_id("payment", "other"))
        scenario(given=PAID, when=another, then=NothingPayable)
        scenario(given=PAID, when=paying(), then=[])

    def test_the_holdback_after_completion(self) -> None:
        """Released holdback is paid by a payment of its own."""
        completion = CompleteProject(completed_on=TODAY, by=OFFICER, on=TODAY)
        (paid,) = accepted(
            [*PAID, completion], paying(payment_id=derived_id("payment", "holdback"))
        )
        assert isinstance(paid, PaymentDisbursed)
        assert paid.paid == (PocketShare(pocket=ISED, amount=Money(20_00)),)


class TestReturning:
    def test_makes_it_payable_again(self) -> None:
        """What came back is owed as before, and can be paid again."""
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
        assert accepted([*PAID, RETURN], paying(payment_id=derived_id("payment", "again")))

    def test_what_was_never_paid(self) -> None:
        """Only a payment comes back."""
        scenario(given=APPROVED, when=RETURN, then=PaymentUnknown)

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
