"""Every kind of fact, and the entry it makes."""

from datetime import date

import pytest

from services.finance.domain.events import (
    ActualRecorded,
    AuthorityChanged,
    DrawdownReceived,
    DrawdownSubmitted,
    FunderAgreementOpened,
    IncreaseEnd,
    IncreaseReservationEnded,
    LineKind,
    PocketAmount,
    PocketOpened,
    ReservationEnd,
    ReservationEnded,
    YearlyCeiling,
)
from services.finance.domain.ledger import Account, Entry, EntryKind, Line, UnbalancedEntry
from services.finance.projections.postings import entry_of
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from tests.unit.finance import facts
from tests.unit.finance.facts import DAY, T1, T2, cells, match, shares


def posted(fact: object) -> list[tuple[str, str | None, str | None, int]]:
    """The lines of a fact, briefly: account, pocket, quarter, cents."""
    entry = entry_of(fact)
    assert entry is not None
    return [
        (
            str(line.account),
            line.pocket,
            None if line.quarter is None else str(line.quarter),
            line.amount.cents,
        )
        for line in entry.lines
    ]


class TestEnvelopes:
    def test_opening_a_pocket(self) -> None:
        """What a funder grants is available."""
        fact = PocketOpened(
            pocket="P",
            funder="ISED",
            funder_agreement="ISED-P1",
            name_en="",
            name_fr="",
            authority=Money(500),
            effective_on=DAY,
        )
        assert posted(fact) == [("authority", "P", None, -500), ("available", "P", None, 500)]

    def test_changing_its_authority(self) -> None:
        """Only the difference moves, down as well as up."""
        fact = AuthorityChanged(
            pocket="P",
            funder="ISED",
            funder_agreement="ISED-P1",
            previous=Money(500),
            authority=Money(300),
            effective_on=DAY,
        )
        assert posted(fact) == [("authority", "P", None, 200), ("available", "P", None, -200)]

    def test_changing_its_yearly_ceilings_alone(self) -> None:
        """What a year may be promised moves no money."""
        fact = AuthorityChanged(
            pocket="P",
            funder="ISED",
            funder_agreement="ISED-P1",
            previous=Money(500),
            authority=Money(500),
            yearly=(YearlyCeiling(fiscal_year=2024, ceiling=Money(100)),),
            effective_on=DAY,
        )
        assert entry_of(fact) is None

    def test_opening_an_agreement_alone(self) -> None:
        """A funder agreement moves nothing until its pockets are opened."""
        fact = FunderAgreementOpened(
            code="ISED-P1",
            funder="ISED",
            name_en="",
            name_fr="",
            pockets=(),
            effective_on=DAY,
        )
        assert entry_of(fact) is None


class TestAwards:
    def test_an_award_is_approved(self) -> None:
        """Available money is reserved, per cell."""
        assert posted(facts.award_approved(("P", T1, 7), ("Q", T2, 5))) == [
            ("available", "P", "2024-T1", -7),
            ("available", "Q", "2024-T2", -5),
            ("reserved", "P", "2024-T1", 7),
            ("reserved", "Q", "2024-T2", 5),
        ]

    def test_its_reservation_ends(self) -> None:
        """What was reserved is available again."""
        fact = ReservationEnded(
            award_id=facts.AWARD,
            project_id=facts.PROJECT,
            programme_code="IND-P1",
            funding=cells(("P", T1, 7)),
            reason=ReservationEnd.LAPSED,
            effective_on=DAY,
        )
        assert posted(fact) == [
            ("reserved", "P", "2024-T1", -7),
            ("available", "P", "2024-T1", 7),
        ]

    def test_a_lapse_itself(self) -> None:
        """That an award lapsed moves nothing: the end of its reservation does, once."""
        assert entry_of(facts.award_lapsed(("P", T1, 7))) is None


