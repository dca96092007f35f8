"""What is kept of the facts about an award: its reservation is freed once, in whatever order."""

from itertools import permutations

from services.finance.domain.events import (
    IncreaseEnd,
    IncreaseReservationEnded,
    ReservationEnd,
    ReservationEnded,
)
from services.finance.domain.ledger import Account
from services.finance.use_cases.policies import (
    whenever_something_happens_to_an_award_keep_it,
    whenever_something_happens_to_an_increase_keep_it,
)
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


RESERVED = facts.increase_reserved(("P", T1, 5))
AMENDED = facts.agreement_amended(("P", T1, 5))
WITHDRAWN = facts.increase_withdrawn(("P", T1, 5))


def free(reason: IncreaseEnd) -> IncreaseReservationEnded:
    """All that the increase had reserved is free."""
    return IncreaseReservationEnded(
        amendment_id=RESERVED.amendment_id,
        project_id=facts.PROJECT,
        programme_code="IND-P1",
        funding=cells(("P", T1, 5)),
        reason=reason,
        effective_on=facts.DAY,
    )


class TestKeepingFactsAboutAnIncrease:
    def test_its_reservation(self) -> None:
        """It is kept, once; the money stays reserved."""
        keep = whenever_something_happens_to_an_increase_keep_it
        assert keep(RESERVED, []) == [RESERVED]
        assert keep(RESERVED, [RESERVED]) == []

    def test_its_end(self) -> None:
        """The amendment takes its place, or it will never come."""
        keep = whenever_something_happens_to_an_increase_keep_it
        assert keep(AMENDED, [RESERVED]) == [AMENDED, free(IncreaseEnd.AMENDED)]
        assert keep(WITHDRAWN, [RESERVED]) == [WITHDRAWN, free(IncreaseEnd.WITHDRAWN)]

    def test_its_end_before_its_reservation(self) -> None:
        """Two services are heard in any order."""
        keep = whenever_something_happens_to_an_increase_keep_it
        assert keep(AMENDED, []) == [AMENDED]
        assert keep(RESERVED, [AMENDED]) == [RESERVED, free(IncreaseEnd.AMENDED)]
        assert keep(RESERVED, [WITHDRAWN]) == [RESERVED, free(IncreaseEnd.WITHDRAWN)]

    def test_any_order_ends_with_nothing_reserved(self) -> None:
        """Reservation and amendment give the same balances in either order."""
        for order in permutations((RESERVED, AMENDED)):
            books = Books()
            for fact in (APPROVED, EXECUTED, *order):
                books.hear(fact)
            check_identities(books)
            assert books.balance(Account.RESERVED) == 0
            assert books.balance(Account.COMMITTED) == 14
