"""What few gave is not to be had from what is shown."""

from hypothesis import given
from hypothesis import strategies as st

from services.impact.domain.extrapolation import estimate
from services.impact.domain.suppression import FEWEST, hidden, too_few


class TestSuppression:
    @given(st.dictionaries(st.text(max_size=3), st.integers(0, 12), max_size=8))
    def test_nothing_hidden_is_left_by_a_subtraction(self, participants: dict[str, int]) -> None:
        """The total less all that is shown is several groups and at least five participants."""
        kept_back = hidden(participants)
        total = sum(participants.values())
        assert {group for group, count in participants.items() if too_few(count)} <= kept_back
        if not kept_back or too_few(total):
            return
        rest = total - sum(count for group, count in participants.items() if group not in kept_back)
        assert len(kept_back) >= 2
        assert rest >= FEWEST

    def test_hides_no_more_than_it_must(self) -> None:
        """Large groups are shown, and so is a group of which nothing was said."""
        assert hidden({"a": 5, "b": 9, "c": 0}) == frozenset()
        assert hidden({"a": 4, "b": 9, "c": 6, "d": 0}) == {"a", "c"}


class TestExtrapolation:
    def test_is_a_ratio_in_whole_units(self) -> None:
        """100 from 6 of 9 surveys would be 150 from all; halves go up."""
        assert estimate(100, answers=6, base=9) == 150
        assert estimate(1, answers=6, base=9) == 2
        assert estimate(-1, answers=6, base=9) == -1

    def test_is_not_made_from_few_answers(self) -> None:
        """At least five answers, and at least half of those asked."""
        assert estimate(100, answers=4, base=4) is None
        assert estimate(100, answers=5, base=11) is None
        assert estimate(100, answers=5, base=10) == 200
