"""What the pockets of a funder agreement were used for, per fiscal year."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, select

from services.finance.domain.ledger import IN_FORCE, SPENT, Account
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import LINES


def used_in(
    connection: Connection, pockets: Sequence[str], fiscal_year: int, known: Knowledge
) -> dict[str, tuple[int, int]]:
    """
    Per pocket, in cents: what is reserved, committed or spent in a year; what is available in all.

    What came back in the year counts less. A pocket without lines is not there.
    """
    of_year = _in(Account.RESERVED, *IN_FORCE) & (LINES.c.fiscal_year == fiscal_year)
    rows = connection.execute(
        select(
            LINES.c.pocket,
            func.coalesce(func.sum(LINES.c.cents).filter(of_year), 0).label("used"),
            func.coalesce(func.sum(LINES.c.cents).filter(_in(Account.AVAILABLE)), 0).label("free"),
        )
        .where(LINES.c.pocket.in_(pockets), known.of(LINES))
        .group_by(LINES.c.pocket)
    )
    return {row.pocket: (int(row.used), int(row.free)) for row in rows}


def spent_by_year(
    connection: Connection, pockets: Sequence[str], known: Knowledge
) -> dict[int, int]:
    """What was owed or paid out of these pockets in each fiscal year, less what came back."""
    rows = connection.execute(
        select(LINES.c.fiscal_year, func.sum(LINES.c.cents).label("cents"))
        .where(LINES.c.pocket.in_(pockets), _in(*SPENT), known.of(LINES))
        .group_by(LINES.c.fiscal_year)
    )
    return {row.fiscal_year: int(row.cents) for row in rows}


def _in(*accounts: Account) -> ColumnElement[bool]:
    return LINES.c.account.in_([str(account) for account in accounts])
