"""The event store on PostgreSQL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
import psycopg
from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine

from shared.eventstore.codec import EventTypes, Undecodable
from shared.eventstore.gathering import Gathering
from shared.eventstore.store import (
    Append,
    CommandRecord,
    Context,
    Recorded,
    Stream,
    Unreadable,
    VersionConflict,
)
from shared.eventstore.traces import traced
from shared.kernel.clock import Clock, SystemClock

_CONTEXT: TypeAdapter[Context] = TypeAdapter(Context)
_CONTEXT_READER: msgspec.json.Decoder[Context] = msgspec.json.Decoder(Context)

_AS_JSON = msgspec.json.Encoder().encode

_APPEND_EACH = "SELECT eventstore.append_each(%s::jsonb)"
_REMEMBER = "SELECT eventstore.remember(%s, %s, %s, %s, %s)"
_HEAD = "SELECT coalesce(max(position), 0) FROM eventstore.event"
_EVENTS = (
    "SELECT position, event_id, stream_type, stream_id, stream_version, type, schema_version,"
    " data::text, meta::text, recorded_at FROM eventstore.event"
)
_STREAM = (
    f"{_EVENTS} WHERE stream_id = %s AND stream_type = %s AND stream_version > %s"
    " ORDER BY stream_version"
)
_ALONE = (
    "SELECT type, schema_version, data::text FROM eventstore.event"
    " WHERE stream_id = %s AND stream_type = %s AND stream_version > %s ORDER BY stream_version"
)
_VERSION = (
    "SELECT coalesce(max(stream_version), 0) FROM eventstore.event"
    " WHERE stream_id = %s AND stream_type = %s"
)
_TAIL = f"{_EVENTS} WHERE position > %s ORDER BY position LIMIT %s"
_COMMAND = (
    "SELECT request_hash, stream_type, stream_id, stream_version, position"
    " FROM eventstore.command WHERE command_id = %s"
)


class PostgresEventStore:
    """
    Streams in the ``eventstore`` schema of one service's database.

    An append to one stream is one statement; those that threads of this process have ready at the
    same time are committed together (see ``gathering``). ``recorded_at`` is the
    database's time under the system clock, so that machines need not agree; any other clock
    (simulated, fixed in tests) is asked.
    """

    def __init__(
        self,
        engine: Engine,
        event_types: EventTypes,
        clock: Clock,
    ) -> None:
        self._autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._event_types = event_types
        self._clock = clock
        self._bound: Connection | None = None
        self._gathering = Gathering(self._committed)

    def bound_to(self, connection: Connection) -> "PostgresEventStore":
        """The same store inside the transaction of ``connection``: nothing commits on its own."""
        bound = copy(self)  # not made anew: a message is not worth another engine
        bound._bound = connection  # noqa: SLF001  # its own copy
        return bound

    @traced
    def append(
        self,
        appends: Sequence[Append],
        context: Context,
        *,
        command: CommandRecord | None = None,
    ) -> int:
        """See ``store.EventStore.append``."""
        if not appends:
            return self.head() if command is None else self._remember(command)
        meta = msgspec.Raw(_CONTEXT.dump_json(context, exclude_none=True))
        now = None if isinstance(self._clock, SystemClock) else self._clock.now()
        # The last one brings the command along: it is remembered with the position after all.
        commands = [*[None] * (len(appends) - 1), command]
        written = [
            self._written(each, meta, now, brings)
            for each, brings in zip(appends, commands, strict=True)
        ]
        if len(written) > 1:
            with self._all_or_none() as connection:
                reached = _append_each(connection, written)
                if None in reached:
                    raise VersionConflict(_expected(appends, command))
        elif self._bound is not None:
            # A conflict writes nothing: the surroundings can decide again as they are.
            reached = _append_each(_driver_connection(self._bound), written)
        else:
            reached = [self._gathering.carry_out(written[0])]
        if reached[-1] is None:
            raise VersionConflict(_expected(appends, command))
        return reached[-1]

    def load(self, stream: Stream, after: int = 0) -> list[Recorded]:
        """See ``store.EventStore.load``."""
        with self._connect() as connection:
            rows = connection.execute(_STREAM, (stream.id, stream.type, after)).fetchall()
        return [self._recorded(row) for row in rows]

    def events(self, stream: Stream, after: int = 0) -> list[Any]:
        """See ``store.EventStore.events``."""
        try:
            return self._events(stream, after)
        except Undecodable:
            self.load(stream, after)  # says where it is
            raise

    def _events(self, stream: Stream, after: int) -> list[Any]:
        decode = self._event_types.decode
        with self._connect() as connection:
            rows = connection.execute(_ALONE, (stream.id, stream.type, after))
            return [decode(*row) for row in rows]

    def version(self, stream: Stream) -> int:
        """See ``store.EventStore.version``."""
        with self._connect() as connection:
            row = connection.execute(_VERSION, (stream.id, stream.type)).fetchone()
        return 0 if row is None else int(row[0])

    def tail(self, after: int, limit: int) -> list[Recorded]:
        """See ``store.EventStore.tail``."""
        with self._connect() as connection:
            rows = connection.execute(_TAIL, (after, limit)).fetchall()
        return [self._recorded(row) for row in rows]

    def head(self) -> int:
        """See ``store.EventStore.head``."""
        with self._connect() as connection:
            row = connection.execute(_HEAD).fetchone()
        return 0 if row is None else int(row[0])

    def find_command(self, command_id: UUID) -> CommandRecord | None:
        """See ``store.EventStore.find_command``."""
        with self._connect() as connection:
            row = connection.execute(_COMMAND, (command_id,)).fetchone()
        if row is None:
            return None
        request_hash, stream_type, stream_id, version, position = row
        return CommandRecord(
            command_id=command_id,
            request_hash=bytes(request_hash),
            stream=Stream(stream_type, stream_id),
            version=version,
            position=position,
        )

    @contextmanager
    def _connect(self) -> "Iterator[psycopg.Connection[Any]]":
        if self._bound is not None:
            yield _driver_connection(self._bound)
            return
        with self._autocommit.connect() as connection:
            yield _driver_connection(connection)

    @contextmanager
    def _all_or_none(self) -> "Iterator[psycopg.Connection[Any]]":
        """A transaction, or within one a savepoint."""
        if self._bound is not None:
            # It is SQLAlchemy's: the driver's would commit where nothing was executed yet.
            with self._bound.begin_nested():
                yield _driver_connection(self._bound)
        else:
            with self._connect() as connection, connection.transaction():
                yield connection

    def _committed(self, written: Sequence[bytes]) -> Sequence[int | None]:
        """What each gives, committed in one transaction."""
        with self._connect() as connection:
            return _append_each(connection, written)

    def _remember(self, command: CommandRecord) -> int:
        """A command that led to nothing; the present head."""
        about = command.stream
        given = (command.command_id, command.request_hash, about.type, about.id, command.version)
        with self._connect() as connection:
            row = connection.execute(_REMEMBER, given).fetchone()
        if row is None or row[0] is None:
            raise VersionConflict(_expected([], command))
        head: int = row[0]
        return head

    def _written(
        self, append: Append, meta: msgspec.Raw, now: datetime | None, command: CommandRecord | None
    ) -> bytes:
        """An append as ``eventstore.append_each`` takes it."""
        events = []
        for event in append.events:
            name, version, data = self._event_types.encode(event)
            events.append((name, version, event.effective_on, msgspec.Raw(data)))
        stream = append.stream
        given: tuple[Any, ...] = (
            stream.type, stream.id, append.expected_version, events, meta, now
        )  # fmt: skip
        if command is not None:
            about, asked = command.stream, command.request_hash.hex()
            given += ((command.command_id, asked, about.type, about.id, command.version),)
        return _AS_JSON(given)

    def _recorded(self, row: Any) -> Recorded:
        (position, event_id, stream_type, stream_id, version, name, schema_version, data, meta,
         recorded_at) = row  # fmt: skip
        try:
            event = self._event_types.decode(name, schema_version, data)
        except Undecodable as error:
            raise Unreadable(
                position=position, event_id=event_id, name=name, version=schema_version
            ) from error
        return Recorded(
            position=position,
            event_id=event_id,
            stream=Stream(stream_type, stream_id),
            version=version,
            type=name,
            event=event,
            context=_CONTEXT_READER.decode(meta),
            recorded_at=recorded_at,
        )


def _append_each(
    connection: "psycopg.Connection[Any]", written: Sequence[bytes]
) -> Sequence[int | None]:
    """The position after each, or None, with nothing of it written, where it meets a conflict."""
    given = (b"[" + b",".join(written) + b"]").decode()
    row = connection.execute(_APPEND_EACH, [given]).fetchone()
    assert row is not None  # noqa: S101  # a function call gives one row
    reached: list[int | None] = row[0]
    return reached


def _expected(appends: Sequence[Append], command: CommandRecord | None) -> str:
    """What has not come true."""
    expected = [f"{each.stream} at {each.expected_version}" for each in appends]
    if command is not None:
        expected.append(f"command {command.command_id} new")
    return f"not as expected: {', '.join(expected)}"


def _driver_connection(connection: Connection) -> "psycopg.Connection[Any]":
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)
