"""Appends that wait for each other share a transaction, and nothing else."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.errors import CheckViolation

from shared.eventstore.codec import EventType, EventTypes
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Append, CommandRecord, Context, Stream, VersionConflict
from shared.kernel.clock import SystemClock
from shared.postgres.database import Database
from tests.support.postgres import Databases

pytestmark = pytest.mark.postgres

TODAY = date(2023, 4, 3)
LOCK = "SELECT pg_advisory_xact_lock(4711001)"
WAITS = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
TRANSACTIONS = "SELECT count(DISTINCT xmin::text) FROM eventstore.event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    effective_on: date
    text: str


@pytest.fixture
def store(database: Database) -> PostgresEventStore:
    types = EventTypes(EventType("page.written", Written))
    return PostgresEventStore(database.engine, types, SystemClock())


def append(
    store: PostgresEventStore, stream: Stream, text: str = "", command_id: UUID | None = None
) -> int:
    why = command_id or uuid4()
    context = Context(command_id=why, actor=Actor(id="p-1"), correlation_id=why, causation_id=why)
    record = None
    if command_id is not None:
        record = CommandRecord(
            command_id=command_id, request_hash=b"asked", stream=stream, version=1
        )
    events = [Written(effective_on=TODAY, text=text)]
    return store.append([Append(stream, 0, events)], context, command=record)


def page() -> Stream:
    return Stream("page", uuid4())


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class Queue:
    """Lets the first append wait at the store's lock, and the others behind it."""

    def __init__(self, database: Database, databases: Databases) -> None:
        self.database = database
        self.administrator = Database(
            databases.as_administrator(database.url.render_as_string(hide_password=False))
        )

    def together(
        self,
        store: PostgresEventStore,
        *calls: Callable[[], int],
        meanwhile: Callable[[], None] = lambda: None,
    ) -> list[Future[int]]:
        """What became of the calls, the first of which was alone and the others together."""
        with ThreadPoolExecutor(len(calls)) as threads:
            with self.database.engine.begin() as holding:
                holding.exec_driver_sql(LOCK)
                first = threads.submit(calls[0])
                until(self.waits)
                others = [threads.submit(each) for each in calls[1:]]
                until(lambda: len(store._gathering._waiting) == len(others))
                meanwhile()
            return [first, *others]

    def waits(self) -> list[int]:
        """The sessions that wait."""
        with self.administrator.connect() as connection:
            return [pid for (pid,) in connection.execute(WAITS)]

    def transactions(self) -> int:
        """In how many transactions the events were appended."""
        with self.administrator.connect() as connection:
            row = connection.execute(TRANSACTIONS).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
def queue(database: Database, databases: Databases) -> Queue:
    return Queue(database, databases)


class TestThoseThatWait:
    def test_are_committed_together(self, store: PostgresEventStore, queue: Queue) -> None:
        """Eleven appends of eleven threads take two transactions, in positions 1 to 11."""
        found = queue.together(store, *[lambda: append(store, page()) for _ in range(11)])
        assert sorted(each.result() for each in found) == list(range(1, 12))
        assert [each.position for each in store.tail(0, 20)] == list(range(1, 12))
        assert queue.transactions() == 2

    def test_lose_only_their_own_conflict(self, store: PostgresEventStore, queue: Queue) -> None:
        """Of two on the same stream one is refused, and a third knows nothing of it."""
        contended = page()
        _, one, other, apart = queue.together(
            store,
            lambda: append(store, page()),
            lambda: append(store, contended),
            lambda: append(store, contended),
            lambda: append(store, page()),
        )
        refused = [each for each in (one, other) if each.exception() is not None]
        assert len(refused) == 1
        assert isinstance(refused[0].exception(), VersionConflict)
        assert apart.result() == 3
        assert store.head() == 3
        assert queue.transactions() == 2

    def test_carry_a_command_out_once(self, store: PostgresEventStore, queue: Queue) -> None:
        """The same command on two streams at once is carried out on one of them."""
        command_id = uuid4()
        _, one, other = queue.together(
            store,
            lambda: append(store, page()),
            lambda: append(store, page(), command_id=command_id),
            lambda: append(store, page(), command_id=command_id),
        )
        refused = [each for each in (one, other) if each.exception() is not None]
        assert len(refused) == 1
        assert isinstance(refused[0].exception(), VersionConflict)
        assert store.head() == 2
        remembered = store.find_command(command_id)
        assert remembered is not None
        assert remembered.position == 2

    def test_are_not_to_blame_for_one_that_is_too_large(
        self, store: PostgresEventStore, queue: Queue
    ) -> None:
        """It is refused as it is alone; those beside it are stored."""
        _, fits, does_not, fits_too = queue.together(
            store,
            lambda: append(store, page()),
            lambda: append(store, page()),
            # Of text that does not compress: what is stored is what is measured.
            lambda: append(store, page(), "".join(str(uuid4()) for _ in range(20_000))),
            lambda: append(store, page()),
        )
        assert isinstance(does_not.exception(), CheckViolation)
        assert sorted([fits.result(), fits_too.result()]) == [2, 3]
        assert store.head() == 3

    def test_all_hear_of_a_lost_connection(
        self, store: PostgresEventStore, queue: Queue, database: Database
    ) -> None:
        """Nothing is acknowledged that is not stored, and the next append is as any other."""

        def cut() -> None:
            with queue.administrator.connect() as connection:
                for pid in queue.waits():
                    connection.execute("SELECT pg_terminate_backend(%s)", [pid])
            until(lambda: len(store._gathering._waiting) == 0)
            # Those behind it have begun by now, and wait in turn.
            until(queue.waits)

        first, *others = queue.together(
            store, *[lambda: append(store, page()) for _ in range(4)], meanwhile=cut
        )
        assert isinstance(first.exception(), psycopg.OperationalError)
        assert sorted(each.result() for each in others) == [1, 2, 3]
        assert append(store, page()) == 4
        assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
