"""
A log table in PostgreSQL: the embedded default, so that a laptop needs no broker.

It lives in a database of its own, as a broker would: no transaction spans it and a service's
database, so relay and consumer keep the same promises by the same means as with Kafka.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

import psycopg

from shared.messaging.transports.base import Incoming, Outgoing, Partition, TransportFailed
from shared.observability.errors import told
from shared.postgres.database import Database
from shared.postgres.news import News

CHANNEL: Final = "jalon_log"
POLL_SECONDS: Final = 1.0
"""How often the log is looked at without having been told: a notification can be lost."""
GATHER_SECONDS: Final = 0.02


def create_log(url: str) -> None:
    """Create the table in this database, unless it is there."""
    with Database(url).connect() as connection, connection.transaction():
        # Whoever comes second waits: IF NOT EXISTS alone fails when two create at once.
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('jalon.log', 0))")
        connection.execute(files(__package__).joinpath("log.sql").read_bytes())


class PostgresTransport:
    """Topics in a table; each has one partition. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[Any] | None = None

    def publisher(self) -> "PostgresPublisher":
        """Appends with a connection of its own."""
        return PostgresPublisher(self._url)

    def reader(self, offsets: Mapping[Partition, int]) -> "PostgresReader":
        """Reads with a connection of its own, which also listens."""
        return PostgresReader(self._url, offsets)

    def ends(self, topics: Sequence[str]) -> dict[Partition, int]:
        """The end of each topic; one that nobody has written to yet is empty."""
        try:
            with self._lock:
                if self._connection is None or self._connection.closed:
                    self._connection = Database(self._url).connect()
                rows = self._connection.execute(
                    "SELECT topic, (SELECT max(position) FROM log.message AS m"
                    " WHERE m.topic = t.topic) FROM unnest(%s::text[]) AS t (topic)",
                    [list(topics)],
                ).fetchall()
        except psycopg.Error as error:
            raise TransportFailed(f"ends of {', '.join(topics)}: {told(error)}") from error
        return {Partition(topic, 0): 0 if last is None else last + 1 for topic, last in rows}

    def close(self) -> None:
        """Let go of the connection that ``ends`` uses."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


class PostgresPublisher:
    """Appends a window in one transaction."""

    window_bytes = 1024 * 1024

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[Any] | None = None

    def publish(self, topic: str, window: Sequence[Outgoing]) -> None:
        """One statement, after a lock that makes the order of positions that of the commits."""
        try:
            if self._connection is None:
                self._connection = Database(self._url).connect()
            with self._connection.transaction():
                self._connection.execute(
                    "SELECT pg_advisory_xact_lock(hashtextextended('jalon.log/' || %s, 0))",
                    [topic],
                )
                self._connection.execute(
                    """
                    INSERT INTO log.message (topic, position, key, headers, value)
                    SELECT %(topic)s, head.next + nth - 1, key, headers, value
                    FROM unnest(%(keys)s::text[], %(headers)s::jsonb[], %(values)s::bytea[])
                         WITH ORDINALITY AS window_ (key, headers, value, nth),
                         (SELECT coalesce(max(position) + 1, 0) AS next
                          FROM log.message WHERE topic = %(topic)s) AS head
                    """,
                    {
                        "topic": topic,
                        "keys": [outgoing.key for outgoing in window],
                        "headers": [_as_json(outgoing.headers) for outgoing in window],
                        "values": [outgoing.value for outgoing in window],
                    },
                )
                self._connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, topic])
        except psycopg.Error as error:
            raise TransportFailed(f"publishing to {topic}: {told(error)}") from error

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class PostgresReader:
    """Reads topics in turn and listens for more."""

    def __init__(self, url: str, offsets: Mapping[Partition, int]) -> None:
        self._next = {partition.topic: offset for partition, offset in offsets.items()}
        try:
            self._connection = Database(url).connect()
            # Before the first look, so that nothing appended after it goes unnoticed.
            self._connection.execute(f"LISTEN {CHANNEL}")
            self._news = News(self._connection, gather_seconds=GATHER_SECONDS)
        except psycopg.Error as error:
            raise TransportFailed(f"reading: {told(error)}") from error

    def poll(self, *, limit: int, timeout: float) -> list[Incoming]:
        """What is there, or what comes while waiting."""
        try:
            found = self._look(limit)
            if not found:
                self._news.wait(min(timeout, POLL_SECONDS))
                found = self._look(limit)
        except psycopg.Error as error:
            raise TransportFailed(f"reading: {told(error)}") from error
        return found

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _look(self, limit: int) -> list[Incoming]:
        rows = self._connection.execute(
            """
            SELECT topic, position, key, headers, value
            FROM unnest(%s::text[], %s::bigint[]) AS reading (topic, next)
            CROSS JOIN LATERAL (
                SELECT position, key, headers, value FROM log.message AS m
                WHERE m.topic = reading.topic AND m.position >= reading.next
                ORDER BY position LIMIT %s
            ) AS found
            -- Topics take turns: a long one must not keep the others waiting.
            ORDER BY position - next, topic LIMIT %s
            """,
            [list(self._next), list(self._next.values()), limit, limit],
        ).fetchall()
        for topic, position, *_ in rows:
            if position != self._next[topic]:
                raise TransportFailed(f"{topic} has no longer {self._next[topic]}")
            self._next[topic] = position + 1
        return [
            Incoming(
                partition=Partition(topic, 0),
                offset=position,
                key=key,
                headers=[(name, text.encode()) for name, text in headers],
                value=value,
            )
            for topic, position, key, headers, value in rows
        ]


def _as_json(headers: Sequence[tuple[str, bytes]]) -> str:
    # Attributes of a CloudEvent are text.
    return json.dumps([(name, value.decode()) for name, value in headers])
