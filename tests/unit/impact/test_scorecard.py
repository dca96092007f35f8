"""The objectives of the plan, measured at the end of a quarter."""

from dataclasses import replace
from datetime import date

import pytest

from services.impact.domain.scorecard import (
    DECIDER,
    JOBS_CREATED,
    MeasureScorecard,
    Objective,
    ObjectiveChange,
    QuarterNotOver,
    ScorecardMeasured,
)
from shared.kernel.periods import Quarter

JOBS = Objective(code=JOBS_CREATED, numerator=3, base=8, unit="count", target_bp=10_000)
FIRST = MeasureScorecard(
    quarter=Quarter(2027, 2), objectives=(JOBS,), on=date(2026, 10, 1), by="p-1"
)


class TestMeasuring:
    def test_waits_for_the_quarter_to_end(self) -> None:
        """On its last day a quarter is not over."""
        with pytest.raises(QuarterNotOver):
            DECIDER.decide(replace(FIRST, on=date(2026, 9, 30)), DECIDER.initial)

    def test_again_says_what_changed(self) -> None:
        """The same figures change nothing; others are told beside those before."""
        events = list(DECIDER.decide(FIRST, DECIDER.initial))
        state = DECIDER.fold(events)
        assert DECIDER.decide(FIRST, state) == []
        [again] = DECIDER.decide(replace(FIRST, objectives=(replace(JOBS, numerator=5),)), state)
        assert isinstance(again, ScorecardMeasured)
        assert again.as_of == date(2026, 9, 30)
        assert again.changes == (
            ObjectiveChange(
                code=JOBS_CREATED, old_numerator=3, old_base=8, new_numerator=5, new_base=8
            ),
        )

    def test_has_no_rate_without_a_base(self) -> None:
        """Nothing was expected: there is no rate, and it is not zero."""
        assert JOBS.rate_bp == 3_750
        assert replace(JOBS, base=0).rate_bp is None
