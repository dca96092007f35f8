"""
What must always be true of the ledger, asked of the ledger itself.

Each identity is one query that returns what it is broken for, and by how much: normally nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, Text, cast, func, select

from services.finance.domain.ledger import (
    CONTRACTING,
    GIVING_BACK,
    IN_FORCE,
    MATCH,
    OF_A_POCKET,
    Account,
    EntryKind,
)
from services.finance.domain.tables import USED_ACCOUNTS
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import AMOUNTS, LINES
from services.finance.projections.periods import moved_since_closing

_Differences = Select[str, int]
"""Every thing that is looked at, and what it is off by."""

SHOWN = 20
"""How many breaks are named; all are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """What an identity does not hold for, and by how many cents."""

    of: str
    difference: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One thing that must be true, and whether it is."""

    name: str
    checked: int
    """How many entries, pockets, projects or closed balances were looked at."""
    breaks: tuple[Break, ...]
    """The first of them."""
    broken: int
    """All of them."""
    difference: int
    """What they are off by together, in cents, each counted as positive."""

    @property
    def ok(self) -> bool:
        """It holds."""
        return self.broken == 0


def identities(connection: Connection, known: Knowledge) -> list[Identity]:
    """Check everything that must be true."""
    checked = [
        _check(connection, name, query(known))
        for name, query in (
            ("every-entry-adds-up-to-zero-in-every-pocket", _entries),
            ("no-event-counts-twice", _events),
            ("authority-is-what-became-of-it", _authority),
            ("cash-and-receivables-are-what-was-drawn-and-not-paid-out", _funding),
            ("contracted-is-what-became-of-it", _contracted),
            ("match-promised-and-reported-is-what-is-expected", _match),
            ("nothing-is-below-zero", _below_zero),
            ("sums-by-day-are-those-of-the-lines", _by_day),
        )
    ]
    closed = moved_since_closing(connection, known)
    return [*checked, _check(connection, "closed-periods-do-not-move", closed)]


def _check(connection: Connection, name: str, differences: _Differences) -> Identity:
    each = differences.subquery()
    broken = each.c.difference != 0
    counts = connection.execute(
        select(
            func.count().label("checked"),
            func.count().filter(broken).label("broken"),
            func.coalesce(func.sum(func.abs(each.c.difference)), 0).label("difference"),
        ).select_from(each)
    ).one()
    named = select(each).where(broken).order_by(each.c.of).limit(SHOWN)
    breaks = connection.execute(named) if counts.broken else ()
    return Identity(
        name=name,
        checked=counts.checked,
        broken=counts.broken,
        difference=int(counts.difference),
        breaks=tuple(Break(of=row.of, difference=int(row.difference)) for row in breaks),
    )


def _entries(known: Knowledge) -> _Differences:
    of = func.concat_ws(" ", cast(LINES.c.position, Text), LINES.c.pocket)
    return _differences(of, func.sum(LINES.c.cents), known, LINES.c.position, LINES.c.pocket)


def _events(known: Knowledge) -> _Differences:
    times = func.count(LINES.c.position.distinct())
    return _differences(cast(LINES.c.event_id, Text), times - 1, known, LINES.c.event_id)


def _authority(known: Knowledge) -> _Differences:
    # The authority is kept negative, as the other side of what became of it.
    off_by = _sum_of(Account.AUTHORITY, *OF_A_POCKET)
    return _differences(LINES.c.pocket, off_by, known, LINES.c.pocket).where(
        LINES.c.pocket.is_not(None)
    )


def _funding(known: Knowledge) -> _Differences:
    off_by = _sum_of(Account.DUE_FROM_FUNDER, Account.CASH, Account.DRAWN)
    return _differences(LINES.c.pocket, off_by, known, LINES.c.pocket).where(
        LINES.c.pocket.is_not(None)
    )


def _contracted(known: Knowledge) -> _Differences:
    contracted = _sum_of(Account.COMMITTED, entries=CONTRACTING)
    given_back = _sum_of(Account.COMMITTED, Account.HELD_BACK, entries=GIVING_BACK)
    # What came back counts as released, as it does in the statement of an agreement.
    back = _sum_of(Account.RECOVERED)
    return _of_projects(contracted - _sum_of(*IN_FORCE) + given_back + back, known)


def _match(known: Knowledge) -> _Differences:
    return _of_projects(_sum_of(*MATCH, Account.MATCH_EXPECTED), known)


def _below_zero(known: Knowledge) -> _Differences:
    of = func.concat_ws(" ", cast(LINES.c.project_id, Text), LINES.c.pocket, LINES.c.account)
    by = (LINES.c.project_id, LINES.c.pocket, LINES.c.account)
    return _differences(of, func.least(func.sum(LINES.c.cents), 0), known, *by).where(
        LINES.c.account.in_([str(account) for account in (Account.RESERVED, *IN_FORCE)]),
        LINES.c.account != str(Account.RECOVERED),
    )


def _by_day(_known: Knowledge) -> _Differences:
    """Of everything, whatever is asked: a sum by day ends with the day."""
    by_day = select(AMOUNTS.c.fiscal_year, AMOUNTS.c.account, AMOUNTS.c.quarter, AMOUNTS.c.cents)
    by_line = select(LINES.c.fiscal_year, LINES.c.account, LINES.c.quarter, -LINES.c.cents).where(
        LINES.c.fiscal_year.is_not(None),
        LINES.c.account.in_([str(account) for account in USED_ACCOUNTS]),
    )
    both = by_day.union_all(by_line).subquery()
    of = func.concat_ws(" ", both.c.quarter, both.c.account)
    return select(of.label("of"), func.sum(both.c.cents).label("difference")).group_by(
        both.c.fiscal_year, both.c.account, both.c.quarter
    )


def _of_projects(off_by: ColumnElement[int], known: Knowledge) -> _Differences:
    project = LINES.c.project_id
    return _differences(cast(project, Text), off_by, known, project).where(project.is_not(None))


def _differences(
    of: ColumnElement[str],
    off_by: ColumnElement[int],
    known: Knowledge,
    *by: ColumnElement[object],
) -> _Differences:
    return select(of.label("of"), off_by.label("difference")).where(known.of(LINES)).group_by(*by)


def _sum_of(*accounts: Account, entries: Sequence[EntryKind] = ()) -> ColumnElement[int]:
    condition: ColumnElement[bool] = LINES.c.account.in_([str(account) for account in accounts])
    if entries:
        condition &= LINES.c.entry.in_([str(entry) for entry in entries])
    return func.coalesce(func.sum(LINES.c.cents).filter(condition), 0)
