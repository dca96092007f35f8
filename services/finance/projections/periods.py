"""The trial balance of a quarter by posting date, and the facts that came too late for it."""

from collections.abc import Sequence

from sqlalchemy import Connection, Date, Select, cast, func, select, union_all

from services.finance.domain.events import TrialBalanceLine
from services.finance.domain.period import digest
from services.finance.domain.period_view import LateFact, PeriodView, TrialRow
from services.finance.domain.posting import PeriodChange, Step, in_force, steps
from services.finance.projections.closings import (
    CHANGES,
    FROZEN,
    changes,
    closing_steps,
    posted_on,
)
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import LINES
from shared.kernel.periods import Quarter

_Balances = dict[tuple[str, str | None], int]
"""Cents per account and pocket; zero is left out."""


def trial_balance(
    connection: Connection, quarter: Quarter, position: int
) -> tuple[TrialBalanceLine, ...]:
    """All balances at the end of a quarter, by posting date, of what is known at a position."""
    known = Knowledge(position=position)
    return _as_lines(_balances(connection, known, quarter, closing_steps(connection, known)))


def period_of(
    connection: Connection, quarter: Quarter, known: Knowledge, *, limit: int
) -> PeriodView:
    """One quarter, with at most ``limit`` of the facts that came too late for it."""
    all_changes = changes(connection, known)
    closed_by = next((each for each in in_force(all_changes) if each.quarter >= quarter), None)
    own = closed_by if closed_by is not None and closed_by.quarter == quarter else None
    closed = steps(all_changes)
    posted = _balances(connection, known, quarter, closed)
    happened = _balances(connection, known, quarter, ())
    frozen = {} if own is None else _frozen(connection, own)
    keys = sorted({*posted, *happened, *frozen}, key=lambda key: (key[0], key[1] or ""))
    late, late_entries = _late(connection, known, quarter, closed, limit=limit)
    return PeriodView(
        quarter=quarter,
        closed_by=closed_by,
        rows=tuple(
            TrialRow(
                account=account,
                pocket=pocket,
                frozen=None if own is None else frozen.get((account, pocket), 0),
                posted=posted.get((account, pocket), 0),
                happened=happened.get((account, pocket), 0),
            )
            for account, pocket in keys
        ),
        sha256=(
            None
            if own is None or own.closed_at is None
            else digest(quarter, own.closed_at, _as_lines(posted))
        ),
        late=late,
        late_entries=late_entries,
    )


def _as_lines(balances: _Balances) -> tuple[TrialBalanceLine, ...]:
    return tuple(
        TrialBalanceLine(account=account, pocket=pocket, cents=cents)
        for (account, pocket), cents in balances.items()
    )


def _balances(
    connection: Connection, known: Knowledge, quarter: Quarter, closed: Sequence[Step]
) -> _Balances:
    cents = func.sum(LINES.c.cents).label("cents")
    rows = connection.execute(
        select(LINES.c.account, LINES.c.pocket, cents)
        .where(known.of(LINES), posted_on(LINES, closed) <= quarter.ends_on)
        .group_by(LINES.c.account, LINES.c.pocket)
        .having(func.sum(LINES.c.cents) != 0)
    )
    return {(row.account, row.pocket): int(row.cents) for row in rows}


def _frozen(connection: Connection, closing: PeriodChange) -> _Balances:
    rows = connection.execute(select(FROZEN).where(FROZEN.c.position == closing.position))
    return {(row.account, row.pocket): row.cents for row in rows}


def _late(
    connection: Connection,
    known: Knowledge,
    quarter: Quarter,
    closed: Sequence[Step],
    *,
    limit: int,
) -> tuple[tuple[LateFact, ...], int]:
    posted = posted_on(LINES, closed)
    about = (
        LINES.c.position,
        LINES.c.entry,
        LINES.c.event_id,
        LINES.c.event_type,
        LINES.c.happened_on,
        LINES.c.recorded_at,
    )
    lines = (
        select(*about, posted.label("posted_on"), func.greatest(LINES.c.cents, 0).label("moved"))
        .where(known.of(LINES), LINES.c.happened_on <= quarter.ends_on, posted > quarter.ends_on)
        .subquery()
    )
    facts = [column for column in lines.c if column.name != "moved"]
    rows = connection.execute(
        select(*facts, func.sum(lines.c.moved).label("cents"))
        .group_by(*facts)
        .order_by(lines.c.position)
        .limit(limit)
    )
    found = tuple(
        LateFact(
            position=row.position,
            entry=row.entry,
            event_id=row.event_id,
            event_type=row.event_type,
            happened_on=row.happened_on,
            posted_on=row.posted_on,
            recorded_at=row.recorded_at,
            cents=int(row.cents),
        )
        for row in rows
    )
    count = connection.execute(select(func.count(lines.c.position.distinct()))).scalar_one()
    return found, count


def moved_since_closing(connection: Connection, known: Knowledge) -> Select[str, int]:
    """By how much each closed balance is another one now than when its quarter was closed."""
    all_changes = changes(connection, known)
    closings = CHANGES.c.position.in_([each.position for each in in_force(all_changes)])
    starts_on = cast(func.date_trunc("quarter", posted_on(LINES, steps(all_changes))), Date)
    # Fiscal quarters begin where those of the calendar do: each line is looked at once.
    lines = (
        select(LINES.c.account, LINES.c.pocket, LINES.c.cents, starts_on.label("starts_on"))
        .where(known.of(LINES))
        .subquery()
    )
    moved = (
        select(
            lines.c.account,
            lines.c.pocket,
            lines.c.starts_on,
            func.sum(lines.c.cents).label("cents"),
        )
        .group_by(lines.c.account, lines.c.pocket, lines.c.starts_on)
        .subquery()
    )
    both = union_all(
        select(CHANGES.c.quarter, moved.c.account, moved.c.pocket, moved.c.cents)
        .join_from(CHANGES, moved, moved.c.starts_on < CHANGES.c.open_from)
        .where(closings),
        select(
            CHANGES.c.quarter, FROZEN.c.account, FROZEN.c.pocket, (-FROZEN.c.cents).label("cents")
        )
        .join_from(CHANGES, FROZEN, FROZEN.c.position == CHANGES.c.position)
        .where(closings),
    ).subquery()
    by = (both.c.quarter, both.c.account, both.c.pocket)
    return select(
        func.concat_ws(" ", *by).label("of"), func.sum(both.c.cents).label("difference")
    ).group_by(*by)
