from datetime import date, datetime, time
from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.money import Money
from shared.kernel.refusals import Invalid
from shared.web import cells
from shared.web.schemas import LARGEST_NUMBER


def at(day: date, hour: int = 0) -> datetime:
    """A date and hour as spreadsheets keep them, without a zone."""
    return datetime.combine(day, time(hour))


any_cents = st.integers(-LARGEST_NUMBER, LARGEST_NUMBER)


class TestAmounts:
    @pytest.mark.parametrize(
        ("written", "cents"),
        [
            ("1 234,56", 1_234_56),
            ("1,234.56", 1_234_56),
            ("1\u202f234,56\u00a0$", 1_234_56),
            ("$1,234.56", 1_234_56),
            ("1234.5", 1_234_50),
            ("1234,5", 1_234_50),
            ("1,234", 1_234_00),
            ("1,23", 1_23),
            ("0", 0),
            ("0,05", 5),
            ("\u22125.00", -5_00),
            (7, 7_00),
            (1234.56, 1_234_56),
            (0.1 + 0.2, 30),
        ],
    )
    def test_as_both_languages_write_them(self, written: object, cents: int) -> None:
        """English and French amounts are read to the cent."""
        assert cells.amount(written) == Money(cents)

    @pytest.mark.parametrize(
        "written",
        [
            "1.234",
            "0,234",
            "1 23,4",
            "12,34,56",
            "1,234,56",
            "1,234 567",
            "1e5",
            "NaN",
            "",
            "-",
            "ten",
            "١٢",
            True,
            1.005,
            float("inf"),
            float("nan"),
            date(2024, 3, 31),
            None,
        ],
    )
    def test_what_could_mean_two_things_is_refused(self, written: object) -> None:
        """A thousandth, another grouping or another script is never guessed at."""
        with pytest.raises(cells.AmountUnreadable):
            cells.amount(written)

    @pytest.mark.parametrize("written", ["10 000 000 000 000,01", 10**15, 1e300])
    def test_more_than_all_money(self, written: object) -> None:
        """An amount whose cents leave fifteen digits is refused."""
        with pytest.raises(cells.AmountTooLarge):
            cells.amount(written)

    @given(cents=any_cents, language=st.sampled_from(["en_CA", "fr_CA"]))
    def test_whatever_canada_writes(self, cents: int, language: str) -> None:
        """An amount as either locale writes it is read as exactly that amount."""
        written = format_decimal(Decimal(cents).scaleb(-2), "#,##0.00", locale=language)
        assert cells.amount(written) == Money(cents)

    @given(cents=any_cents)
    def test_whatever_a_spreadsheet_keeps(self, cents: int) -> None:
        """The binary number nearest to an amount is read as exactly that amount."""
        assert cells.amount(cents / 100) == Money(cents)

    @given(written=st.text(max_size=20) | st.floats() | st.integers())
    def test_whatever_is_written(self, written: object) -> None:
        """Anything else is an amount with at most two decimals, or refused."""
        try:
            read = cells.amount(written)
        except Invalid:
            return
        assert abs(read.cents) <= LARGEST_NUMBER


class TestDays:
    @pytest.mark.parametrize(
        "written", ["2024-03-31", " 2024-03-31 ", date(2024, 3, 31), at(date(2024, 3, 31))]
    )
    def test_that_are_read(self, written: object) -> None:
        """A day is a date of the spreadsheet or written year first."""
        assert cells.day(written) == date(2024, 3, 31)

    @pytest.mark.parametrize(
        "written",
        [
            "31/03/2024",
            "03-31-2024",
            "2024-02-30",
            "20240331",
            45382,
            "0001-01-01",
            at(date(2024, 3, 31), 12),
            time(1),
        ],
    )
    def test_that_are_not(self, written: object) -> None:
        """Day and month are never guessed, and no hour is dropped."""
        with pytest.raises(cells.DayUnreadable):
            cells.day(written)


class TestOtherCells:
    @pytest.mark.parametrize("written", ["Yes", "OUI", "x", True, 1])
    def test_yes(self, written: object) -> None:
        """Yes is said in either language."""
        assert cells.yes_or_no(written) is True

    @pytest.mark.parametrize("written", ["no", "Non", False, 0])
    def test_no(self, written: object) -> None:
        """So is no."""
        assert cells.yes_or_no(written) is False

    def test_neither(self) -> None:
        """Anything else is refused."""
        with pytest.raises(cells.YesOrNoUnreadable):
            cells.yes_or_no("perhaps")

    def test_numbers_are_texts_as_they_are_shown(self) -> None:
        """An invoice number that a spreadsheet took for a number keeps its digits."""
        assert cells.text(20240017.0, longest=10) == "20240017"

    @pytest.mark.parametrize(
        ("written", "refusal"),
        [("x" * 11, cells.TextTooLong), ("a\x00", cells.TextUnkeepable)],
    )
    def test_texts_that_are_refused(self, written: str, refusal: type[Invalid]) -> None:
        """A text fits and can be kept."""
        with pytest.raises(refusal):
            cells.text(written, longest=10)

    def test_a_hash(self) -> None:
        """A document is named by its SHA-256, in capitals or not."""
        assert cells.document_hash("AB" * 32) == "ab" * 32
        with pytest.raises(cells.DocumentHashUnreadable):
            cells.document_hash("ab" * 31)

    def test_what_was_read_is_said_shortly(self) -> None:
        """A sentence holds no more than sixty printable characters of a cell."""
        assert cells.shown("a\n" + "b" * 100) == "a\ufffd" + "b" * 57 + "…"
