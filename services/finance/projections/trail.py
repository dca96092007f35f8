"""
What led to what: every fact that finance keeps, by the command that it goes back to.

A command of any service and everything that followed from it share a correlation id, so that from
an entry one finds the decision before it and the effects beside it, as far as finance heard.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    DateTime,
    Index,
    MetaData,
    Table,
    Text,
    Uuid,
    select,
)

from services.finance.projections.knowledge import Knowledge
from shared.eventstore.store import Recorded
from shared.projecting.projection import Delta, Insert, Projection

NAME = "trail"
METADATA = MetaData()
LONGEST = 200
"""How many facts of one chain are shown: a payment run has as many as it has payments."""

FACTS = Table(
    "fact",
    METADATA,
    Column("position", BigInteger, primary_key=True, comment="in finance's own log"),
    Column("event_id", Uuid, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("happened_on", Date, nullable=False, comment="civil date, America/Toronto"),
    Column("recorded_at", DateTime(timezone=True), nullable=False, comment="when we heard of it"),
    Column("correlation_id", Uuid, nullable=False, comment="the first command of the chain"),
    Column("causation_id", Uuid, nullable=False, comment="the command or message before it"),
    Index("fact_of_a_chain", "correlation_id", "position"),
    Index("fact_of_a_type", "event_type", "position"),
    schema=NAME,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One fact of a chain."""

    position: int
    event_id: UUID
    event_type: str
    happened_on: date
    recorded_at: datetime
    causation_id: UUID


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """One row for each fact."""
    yield Insert(
        FACTS,
        {
            "position": recorded.position,
            "event_id": recorded.event_id,
            "event_type": recorded.type,
            "happened_on": recorded.event.effective_on,
            "recorded_at": recorded.recorded_at,
            "correlation_id": recorded.context.correlation_id,
            "causation_id": recorded.context.causation_id,
        },
    )


PROJECTION = Projection(name=NAME, version=2, metadata=METADATA, deltas=deltas)


def chain(connection: Connection, correlation_id: UUID) -> list[Link]:
    """The facts that go back to one command, oldest first: at most ``LONGEST``."""
    rows = connection.execute(
        select(FACTS)
        .where(FACTS.c.correlation_id == correlation_id)
        .order_by(FACTS.c.position)
        .limit(LONGEST)
    )
    return [
        Link(
            position=row.position,
            event_id=row.event_id,
            event_type=row.event_type,
            happened_on=row.happened_on,
            recorded_at=row.recorded_at,
            causation_id=row.causation_id,
        )
        for row in rows
    ]


def positions_of(connection: Connection, event_type: str, known: Knowledge) -> list[int]:
    """Where the facts of one type are, newest first."""
    return list(
        connection.execute(
            select(FACTS.c.position)
            .where(FACTS.c.event_type == event_type, known.recorded(FACTS))
            .order_by(FACTS.c.position.desc())
        ).scalars()
    )
