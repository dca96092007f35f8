"""What projects still have committed and promised, for asking what if."""

from sqlalchemy import Connection, func, select

from services.finance.domain.ledger import Account
from services.finance.domain.scenario import MOVABLE, Promised, Supposed
from services.finance.domain.tables import Amount
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import LINES
from shared.kernel.periods import Quarter


def promised_to(connection: Connection, known: Knowledge, supposed: Supposed) -> list[Promised]:
    """Of the projects that something is supposed of, per planned quarter of all years."""
    dimensions = (
        LINES.c.project_id,
        LINES.c.account,
        LINES.c.quarter,
        LINES.c.programme,
        LINES.c.pocket,
    )
    cents = func.sum(LINES.c.cents)
    rows = connection.execute(
        select(*dimensions, cents.label("cents"))
        .where(
            LINES.c.project_id.in_(supposed.projects),
            LINES.c.account.in_([str(account) for account in MOVABLE]),
            known.of(LINES),
        )
        .group_by(*dimensions)
        .having(cents != 0)
        .order_by(*dimensions)
    )
    return [
        Promised(
            project_id=row.project_id,
            amount=Amount(
                account=Account(row.account),
                quarter=Quarter.parse(row.quarter),
                cents=int(row.cents),
                programme=row.programme,
                pocket=row.pocket,
            ),
        )
        for row in rows
    ]
