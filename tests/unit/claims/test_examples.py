from datetime import date

from services.claims.domain.commands import CompleteProject, TerminateAgreement
from services.claims.domain.events import ClaimApproved
from services.claims.domain.state import Balance
from services.claims.domain.values import PocketShare
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money
from tests.unit.claims.scenario import (
    ADOPTER,
    CLAIM,
    ISED,
    MEIE,
    NEXT_T1,
    OFFICER,
    OTHER_CLAIM,
    T1,
    T2,
    T4,
    TODAY,
    accepted,
    agreement_after,
    approved_claim,
    cell,
    claiming,
    executed,
    form,
    line,
    match_cell,
    paying,
    scenario,
)

HOLDBACK_PAYMENT = derived_id("payment", "holdback")


class TestAPartialClaimThenClose:
    """100 dollars contracted, 60 claimed, 40 given back."""

    def test_ends_with_what_was_claimed_paid_and_the_rest_released(self) -> None:
        """Contracted 100.00 = paid 60.00 + released 40.00, and nothing stands anywhere else."""
        agreement = agreement_after(
            *executed(funding=[cell(T1, 100_00)], match=[match_cell(T1, 150_00)]),
            *approved_claim(form(line(150_00))),
            *paying(),
            CompleteProject(completed_on=TODAY, by=OFFICER, on=TODAY),
            *paying(payment_id=HOLDBACK_PAYMENT),
        )
        assert agreement.balances() == {
            ISED: Balance(
                contracted=Money(100_00),
                committed=ZERO,
                payable=ZERO,
                held_back=ZERO,
                paid=Money(60_00),
                released=Money(40_00),
            )
        }
        assert [payment.paid[0].amount for payment in agreement.payments.values()] == [
            Money(54_00),
            Money(6_00),
        ]


class TestTwoPocketsWithAnOddCent:
    """A claim of 33.35 at 40 % is 13.34, over pockets of two to one: 8.89 and 4.45."""

    def test_hands_the_odd_cent_to_the_largest_remainder(self) -> None:
        """The shares, their holdback and the payable parts add up to the cent."""
        given = [
            *executed(
                funding=[cell(T1, 200_00), cell(T1, 100_00, pocket=MEIE)],
                match=[match_cell(T1, 450_00)],
            ),
            *approved_claim(form(line(33_35)))[:-1],
        ]
        (approved,) = accepted(given, approved_claim(form())[-1])
        assert isinstance(approved, ClaimApproved)
        assert approved.reimbursable == Money(13_34)
        assert approved.drawn == (cell(T1, 8_89), cell(T1, 4_45, pocket=MEIE))
        assert approved.held_back == (
            PocketShare(pocket=ISED, amount=Money(89)),
            PocketShare(pocket=MEIE, amount=Money(44)),
        )
        assert approved.payable == (
            PocketShare(pocket=ISED, amount=Money(8_00)),
            PocketShare(pocket=MEIE, amount=Money(4_01)),
        )
        assert approved.match_cash == Money(20_01)


class TestTheMarchSplit:
    """Costs of March and April 2024 belong to two fiscal years."""

    def test_refuses_one_claim_and_takes_two(self) -> None:
        """One claim across 31 March is refused; one until and one from it are approved."""
        in_force = executed(
            funding=[cell(T4, 40_00), cell(NEXT_T1, 40_00)],
            match=[match_cell(T4, 60_00), match_cell(NEXT_T1, 60_00)],
        )
        march, april = (
            (date(2024, 3, 1), date(2024, 3, 31)),
            (date(2024, 4, 1), date(2024, 4, 30)),
        )
        across = form(line(incurred=(march[0], april[1])), starts_on=march[0], ends_on=april[1])
        scenario(given=in_force, when=claiming(across), then="period-crosses-fiscal-year")
        agreement = agreement_after(
            *in_force,
            *approved_claim(
                form(line(50_00, incurred=march), starts_on=march[0], ends_on=march[1])
            ),
            *approved_claim(
                form(line(75_00, incurred=april), starts_on=april[0], ends_on=april[1]),
                claim_id=OTHER_CLAIM,
            ),
        )
        assert agreement.claims[CLAIM].form.quarter == T4
        assert agreement.claims[OTHER_CLAIM].form.quarter == NEXT_T1
        assert agreement.committed[ADOPTER] == {
            (T4, ISED): Money(20_00),
            (NEXT_T1, ISED): Money(10_00),
        }


class TestATermination:
    """800 contracted; 200 claimed of which 180 paid; the rest returns, the holdback stays."""

    def test_gives_back_the_commitment_and_nothing_else(self) -> None:
        """Contracted 800 = payable 20 (the holdback) + paid 180 + released 600."""
        agreement = agreement_after(
            *executed(),
            *approved_claim(form()),
            *paying(),
            TerminateAgreement(
                terminated_on=T2.starts_on, reason="withdrawal", by=OFFICER, on=TODAY
            ),
        )
        assert agreement.balances()[ISED] == Balance(
            contracted=Money(800_00),
            committed=ZERO,
            payable=Money(20_00),
            held_back=ZERO,
            paid=Money(180_00),
            released=Money(600_00),
        )
