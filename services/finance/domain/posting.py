"""
When a fact counts in the books: its posting date.

It is the day on which it happened, unless that day was closed when the fact was recorded: then it
is the first day that was open at that moment. Its true date stays beside it. Closing a quarter
closes everything before it, so that at any position all days before one day are closed.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from shared.kernel.periods import Quarter


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodChange:
    """A quarter was closed or opened again, at a position of finance's own log."""

    position: int
    quarter: Quarter
    closed_at: int | None
    """The last position that the trial balance has seen; absent when the quarter was reopened."""
    sha256: str | None = None
    """Of the trial balance."""


@dataclass(frozen=True, slots=True)
class Step:
    """From one position on, everything before a day is closed."""

    first: int
    """Facts at this position or later, up to the next step."""
    open_from: date | None
    """The first open day; absent while nothing is closed."""


def in_force(changes: Iterable[PeriodChange]) -> list[PeriodChange]:
    """The closings that still hold after ``changes``, oldest first."""
    closed: list[PeriodChange] = []
    for change in changes:
        if change.closed_at is not None:
            closed.append(change)
        elif closed and closed[-1].quarter == change.quarter:
            closed.pop()
    return closed


def steps(changes: Sequence[PeriodChange]) -> tuple[Step, ...]:
    """From which position on which days are closed; ``changes`` are oldest first."""
    found = []
    for index, change in enumerate(changes):
        closed = in_force(changes[: index + 1])
        first = change.position if change.closed_at is None else change.closed_at + 1
        found.append(Step(first, closed[-1].quarter.next().starts_on if closed else None))
    return tuple(found)


def posting_date(happened_on: date, position: int, closing_steps: Sequence[Step]) -> date:
    """When a fact recorded at ``position`` counts."""
    index = bisect_right(closing_steps, position, key=lambda step: step.first)
    open_from = closing_steps[index - 1].open_from if index else None
    return happened_on if open_from is None else max(happened_on, open_from)
