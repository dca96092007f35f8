"""Money is split without losing or making a cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.money import ZERO, CurrencyMismatch, Money, split_cents, total

weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any)
cents = st.integers(-(10**15), 10**15)


class TestSplitting:
    @given(cents, weights)
    def test_the_parts_add_up(self, amount: int, given_weights: list[int]) -> None:
        """No cent is lost or made."""
        assert sum(split_cents(amount, given_weights)) == amount

    @given(cents, weights)
    def test_each_part_is_within_a_cent_of_its_share(
        self, amount: int, given_weights: list[int]
    ) -> None:
        """Nobody gets a cent more or less than rounding explains, and weight zero gets nothing."""
        whole = sum(given_weights)
        for part, weight in zip(split_cents(amount, given_weights), given_weights, strict=True):
            assert abs(part * whole - amount * weight) < whole
            assert weight or part == 0

    @given(st.integers(0, 10**12), weights)
    def test_taking_back_mirrors_giving(self, amount: int, given_weights: list[int]) -> None:
        """A negative amount is split as the positive one was."""
        assert split_cents(-amount, given_weights) == [
            -part for part in split_cents(amount, given_weights)
        ]

    def test_the_odd_cent_goes_to_the_largest_remainder(self) -> None:
        """A dollar over three equal parts gives the odd cent to the first."""
        assert split_cents(100, [1, 1, 1]) == [34, 33, 33]
        assert split_cents(10, [1, 2]) == [3, 7]

    @pytest.mark.parametrize("bad", [[], [0, 0], [1, -1]])
    def test_weights_must_say_something(self, bad: list[int]) -> None:
        """Nothing, zeros and negative weights are a defect of the caller."""
        with pytest.raises(ValueError, match="weights"):
            split_cents(100, bad)

    @given(st.integers(0, 10**12), st.integers(0, 10_000))
    def test_a_rate_and_its_rest_make_the_whole(self, amount: int, rate: int) -> None:
        """The share at a rate and the share at the rest differ by at most the odd cent."""
        share = Money(amount).at_rate(rate)
        assert ZERO <= share <= Money(amount)
        assert abs(share.cents * 10_000 - amount * rate) <= 10_000 / 2


class TestMoney:
    def test_currencies_are_never_mixed(self) -> None:
        """Dollars of two countries do not add up or compare."""
        with pytest.raises(CurrencyMismatch):
            Money(1, "CAD") + Money(1, "USD")
        with pytest.raises(CurrencyMismatch):
            Money(1, "CAD") < Money(1, "USD")  # noqa: B015

    def test_a_total_of_nothing_is_zero(self) -> None:
        """An empty column adds up to zero."""
        assert total([]) == ZERO
        assert total([Money(1), Money(2)]) == Money(3)
