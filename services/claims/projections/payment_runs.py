"""Which payment runs are there, and how far has each got?"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Index,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    select,
    tuple_,
)

from services.claims.domain import payment_run_life as life
from shared.eventstore.store import Recorded
from shared.projecting.projection import Add, Change, Delta, Insert, Projection

NAME = "payment_runs"
METADATA = MetaData()

RUN = Table(
    "run",
    METADATA,
    Column("run_id", Uuid, primary_key=True),
    Column("state", Text, nullable=False),
    Column("proposed_on", Date, nullable=False),
    Column("execution_on", Date, nullable=False),
    Column("items", Integer, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("disbursed", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Index("run_newest_first", "proposed_on", "run_id"),
    schema=NAME,
)


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """What an event changes."""
    key = {"run_id": recorded.stream.id}
    match recorded.event:
        case life.PaymentRunProposed() as event:
            row = {
                "state": "proposed",
                "proposed_on": event.effective_on,
                "execution_on": event.execution_on,
                "items": len(event.items),
                "amount_cents": event.amount.cents,
                "disbursed": 0,
                "failed": 0,
            }
            yield Insert(RUN, key | row)
        case life.PaymentRunApproved():
            yield Change(RUN, key, {"state": "approved"})
        case life.PaymentRunRejected():
            yield Change(RUN, key, {"state": "rejected"})
        case life.PaymentRunExported():
            yield Change(RUN, key, {"state": "exported"})
        case life.PaymentRunConfirmed() as event:
            yield Add(RUN, key, {"disbursed": len(event.disbursed), "failed": len(event.failed)})
        case life.PaymentRunClosed():
            yield Change(RUN, key, {"state": "closed"})


PROJECTION = Projection(NAME, 1, METADATA, deltas)


def listed(
    connection: Connection,
    *,
    limit: int,
    after: Sequence[Any] | None = None,
    state: str | None = None,
) -> list[Row[Any]]:
    """Runs, the newest first. ``after``: ``proposed_on`` and ``run_id`` of the last one seen."""
    order = (RUN.c.proposed_on, RUN.c.run_id)
    query = select(RUN).order_by(*(column.desc() for column in order)).limit(limit)
    if after is not None:
        query = query.where(tuple_(*order) < tuple_(*after))
    if state is not None:
        query = query.where(RUN.c.state == state)
    return list(connection.execute(query).all())
