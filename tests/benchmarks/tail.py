"""
Does a reader that goes on from the last position it saw see every event?

Eight writers in processes of their own append one event per transaction, one in twenty of which is
rolled back; meanwhile one reader asks again and again for what comes after the highest position it
saw. Beside ours: the recorder of ``eventsourcing``, and a bare table numbered by a sequence.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from uuid import uuid4

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

WRITERS = 8
SECONDS = 60.0
ROLLED_BACK = 0.05
_PROCESSES = get_context("spawn")


class _Undo(Exception):
    """This transaction is to be rolled back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a reader saw of what is there."""

    committed: int
    missed: int


def measure(databases: Databases, seconds: float = SECONDS) -> dict[str, Seen]:
    """By name. Each has the server to itself for ``seconds``."""
    ours, theirs, bare = databases.migrated(), databases.empty(), databases.empty()
    peer(theirs)
    with psycopg.connect(_dsn(bare)) as connection:
        connection.execute("CREATE TABLE event (position bigserial PRIMARY KEY, data jsonb)")
    read = "SELECT {0} FROM {1} WHERE {0} > %s ORDER BY {0} LIMIT 1000"
    return {
        "jalon": _run(ours, write_ours, read.format("position", "eventstore.event"), seconds),
        "eventsourcing": _run(
            theirs, write_theirs, read.format("notification_id", "stored_events"), seconds
        ),
        "bare sequence": _run(bare, write_bare, read.format("position", "event"), seconds),
    }


def _run(url: str, write: Callable[[str, float], None], read: str, seconds: float) -> Seen:
    until = time.time() + seconds
    writers = [_PROCESSES.Process(target=write, args=(url, until)) for _ in range(WRITERS)]
    for each in writers:
        each.start()
    seen: set[int] = set()
    after = 0
    with psycopg.connect(_dsn(url), autocommit=True) as connection:
        while any(each.is_alive() for each in writers):
            rows = connection.execute(read, [after]).fetchall()
            seen.update(row[0] for row in rows)
            after = rows[-1][0] if rows else after
        for each in writers:
            each.join()
            if each.exitcode != 0:
                raise RuntimeError("a writer failed")
        while rows := connection.execute(read, [after]).fetchall():
            seen.update(row[0] for row in rows)
            after = rows[-1][0]
        every: set[int] = set()
        last = 0
        while rows := connection.execute(read, [last]).fetchall():
            every.update(row[0] for row in rows)
            last = rows[-1][0]
    return Seen(committed=len(every), missed=len(every - seen))


def write_ours(url: str, until: float) -> None:
    """As in service; a rollback undoes what surrounds the append."""
    database = Database(url)
    store = PostgresEventStore(database.engine, TYPES, SystemClock())
    while time.time() < until:
        stream = Stream("jar", uuid4())
        event = Deposited(effective_on=date(2023, 4, 1), amount=Money(100), jar=stream.id)
        try:
            with database.engine.begin() as connection:
                store.bound_to(connection).append([Append(stream, 0, [event])], WHY)
                _perhaps_undo()
        except _Undo:
            continue
    database.close()


def write_theirs(url: str, until: float) -> None:
    """By the recorder; a rollback is one of its own conflicts, for it commits by itself."""
    recorder = peer(url, create=False)
    taken = uuid4()
    recorder.insert_events([StoredEvent(taken, 1, "jar.deposited", b"{}")])
    while time.time() < until:
        conflicts = random.random() < ROLLED_BACK  # noqa: S311  # a load, not a secret
        stored = StoredEvent(taken if conflicts else uuid4(), 1, "jar.deposited", b"{}")
        try:
            recorder.insert_events([stored])
        except Exception:
            if not conflicts:
                raise


def write_bare(url: str, until: float) -> None:
    """Without order."""
    with psycopg.connect(_dsn(url)) as connection:
        while time.time() < until:
            connection.execute("INSERT INTO event (data) VALUES ('{}')")
            try:
                _perhaps_undo()
            except _Undo:
                connection.rollback()
            else:
                connection.commit()


def _perhaps_undo() -> None:
    if random.random() < ROLLED_BACK:  # noqa: S311  # a load, not a secret
        raise _Undo


def _dsn(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def report(found: dict[str, Seen]) -> str:
    """The figures as a Markdown table."""
    lines = ["| | committed | missed by the reader |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {each.committed:,} | {each.missed:,} |" for name, each in found.items()]
    return "\n".join(lines)
