"""``COPY`` of rows like ours, with our keys, into a table without function or trigger."""

import json
from collections.abc import Callable
from itertools import count
from uuid import UUID, uuid4

import psycopg

from tests.benchmarks.addresses import dsn
from tests.benchmarks.peers import DATA, Append

COPY = """
COPY event (position, event_id, stream_type, stream_id, stream_version, type, schema_version,
            data, meta, effective_on, recorded_at) FROM STDIN
"""
_META = json.dumps({"command_id": str(uuid4()), "actor": {"id": "p-1", "roles": ["officer"]}})


def prepare(url: str) -> None:
    """The same keys as ours."""
    with psycopg.connect(dsn(url)) as connection:
        connection.execute("""
            CREATE TABLE event (
                position bigint PRIMARY KEY, event_id uuid, stream_type text, stream_id uuid,
                stream_version integer, type text, schema_version smallint, data jsonb, meta jsonb,
                effective_on date, recorded_at timestamptz,
                UNIQUE (stream_id, stream_type, stream_version)
            )""")


def connect(url: str, writers: int) -> Callable[[], Append]:
    """For one writer alone: it numbers the rows itself."""
    assert writers == 1, "positions are counted here"
    connection = psycopg.connect(dsn(url), autocommit=True)
    positions = count(1)

    def append(events: int, undo: bool) -> None:
        stream = uuid4()
        with (
            connection.transaction(force_rollback=undo),
            connection.cursor() as cursor,
            cursor.copy(COPY) as rows,
        ):
            for number in range(events):
                rows.write_row(_row(next(positions), stream, number + 1))

    return lambda: append


def _row(position: int, stream: UUID, version: int) -> tuple[object, ...]:
    return (
        position, uuid4(), "jar", stream, version, "jar.deposited", 1, DATA, _META,
        "2023-04-01", "2026-11-24T12:00:00Z",
    )  # fmt: skip
