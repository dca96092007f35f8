"""How often one and the same is let in."""

import pytest

from shared.web.pacing import MOST_KEYS, Pace
from shared.web.refusals import AskedTooOften


class TestPace:
    def test_so_many_at_once_then_so_many_a_minute(self) -> None:
        """A burst is let in, then one for each part of a minute; other keys are not concerned."""
        now = [0.0]
        pace = Pace(burst=3, per_minute=60, elapsed=lambda: now[0])
        for _ in range(3):
            pace.let_in("a")
        with pytest.raises(AskedTooOften):
            pace.let_in("a")
        pace.let_in("b")
        now[0] += 1
        pace.let_in("a")
        with pytest.raises(AskedTooOften):
            pace.let_in("a")

    def test_it_remembers_no_more_than_it_can(self) -> None:
        """Memory is bounded, whoever asks."""
        pace = Pace(burst=1, per_minute=1, elapsed=lambda: 0.0)
        for key in range(MOST_KEYS + 10):
            pace.let_in(key)
        assert len(pace._left) == MOST_KEYS
