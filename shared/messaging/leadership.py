"""
Only one relay and one consumer of a service are active at a time; others stand by.

The lock makes it rare that two believe they lead (a paused process whose connection was cut); what
they write is fenced as well: the relay's checkpoint by its epoch, the consumer's by the offset.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg

from shared.postgres.database import Database

STANDBY_SECONDS: Final = 1.0
"""How often one that stands by asks whether it may lead."""
LOCK: Final = "hashtextextended('jalon.messaging/' || %s, 0)"
"""The key of the advisory lock of a role, which is the parameter."""


class NoLongerLeading(Exception):
    """Another process has taken over: what this one was about to record is not recorded."""

    says_no_data = True


@contextmanager
def leadership(
    database: Database, role: str, stop: threading.Event
) -> "Iterator[psycopg.Connection[Any] | None]":
    """
    Wait for the right to be the only ``role`` of this database, and hold it.

    Gives the connection whose session holds the lock: when it goes, so does the right.
    Gives None when ``stop`` was set while waiting.
    """
    with database.connect() as connection:
        while not _locked(connection, role):
            if stop.wait(STANDBY_SECONDS):
                yield None
                return
        yield connection


def _locked(connection: "psycopg.Connection[Any]", role: str) -> bool:
    row = connection.execute(f"SELECT pg_try_advisory_lock({LOCK})", [role]).fetchone()
    return row is not None and bool(row[0])
