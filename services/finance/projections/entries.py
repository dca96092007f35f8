"""From a figure to the entries it is the sum of, and from an entry to its lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, select

from services.finance.domain.ledger import Account
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import LINES


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Which lines; what is not given does not matter."""

    accounts: Sequence[Account] = ()
    pocket: str | None = None
    programme: str | None = None
    project_id: UUID | None = None
    participant_id: UUID | None = None
    quarter: str | None = None
    fiscal_year: int | None = None
    code: str | None = None

    def condition(self, known: Knowledge) -> ColumnElement[bool]:
        """The lines that are meant, as far as they were known."""
        condition = known.of(LINES)
        if self.accounts:
            condition &= LINES.c.account.in_([str(account) for account in self.accounts])
        given = {
            LINES.c.pocket: self.pocket,
            LINES.c.programme: self.programme,
            LINES.c.project_id: self.project_id,
            LINES.c.participant_id: self.participant_id,
            LINES.c.quarter: self.quarter,
            LINES.c.fiscal_year: self.fiscal_year,
            LINES.c.code: self.code,
        }
        for column, value in given.items():
            if value is not None:
                condition &= column == value
        return condition


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One line as kept."""

    account: str
    pocket: str | None
    programme: str | None
    project_id: UUID | None
    participant_id: UUID | None
    quarter: str | None
    code: str | None
    cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One entry, with those of its lines that were asked for."""

    position: int
    entry: str
    event_id: UUID
    event_type: str
    happened_on: date
    recorded_at: datetime
    lines: tuple[LineRow, ...]


def total_of(connection: Connection, lines: Lines, known: Knowledge) -> tuple[int, int]:
    """How many entries have such lines, and what all those lines add up to, in cents."""
    row = connection.execute(
        select(
            func.count(LINES.c.position.distinct()).label("entries"),
            func.coalesce(func.sum(LINES.c.cents), 0).label("cents"),
        ).where(lines.condition(known))
    ).one()
    return row.entries, int(row.cents)


def entries(
    connection: Connection, lines: Lines, known: Knowledge, *, after: int, limit: int
) -> list[EntryRow]:
    """At most ``limit`` entries after a position, oldest first, with the lines asked for."""
    condition = lines.condition(known)
    page = (
        select(LINES.c.position)
        .where(condition, LINES.c.position > after)
        .distinct()
        .order_by(LINES.c.position)
        .limit(limit)
    )
    rows = connection.execute(
        select(LINES)
        .where(condition, LINES.c.position.in_(page))
        .order_by(LINES.c.position, LINES.c.ordinal)
    ).all()
    return [
        EntryRow(
            position=position,
            entry=first.entry,
            event_id=first.event_id,
            event_type=first.event_type,
            happened_on=first.happened_on,
            recorded_at=first.recorded_at,
            lines=tuple(
                LineRow(
                    account=row.account,
                    pocket=row.pocket,
                    programme=row.programme,
                    project_id=row.project_id,
                    participant_id=row.participant_id,
                    quarter=row.quarter,
                    code=row.code,
                    cents=row.cents,
                )
                for row in (first, *rest)
            ),
        )
        for position, (first, *rest) in groupby(rows, key=lambda row: row.position)
    ]