class TestAgreements:
    def test_one_is_executed(self) -> None:
        """Available money is committed per planned quarter, and match is promised beside it."""
        fact = facts.agreement_executed(("P", T1, 7), promised=match((T2, 9)))
        assert posted(fact) == [
            ("available", "P", "2024-T1", -7),
            ("committed", "P", "2024-T1", 7),
            ("match-expected", None, "2024-T2", -9),
            ("match-promised", None, "2024-T2", 9),
        ]

    def test_one_is_amended(self) -> None:
        """Only differences move."""
        fact = facts.agreement_amended(("P", T1, -3), ("P", T2, 1), promised=match((T2, -4)))
        assert posted(fact) == [
            ("available", "P", "2024-T1", 3),
            ("available", "P", "2024-T2", -1),
            ("committed", "P", "2024-T1", -3),
            ("committed", "P", "2024-T2", 1),
            ("match-expected", None, "2024-T2", 4),
            ("match-promised", None, "2024-T2", -4),
        ]

    def test_an_increase_is_reserved(self) -> None:
        """What a proposed amendment would add is reserved, from what is available."""
        assert posted(facts.increase_reserved(("P", T1, 5))) == [
            ("available", "P", "2024-T1", -5),
            ("reserved", "P", "2024-T1", 5),
        ]
        assert entry_of(facts.increase_withdrawn(("P", T1, 5))) is None

    def test_the_reservation_of_an_increase_ends(self) -> None:
        """All of it is available again, whatever comes in its place."""
        fact = IncreaseReservationEnded(
            amendment_id=derived_id("amendment", DAY),
            project_id=facts.PROJECT,
            programme_code="IND-P1",
            funding=cells(("P", T1, 5)),
            reason=IncreaseEnd.AMENDED,
            effective_on=DAY,
        )
        assert posted(fact) == [
            ("reserved", "P", "2024-T1", -5),
            ("available", "P", "2024-T1", 5),
        ]

    def test_its_forecast_is_revised(self) -> None:
        """Committed money changes its quarter and nothing else."""
        fact = facts.forecast_revised(("P", T1, -3), ("P", T2, 3))
        assert posted(fact) == [
            ("committed", "P", "2024-T1", -3),
            ("committed", "P", "2024-T2", 3),
        ]

    def test_a_forecast_that_does_not_add_up(self) -> None:
        """Moving money between quarters cannot make any, not even in another pocket."""
        with pytest.raises(UnbalancedEntry):
            entry_of(facts.forecast_revised(("P", T1, -3), ("Q", T2, 3)))

    def test_what_is_left_is_released(self) -> None:
        """Committed money is available again, and its match is promised no more."""
        fact = facts.commitment_released(("P", T2, 4), promised=match((T2, 6)))
        assert posted(fact) == [
            ("committed", "P", "2024-T2", -4),
            ("available", "P", "2024-T2", 4),
            ("match-promised", None, "2024-T2", -6),
            ("match-expected", None, "2024-T2", 6),
        ]


class TestClaims:
    def test_one_is_approved(self) -> None:
        """It leaves the planned quarters and is owed, and kept, in its own."""
        fact = facts.claim_approved(
            T2,
            ("P", T1, 4),
            ("P", T2, 6),
            payable=shares(P=9),
            held_back=shares(P=1),
            reported=15,
        )
        assert posted(fact) == [
            ("committed", "P", "2024-T1", -4),
            ("committed", "P", "2024-T2", -6),
            ("payable", "P", "2024-T2", 9),
            ("held-back", "P", "2024-T2", 1),
            ("match-promised", None, "2024-T2", -15),
            ("match-reported", None, "2024-T2", 15),
        ]

    def test_one_that_does_not_add_up(self) -> None:
        """What is drawn is what is owed and held back, in every pocket."""
        with pytest.raises(UnbalancedEntry):
            entry_of(facts.claim_approved(T1, ("P", T1, 10), payable=shares(P=9)))

    def test_its_holdback_is_released(self) -> None:
        """What was held back is payable."""
        assert posted(facts.holdback_released(T1, P=2)) == [
            ("held-back", "P", "2024-T1", -2),
            ("payable", "P", "2024-T1", 2),
        ]

    def test_its_holdback_is_forfeited(self) -> None:
        """What is given up is available again, and is not committed."""
        assert posted(facts.holdback_forfeited(T1, P=6)) == [
            ("held-back", "P", "2024-T1", -6),
            ("available", "P", "2024-T1", 6),
        ]

    def test_it_is_paid(self) -> None:
        """Payable becomes paid, and cash leaves what was drawn for it."""
        assert posted(facts.payment_disbursed(T1, P=8)) == [
            ("payable", "P", "2024-T1", -8),
            ("paid", "P", "2024-T1", 8),
            ("cash", "P", "2024-T1", -8),
            ("drawn", "P", "2024-T1", 8),
        ]

    def test_its_payment_comes_back(self) -> None:
        """A return is the payment with every sign turned."""
        disbursed = posted(facts.payment_disbursed(T1, P=8))
        assert posted(facts.payment_returned(T1, P=8)) == [
            (account, pocket, quarter, -cents) for account, pocket, quarter, cents in disbursed
        ]


