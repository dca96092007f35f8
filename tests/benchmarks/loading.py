"""
Load a stream of 10, 100 and 1,000 events, fold it and decide on it, beside peers.

Nothing is remembered between two decisions: no snapshots, no cache, no folded states.
"""

import json
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from shared.eventstore.commands import FROM_THE_START
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Append, Stream
from shared.kernel.clock import SystemClock
from shared.kernel.money import Money
from shared.postgres.database import Database
from shared.process import settle
from tests.benchmarks.addresses import environment, for_node
from tests.benchmarks.crew import Worker
from tests.benchmarks.jars import DECIDER, TYPES, WHY, Deposit, Deposited
from tests.benchmarks.peers.stores import EMMETT, node, node_is_ready
from tests.support.postgres import Databases

EVENTS = (10, 100, 1_000)
TIMES = {10: 200, 100: 100, 1_000: 25}
"""How often in a row, by length."""
RUNS = 5
SAVED_AT_ONCE = 50

Timed = Callable[[int], list[float]]
"""Decide so often; milliseconds of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Milliseconds of one decision: medians over the runs."""

    p50: float
    p95: float


def measure(databases: Databases, *, runs: int = RUNS) -> dict[int, dict[str, Took]]:
    """By number of events and name; all in turns."""
    database = Database(databases.migrated())
    application = Application[UUID](env=environment(databases.empty()))
    with closing(database), closing(application):
        makers = {
            "jalon": lambda events: ours(database, events),
            "eventsourcing": lambda events: theirs(application, events),
        }
        if not node_is_ready():
            return {events: _took(makers, events, runs) for events in EVENTS}
        with closing(Worker(node("load", for_node(EMMETT.prepared(databases))))) as worker:
            worker.hear()
            makers["emmett"] = lambda events: emmett(worker, events)
            return {events: _took(makers, events, runs) for events in EVENTS}


def _took(makers: dict[str, Callable[[int], Timed]], events: int, runs: int) -> dict[str, Took]:
    deciders = {name: make(events) for name, make in makers.items()}
    settle()
    cuts: dict[str, list[list[float]]] = {name: [] for name in makers}
    for decide in deciders.values():
        decide(TIMES[events])  # once before it counts: plans, caches of code, compiled code
    for _ in range(runs):
        for name, decide in deciders.items():
            cuts[name].append(statistics.quantiles(decide(TIMES[events]), n=20))
    return {
        name: Took(
            p50=statistics.median(each[9] for each in found),
            p95=statistics.median(each[18] for each in found),
        )
        for name, found in cuts.items()
    }


def timed(decide: Callable[[], Any]) -> Timed:
    """A decision that is clocked."""

    def times(number: int) -> list[float]:
        took = []
        for _ in range(number):
            started = time.perf_counter()
            decide()
            took.append((time.perf_counter() - started) * 1_000)
        return took

    return times


def ours(database: Database, events: int) -> Timed:
    """By the store and the decider alone, as for the first command on a stream."""
    store = PostgresEventStore(database.engine, TYPES, SystemClock())
    stream = Stream("jar", uuid4())
    on, amount = date(2023, 4, 1), Money(100)
    deposited = Deposited(effective_on=on, amount=amount, jar=stream.id)
    store.append([Append(stream, 0, [deposited] * events)], WHY)
    command = Deposit(amount=amount, jar=stream.id, on=on)

    def decide() -> int:
        state, version = FROM_THE_START.state(store, DECIDER, stream)
        DECIDER.decide(command, state)
        assert state.deposits == version
        return version

    assert decide() == events
    return timed(decide)


class Account(Aggregate):
    """The same jar as ``eventsourcing`` has it; cents and days in plain JSON."""

    def __init__(self) -> None:
        self.held = 0
        self.deposits = 0

    @event("Deposited")
    def deposit(self, cents: int, effective_on: str) -> None:  # noqa: ARG002  # in the event
        """Put money in, if it fits."""
        if self.held + cents > 100_000_000:
            raise ValueError("the jar is full")
        self.held += cents
        self.deposits += 1


def theirs(application: Application[UUID], events: int) -> Timed:
    """By the repository, without cache and snapshots."""
    account = Account()  # its creation is the first event
    for number in range(1, events):
        account.deposit(100, "2023-04-01")
        if number % SAVED_AT_ONCE == 0:
            application.save(account)
    application.save(account)

    def decide() -> int:
        found: Account = application.repository.get(account.id)
        found.deposit(100, "2023-04-01")
        return found.deposits

    assert decide() == events
    return timed(decide)


def emmett(worker: Worker, events: int) -> Timed:
    """By ``aggregateStream`` in a Node process, which keeps the time itself."""
    stream = f"jar-{uuid4()}"
    assert worker.ask(json.dumps({"stream": stream, "events": events})) == events
    return lambda number: list(worker.ask(json.dumps({"stream": stream, "times": number})))


def report(found: dict[int, dict[str, Took]]) -> str:
    """The figures as a Markdown table; a ratio above 2 is what we want."""
    lines = [
        "| events | | p50, ms | p95, ms | jalon is, by p50 | by p95 |",
        "| ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for events, by_name in found.items():
        mine = by_name["jalon"]
        for name, took in by_name.items():
            ratios = "| |"
            if took is not mine:
                ratios = f"| {took.p50 / mine.p50:.1f} × | {took.p95 / mine.p95:.1f} × |"
            lines.append(f"| {events:,} | {name} | {took.p50:.2f} | {took.p95:.2f} {ratios}")
    return "\n".join(lines)
