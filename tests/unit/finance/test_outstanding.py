"""How old what is outstanding is, and when it will be paid."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.finance.domain.ageing import PAYABLES, Aged, bands, outstanding
from services.finance.domain.cash_requirement import MONTHS, Owed, cash_requirement
from services.finance.domain.ledger import Account
from shared.kernel.periods import Quarter

DAY = date(2024, 6, 15)


def aged(days: int, cents: int) -> Aged:
    """An amount that is so many days old on ``DAY``."""
    return Aged(since=DAY - timedelta(days=days), cents=cents)


class TestAges:
    def test_an_edge_belongs_to_the_band_below(self) -> None:
        """30 days is not yet over 30 days; what is to come is in the first band."""
        ages = [aged(-3, 1), aged(0, 2), aged(30, 4), aged(31, 8), aged(90, 16), aged(91, 32)]
        assert bands(ages, on=DAY, edges=PAYABLES) == (7, 8, 16, 32)

    def test_what_is_oldest_is_settled_first(self) -> None:
        """A payment takes from what was owed first; what is left keeps its day."""
        assert outstanding([aged(50, 100), aged(40, 60), aged(10, -120)]) == [aged(40, 40)]

    def test_a_settlement_heard_first(self) -> None:
        """What was settled before it is known to be owed is not outstanding."""
        assert outstanding([aged(50, -30), aged(40, 100)]) == [aged(40, 70)]

    @given(st.lists(st.integers(min_value=-1_000, max_value=1_000), max_size=30))
    def test_what_is_left_is_the_balance(self, amounts: list[int]) -> None:
        """Whatever came and went: what is outstanding adds up to it unless more was settled."""
        left = outstanding(aged(60 - number, cents) for number, cents in enumerate(amounts))
        assert sum(each.cents for each in left) >= sum(amounts)
        assert all(each.cents > 0 for each in left)
        if sum(amounts) >= 0:
            # Nothing is settled ahead at the end unless the balance is below zero.
            assert sum(each.cents for each in left) == sum(amounts)


class TestCash:
    def test_when_each_kind_is_needed(self) -> None:
        """Payable now; committed and held back in the month after their quarter."""
        months = cash_requirement(
            [
                Owed(account=Account.PAYABLE, cents=100),
                Owed(account=Account.COMMITTED, cents=20, quarter=Quarter(2024, 4)),
                Owed(account=Account.COMMITTED, cents=30, quarter=Quarter(2025, 1)),
                Owed(account=Account.HELD_BACK, cents=7, quarter=Quarter(2025, 2)),
                Owed(account=Account.COMMITTED, cents=9, quarter=Quarter(2029, 1)),
            ],
            cash=140,
            on=DAY,
        )
        assert len(months) == MONTHS + 1
        june, july, august, september, october = months[:5]
        assert (june.starts_on, june.payable, june.committed) == (date(2024, 6, 1), 100, 20)
        assert (july.starts_on, july.committed) == (date(2024, 7, 1), 30)
        assert (august.total, september.total) == (0, 0)
        assert (october.starts_on, october.held_back) == (date(2024, 10, 1), 7)
        assert (months[-1].starts_on, months[-1].committed) == (None, 9)
        # 140 at hand covers June's 120 and 20 of July's 30.
        assert [month.to_be_drawn for month in (june, july, october)] == [0, 10, 7]

    @given(
        st.lists(st.tuples(st.integers(2023, 2030), st.integers(1, 4), st.integers(0, 10**12))),
        st.integers(0, 10**12),
    )
    def test_nothing_is_lost(self, cells: list[tuple[int, int, int]], cash: int) -> None:
        """All that is owed is needed some day, and all that cash does not cover is drawn."""
        owed = [
            Owed(account=Account.COMMITTED, cents=cents, quarter=Quarter(year, number))
            for year, number, cents in cells
        ]
        months = cash_requirement(owed, cash=cash, on=DAY)
        needed = sum(cents for *_, cents in cells)
        assert sum(month.total for month in months) == needed
        assert sum(month.to_be_drawn for month in months) == max(0, needed - cash)
