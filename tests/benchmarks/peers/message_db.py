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
            with connection.transaction(force_rollback=undo), connection.cursor() as cursor:
                # The driver sends many at once, and does not wait for each.
                cursor.executemany(WRITE, calls)

        def append_one() -> None:
            call = (str(uuid4()), f"jar-{uuid4()}", "jar.deposited", DATA, -1)
            connection.execute(WRITE, call)

        return lambda events, undo: (
            append_one() if (events, undo) == (1, False) else append(events, undo)
        )

    return writer
