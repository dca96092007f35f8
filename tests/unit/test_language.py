from datetime import UTC, date, datetime

import pytest

from shared.kernel.language import Language, said, shown
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.kernel.refusals import RuleBroken


class AsksTooMuch(RuleBroken):
    """More is asked than is left."""

    en = "At most {left} is left on {day}."
    fr = "Il reste au plus {left} le {day}."


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (Money(61_60), "$61.60", "61,60\u202f$"),
        (Money(1_234_561_60), "$1,234,561.60", "1\u202f234\u202f561,60\u202f$"),
        (Money(-5), "-$0.05", "-0,05\u202f$"),
        (Money(1_00, "USD"), "US$1.00", "1,00\u202f$\u202fUS"),
        (date(2024, 3, 31), "March 31, 2024", "31 mars 2024"),
        (Quarter(2024, 1), "Q1 2023-2024", "T1 2023-2024"),
        ([Money(1_00), Money(2_00)], "$1.00, $2.00", "1,00\u202f$, 2,00\u202f$"),
        ({"b", "a"}, "a, b", "a, b"),
        (7, 7, 7),
    ],
)
def test_values_are_written_as_canada_writes_them(
    value: object, english: object, french: object
) -> None:
    """Amounts, dates and quarters in a sentence follow the usage of its language."""
    assert (shown(value, "en"), shown(value, "fr")) == (english, french)


@pytest.mark.parametrize(("language", "hour"), [("en", "11:30\u202fp.m."), ("fr", "23 h 30")])
def test_instants_are_shown_at_torontos_hour(language: Language, hour: str) -> None:
    """An instant is read on the clocks of Toronto, whatever zone it came in."""
    text = str(shown(datetime(2024, 1, 2, 4, 30, tzinfo=UTC), language))
    assert text.endswith(hour)
    assert "1" in text.split("2024", maxsplit=1)[0]


def test_a_sentence_may_format_its_plain_parameters() -> None:
    """What is not money, a date or a quarter keeps its own format specification."""
    assert said("{share:.1f} of {whole}", {"share": 0.25, "whole": Money(1_00)}, "en") == (
        "0.2 of $1.00"
    )


def test_a_refusal_reads_well_wherever_it_is_shown() -> None:
    """Its text, as an exception and as one reason among several, has its parameters written out."""
    refusal = AsksTooMuch(left=Money(61_60), day=date(2024, 3, 31))
    reason = refusal.as_reason()
    assert str(refusal) == reason.en == "At most $61.60 is left on March 31, 2024."
    assert reason.fr == "Il reste au plus 61,60\u202f$ le 31 mars 2024."
