"""A fiscal year runs from April to March and is named for its end."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.kernel.periods import (
    InvalidQuarter,
    Quarter,
    civil_date,
    fiscal_year_ends_on,
    fiscal_year_of,
    months_after,
)

days = st.dates(date(1950, 1, 1), date(2950, 1, 1))


class TestQuarters:
    @pytest.mark.parametrize(
        ("day", "label"),
        [
            (date(2023, 3, 31), "2023-T4"),
            (date(2023, 4, 1), "2024-T1"),
            (date(2023, 6, 30), "2024-T1"),
            (date(2023, 12, 31), "2024-T3"),
            (date(2024, 1, 1), "2024-T4"),
            (date(2024, 3, 31), "2024-T4"),
        ],
    )
    def test_the_year_turns_on_the_first_of_april(self, day: date, label: str) -> None:
        """31 March closes a fiscal year and 1 April opens the next."""
        assert str(Quarter.of(day)) == label

    @given(days)
    def test_a_day_is_in_its_quarter(self, day: date) -> None:
        """Every day is in exactly the quarter that says so, and in that quarter's year."""
        quarter = Quarter.of(day)
        assert quarter.starts_on <= day <= quarter.ends_on
        assert quarter.fiscal_year == fiscal_year_of(day)
        assert day <= fiscal_year_ends_on(quarter.fiscal_year)

    @given(days)
    def test_quarters_follow_without_a_gap(self, day: date) -> None:
        """The next quarter starts on the day after this one ends."""
        quarter = Quarter.of(day)
        assert quarter.next().starts_on == quarter.ends_on + timedelta(days=1)
        assert quarter < quarter.next()

    @given(days)
    def test_a_label_reads_back(self, day: date) -> None:
        """The label and the JSON form are the quarter."""
        quarter = Quarter.of(day)
        adapter = TypeAdapter(Quarter)
        assert Quarter.parse(str(quarter)) == quarter
        assert adapter.validate_json(adapter.dump_json(quarter)) == quarter

    @pytest.mark.parametrize("label", ["2024-T0", "2024-T5", "2024T1", "24-T1", "", "2024-T1 "])
    def test_anything_else_is_refused(self, label: str) -> None:
        """A quarter is a fiscal year and T1 to T4."""
        with pytest.raises(InvalidQuarter):
            Quarter.parse(label)
        with pytest.raises(ValidationError):
            TypeAdapter(Quarter).validate_python(label)


class TestCivilDates:
    def test_evening_in_toronto_is_tomorrow_in_greenwich(self) -> None:
        """An instant belongs to the date it has in Toronto, summer and winter."""
        assert civil_date(datetime(2023, 4, 1, 3, 59, tzinfo=UTC)) == date(2023, 3, 31)
        assert civil_date(datetime(2023, 4, 1, 4, 0, tzinfo=UTC)) == date(2023, 4, 1)
        assert civil_date(datetime(2024, 1, 1, 4, 59, tzinfo=UTC)) == date(2023, 12, 31)

    def test_an_instant_without_a_zone_is_refused(self) -> None:
        """No zone, no date."""
        with pytest.raises(ValueError, match="time zone"):
            civil_date(datetime(2023, 4, 1, 12, 0))  # noqa: DTZ001


class TestMonths:
    @pytest.mark.parametrize(
        ("day", "months", "after"),
        [
            (date(2024, 1, 31), 1, date(2024, 2, 29)),
            (date(2023, 1, 31), 1, date(2023, 2, 28)),
            (date(2024, 1, 31), 2, date(2024, 3, 31)),
            (date(2023, 11, 15), 3, date(2024, 2, 15)),
            (date(2024, 2, 29), 12, date(2025, 2, 28)),
            (date(2024, 2, 29), 0, date(2024, 2, 29)),
        ],
    )
    def test_later_it_is_the_same_day_or_the_last(
        self, day: date, months: int, after: date
    ) -> None:
        """A month that is too short ends the wait on its last day."""
        assert months_after(day, months) == after
