"""Append a hundred events per transaction, beside ``eventsourcing`` and ``COPY`` of such rows."""

import json
import statistics
import time
from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import psycopg
from eventsourcing.persistence import StoredEvent
from sqlalchemy import make_url

from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Append, Stream
from shared.kernel.clock import SystemClock
from shared.kernel.money import Money
from shared.postgres.database import Database
from tests.benchmarks.append import TYPES, WHY, Deposited, peer
from tests.support.postgres import Databases

EVENTS = 100
BATCHES = 60
RUNS = 5
COPY = """
COPY event (position, event_id, stream_type, stream_id, stream_version, type, schema_version,
            data, meta, effective_on, recorded_at) FROM STDIN
"""


def measure(databases: Databases) -> dict[str, float]:
    """Events per second by name, one writer: medians of ``RUNS`` interleaved runs."""
    ours = Database(databases.migrated())
    store = PostgresEventStore(ours.engine, TYPES, SystemClock())
    recorder = peer(databases.empty())
    state = b'{"effective_on":"2023-04-01","amount":{"cents":100,"currency":"CAD"}}'
    copied = psycopg.connect(_dsn(_table_of_the_same_shape(databases)))

    def append() -> None:
        stream = Stream("jar", uuid4())
        jar = stream.id
        event = Deposited(effective_on=date(2023, 4, 1), amount=Money(100), jar=jar)
        store.append([Append(stream, 0, [event] * EVENTS)], WHY)

    def append_theirs() -> None:
        stream = uuid4()
        recorder.insert_events(
            [StoredEvent(stream, number, "jar.deposited", state) for number in range(EVENTS)]
        )

    positions = iter(range(1, 10_000_000))

    def copy() -> None:
        stream = uuid4()
        with copied.transaction(), copied.cursor().copy(COPY) as rows:
            for number in range(EVENTS):
                rows.write_row(_row(next(positions), stream, number + 1))

    samples: dict[str, list[float]] = {"jalon": [], "eventsourcing": [], "COPY": []}
    for _ in range(RUNS):
        samples["jalon"].append(_rate(append))
        samples["eventsourcing"].append(_rate(append_theirs))
        samples["COPY"].append(_rate(copy))
    copied.close()
    ours.close()
    return {name: statistics.median(values) for name, values in samples.items()}


def _table_of_the_same_shape(databases: Databases) -> str:
    """The same keys, without a function or a trigger; where it is."""
    url = databases.empty()
    with psycopg.connect(_dsn(url)) as connection:
        connection.execute("""
            CREATE TABLE event (
                position bigint PRIMARY KEY, event_id uuid, stream_type text, stream_id uuid,
                stream_version integer, type text, schema_version smallint, data jsonb, meta jsonb,
                effective_on date, recorded_at timestamptz,
                UNIQUE (stream_id, stream_type, stream_version)
            )""")
    return url


def _dsn(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


_DATA = json.dumps({"effective_on": "2023-04-01", "amount": 100})
_META = json.dumps({"command_id": str(uuid4()), "actor": {"id": "p-1", "roles": ["officer"]}})


def _row(position: int, stream: UUID, version: int) -> tuple[object, ...]:
    return (
        position, uuid4(), "jar", stream, version, "jar.deposited", 1, _DATA, _META,
        "2023-04-01", "2026-11-24T12:00:00Z",
    )  # fmt: skip


def _rate(append: Callable[[], None]) -> float:
    started = time.perf_counter()
    for _ in range(BATCHES):
        append()
    return BATCHES * EVENTS / (time.perf_counter() - started)


def report(found: dict[str, float]) -> str:
    """The figures as a Markdown table, with the share of ``COPY``."""
    lines = ["| | events/s | of COPY |", "| --- | ---: | ---: |"]
    lines += [
        f"| {name} | {rate:,.0f} | {rate / found['COPY']:.0%} |" for name, rate in found.items()
    ]
    return "\n".join(lines)
