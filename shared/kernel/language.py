"""How amounts, dates and quarters are written in French and in English, as Canada writes them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from babel.dates import format_date, format_time
from babel.numbers import format_currency

from shared.kernel.money import Money
from shared.kernel.periods import TORONTO, Quarter

Language = Literal["en", "fr"]

LOCALES: dict[Language, str] = {"en": "en_CA", "fr": "fr_CA"}

_NO_BREAK_SPACE, _NARROW_NO_BREAK_SPACE = "\u00a0", "\u202f"


def said(sentence: str, parameters: Mapping[str, object], language: Language) -> str:
    """A format string filled in with parameters as they are read in that language."""
    return sentence.format(**{name: shown(value, language) for name, value in parameters.items()})


def shown(value: object, language: Language) -> object:
    """
    A value as it is read in a sentence.

    ``$61.60`` and ``61,60 $``, ``March 31, 2024`` and ``31 mars 2024``, ``Q1 2023-2024`` and
    ``T1 2023-2024``; instants at Toronto's hour. Several values are separated by commas.
    Anything else is given back as it is, so that a sentence may still say how to format it.
    """
    match value:
        case Money() | datetime() | date() | Quarter():
            text = _written(value, language)
            # French separates thousands and the dollar sign by a narrow space.
            narrow = language == "fr"
            return text.replace(_NO_BREAK_SPACE, _NARROW_NO_BREAK_SPACE) if narrow else text
        case list() | tuple():
            return ", ".join(str(shown(item, language)) for item in value)
        case set() | frozenset():
            return ", ".join(sorted(str(shown(item, language)) for item in value))
        case _:
            return value


def _written(value: Money | datetime | date | Quarter, language: Language) -> str:
    locale = LOCALES[language]
    match value:
        case Money():
            amount = Decimal(value.cents).scaleb(-2)
            return str(format_currency(amount, value.currency, locale=locale))
        case datetime():
            at = value.astimezone(TORONTO) if value.tzinfo else value
            day = format_date(at.date(), "long", locale=locale)
            return f"{day}, {format_time(at.timetz(), 'short', locale=locale, tzinfo=at.tzinfo)}"
        case date():
            return str(format_date(value, "long", locale=locale))
        case Quarter():
            letter = "Q" if language == "en" else "T"
            return f"{letter}{value.number} {value.fiscal_year - 1}-{value.fiscal_year}"
