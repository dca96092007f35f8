"""
Fiscal years and quarters.

A fiscal year runs from 1 April to 31 March and is named for the year in which it ends:
fiscal year 2024 is 2023-04-01 to 2024-03-31. Its quarters are T1 (April to June) to T4
(January to March), written ``2024-T1``. The label sorts as the period does.
"""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Self
from zoneinfo import ZoneInfo

TORONTO = ZoneInfo("America/Toronto")
"""Civil dates of this system are dates in this zone."""

_LABEL = re.compile(r"(\d{4})-T([1-4])")


class InvalidQuarter(ValueError):
    """A quarter is written as a fiscal year and T1 to T4, for example 2024-T1."""


def civil_date(instant: datetime) -> date:
    """The date it is in Toronto at ``instant`` (which must know its zone)."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(TORONTO).date()


def months_after(day: date, months: int) -> date:
    """
    The same day of the month ``months`` later, or the last day of a month that is too short.

    One month after 31 January is 28 or 29 February; two months after it is 31 March.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def fiscal_year_of(day: date) -> int:
    """The fiscal year that ``day`` falls in: the calendar year of its 31 March."""
    return day.year + (day.month >= 4)


def fiscal_year_ends_on(fiscal_year: int) -> date:
    """The last day (31 March) of a fiscal year."""
    return date(fiscal_year, 3, 31)


@lru_cache(maxsize=4096)
def _parsed(label: str) -> "Quarter":
    # A stored history names the same few quarters a thousand times.
    return Quarter.parse(label)


class Quarter(tuple[int, int]):
    """
    One fiscal quarter: its fiscal year and its number. Its JSON form is its label, ``"2024-T1"``.

    A pair and not a dataclass: as the key of most sums it is hashed and compared all the time,
    which pairs do several times as fast, and readers of JSON take a dataclass for an object.
    """

    __slots__ = ()

    def __new__(cls, fiscal_year: int, number: int) -> Self:
        """Raises ``InvalidQuarter``."""
        if not (1 <= number <= 4 and 1900 <= fiscal_year <= 2999):
            raise InvalidQuarter(f"{fiscal_year}-T{number}")
        return super().__new__(cls, (fiscal_year, number))

    def __getnewargs__(self) -> tuple[int, int]:
        return self.fiscal_year, self.number

    @property
    def fiscal_year(self) -> int:
        """The calendar year of its year's 31 March."""
        return self[0]

    @property
    def number(self) -> int:
        """1 (April to June) to 4 (January to March)."""
        return self[1]

    @classmethod
    def parse(cls, label: str) -> "Quarter":
        """Read ``"2024-T1"``. Raises ``InvalidQuarter``."""
        match = _LABEL.fullmatch(label)
        if match is None:
            raise InvalidQuarter(label)
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """The quarter that ``day`` falls in."""
        return cls(fiscal_year_of(day), ((day.month - 4) % 12) // 3 + 1)

    @classmethod
    def all_of(cls, fiscal_year: int) -> "tuple[Quarter, ...]":
        """T1 to T4 of a fiscal year."""
        return tuple(cls(fiscal_year, number) for number in range(1, 5))

    @property
    def starts_on(self) -> date:
        """Its first day."""
        month = 3 * self.number + 1
        return date(self.fiscal_year - 1, month, 1) if month <= 12 else date(self.fiscal_year, 1, 1)

    @property
    def ends_on(self) -> date:
        """Its last day, inclusive."""
        return self.next().starts_on - timedelta(days=1)

    def next(self) -> "Quarter":
        """The quarter after this one."""
        if self.number == 4:
            return Quarter(self.fiscal_year + 1, 1)
        return Quarter(self.fiscal_year, self.number + 1)

    def __str__(self) -> str:
        return f"{self.fiscal_year}-T{self.number}"

    def __repr__(self) -> str:
        return f"Quarter({self.fiscal_year}, {self.number})"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> dict[str, Any]:
        # Core schemas are plain dictionaries, so the kernel can say how it is written in JSON
        # without knowing pydantic.
        def read(value: Any) -> "Quarter":
            return value if isinstance(value, Quarter) else _parsed(value)

        label = {
            "type": "function-after",
            "function": {"type": "no-info", "function": read},
            "schema": {"type": "str", "pattern": r"^\d{4}-T[1-4]$"},
        }
        return {
            "type": "json-or-python",
            "json_schema": label,
            "python_schema": {
                "type": "union",
                "choices": [{"type": "is-instance", "cls": cls}, label],
            },
            "serialization": {"type": "to-string"},
        }
