"""One pool of connections per process, and connections of their own for listeners and locks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

POOL_SIZE = 15
"""
How many connections a process has at most; they are made when needed and kept.

One that is closed after use is dear: a new one costs as much as ten appends, and knows no prepared
statement.
"""


class Database:
    """
    A service's database.

    ``engine`` begins transactions (``with engine.begin() as connection``); ``autocommit`` draws on
    the same pool for single statements, each its own transaction.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.engine: Engine = create_engine(
            self.url,
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_use_lifo=True,  # those that were used last know the most statements
            hide_parameters=True,
        )
        self.autocommit: Engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    def connect(self) -> "psycopg.Connection[Any]":
        """A connection outside the pool, in autocommit: for session locks and for listening."""
        dsn = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(dsn, autocommit=True)

    @contextmanager
    def listening(self, channel: str) -> "Iterator[psycopg.Connection[Any]]":
        """
        A connection that hears what is notified on ``channel``.

        Wait with ``connection.notifies(timeout=…, stop_after=1)``; always poll as well, for a
        notification sent while the connection was down is never seen.
        """
        with self.connect() as connection:
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            yield connection

    def close(self) -> None:
        """Give all pooled connections back to the server."""
        self.engine.dispose()


def is_of_the_surroundings(error: Exception) -> bool:
    """
    Did the database fail rather than what was asked of it?

    Lost connections, deadlocks, timeouts, a full disk: neither the message nor the event at hand
    is to blame, and nothing is set aside for it. The process ends and takes it up again.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError | PoolTimeout)
