"""
What people write into a cell, read exactly: amounts to the cent, days, yes or no.

Both of our languages are read wherever they cannot be mistaken for each other: ``1 234,56`` and
``1,234.56`` are the same amount. What could mean two things is refused, with what is accepted.
"""

import math
import re
from datetime import date, datetime, time
from decimal import Decimal

from shared.kernel.money import Money
from shared.kernel.refusals import Invalid
from shared.web.interoperable import is_storable
from shared.web.schemas import FIRST_DAY, LARGEST_NUMBER, LAST_DAY

LONGEST_SHOWN = 60

_AMOUNT = re.compile(
    r"(?P<minus>-?)(?:"
    r"(?P<plain>[0-9]{1,15})(?:[.,](?P<plain_cents>[0-9]{1,2}))?"
    r"|(?P<english>[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.(?P<english_cents>[0-9]{1,2}))?"
    r"|(?P<french>[1-9][0-9]{0,2}(?: [0-9]{3})+)(?:[.,](?P<french_cents>[0-9]{1,2}))?"
    r")"
)
_SPACES = re.compile(r"[\u00a0\u2007\u2009\u202f]")
"""Spaces that do not break a line: what French puts between thousands."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHA256 = re.compile(r"[0-9a-f]{64}")

_YES = frozenset({"yes", "y", "oui", "o", "true", "vrai", "1", "x"})
_NO = frozenset({"no", "n", "non", "false", "faux", "0"})


class CellEmpty(Invalid):
    """The line needs a value here."""

    en = "A value is needed here."
    fr = "Une valeur est nécessaire ici."


class AmountUnreadable(Invalid):
    """An amount is a number of dollars with at most two decimals, in English or French."""

    en = "“{read}” is not an amount in dollars with at most two decimals."
    fr = "« {read} » n’est pas un montant en dollars avec au plus deux décimales."


class AmountTooLarge(Invalid):
    """No amount has more than fifteen digits in cents."""

    en = "“{read}” is more than any amount here."
    fr = "« {read} » dépasse tout montant possible ici."


class DayUnreadable(Invalid):
    """A day is a date of the spreadsheet, or written year-month-day."""

    en = "“{read}” is not a date; write it 2024-03-31."
    fr = "« {read} » n’est pas une date; écrivez-la 2024-03-31."


class YesOrNoUnreadable(Invalid):
    """The answer is yes or no, in either language."""

    en = "“{read}” is neither yes nor no."
    fr = "« {read} » n’est ni oui ni non."


class DocumentHashUnreadable(Invalid):
    """A document is named by the SHA-256 of its content, in hexadecimal."""

    en = "“{read}” is not a SHA-256 in hexadecimal."
    fr = "« {read} » n’est pas un SHA-256 en hexadécimal."


class TextTooLong(Invalid):
    """A text is at most so many characters long."""

    en = "The text is longer than {limit} characters."
    fr = "Le texte compte plus de {limit} caractères."


class TextUnkeepable(Invalid):
    """Text holds neither control characters nor halves of characters."""

    en = "The text holds characters that cannot be kept."
    fr = "Le texte contient des caractères qui ne peuvent être conservés."


def shown(value: object) -> str:
    """What was read, short enough to be said in a sentence."""
    text = "".join(letter if letter.isprintable() else "\ufffd" for letter in str(value))
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def amount(value: object) -> Money:
    """
    Dollars as cents, exactly. Raises ``AmountUnreadable`` and ``AmountTooLarge``.

    Spreadsheets keep numbers in binary and show fifteen digits of them: those are the amount.
    """
    number: Decimal | None
    if isinstance(value, bool):
        number = None
    elif isinstance(value, int):
        number = Decimal(value)
    elif isinstance(value, float):
        number = Decimal(f"{value:.15g}") if math.isfinite(value) else None
    elif isinstance(value, str):
        number = _written(value)
    else:
        number = None
    if number is None:
        raise AmountUnreadable(read=shown(value), accepted="1234.56")
    if abs(number) * 100 > LARGEST_NUMBER:
        raise AmountTooLarge(read=shown(value), accepted={"at_most": LARGEST_NUMBER})
    cents = number * 100
    if cents != cents.to_integral_value():
        raise AmountUnreadable(read=shown(value), accepted="1234.56")
    return Money(int(cents))


def _written(text: str) -> Decimal | None:
    """
    The number that a text means in English or in French; None where it is not one.

    A comma before exactly three digits groups thousands, because no amount has three decimals.
    """
    plain = _SPACES.sub(" ", text).replace("\u2212", "-").strip()
    plain = plain.removeprefix("$").removesuffix("$").strip()
    found = _AMOUNT.fullmatch(plain)
    if found is None:
        return None
    kind = next(name for name in ("plain", "english", "french") if found[name] is not None)
    dollars = re.sub(r"[ ,]", "", found[kind])
    return Decimal(f"{found['minus']}{dollars}.{found[f'{kind}_cents'] or '0'}")


def day(value: object) -> date:
    """A civil date. Raises ``DayUnreadable``."""
    read: date | None = None
    if isinstance(value, datetime):
        read = value.date() if value.time() == time() else None
    elif isinstance(value, date):
        read = value
    elif isinstance(value, str) and _DAY.fullmatch(value.strip()):
        try:
            read = date.fromisoformat(value.strip())
        except ValueError:
            read = None
    if read is None or not FIRST_DAY <= read <= LAST_DAY:
        raise DayUnreadable(read=shown(value), accepted="YYYY-MM-DD")
    return read


def yes_or_no(value: object) -> bool:
    """An answer in either language. Raises ``YesOrNoUnreadable``."""
    said = str(value).strip().casefold()
    if said not in _YES | _NO:
        raise YesOrNoUnreadable(read=shown(value), accepted=["yes", "oui", "no", "non"])
    return said in _YES


def text(value: object, *, longest: int) -> str:
    """
    A text without spaces around it; numbers are written as the spreadsheet shows them.

    Raises ``TextTooLong`` and ``TextUnkeepable``.
    """
    read = f"{value:.15g}" if isinstance(value, float) else str(value)
    read = read.strip()
    if len(read) > longest:
        raise TextTooLong(limit=longest, accepted={"at_most": longest})
    if not is_storable(read):
        raise TextUnkeepable
    return read


def document_hash(value: object) -> str:
    """The SHA-256 of a document. Raises ``DocumentHashUnreadable``."""
    read = str(value).strip().lower()
    if not _SHA256.fullmatch(read):
        raise DocumentHashUnreadable(read=shown(value), accepted="^[0-9a-f]{64}$")
    return read
