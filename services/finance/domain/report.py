"""
A view as a person reads it: what every printed, spread and exported form is made from.

Figures stay as they are (integer cents, counts, basis points); who writes the page rounds, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Union

from services.finance.domain.tables import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What people see, in both languages."""

    en: str
    fr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Words):
    """A sentence with values in it, each named in braces; an ``int`` is cents."""

    values: Mapping[str, "Value"]


class ColumnKind(StrEnum):
    """How the values of a column are written."""

    CODE = "code"
    """What machines tell rows apart by: in files and not on paper."""
    TEXT = "text"
    """A code as it is, or ``Words``."""
    MONEY = "money"
    """Integer cents, printed in dollars; or a ``Figure``, printed in millions."""
    COUNT = "count"
    RATE = "rate"
    """Basis points: 10 000 is 100 %."""
    DAY = "day"


Value = Union[str, int, date, Words, Figure, None]  # noqa: UP007  # a name that ``Note`` refers to
"""None where there is nothing to say; a missing figure is never zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column."""

    code: str
    """Of the machine-readable forms: lower case with underscores."""
    heading: Words
    kind: ColumnKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One table with its headings, its total and its footnotes."""

    code: str
    """Lower case with hyphens; names sheets and files."""
    title: Words
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    total: tuple[Value, ...] | None = None
    """Summed before any rounding."""
    base: Words | None = None
    """What the figures are of: which day, which plan, which part."""
    footnotes: tuple[Words, ...] = ()
    across: str | None = None
    """The column (by its code) that is the sum of the amounts before it in its row."""


def based(as_of: date, until: date | None) -> Note:
    """With which dates a view was asked."""
    if until is None:
        return Note(en="Known on {as_of}.", fr="Connu le {as_of}.", values={"as_of": as_of})
    return Note(
        en="Known on {as_of}; only what had happened by {until}.",
        fr="Connu le {as_of}; seulement ce qui était survenu au {until}.",
        values={"as_of": as_of, "until": until},
    )
