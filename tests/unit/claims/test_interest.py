from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.claims.domain.interest import Movement, interest_due
from shared.kernel.money import Money

DUE = date(2024, 1, 31)


def interest(
    on: date, *movements: Movement, asked: int = 10_000_00, bp: int = 1_200, due_on: date = DUE
) -> int:
    due = interest_due(
        asked=Money(asked), movements=movements, due_on=due_on, yearly_rate_bp=bp, on=on
    )
    return due.cents


class TestWorkedExamples:
    """Of 10 000 dollars due on 31 January 2024, at 12 % a year: 1 % a month."""

    @pytest.mark.parametrize(
        ("on", "cents"),
        [
            (date(2024, 1, 31), 0),
            (date(2024, 2, 1), 3_45),  # a day of the 29 to 29 February: 100.00 / 29
            (date(2024, 2, 29), 100_00),
            (date(2024, 3, 31), 201_00),  # 100.00 + 1 % of 10 100.00
            (date(2024, 4, 15), 252_01),  # + 15 days of 30 of 1 % of 10 201.00
            (date(2025, 1, 31), 1_268_25),  # 10 000 × (1.01^12 − 1)
        ],
    )
    def test_months_compound_and_days_count(self, on: date, cents: int) -> None:
        """Whole months compound; a part of a month counts by its days; one rounding, half-up."""
        assert interest(on) == cents

    def test_a_half_cent_goes_up(self) -> None:
        """0.005 dollars is a cent."""
        assert interest(date(2024, 2, 29), asked=50) == 1
        assert interest(date(2024, 2, 29), asked=49) == 0

    def test_what_was_received_bears_none_from_that_day(self) -> None:
        """Half paid in the middle of the month: 15 days of 30 on all, then on half."""
        half = Movement(on=date(2024, 4, 15), amount=Money(5_000_00))
        due_on = date(2024, 3, 31)
        assert interest(date(2024, 4, 30), half, due_on=due_on) == 50_00 + 25_00

    def test_interest_that_was_received_is_owed_no_more(self) -> None:
        """After a month 100.00 is owed; once it is paid, the next month costs 100.00 again."""
        paid = Movement(on=date(2024, 2, 29), amount=Money(0), interest=Money(100_00))
        assert interest(date(2024, 2, 29), paid) == 0
        assert interest(date(2024, 3, 31), paid) == 100_00

    def test_paid_before_it_was_due(self) -> None:
        """A debt that is gone on its due date never costs anything."""
        early = Movement(on=date(2024, 1, 10), amount=Money(10_000_00))
        assert interest(date(2026, 1, 1), early) == 0

    def test_a_programme_without_a_rate(self) -> None:
        """Terms that say nothing of interest ask none."""
        assert interest(date(2030, 1, 1), bp=0) == 0


days = st.integers(0, 700).map(lambda number: date.fromordinal(DUE.toordinal() + number))


@given(asked=st.integers(0, 10_000_000_00), bp=st.integers(0, 3_000), one=days, other=days)
def test_more_time_never_costs_less(asked: int, bp: int, one: date, other: date) -> None:
    """Interest only grows, and is at least simple interest of the whole months."""
    first, last = sorted((one, other))
    assert interest(first, asked=asked, bp=bp) <= interest(last, asked=asked, bp=bp)


@given(asked=st.integers(1, 10_000_000_00), share=st.integers(0, 100), paid_on=days, on=days)
def test_what_is_paid_back_never_costs_more(
    asked: int, share: int, paid_on: date, on: date
) -> None:
    """A payment never raises what is owed, on whichever day one looks."""
    part = Movement(on=paid_on, amount=Money(asked * share // 100))
    assert 0 <= interest(on, part, asked=asked) <= interest(on, asked=asked)
