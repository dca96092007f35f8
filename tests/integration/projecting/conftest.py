"""Jars of coins: a small domain whose projections these tests drive."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, Uuid, select

from shared.eventstore.codec import EventType, EventTypes
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Append, Context, Recorded, Stream
from shared.kernel.clock import FixedClock
from shared.postgres.database import Database
from shared.projecting.projection import Add, Delta, Projection, Put
from shared.projecting.reading import ReadModels

TODAY = date(2023, 4, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    effective_on: date = TODAY
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposited:
    effective_on: date = TODAY
    cents: int


TYPES = EventTypes(EventType("jar.opened", Opened), EventType("jar.deposited", Deposited))

METADATA = MetaData()
JAR = Table(
    "jar",
    METADATA,
    Column("jar_id", Uuid, primary_key=True),
    Column("label", Text, nullable=False),
    Column("cents", BigInteger, nullable=False, server_default="0"),
    schema="jars",
)


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """What an event does to the jars."""
    key = {"jar_id": recorded.stream.id}
    match recorded.event:
        case Opened(label=label):
            yield Put(JAR, key, {"label": label, "cents": 0})
        case Deposited(cents=cents):
            yield Add(JAR, key, {"cents": cents})


JARS = Projection("jars", 1, METADATA, deltas)

TOTALS_METADATA = MetaData()
TOTAL = Table(
    "total",
    TOTALS_METADATA,
    Column("what", Text, primary_key=True),
    Column("cents", BigInteger, nullable=False, server_default="0"),
    schema="totals",
)


def deltas_of_totals(recorded: Recorded) -> Iterable[Delta]:
    """Everything in all jars."""
    if isinstance(recorded.event, Deposited):
        yield Add(TOTAL, {"what": "all"}, {"cents": recorded.event.cents})


TOTALS = Projection("totals", 1, TOTALS_METADATA, deltas_of_totals)


@dataclass(frozen=True)
class House:
    """One service's database, its event store and its read models."""

    database: Database
    store: PostgresEventStore
    read_models: ReadModels

    def record(self, jar: UUID, *events: Opened | Deposited) -> int:
        """Append to a jar whatever its version; the position."""
        stream = Stream("jar", jar)
        command_id = uuid4()
        context = Context(
            command_id=command_id,
            actor=Actor(id="p-1"),
            correlation_id=command_id,
            causation_id=command_id,
        )
        version = len(self.store.load(stream))
        return self.store.append([Append(stream, version, events)], context)

    def jars(self, projection: Projection = JARS) -> dict[str, int]:
        """What each jar holds, by label."""
        with self.read_models.reading(projection) as connection:
            return {row.label: row.cents for row in connection.execute(select(JAR))}

    def total(self) -> int:
        """What all jars hold."""
        with self.read_models.reading(TOTALS) as connection:
            return connection.execute(select(TOTAL.c.cents)).scalar_one()


@pytest.fixture
def house(database: Database, clock: FixedClock) -> House:
    """An empty house."""
    return House(
        database=database,
        store=PostgresEventStore(database.engine, TYPES, clock),
        read_models=ReadModels(database.engine),
    )


@pytest.fixture
def stumbling() -> Callable[[int], Projection]:
    """The jars, but it cannot take an event at a position."""

    def at(position: int) -> Projection:
        def stumble(recorded: Recorded) -> Iterable[Delta]:
            if recorded.position == position:
                raise ZeroDivisionError("no coins of this kind")
            return deltas(recorded)

        return replace(JARS, deltas=stumble)

    return at
