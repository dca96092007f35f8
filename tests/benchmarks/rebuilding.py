"""
Rebuild one read model from the first event: how much every jar holds, and of how many deposits.

Ours is rebuilt from a million events. A peer gets as far as it comes in a given time, and what it
holds then is compared with the events it says it has read, as ours is with all.
"""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

import psycopg
from sqlalchemy import BigInteger, Column, MetaData, Table, Uuid

from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Recorded
from shared.kernel.clock import SystemClock
from shared.postgres.database import Database
from shared.projecting.projection import Add, Projection
from shared.projecting.rebuild import rebuild
from tests.benchmarks.addresses import dsn, for_node
from tests.benchmarks.jars import TYPES
from tests.benchmarks.peers import DATA, totals
from tests.benchmarks.peers.stores import EMMETT, node, node_is_ready
from tests.support.postgres import Databases

EVENTS = 1_000_000
PEERS_EVENTS = 200_000
JARS = 1_000
CENTS = 100
RUNS = 5
SECONDS = 10.0
"""How long a peer may take."""
QUICK = ("1000", "0")
"""Events at a time, as many as ours takes, and milliseconds between; it takes 100 and 50 itself."""
EMMETT_WAYS = (
    ("emmett, documents", "pongo", ()),
    ("emmett, SQL per event, 1,000 at a time", "sql", QUICK),
    ("emmett, SQL added up by hand, 1,000 at a time", "folded", QUICK),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """How far it came."""

    events: int
    seconds: float

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.seconds


def measure(
    databases: Databases,
    *,
    events: int = EVENTS,
    peers_events: int = PEERS_EVENTS,
    seconds: float = SECONDS,
    runs: int = RUNS,
) -> dict[str, Rebuilt]:
    """
    The median run of each by name, of interleaved runs.

    Raises ``AssertionError`` when a read model is wrong.
    """
    ways: dict[str, Callable[[], Rebuilt]] = {
        "jalon": lambda: ours(databases, events),
        "eventsourcing": lambda: theirs(databases, peers_events, seconds),
    }
    if node_is_ready():
        for name, kind, pace in EMMETT_WAYS:
            ways[name] = partial(emmett, databases, peers_events, seconds, kind, *pace)
    done: dict[str, list[Rebuilt]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            done[name].append(way())
    return {name: sorted(each, key=lambda run: run.rate)[runs // 2] for name, each in done.items()}


_METADATA = MetaData()
_JARS = Table(
    "jar",
    _METADATA,
    Column("jar", Uuid, primary_key=True),
    Column("held", BigInteger, nullable=False),
    Column("deposits", BigInteger, nullable=False),
    schema="jars",
)


def _deltas(recorded: Recorded) -> Iterator[Add]:
    amounts = {"held": recorded.event.amount.cents, "deposits": 1}
    yield Add(_JARS, {"jar": recorded.stream.id}, amounts)


PROJECTION = Projection(name="jars", version=1, metadata=_METADATA, deltas=_deltas)

_OURS = """
INSERT INTO eventstore.event
SELECT n, gen_random_uuid(), 'jar', jar, (n - 1) / %(jars)s + 1, 'jar.deposited', 1,
       jsonb_build_object('effective_on', '2023-04-01', 'jar', jar,
                          'amount', jsonb_build_object('cents', 100, 'currency', 'CAD')),
       %(meta)s, '2023-04-01', '2023-04-01T12:00:00Z'
FROM generate_series(1, %(events)s) AS n,
     LATERAL (SELECT md5((n %% %(jars)s)::text)::uuid AS jar) AS its
"""


def ours(databases: Databases, events: int) -> Rebuilt:
    """By what ``jalon rebuild`` calls: a new generation, until it serves."""
    url = databases.migrated()
    cause = str(uuid4())
    meta = {"command_id": cause, "actor": {"id": "p-1", "roles": ["officer"]},
            "correlation_id": cause, "causation_id": cause}  # fmt: skip
    given = {"events": events, "jars": JARS, "meta": json.dumps(meta)}
    with _filled(databases.as_administrator(url)) as connection:
        connection.execute(_OURS, given)
    database = Database(url)
    store = PostgresEventStore(database.engine, TYPES, SystemClock())
    started = time.perf_counter()
    generation = rebuild(database, store, PROJECTION)
    took = time.perf_counter() - started
    database.close()
    _check(url, f"SELECT held, deposits FROM jars_{generation}.jar", events)  # noqa: S608  # ours
    databases.drop(url)
    return Rebuilt(events=events, seconds=took)


def theirs(databases: Databases, events: int, seconds: float) -> Rebuilt:
    """By ``eventsourcing``'s projection runner, which takes each event in its transaction."""
    url = databases.empty()
    topic, state = totals.prepare(url)
    with _filled(url) as connection:
        connection.execute(
            "INSERT INTO account_events (originator_id, originator_version, topic, state)"
            " SELECT md5((n %% %(jars)s)::text)::uuid, (n - 1) / %(jars)s + 1, %(topic)s, %(state)s"
            " FROM generate_series(1, %(events)s) AS n",
            {"events": events, "jars": JARS, "topic": topic, "state": state},
        )
    done, took = totals.run(url, events, seconds)
    _check(url, f"SELECT held, deposits FROM {totals.TABLE}", done)  # noqa: S608  # ours
    databases.drop(url)
    return Rebuilt(events=done, seconds=took)


_EMMETT = """
INSERT INTO emt_messages (stream_id, stream_position, partition, message_data, message_metadata,
                          message_schema_version, message_type, message_id, transaction_id)
SELECT 'jar-' || n %% %(jars)s, (n - 1) / %(jars)s + 1, 'emt:default', %(data)s, '{}',
       '1', 'jar.deposited', gen_random_uuid(), pg_current_xact_id()
FROM generate_series(1, %(events)s) AS n
"""


def emmett(databases: Databases, events: int, seconds: float, kind: str, *pace: str) -> Rebuilt:
    """By ``rebuildPostgreSQLProjections`` in a Node process, at its own pace unless given one."""
    url = EMMETT.prepared(databases)
    with _filled(url) as connection:
        connection.execute(_EMMETT, {"events": events, "jars": JARS, "data": DATA})
    command = node("rebuild", for_node(url), kind, str(seconds), *pace)
    heard = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    with psycopg.connect(dsn(url)) as connection:
        row = connection.execute("SELECT last_processed_checkpoint FROM emt_processors").fetchone()
    assert row is not None
    done = int(row[0])
    _check(
        url,
        "SELECT (data->>'held')::bigint, (data->>'deposits')::bigint FROM jars"
        if kind == "pongo"
        else "SELECT held, deposits FROM jars",
        done,
    )
    databases.drop(url)
    return Rebuilt(events=done, seconds=float(json.loads(heard)["seconds"]))


@contextmanager
def _filled(url: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """A connection as administrator to fill a store with; what came is analysed after."""
    with psycopg.connect(dsn(url), autocommit=True) as connection:
        with connection.transaction():
            yield connection
        connection.execute("VACUUM ANALYZE")


def _check(url: str, query: str, events: int) -> None:
    with psycopg.connect(dsn(url)) as connection:
        rows = connection.execute(query).fetchall()
    deposits = sum(row[1] for row in rows)
    assert deposits == events, f"{deposits} of {events} events"
    assert all(held == count * CENTS for held, count in rows), "sums"


def report(found: dict[str, Rebuilt]) -> str:
    """The figures as a Markdown table; a ratio above 20 is what we want."""
    mine = found["jalon"].rate
    lines = [
        "| | events | seconds | events/s | jalon is |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, each in found.items():
        ratio = "" if name == "jalon" else f"{mine / each.rate:.1f} ×"
        lines.append(
            f"| {name} | {each.events:,} | {each.seconds:.1f} | {each.rate:,.0f} | {ratio} |"
        )
    return "\n".join(lines)
