"""
A view as a person reads it: what every printed, spread and exported form is made from.

Figures stay as they are (integer cents, counts, basis points); who writes the page rounds, once.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What people see, in both languages."""

    en: str
    fr: str


class ColumnKind(StrEnum):
    """How the values of a column are written."""

    TEXT = "text"
    """A code as it is, or ``Words``."""
    MONEY = "money"
    """Integer cents."""
    COUNT = "count"
    RATE = "rate"
    """Basis points: 10 000 is 100 %."""
    DAY = "day"


Value = str | int | date | Words | None
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
    footnotes: tuple[Words, ...] = ()
