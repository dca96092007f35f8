"""Ours, as a service uses it; its tables are in the database already."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from uuid import uuid4

from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Append as AppendTo
from shared.eventstore.store import Stream
from shared.kernel.clock import SystemClock
from shared.kernel.money import Money
from shared.postgres.database import Database
from tests.benchmarks.jars import TYPES, WHY, Deposited
from tests.benchmarks.peers import Append

EVERY = "SELECT position FROM eventstore.event"
READ = "SELECT position FROM eventstore.event WHERE position > %s ORDER BY position LIMIT 1000"


class _Undo(Exception):
    """This transaction is to be rolled back."""


def connect(url: str, writers: int) -> Callable[[], Append]:
    """One store on the pool of a service's process, whatever the number of writers."""
    del writers
    database = Database(url)
    store = PostgresEventStore(database.engine, TYPES, SystemClock())

    def append(events: int, undo: bool) -> None:
        stream = Stream("jar", uuid4())
        event = Deposited(effective_on=date(2023, 4, 1), amount=Money(100), jar=stream.id)
        if not undo:
            store.append([AppendTo(stream, 0, [event] * events)], WHY)
            return
        with suppress(_Undo), database.engine.begin() as connection:
            store.bound_to(connection).append([AppendTo(stream, 0, [event] * events)], WHY)
            raise _Undo

    return lambda: append
