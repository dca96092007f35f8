"""The two dates of every question: what was known, and what had happened."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Table, true

from shared.kernel.periods import TORONTO, civil_date

Moment = date | datetime
"""A day in Toronto, meant to its end; or an instant that knows its zone, meant with its second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """A question asks about everything unless it is bounded."""

    as_of: Moment | None = None
    """Only what was recorded by the end of this day in Toronto, or of this second."""
    until: date | None = None
    """Only what happened on this day or before."""
    position: int | None = None
    """Only what was recorded up to this position: a plan sees no further than its approval."""

    def includes(self, recorded_at: datetime, happened_on: date) -> bool:
        """Whether a fact was recorded, and had happened, by then."""
        is_known = self.as_of is None or recorded_at < end_of(self.as_of)
        return is_known and (self.until is None or happened_on <= self.until)

    def recorded(self, table: Table) -> ColumnElement[bool]:
        """The rows of ``table`` that were recorded by then."""
        condition: ColumnElement[bool] = true()
        if self.as_of is not None:
            condition &= table.c.recorded_at < end_of(self.as_of)
        if self.position is not None:
            condition &= table.c.position <= self.position
        return condition

    def of(self, lines: Table) -> ColumnElement[bool]:
        """The lines that were recorded, and had happened, by then."""
        condition = self.recorded(lines)
        if self.until is not None:
            condition &= lines.c.happened_on <= self.until
        return condition


def end_of(moment: Moment) -> datetime:
    """The first instant after a day in Toronto, or after the second of an instant."""
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return moment.replace(microsecond=0) + timedelta(seconds=1)
    return datetime.combine(moment + timedelta(days=1), time.min, TORONTO)


def day_of(moment: Moment) -> date:
    """The day that it is in Toronto."""
    return civil_date(moment) if isinstance(moment, datetime) else moment
