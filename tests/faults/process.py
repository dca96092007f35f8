"""
A writer, relay, consumer or projector as a process of its own.

Forked from a server that has imported everything, so that it works within a fraction of a second
and most kills hit it at work. At a *failpoint* it kills itself: the code that runs is the one of
production, wrapped there and nowhere else.
"""

import logging
import os
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, text

from shared.eventstore.codec import EventType, EventTypes
from shared.eventstore.commands import carry_out
from shared.eventstore.effects import Effects
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Context, Recorded, Stream, VersionConflict
from shared.kernel.clock import SystemClock
from shared.kernel.decider import Decider
from shared.kernel.identifiers import derived_id
from shared.messaging import leadership
from shared.messaging.checkpoint import PostgresCheckpoint
from shared.messaging.consumer import Consumer
from shared.messaging.inbox import PostgresReceipt
from shared.messaging.transports.kafka import KafkaPublisher, KafkaTransport
from shared.postgres.database import Database
from shared.projecting import projector as projecting
from shared.projecting import registry
from shared.projecting.projection import Add, Delta, Projection
from shared.projecting.projector import Projector
from shared.worker.worker import Loop, Worker
from tests.integration.messaging.town import DAY, Counted, NumberCounted, Sender, topic_of

KEYS = tuple(f"key-{number}" for number in range(24))

EFFECTS = """
CREATE SCHEMA heard;
CREATE TABLE heard.effect (
    nth bigint GENERATED ALWAYS AS IDENTITY, name text NOT NULL, number integer NOT NULL
)
"""
_KEEP = text("INSERT INTO heard.effect (name, number) VALUES (:name, :number)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    effective_on: date
    key: str
    number: int


# Not idempotent on purpose: what takes effect twice shows.
HEARING: Decider[NumberCounted, int, Heard] = Decider(
    initial=0,
    decide=lambda fact, _: [Heard(effective_on=DAY, key=fact.name, number=fact.number)],
    evolve=lambda count, _: count + 1,
)
COUNTING: Decider[str, int, Counted] = Decider(
    initial=0,
    decide=lambda key, count: [Counted(effective_on=DAY, key=key, number=count + 1)],
    evolve=lambda count, _: count + 1,
)
HEARD = EventTypes(EventType("receiver.heard", Heard))

TOTALS = MetaData()
TOTAL = Table(
    "total",
    TOTALS,
    Column("key", Text, primary_key=True),
    Column("total", BigInteger, nullable=False),
    schema="totals",
)


def totals(recorded: Recorded) -> Iterable[Delta]:
    """The sum of what was heard, by key."""
    yield Add(TOTAL, {"key": recorded.event.key}, {"total": recorded.event.number})


PROJECTION = Projection(name="totals", version=1, metadata=TOTALS, deltas=totals)


def keep(fact: NumberCounted, effects: Effects) -> None:
    """The effects: a row, and an event, that nothing but the inbox keeps from coming twice."""
    effects.connection.execute(_KEEP, {"name": fact.name, "number": fact.number})
    effects.carry_out(HEARING, Stream("ear", derived_id("ear", fact.name)), fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a process is to be. Strings and numbers only: they cross to another process."""

    seat: str
    role: str
    log: Path
    database_url: str
    bootstrap: str
    sender: str
    failpoint: str | None
    chance: float
    """Of killing itself each time the failpoint is passed."""


_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])


def started(orders: Orders) -> BaseProcess:
    """A new process; the database knows it by its seat."""
    process = _PROCESSES.Process(target=main, args=(orders,), daemon=True)
    process.start()
    return process


FAILPOINTS: dict[str, dict[str, tuple[Any, str, str]]] = {
    "writer": {"after commit": (PostgresEventStore, "append", "after")},
    "relay": {
        "after send": (KafkaPublisher, "publish", "after"),
        "before checkpoint": (PostgresCheckpoint, "move", "before"),
        "after checkpoint": (PostgresCheckpoint, "move", "after"),
    },
    "consumer": {
        "before effect": (PostgresReceipt, "answer", "before"),
        "after effect": (PostgresReceipt, "answer", "after"),
        "after inbox": (PostgresReceipt, "close", "after"),
    },
    "projector": {
        "before checkpoint of rows": (registry, "advance", "before"),
        "after checkpoint of rows": (registry, "advance", "after"),
        "inside switch": (registry, "switch", "after"),
    },
}
"""By role and name: what is wrapped, and whether it ends before or after it."""


def main(orders: Orders) -> None:
    """Run one loop until killed."""
    descriptor = os.open(orders.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, sys.stdout.fileno())
    os.dup2(descriptor, sys.stderr.fileno())
    logging.basicConfig(level=logging.WARNING)
    os.environ["PGAPPNAME"] = orders.seat
    leadership.STANDBY_SECONDS = 0.1  # type: ignore[misc]  # the next kill is not far
    projecting.POLL_SECONDS = 0.1
    if orders.failpoint is not None:
        _install(*FAILPOINTS[orders.role][orders.failpoint], orders.chance)
    sys.exit(Worker([_loop(orders)]).run())


def _install(owner: Any, name: str, when: str, chance: float) -> None:
    whole: Callable[..., Any] = getattr(owner, name)

    @wraps(whole)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        ends = random.random() < chance  # noqa: S311  # the kernel decides the rest anyway
        if ends and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = whole(*arguments, **options)
        if ends:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(owner, name, wrapped)


def _loop(orders: Orders) -> Loop:
    database = Database(orders.database_url)
    clock = SystemClock()
    match orders.role:
        case "writer":
            return Writer(orders, database)
        case "relay":
            publisher = KafkaTransport(orders.bootstrap).publisher()
            return Sender(orders.sender, database, clock).relay(publisher)
        case "consumer":
            store = PostgresEventStore(database.engine, HEARD, clock)
            topics = [topic_of(orders.sender)]
            transport = KafkaTransport(orders.bootstrap)
            handlers: Any = {NumberCounted: keep}
            return Consumer("receiver", database, store, clock, topics, handlers, transport)
        case _:
            store = PostgresEventStore(database.engine, HEARD, clock)
            return Projector(database, store, [PROJECTION])


class Writer:
    """
    Carries out commands, one after the other, and notes each that was acknowledged.

    After a kill it asks again for the first that it has no answer to, under the same id.
    """

    name = "writer"

    def __init__(self, orders: Orders, database: Database) -> None:
        self._seat = orders.seat
        self._answers = answers_of(orders.log, orders.seat)
        self._store = Sender(orders.sender, database, SystemClock()).store

    def run(self, stop: threading.Event) -> None:
        """Until killed."""
        number = len(self._answers.read_text().splitlines()) if self._answers.exists() else 0
        with self._answers.open("a") as answers:
            while not stop.is_set():
                command_id = derived_id("command", self._seat, number)
                key = KEYS[hash_of(self._seat, number) % len(KEYS)]
                context = Context(
                    command_id=command_id,
                    actor=Actor(id="p-1"),
                    correlation_id=command_id,
                    causation_id=command_id,
                )
                stream = Stream("count", derived_id("count", key))
                try:
                    carry_out(self._store, COUNTING, stream, key, context, request_hash=b"same")
                except VersionConflict:
                    continue
                answers.write(f"{command_id}\n")
                answers.flush()
                number += 1
                stop.wait(0.004)


def answers_of(log: Path, seat: str) -> Path:
    """Where a writer notes what was acknowledged."""
    return log.with_name(f"{seat}.answers")


def hash_of(seat: str, number: int) -> int:
    """Which key a command is about; the same after a kill."""
    return derived_id("key", seat, number).int
