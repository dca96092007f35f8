"""
What the processes of a storm are about.

A sender counts, and promises bells that ring on a later day unless they are excused; a receiver
keeps what it hears, and a view adds that up. Nothing here is idempotent by itself, on purpose:
what happens twice shows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text, text

from shared.eventstore.codec import EventType, EventTypes
from shared.eventstore.effects import Effects
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Recorded, Stream
from shared.kernel.clock import SystemClock
from shared.kernel.decider import Decider
from shared.kernel.identifiers import derived_id
from shared.postgres.database import Database
from shared.projecting.projection import Add, Delta, Extend, Projection
from shared.timers.timer import Arm, Disarm, Timer
from tests.integration.messaging.town import DAY, Counted, NumberCounted, Sender

KEYS = tuple(f"key-{number}" for number in range(24))
DAY_SECONDS = 2.0
"""How long a day takes where bells ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    effective_on: date
    fires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Excused:
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang:
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    effective_on: date
    key: str
    number: int


COUNTING: Decider[str, int, Counted] = Decider(
    initial=0,
    decide=lambda key, count: [Counted(effective_on=DAY, key=key, number=count + 1)],
    evolve=lambda count, _: count + 1,
)
SAYING: Decider[Any, int, Any] = Decider(
    initial=0, decide=lambda event, _: [event], evolve=lambda count, _: count + 1
)
"""The command is the event; it is recorded as often as it is carried out."""

SENT = EventTypes(
    EventType("sender.counted", Counted),
    EventType("sender.promised", Promised),
    EventType("sender.excused", Excused),
    EventType("sender.rang", Rang),
)
HEARD = EventTypes(EventType("receiver.heard", Heard))


class HurryingClock:
    """Days that pass in seconds, the same for every process that knows when they began."""

    def __init__(self, began: datetime) -> None:
        self._began = began

    def now(self) -> datetime:
        """The hurried instant."""
        return self.at(SystemClock().now())

    def at(self, machine: datetime) -> datetime:
        """The hurried instant of one that the machine's clock showed."""
        return self._began + (machine - self._began) * (
            timedelta(days=1).total_seconds() / DAY_SECONDS
        )


def sender(name: str, database: Database) -> Sender:
    """The sender, with all its types of events."""
    made = Sender(name, database, SystemClock())
    made.store = PostgresEventStore(database.engine, SENT, SystemClock())
    return made


def bell(seat: str, number: int) -> Stream:
    """The bell that a writer promises with its command of this number."""
    return Stream("bell", derived_id("bell", seat, number))


def timers_of(recorded: Recorded) -> Iterable[Arm | Disarm]:
    """A promise arms a timer, an excuse disarms it."""
    timer_id: UUID = recorded.stream.id
    match recorded.event:
        case Promised(fires_on=day):
            yield Arm(timer_id=timer_id, kind="ring", fires_on=day, stream=recorded.stream)
        case Excused():
            yield Disarm(timer_id)


def ring(timer: Timer, effects: Effects) -> None:
    """What a timer does: an event that only the timer's mark keeps from coming twice."""
    effects.carry_out(SAYING, timer.stream, Rang(effective_on=effects.today))


EFFECTS = """
CREATE SCHEMA heard;
CREATE TABLE heard.effect (
    nth bigint GENERATED ALWAYS AS IDENTITY, name text NOT NULL, number integer NOT NULL
)
"""
_KEEP = text("INSERT INTO heard.effect (name, number) VALUES (:name, :number)")


def keep(fact: NumberCounted, effects: Effects) -> None:
    """The effects: a row, and an event, that nothing but the inbox keeps from coming twice."""
    effects.connection.execute(_KEEP, {"name": fact.name, "number": fact.number})
    heard = Heard(effective_on=DAY, key=fact.name, number=fact.number)
    effects.carry_out(SAYING, Stream("ear", derived_id("ear", fact.name)), heard)


TOTALS = MetaData()
TOTAL = Table(
    "total",
    TOTALS,
    Column("key", Text, primary_key=True),
    Column("total", BigInteger, nullable=False),
    schema="totals",
)
LINE = Table(
    "line",
    TOTALS,
    Column("position", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("number", Integer, nullable=False),
    schema="totals",
)


def totals(recorded: Recorded) -> Iterable[Delta]:
    """The sum of what was heard, by key, and a line for each: rows go in both ways there are."""
    event = recorded.event
    yield Add(TOTAL, {"key": event.key}, {"total": event.number})
    yield Extend(LINE, [(recorded.position, event.key, event.number)])


PROJECTION = Projection(name="totals", version=1, metadata=TOTALS, deltas=totals)