class TestAdvances:
    def test_one_is_approved(self) -> None:
        """It leaves the planned quarters and is owed in that of its approval."""
        fact = facts.advance_approved(T1, ("P", T1, 4), ("P", T2, 6), P=10)
        assert posted(fact) == [
            ("committed", "P", "2024-T1", -4),
            ("committed", "P", "2024-T2", -6),
            ("payable", "P", "2024-T1", 10),
        ]

    def test_one_that_does_not_add_up(self) -> None:
        """What is drawn is what is payable."""
        with pytest.raises(UnbalancedEntry):
            entry_of(facts.advance_approved(T1, ("P", T1, 4), P=5))

    def test_it_is_cancelled(self) -> None:
        """A cancellation is the approval with every sign turned."""
        approved = posted(facts.advance_approved(T1, ("P", T1, 4), ("P", T2, 6), P=10))
        assert posted(facts.advance_cancelled(T1, ("P", T1, 4), ("P", T2, 6))) == [
            (account, pocket, quarter, -cents) for account, pocket, quarter, cents in approved
        ]

    def test_it_is_paid_and_comes_back_like_a_claim(self) -> None:
        """Advances and claims are paid in the same way."""
        paid = posted(facts.payment_disbursed(T1, P=8))
        assert posted(facts.advance_disbursed(T1, P=8)) == paid
        returned = posted(facts.payment_returned(T1, P=8))
        assert posted(facts.advance_returned(T1, P=8)) == returned

    def test_a_claim_accounts_for_it(self) -> None:
        """What was paid in advance moves to the claim's quarter; nothing else is moved by it."""
        fact = facts.claim_approved(
            T2, ("P", T2, 1), payable=(), held_back=shares(P=1), advance=(("P", T1, 9),)
        )
        assert posted(fact) == [
            ("committed", "P", "2024-T2", -1),
            ("held-back", "P", "2024-T2", 1),
            ("paid", "P", "2024-T1", -9),
            ("paid", "P", "2024-T2", 9),
        ]


