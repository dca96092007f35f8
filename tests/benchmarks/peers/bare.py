"""No store at all: rows in a table numbered by a sequence. What the server and driver can do."""

from collections.abc import Callable
from uuid import uuid4

import psycopg

from tests.benchmarks.addresses import dsn
from tests.benchmarks.peers import DATA, Append

EVERY = "SELECT position FROM event"
READ = "SELECT position FROM event WHERE position > %s ORDER BY position LIMIT 1000"
_INSERT = "INSERT INTO event (stream_id, version, data) VALUES (%s, %s, %s)"


def prepare(url: str) -> None:
    """A table with the least keys an event needs."""
    with psycopg.connect(dsn(url)) as connection:
        connection.execute(
            "CREATE TABLE event (position bigserial PRIMARY KEY, stream_id uuid, version integer,"
            " data jsonb, UNIQUE (stream_id, version))"
        )


def connect(url: str, writers: int) -> Callable[[], Append]:
    """A connection for each of ``writers``."""
    del writers

    def writer() -> Append:
        connection = psycopg.connect(dsn(url), autocommit=True)

        def append(events: int, undo: bool) -> None:
            stream = uuid4()
            if events == 1 and not undo:
                connection.execute(_INSERT, (stream, 1, DATA))
                return
            with connection.transaction(force_rollback=undo), connection.cursor() as cursor:
                rows = [(stream, number + 1, DATA) for number in range(events)]
                cursor.executemany(_INSERT, rows)

        return append

    return writer
