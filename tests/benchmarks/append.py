"""Append one event per transaction, from 1 to 16 writers, beside the ``eventsourcing`` package."""

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from sqlalchemy import make_url

from shared.eventstore.codec import EventType, EventTypes
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Append, Context, Stream
from shared.kernel.clock import SystemClock
from shared.kernel.money import Money
from shared.postgres.database import Database
from tests.support.postgres import Databases

SECONDS = 2.0
RUNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposited:
    """A small event, like most of ours."""

    effective_on: date
    amount: Money
    jar: UUID


TYPES = EventTypes(EventType("jar.deposited", Deposited))
WHY = Context(
    command_id=uuid4(),
    actor=Actor(id="p-1", roles=("officer",)),
    correlation_id=uuid4(),
    causation_id=uuid4(),
)


def measure(databases: Databases) -> dict[str, dict[int, float]]:
    """Events per second by name and number of writers: medians of ``RUNS`` interleaved runs."""
    ours = Database(databases.migrated())
    store = PostgresEventStore(ours.engine, TYPES, SystemClock())

    def append_ours() -> None:
        stream = Stream("jar", uuid4())
        event = Deposited(effective_on=date(2023, 4, 1), amount=Money(100), jar=stream.id)
        store.append([Append(stream, 0, [event])], WHY)

    recorder = peer(databases.empty())
    state = b'{"effective_on":"2023-04-01","amount":{"cents":100,"currency":"CAD"}}'

    def append_theirs() -> None:
        recorder.insert_events([StoredEvent(uuid4(), 1, "jar.deposited", state)])

    results: dict[str, dict[int, float]] = {"jalon": {}, "eventsourcing": {}}
    for writers in (1, 4, 16):
        samples: dict[str, list[float]] = {"jalon": [], "eventsourcing": []}
        for _ in range(RUNS):
            samples["jalon"].append(rate(append_ours, writers))
            samples["eventsourcing"].append(rate(append_theirs, writers))
        for name, values in samples.items():
            results[name][writers] = statistics.median(values)
    ours.close()
    return results


def peer(url: str, *, create: bool = True) -> PostgresApplicationRecorder:
    """The recorder of ``eventsourcing`` on a database of its own, as its documentation sets it."""
    parts = make_url(url)
    datastore = PostgresDatastore(
        dbname=str(parts.database),
        host=str(parts.query.get("host") or parts.host),
        port=str(parts.port or 5432),
        user=str(parts.username),
        password=parts.password or "",
        pool_size=16,
        max_overflow=4,
    )
    recorder = PostgresApplicationRecorder(datastore, events_table_name="stored_events")
    if create:
        recorder.create_table()
    return recorder


def rate(append: Callable[[], None], writers: int) -> float:
    """Appends per second by ``writers`` threads over ``SECONDS``."""
    counts = [0] * writers
    until = time.perf_counter() + SECONDS

    def write(index: int) -> None:
        while time.perf_counter() < until:
            append()
            counts[index] += 1

    threads = [threading.Thread(target=write, args=(index,)) for index in range(writers)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


def report(results: dict[str, dict[int, float]]) -> str:
    """The figures as a Markdown table, with our ratio to the peer."""
    lines = [
        "| writers | jalon, events/s | eventsourcing, events/s | ratio |",
        "| ---: | ---: | ---: | ---: |",
    ]
    for writers, ours in results["jalon"].items():
        theirs = results["eventsourcing"][writers]
        lines.append(f"| {writers} | {ours:,.0f} | {theirs:,.0f} | {ours / theirs:.1f} × |")
    return "\n".join(lines)
