"""
Does a store that has grown answer as soon as a small one?

The same store at 100 thousand, a million and ten million events, filled as sets: one event per
append by one writer, a thousand events from the middle and from the end, and the history of one
stream. The larger ones take gigabytes and minutes, so this is measured only when asked for by name.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from uuid import uuid4

import psycopg

from services.claims.use_cases.event_types import EVENT_TYPES
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Append, Stream
from shared.kernel.clock import SystemClock
from shared.postgres.database import Database
from tests.benchmarks import paid
from tests.benchmarks.addresses import dsn
from tests.benchmarks.jars import WHY
from tests.support.postgres import Databases

SIZES = (100_000, 1_000_000, 10_000_000)
CHUNK = 500_000
"""How many events one statement writes: the server's log is emptied in between."""
EVENTS_PER_STREAM = 100
_SHORT = replace(paid.a_payment(), balances_after=())
"""As most events are: some 700 bytes with their reasons."""
SAMPLES = 5
SECONDS = 2.0
TAILED = 1_000
APPEND, MIDDLE, END, LOAD = (
    "append, events/s",
    "tail from the middle, events/s",
    "tail from the end, events/s",
    "load of one stream, events/s",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """One size, and what it does in a second: medians of interleaved samples."""

    events: int
    filled_seconds: float
    """How long it took to get here from the size before."""
    gigabytes: float
    """Of the events with their indexes."""
    per_second: dict[str, float]


def measure(
    databases: Databases, *, sizes: tuple[int, ...] = SIZES, seconds: float = SECONDS
) -> list[Grown]:
    """One database per size, so that what is compared is measured in turns."""
    urls = {size: databases.migrated() for size in sizes}
    filled = {size: _fill(databases.as_administrator(url), size) for size, url in urls.items()}
    opened = {size: Database(url) for size, url in urls.items()}
    ways = {size: _ways(opened[size], size) for size in sizes}
    samples: dict[int, dict[str, list[float]]] = {
        size: {name: [] for name in each} for size, each in ways.items()
    }
    for each in ways.values():
        for way in each.values():
            _rate(way, seconds / 4)  # what is read again and again is in memory, at every size
    for _ in range(SAMPLES):
        for name in (APPEND, MIDDLE, END, LOAD):
            for size in sizes:
                samples[size][name].append(_rate(ways[size][name], seconds))
    found = [
        Grown(
            events=size,
            filled_seconds=filled[size],
            gigabytes=_gigabytes(urls[size]),
            per_second={name: statistics.median(each) for name, each in samples[size].items()},
        )
        for size in sizes
    ]
    for size, database in opened.items():
        database.close()
        databases.drop(urls[size])
    return found


def _fill(url: str, size: int) -> float:
    """Write that many events and let the server come to rest; the seconds it took."""
    began = time.perf_counter()
    for first in range(1, size + 1, CHUNK):
        last = min(first + CHUNK - 1, size)
        paid.fill(url, last, first=first, projects=size // EVENTS_PER_STREAM, like=_SHORT)
    with psycopg.connect(dsn(url), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE eventstore.event")
        connection.execute("CHECKPOINT")
    return time.perf_counter() - began


def _gigabytes(url: str) -> float:
    with psycopg.connect(dsn(url)) as connection:
        row = connection.execute("SELECT pg_total_relation_size('eventstore.event')").fetchone()
    assert row is not None
    return float(row[0]) / 1e9


def _ways(database: Database, size: int) -> dict[str, Callable[[], int]]:
    """What is done again and again; each gives the number of events it was about."""
    store = PostgresEventStore(database.engine, EVENT_TYPES, SystemClock())
    with psycopg.connect(dsn(database.url.render_as_string(hide_password=False))) as connection:
        row = connection.execute(
            "SELECT stream_id FROM eventstore.event WHERE position = %s", (size // 2,)
        ).fetchone()
    assert row is not None
    stream = Stream("agreement", row[0])

    def append() -> int:
        store.append([Append(Stream("agreement", uuid4()), 0, [_SHORT])], WHY)
        return 1

    return {
        APPEND: append,
        MIDDLE: partial(_count, lambda: store.tail(size // 2, TAILED), TAILED),
        # Of what was filled: what appends above add is not compared.
        END: partial(_count, lambda: store.tail(size - TAILED, TAILED), TAILED),
        LOAD: partial(_count, lambda: store.load(stream), EVENTS_PER_STREAM),
    }


def _count(read: Callable[[], list[object]], expected: int) -> int:
    found = len(read())
    if found != expected:
        raise AssertionError(f"{found} events instead of {expected}")
    return found


def _rate(way: Callable[[], int], seconds: float) -> float:
    began = time.perf_counter()
    done = 0
    while time.perf_counter() - began < seconds:
        done += way()
    return done / (time.perf_counter() - began)


def report(found: list[Grown]) -> str:
    """The figures as a Markdown table, and the ratio of the largest to the smallest."""
    lines = [
        "| | " + " | ".join(f"{each.events:,} events" for each in found) + " | ratio |",
        "| --- |" + " ---: |" * (len(found) + 1),
    ]
    for name in found[0].per_second:
        rates = [each.per_second[name] for each in found]
        shown = " | ".join(f"{rate:,.0f}" for rate in rates)
        lines.append(f"| {name} | {shown} | {rates[-1] / rates[0]:.2f} × |")
    lines.append(
        "| filled in, s | " + " | ".join(f"{e.filled_seconds:,.0f}" for e in found) + " | |"
    )
    lines.append("| size, GB | " + " | ".join(f"{e.gigabytes:.2f}" for e in found) + " | |")
    return "\n".join(lines)
