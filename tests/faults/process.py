"""
A writer, relay, consumer, projector or timer loop as a process of its own.

Forked from a server that has imported everything, so that it works within a fraction of a second
and most kills hit it at work. At a *failpoint* it kills or stops itself: the code that runs is the
one of production, wrapped there and nowhere else, unless it is told to run a mutant.
"""

import logging
import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from shared.eventstore.commands import carry_out
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Context, Stream, VersionConflict
from shared.kernel.clock import SystemClock
from shared.kernel.identifiers import derived_id
from shared.kernel.periods import civil_date
from shared.messaging import leadership
from shared.messaging.checkpoint import PostgresCheckpoint
from shared.messaging.consumer import Consumer
from shared.messaging.inbox import PostgresInbox, PostgresReceipt
from shared.messaging.message import topic_of
from shared.messaging.transports.kafka import KafkaPublisher, KafkaTransport
from shared.postgres.database import Database
from shared.projecting import projector as projecting
from shared.projecting import registry
from shared.projecting.projector import PostgresGenerations, Projector
from shared.timers import loop as timing
from shared.timers.loop import PostgresTurn, TimerLoop
from shared.worker.worker import Loop, Worker
from tests.faults.mutants import MUTANTS
from tests.faults.village import (
    COUNTING,
    HEARD,
    KEYS,
    PROJECTION,
    SAYING,
    Excused,
    HurryingClock,
    Promised,
    bell,
    keep,
    ring,
    sender,
    timers_of,
)
from tests.integration.messaging.town import DAY, NumberCounted


@dataclass(frozen=True, slots=True, kw_only=True)
class Failpoint:
    """Where a process ends, or stops, itself."""

    name: str
    chance: float
    """Each time it is passed."""
    stops: bool = False
    """It stops there, once, instead of being killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a process is to be. Nothing that cannot cross to another process."""

    seat: str
    role: str
    log: Path
    database_url: str
    bootstrap: str
    sender: str
    hurries_from: datetime
    failpoint: Failpoint | None
    mutant: str | None


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
        "before batch": (PostgresInbox, "transaction", "before"),
        "before effect": (PostgresReceipt, "answer", "before"),
        "after effect": (PostgresReceipt, "answer", "after"),
        "after inbox": (PostgresReceipt, "close", "after"),
    },
    "projector": {
        "before rows": (PostgresGenerations, "take", "before"),
        "before checkpoint of rows": (registry, "advance", "before"),
        "after checkpoint of rows": (registry, "advance", "after"),
        "inside switch": (registry, "switch", "after"),
    },
    "timers": {
        "before timer": (PostgresTurn, "carry_out", "before"),
        "after timer": (PostgresTurn, "carry_out", "after"),
        "after following": (PostgresTurn, "follow", "after"),
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
    timing.POLL_SECONDS = 0.1
    if orders.mutant is not None:
        MUTANTS[orders.mutant].install()
    if orders.failpoint is not None:
        _install(*FAILPOINTS[orders.role][orders.failpoint.name], orders.failpoint)
    sys.exit(Worker([_loop(orders)]).run())


def _install(owner: Any, name: str, when: str, failpoint: Failpoint) -> None:
    whole: Callable[..., Any] = getattr(owner, name)
    stopped = False

    def end() -> None:
        nonlocal stopped
        if failpoint.stops and not stopped:
            stopped = True
            os.kill(os.getpid(), signal.SIGSTOP)
        elif not failpoint.stops:
            os.kill(os.getpid(), signal.SIGKILL)

    @wraps(whole)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        ends = random.random() < failpoint.chance  # noqa: S311  # the kernel decides the rest
        if ends and when == "before":
            end()
        answer = whole(*arguments, **options)
        if ends and when == "after" and answer is not False:  # False: nothing was switched
            end()
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
            return sender(orders.sender, database).relay(publisher)
        case "consumer":
            store = PostgresEventStore(database.engine, HEARD, clock)
            topics = [topic_of(orders.sender)]
            transport = KafkaTransport(orders.bootstrap)
            handlers: Any = {NumberCounted: keep}
            return Consumer("receiver", database, store, clock, topics, handlers, transport)
        case "projector":
            store = PostgresEventStore(database.engine, HEARD, clock)
            return Projector(database, store, [PROJECTION])
        case _:
            store = sender(orders.sender, database).store
            hurried = HurryingClock(orders.hurries_from)
            return TimerLoop("sender", database, store, hurried, timers_of, {"ring": ring})


class Writer:
    """
    Carries out commands, one after the other, and notes each that was acknowledged.

    After a kill it asks again for the first that it has no answer to, under the same id.
    """

    name = "writer"

    def __init__(self, orders: Orders, database: Database) -> None:
        self._seat = orders.seat
        self._answers = answers_of(orders.log, orders.seat)
        self._store = sender(orders.sender, database).store
        self._clock = HurryingClock(orders.hurries_from)

    def run(self, stop: threading.Event) -> None:
        """Until killed."""
        number = len(self._answers.read_text().splitlines()) if self._answers.exists() else 0
        with self._answers.open("a") as answers:
            while not stop.is_set():
                command_id = derived_id("command", self._seat, number)
                context = Context(
                    command_id=command_id,
                    actor=Actor(id="p-1"),
                    correlation_id=command_id,
                    causation_id=command_id,
                )
                decider, stream, command = self._command(number)
                try:
                    carry_out(self._store, decider, stream, command, context, request_hash=b"same")
                except VersionConflict:
                    continue
                answers.write(f"{command_id}\n")
                answers.flush()
                number += 1
                stop.wait(0.004)

    def _command(self, number: int) -> tuple[Any, Stream, Any]:
        """Mostly to count; of eight, one promises a bell, and two of three of these are excused."""
        turn, place = divmod(number, 8)
        if place == 3:
            day = civil_date(self._clock.now()) + timedelta(days=1 + turn % 3)
            return SAYING, bell(self._seat, number), Promised(effective_on=DAY, fires_on=day)
        if place == 5:
            # At once, or about when it rings.
            back = {0: 2, 1: 2 + 8 * 40}.get(turn % 4)
            if back is not None and number >= back:
                return SAYING, bell(self._seat, number - back), Excused(effective_on=DAY)
        key = KEYS[derived_id("key", self._seat, number).int % len(KEYS)]
        return COUNTING, Stream("count", derived_id("count", key)), key


def answers_of(log: Path, seat: str) -> Path:
    """Where a writer notes what was acknowledged."""
    return log.with_name(f"{seat}.answers")
