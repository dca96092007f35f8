"""From a figure to the entries it is the sum of, and from an entry to its lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, case, func, or_, select, text

from services.finance.domain.ledger import Account
from services.finance.domain.posting import posting_date
from services.finance.projections.closings import closing_steps
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
    in_kind: bool | None = None

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
            LINES.c.in_kind: self.in_kind,
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
    in_kind: bool | None
    """Of match only."""
    cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One entry, with those of its lines that were asked for."""

    position: int
    entry: str
    event_id: UUID
    event_type: str
    happened_on: date
    posted_on: date
    """When it counts: later than it happened where its quarter was closed when it was recorded."""
    recorded_at: datetime
    lines: tuple[LineRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """An entry that two answers do not share, and by how much it moved the figure."""

    position: int
    entry: str
    event_id: UUID
    event_type: str
    happened_on: date
    recorded_at: datetime
    cents: int
    """Signed: an entry that the later answer does not count any more moves the other way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """
    One figure asked twice.

    ``after_cents - before_cents`` is the sum of the causes and ``rest_cents``, to the cent.
    """

    before_cents: int
    after_cents: int
    causes: tuple[Cause, ...]
    """Largest first, whatever their sign; the earlier of two as large."""
    rest_entries: int
    """How many more there are, smaller than those listed."""
    rest_cents: int


def compared(
    connection: Connection, was: ColumnElement[bool], comes: ColumnElement[bool], *, limit: int
) -> Compared:
    """
    Why the sum of the lines that one answer counts is not that of another's.

    An entry whose lines cancel each other out in the figure is no cause of anything.
    """
    _plan_for_what_is_asked(connection)
    once = case((was, LINES.c.cents), else_=0)
    again = case((comes, LINES.c.cents), else_=0)
    moved = func.sum(again - once)
    by_entry = (
        select(
            LINES.c.position,
            LINES.c.entry,
            LINES.c.event_id,
            LINES.c.event_type,
            LINES.c.happened_on,
            LINES.c.recorded_at,
            moved.label("cents"),
        )
        .where(or_(was, comes), was.is_distinct_from(comes))
        .group_by(
            LINES.c.position,
            LINES.c.entry,
            LINES.c.event_id,
            LINES.c.event_type,
            LINES.c.happened_on,
            LINES.c.recorded_at,
        )
        .having(moved != 0)
        .subquery()
    )
    largest = connection.execute(
        select(by_entry)
        .order_by(func.abs(by_entry.c.cents).desc(), by_entry.c.position)
        .limit(limit)
    )
    causes = tuple(
        Cause(
            position=row.position,
            entry=row.entry,
            event_id=row.event_id,
            event_type=row.event_type,
            happened_on=row.happened_on,
            recorded_at=row.recorded_at,
            cents=int(row.cents),
        )
        for row in largest
    )
    count, cents = connection.execute(
        select(func.count(), func.coalesce(func.sum(by_entry.c.cents), 0)).select_from(by_entry)
    ).one()
    return Compared(
        before_cents=total_of(connection, was)[1],
        after_cents=total_of(connection, comes)[1],
        causes=causes,
        rest_entries=count - len(causes),
        rest_cents=int(cents) - sum(cause.cents for cause in causes),
    )


def total_of(connection: Connection, counted: ColumnElement[bool]) -> tuple[int, int]:
    """How many entries have lines that count, and what all those lines add up to, in cents."""
    _plan_for_what_is_asked(connection)
    row = connection.execute(
        select(
            func.count(LINES.c.position.distinct()).label("entries"),
            func.coalesce(func.sum(LINES.c.cents), 0).label("cents"),
        ).where(counted)
    ).one()
    return row.entries, int(row.cents)


def _plan_for_what_is_asked(connection: Connection) -> None:
    """
    For the rest of the transaction, let the filters that are given choose the way.

    One plan for all filters, which PostgreSQL makes once a question was asked a few times, reads
    the whole ledger for a small cell of it.
    """
    connection.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def entries(
    connection: Connection,
    counted: ColumnElement[bool],
    known: Knowledge,
    *,
    after: int,
    limit: int,
) -> list[EntryRow]:
    """
    At most ``limit`` entries after a position, oldest first, with the lines that count.

    ``known`` says which closings there were.
    """
    closed = closing_steps(connection, known)
    # Found before they are put in order: wanting only the first few in order, the planner reads the
    # whole ledger by position until it has come across them.
    found = (
        select(LINES.c.position).where(counted).distinct().cte("found").prefix_with("MATERIALIZED")
    )
    page = (
        select(found.c.position)
        .where(found.c.position > after)
        .order_by(found.c.position)
        .limit(limit)
    )
    rows = connection.execute(
        select(LINES)
        .where(counted, LINES.c.position.in_(page))
        .order_by(LINES.c.position, LINES.c.ordinal)
    ).all()
    return [
        EntryRow(
            position=position,
            entry=first.entry,
            event_id=first.event_id,
            event_type=first.event_type,
            happened_on=first.happened_on,
            posted_on=posting_date(first.happened_on, position, closed),
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
                    in_kind=row.in_kind,
                    cents=row.cents,
                )
                for row in (first, *rest)
            ),
        )
        for position, (first, *rest) in groupby(rows, key=lambda row: row.position)
    ]
