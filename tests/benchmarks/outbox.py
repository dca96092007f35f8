"""
An outbox table with a relay that polls it: what is usually written where nothing carries messages.

A row per message, with its key, headers and value ready; the relay takes rows that nobody else has
(``SKIP LOCKED``), sends them, waits for every answer, deletes them and commits.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import psycopg

from shared.messaging.transports.base import Outgoing

LIMIT = 500
CREATE = """
CREATE TABLE business (id uuid PRIMARY KEY, data jsonb NOT NULL);
CREATE TABLE outbox (
    id bigserial PRIMARY KEY, topic text NOT NULL, key text NOT NULL, partition integer NOT NULL,
    headers jsonb NOT NULL, value bytea NOT NULL)
"""
_COPY = "COPY outbox (topic, key, partition, headers, value) FROM STDIN"
_INSERT = (
    "INSERT INTO outbox (topic, key, partition, headers, value)"
    " VALUES (%s, %s, %s, %s::jsonb, %s) RETURNING id"
)
_TAKE = (
    "SELECT id, topic, key, partition, headers, value FROM outbox"
    " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED"
)
_DELETE = "DELETE FROM outbox WHERE id = ANY(%s)"

Send = Callable[[Sequence[tuple[str, int, Outgoing]]], None]
"""Sends (topic, partition, message) and returns when every one of them is acknowledged."""


def fill(
    connection: "psycopg.Connection[Any]", topic: str, messages: Iterable[tuple[int, Outgoing]]
) -> None:
    """Put many messages in, each with its partition."""
    with connection.cursor().copy(_COPY) as rows:
        for partition, each in messages:
            rows.write_row((topic, each.key, partition, _text(each), each.value))
    connection.commit()


def put(
    connection: "psycopg.Connection[Any]", topic: str, partition: int, message: Outgoing
) -> int:
    """Put one in, inside whatever transaction is open; its id."""
    asked = (topic, message.key, partition, _text(message), message.value)
    row = connection.execute(_INSERT, asked).fetchone()
    assert row is not None
    return int(row[0])


def step(connection: "psycopg.Connection[Any]", send: Send) -> list[int]:
    """Relay one window; the ids of what was sent."""
    with connection.transaction():
        rows = connection.execute(_TAKE, (LIMIT,)).fetchall()
        if not rows:
            return []
        send(
            [
                (
                    topic,
                    partition,
                    Outgoing(
                        key=key,
                        headers=[(name, text.encode()) for name, text in headers.items()],
                        value=value,
                    ),
                )
                for _, topic, key, partition, headers, value in rows
            ]
        )
        ids = [row[0] for row in rows]
        connection.execute(_DELETE, (ids,))
    return ids


def _text(message: Outgoing) -> str:
    return json.dumps({name: value.decode() for name, value in message.headers})