class TestRecoveries:
    def test_one_is_asked_for(self) -> None:
        """What was paid is to be recovered, in the quarter in which it was spent."""
        assert posted(facts.recovery_requested(("P", T1, 5))) == [
            ("paid", "P", "2024-T1", -5),
            ("to-be-recovered", "P", "2024-T1", 5),
        ]

    def test_it_is_received(self) -> None:
        """It is available again, with the cash, in the quarter of that day; interest is ours."""
        fact = facts.recovery_received(("P", T1, 5), interest=2, on=date(2023, 7, 1))
        assert posted(fact) == [
            ("paid", "P", "2024-T1", 5),
            ("to-be-recovered", "P", "2024-T1", -5),
            ("recovered", "P", "2024-T2", -5),
            ("available", "P", "2024-T2", 5),
            ("cash", "P", None, 5),
            ("drawn", "P", None, -5),
            ("other-revenue", None, "2024-T2", 2),
            ("operating-result", None, "2024-T2", -2),
        ]

    def test_it_is_given_up(self) -> None:
        """Written off or cancelled, it stays paid."""
        undone = [("paid", "P", "2024-T1", 5), ("to-be-recovered", "P", "2024-T1", -5)]
        assert posted(facts.recovery_written_off(("P", T1, 5))) == undone
        assert posted(facts.recovery_cancelled(("P", T1, 5))) == undone

    def test_it_is_kept_from_a_claim(self) -> None:
        """The claim is paid by the debt: what was recovered is available, and no cash moves."""
        fact = facts.claim_approved(
            T2, ("P", T2, 9), payable=shares(P=4), recovery=(("P", T1, 5),), on=date(2023, 10, 2)
        )
        assert posted(fact) == [
            ("committed", "P", "2024-T2", -9),
            ("payable", "P", "2024-T2", 4),
            ("paid", "P", "2024-T2", 5),
            ("paid", "P", "2024-T1", 5),
            ("to-be-recovered", "P", "2024-T1", -5),
            ("recovered", "P", "2024-T3", -5),
            ("available", "P", "2024-T3", 5),
        ]

    def test_one_pockets_claim_pays_anothers_debt(self) -> None:
        """Then the cash moves between the two."""
        fact = facts.claim_approved(T2, ("P", T2, 9), payable=shares(P=4), recovery=(("Q", T1, 5),))
        assert [line for line in posted(fact) if line[0] in {"cash", "drawn"}] == [
            ("cash", "P", None, -5),
            ("drawn", "P", None, 5),
            ("cash", "Q", None, 5),
            ("drawn", "Q", None, -5),
        ]

    def test_no_more_is_kept_than_is_owed_back(self) -> None:
        """A claim that keeps something else than its set-off does not add up."""
        fact = facts.claim_approved(T2, ("P", T2, 9), payable=shares(P=4), recovery=(("P", T1, 4),))
        with pytest.raises(UnbalancedEntry):
            entry_of(fact)


class TestDrawdowns:
    def test_one_is_submitted(self) -> None:
        """The funder owes it; it waits to be paid out."""
        fact = DrawdownSubmitted(
            drawdown_id=derived_id("drawdown"),
            funder_agreement="ISED-P1",
            pockets=(PocketAmount(pocket="P", amount=Money(30)),),
            effective_on=DAY,
        )
        assert posted(fact) == [("due-from-funder", "P", None, 30), ("drawn", "P", None, -30)]

    def test_it_is_received(self) -> None:
        """What was owed is cash."""
        fact = DrawdownReceived(
            drawdown_id=derived_id("drawdown"),
            funder_agreement="ISED-P1",
            pockets=(PocketAmount(pocket="P", amount=Money(30)),),
            effective_on=DAY,
        )
        assert posted(fact) == [("due-from-funder", "P", None, -30), ("cash", "P", None, 30)]


def test_an_actual_belongs_to_the_quarter_in_which_it_happened() -> None:
    """Operations and revenue stand in the quarter of their date, under their code."""
    fact = ActualRecorded(
        actual_id=derived_id("actual"),
        kind=LineKind.OPERATIONS,
        code="RENT",
        amount=Money(12),
        effective_on=date(2023, 7, 1),
    )
    assert posted(fact) == [
        ("operations", None, "2024-T2", 12),
        ("operating-result", None, "2024-T2", -12),
    ]


def test_amounts_of_another_currency_have_no_place_in_the_ledger() -> None:
    """The ledger is in Canadian dollars: anything else is refused, not converted."""
    lines = (
        Line(account=Account.AUTHORITY, amount=Money(-1, "USD"), pocket="P"),
        Line(account=Account.AVAILABLE, amount=Money(1, "USD"), pocket="P"),
    )
    with pytest.raises(UnbalancedEntry):
        Entry(EntryKind.POCKET_OPENED, lines)
