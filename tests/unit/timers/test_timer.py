"""When a timer fires, and what counts when it is armed more than once."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.eventstore.store import Stream
from shared.kernel.periods import TORONTO, civil_date
from shared.timers.timer import Arm, Disarm, fires_at, latest

SURVEY = Stream("survey", UUID(int=1))


def arm(fires_on: date) -> Arm:
    return Arm(timer_id=UUID(int=2), kind="open", fires_on=fires_on, stream=SURVEY)


class TestTheInstantOfACivilDate:
    @pytest.mark.parametrize(
        ("day", "instant"),
        [
            (date(2023, 1, 15), datetime(2023, 1, 15, 5, 5, tzinfo=UTC)),
            (date(2023, 7, 15), datetime(2023, 7, 15, 4, 5, tzinfo=UTC)),
            (date(2024, 2, 29), datetime(2024, 2, 29, 5, 5, tzinfo=UTC)),
            # The clocks go forward at two in the morning of 10 March 2024, back on 3 November.
            (date(2024, 3, 10), datetime(2024, 3, 10, 5, 5, tzinfo=UTC)),
            (date(2024, 3, 11), datetime(2024, 3, 11, 4, 5, tzinfo=UTC)),
            (date(2024, 11, 3), datetime(2024, 11, 3, 4, 5, tzinfo=UTC)),
            (date(2024, 11, 4), datetime(2024, 11, 4, 5, 5, tzinfo=UTC)),
        ],
    )
    def test_is_five_past_midnight_in_toronto(self, day: date, instant: datetime) -> None:
        """In winter and summer time, on a leap day and on the days the clocks change."""
        assert fires_at(day) == instant

    @given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
    def test_is_within_the_date_and_only_just(self, day: date) -> None:
        """Five minutes before it is still the day before; it never fires early."""
        instant = fires_at(day)
        assert civil_date(instant) == day
        assert civil_date(instant - timedelta(minutes=6)) == day - timedelta(days=1)
        assert instant.astimezone(TORONTO).strftime("%H:%M") == "00:05"


class TestArmingAgain:
    def test_the_last_change_counts(self) -> None:
        """Armed, disarmed and armed again in one batch, a timer is armed as said last."""
        changes = [arm(date(2024, 1, 1)), Disarm(UUID(int=2)), arm(date(2024, 6, 1))]
        assert latest(changes) == {UUID(int=2): arm(date(2024, 6, 1))}
