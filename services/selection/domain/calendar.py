"""
The calendar of a committee: on which day of a month it meets, and how far ahead.

Days are civil dates in Toronto. A rule names one of the first four weeks of a month, because
every month has them, whatever its length.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from shared.kernel.refusals import Reason

MONTHS_AHEAD = 6
"""The meeting of a month is scheduled when the month six months before it begins."""


class MeetingKind(StrEnum):
    """How a committee meets."""

    REGULAR = "regular"
    EXTRAORDINARY = "extraordinary"
    WRITTEN = "written"
    """Nobody meets: members vote in writing, from the opening to a closing day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRule:
    """For example the second Thursday of every month: week 2, weekday 4."""

    week: int
    """1 to 4."""
    weekday: int
    """As ISO 8601 counts: 1 is Monday, 7 is Sunday."""

    def day_in(self, month: date) -> date:
        """The day of the regular meeting in the month that ``month`` falls in."""
        first = first_of(month)
        days = (self.weekday - first.isoweekday()) % 7 + 7 * (self.week - 1)
        return first + timedelta(days=days)

    def wrong(self) -> list[Reason]:
        """What is wrong with the rule, if anything."""
        reasons = []
        if not 1 <= self.week <= 4:
            reasons.append(
                Reason(
                    code="no-such-week",
                    en="A rule names the first, second, third or fourth week of a month.",
                    fr="La règle nomme la première, deuxième, troisième ou quatrième semaine.",
                    field="calendar.week",
                    accepted={"minimum": 1, "maximum": 4},
                )
            )
        if not 1 <= self.weekday <= 7:
            reasons.append(
                Reason(
                    code="no-such-weekday",
                    en="A weekday is 1 (Monday) to 7 (Sunday).",
                    fr="Un jour de semaine va de 1 (lundi) à 7 (dimanche).",
                    field="calendar.weekday",
                    accepted={"minimum": 1, "maximum": 7},
                )
            )
        return reasons


def first_of(day: date) -> date:
    """The first day of its month: how a month is named."""
    return day.replace(day=1)


def months_after(month: date, number: int) -> date:
    """The first day of the month so many months later, or earlier when negative."""
    count = month.year * 12 + month.month - 1 + number
    return date(count // 12, count % 12 + 1, 1)


def months_ahead(on: date) -> tuple[date, ...]:
    """The month it is and the six after it."""
    return tuple(months_after(on, number) for number in range(MONTHS_AHEAD + 1))
