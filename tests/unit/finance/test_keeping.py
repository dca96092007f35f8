"""What is kept of the facts about an award: its reservation is freed once, in whatever order."""

from itertools import permutations

from services.finance.domain.events import ReservationEnd, ReservationEnded
from services.finance.domain.ledger import Account
from services.finance.use_cases.policies import whenever_something_happens_to_an_award_keep_it
from tests.ledgers.books import Books
from tests.ledgers.reading import check_identities
from tests.unit.finance import facts
from tests.unit.finance.facts import T1, T2, cells

APPROVED = facts.award_approved(("P", T1, 10))
EXECUTED = facts.agreement_executed(("P", T1, 6), ("P", T2, 3))
LAPSED = facts.award_lapsed(("P", T1, 10))


def freed(reason: ReservationEnd) -> ReservationEnded:
    """All that the award had reserved is free."""
    return ReservationEnded(
        award_id=facts.AWARD,
        project_id=facts.PROJECT,
        programme_code="IND-P1",
        funding=cells(("P", T1, 10)),
        reason=reason,
        effective_on=facts.DAY,
    )


class TestKeepingFactsAboutAnAward:
    def test_the_award_itself(self) -> None:
        """It is kept; its reservation stands."""
        assert whenever_something_happens_to_an_award_keep_it(APPROVED, []) == [APPROVED]

    def test_when_it_is_executed(self) -> None:
        """Its agreement takes the place of the whole reservation, whatever was signed."""
        kept = whenever_something_happens_to_an_award_keep_it(EXECUTED, [APPROVED])
        assert kept == [EXECUTED, freed(ReservationEnd.EXECUTED)]

    def test_when_it_lapses(self) -> None:
        """Its reservation returns."""
        kept = whenever_something_happens_to_an_award_keep_it(LAPSED, [APPROVED])
        assert kept == [LAPSED, freed(ReservationEnd.LAPSED)]

    def test_when_the_agreement_is_heard_of_first(self) -> None:
        """Two services are heard in any order: a late award reserves nothing for long."""
        assert whenever_something_happens_to_an_award_keep_it(EXECUTED, []) == [EXECUTED]
        kept = whenever_something_happens_to_an_award_keep_it(APPROVED, [EXECUTED])
        assert kept == [APPROVED, freed(ReservationEnd.EXECUTED)]

    def test_when_it_is_heard_twice(self) -> None:
        """The same fact is kept once."""
        assert whenever_something_happens_to_an_award_keep_it(APPROVED, [APPROVED]) == []

    def test_any_order_ends_with_nothing_reserved(self) -> None:
        """Award, lapse and execution give the same balances in every order."""
        for order in permutations((APPROVED, EXECUTED, LAPSED)):
            books = Books()
            for fact in order:
                books.hear(fact)
            check_identities(books)
            assert books.balance(Account.RESERVED) == 0
            assert books.balance(Account.COMMITTED) == 9
