"""The functions of Message DB, called by psycopg: one call per message, as it offers no other."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import psycopg

from tests.benchmarks.addresses import dsn
from tests.benchmarks.peers import DATA, Append

SQL = Path(__file__).with_suffix(".sql")
WRITE = "SELECT message_store.write_message(%s, %s, %s, %s, NULL, %s)"
EVERY = "SELECT global_position FROM message_store.messages"
READ = "SELECT global_position FROM message_store.get_category_messages('jar', %s + 1, 1000)"
"""What comes after a position; every stream here is of one category."""


def prepare(url: str) -> None:
    """Make its table and functions."""
    with psycopg.connect(dsn(url)) as connection:
        connection.execute(SQL.read_text("utf-8"))  # type: ignore[call-overload]


def connect(url: str, writers: int) -> Callable[[], Append]:
    """A connection for each of ``writers``."""
    del writers

    def writer() -> Append:
        connection = psycopg.connect(dsn(url), autocommit=True)

        def append(events: int, undo: bool) -> None:
            stream = f"jar-{uuid4()}"
            calls = [
                (str(uuid4()), stream, "jar.deposited", DATA, number - 1)
                for number in range(events)
            ]
            if events == 1 and not undo:
                connection.execute(WRITE, calls[0])
                return
            with connection.transaction(force_rollback=undo), connection.cursor() as cursor:
                cursor.executemany(WRITE, calls)  # the driver sends them on without waiting

        return append

    return writer
