"""Which quarters were closed and opened again, with what their trial balances froze."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Integer,
    Table,
    Text,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import array

from services.finance.domain.events import PeriodClosed, PeriodReopened
from services.finance.domain.posting import PeriodChange, Step, steps
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.naming import METADATA, NAME
from shared.kernel.periods import Quarter
from shared.projecting.projection import Delta, Insert

CHANGES = Table(
    "period_change",
    METADATA,
    Column("position", BigInteger, primary_key=True),
    Column("quarter", Text, nullable=False),
    Column("closed_at", BigInteger, comment="what the trial balance has seen; null: reopened"),
    Column("sha256", Text, comment="of the trial balance; null: reopened"),
    Column("open_from", Date, nullable=False, comment="the first day after the quarter"),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    schema=NAME,
)

FROZEN = Table(
    "trial_balance",
    METADATA,
    Column("position", BigInteger, primary_key=True, comment="of the closing"),
    Column("ordinal", Integer, primary_key=True),
    Column("account", Text, nullable=False),
    Column("pocket", Text, comment="absent for match and for operations"),
    Column("cents", BigInteger, nullable=False),
    schema=NAME,
)


def deltas(event: PeriodClosed | PeriodReopened, heard: Mapping[str, Any]) -> Iterable[Delta]:
    """The rows of a change; ``heard`` is its position and instant."""
    closing = event if isinstance(event, PeriodClosed) else None
    yield Insert(
        CHANGES,
        {
            **heard,
            "quarter": str(event.quarter),
            "closed_at": closing and closing.position,
            "sha256": closing and closing.sha256,
            "open_from": event.quarter.next().starts_on,
        },
    )
    for ordinal, line in enumerate(closing.trial_balance if closing else ()):
        yield Insert(
            FROZEN,
            {
                "position": heard["position"],
                "ordinal": ordinal,
                "account": line.account,
                "pocket": line.pocket,
                "cents": line.cents,
            },
        )


def changes(connection: Connection, known: Knowledge) -> list[PeriodChange]:
    """All changes that were known, oldest first."""
    rows = connection.execute(
        select(CHANGES).where(known.recorded(CHANGES)).order_by(CHANGES.c.position)
    )
    return [
        PeriodChange(
            position=row.position,
            quarter=Quarter.parse(row.quarter),
            closed_at=row.closed_at,
            sha256=row.sha256,
        )
        for row in rows
    ]


def closing_steps(connection: Connection, known: Knowledge) -> tuple[Step, ...]:
    """From which position on which days were closed."""
    return steps(changes(connection, known))


def posted_on(lines: Table, closing_steps: Sequence[Step]) -> ColumnElement[date]:
    """
    The posting date of each of ``lines``: ``posting.posting_date`` as PostgreSQL computes it.

    The steps are a sorted array that a line's position is looked up in; a line before all of them
    finds nothing there, and ``greatest`` passes over it.
    """
    if not closing_steps:
        return lines.c.happened_on
    firsts = literal([step.first for step in closing_steps], ARRAY(BigInteger))
    open_from: array[Any] = array([literal(step.open_from, Date) for step in closing_steps])
    found: ColumnElement[date] = func.greatest(
        lines.c.happened_on, open_from[func.width_bucket(lines.c.position, firsts)], type_=Date
    )
    return found
