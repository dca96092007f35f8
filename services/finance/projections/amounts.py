"""
What the tables are made of: the amounts of a fiscal year, as known and happened by then.

Whole days come from the sums that PostgreSQL keeps beside the lines (``keeping``); of the day in
which a question ends, the lines themselves are read. The two cannot differ: one of the identities
compares them.
"""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select

from services.finance.domain.ledger import OPERATING, Account, EntryKind
from services.finance.domain.tables import USED_ACCOUNTS, Amount
from services.finance.projections.knowledge import Knowledge, end_of
from services.finance.projections.ledger import AMOUNTS, LINES
from shared.kernel.periods import TORONTO, Quarter, civil_date


def amounts(
    connection: Connection, fiscal_year: int, seen: Knowledge, *, new_since: int | None
) -> list[Amount]:
    """
    Amounts of a year; with ``new_since``, those that are new since that position are told apart.

    Several may share account, programme, pocket, code and quarter.
    """
    asked = [*_by_day(connection, fiscal_year, seen)]
    if new_since is not None:
        for new in _new(connection, fiscal_year, seen, new_since):
            # Told apart: taken out of what is there already, and added as new.
            asked += [_amount(new, -1), _amount(new, +1, new=True)]
    return asked


def _by_day(connection: Connection, fiscal_year: int, seen: Knowledge) -> Iterable[Amount]:
    ends = _ends(connection, seen)
    whole = _sums(AMOUNTS).where(AMOUNTS.c.fiscal_year == fiscal_year)
    if seen.until is not None:
        whole = whole.where(AMOUNTS.c.happened_on <= seen.until)
    if ends is not None:
        whole = whole.where(AMOUNTS.c.recorded_on < civil_date(ends))
    yield from map(_amount, connection.execute(whole))
    if ends is None:
        return
    midnight = datetime.combine(civil_date(ends), time.min, TORONTO)
    if ends > midnight or seen.position is not None:
        # Said of instants as well where a position is the end: the lines of one day are then found
        # at once, and not among all later ones.
        of_the_day = _of_a_year(fiscal_year, seen).where(
            LINES.c.recorded_at >= midnight, LINES.c.recorded_at <= ends
        )
        yield from map(_amount, connection.execute(of_the_day))


def _ends(connection: Connection, seen: Knowledge) -> datetime | None:
    """The instant at which a question ends; none: it asks for everything."""
    ends = None if seen.as_of is None else end_of(seen.as_of)
    if seen.position is None:
        return ends
    # Positions and instants have one order.
    latest: datetime | None = connection.execute(
        select(LINES.c.recorded_at)
        .where(LINES.c.position <= seen.position)
        .order_by(LINES.c.position.desc())
        .limit(1)
    ).scalar()
    if latest is None:
        return datetime.min.replace(year=2, tzinfo=TORONTO)
    return latest if ends is None else min(latest, ends)


def _new(connection: Connection, fiscal_year: int, seen: Knowledge, since: int) -> Iterable[Any]:
    """Of projects whose agreement was executed since; of operations, what was recorded since."""
    executed = LINES.alias("executed")
    projects = select(executed.c.project_id).where(
        executed.c.entry == str(EntryKind.AGREEMENT_EXECUTED),
        executed.c.ordinal == 0,
        executed.c.position > since,
    )
    later = _of_a_year(fiscal_year, seen).where(LINES.c.position > since)
    ours = LINES.c.account.in_([str(account) for account in OPERATING])
    yield from connection.execute(later.where(LINES.c.project_id.in_(projects)))
    yield from connection.execute(later.where(ours))


def _of_a_year(fiscal_year: int, seen: Knowledge) -> Select[Any]:
    used: ColumnElement[bool] = LINES.c.account.in_([str(account) for account in USED_ACCOUNTS])
    return _sums(LINES).where(LINES.c.fiscal_year == fiscal_year, used, seen.of(LINES))


def _sums(table: Table) -> Select[Any]:
    by = (table.c.account, table.c.quarter, table.c.programme, table.c.pocket, table.c.code)
    return select(*by, func.sum(table.c.cents).label("cents")).group_by(*by)


def _amount(row: Any, sign: int = 1, *, new: bool = False) -> Amount:
    return Amount(
        account=Account(row.account),
        quarter=Quarter.parse(row.quarter),
        cents=sign * int(row.cents),
        programme=row.programme or None,
        pocket=row.pocket or None,
        code=row.code or None,
        new=new,
    )
