"""The event store in memory: a real one, for tests without I/O. It passes the same suite."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import Any
from uuid import UUID, uuid4

from shared.eventstore.codec import EventTypes
from shared.eventstore.store import (
    Append,
    CommandRecord,
    Context,
    Recorded,
    Stream,
    VersionConflict,
)
from shared.kernel.clock import Clock


class MemoryEventStore:
    """Streams in a list. Events pass through the codec, as they would on their way to disk."""

    def __init__(self, event_types: EventTypes, clock: Clock) -> None:
        self._event_types = event_types
        self._clock = clock
        self._log: list[Recorded] = []
        self._streams: dict[Stream, list[Recorded]] = defaultdict(list)
        self._commands: dict[UUID, CommandRecord] = {}
        self._lock = Lock()

    def append(
        self,
        appends: Sequence[Append],
        context: Context,
        *,
        command: CommandRecord | None = None,
    ) -> int:
        """See ``store.EventStore.append``."""
        with self._lock:
            if command is not None and command.command_id in self._commands:
                raise VersionConflict(f"command {command.command_id} was carried out before")
            fresh: list[Recorded] = []
            versions: dict[Stream, int] = {}
            for append in appends:
                stream = append.stream
                actual = versions.get(stream, len(self._streams[stream]))
                if actual != append.expected_version:
                    raise VersionConflict(f"{stream} is at {actual}")
                fresh += self._recorded(append, context, after=len(self._log) + len(fresh))
                versions[stream] = actual + len(append.events)
            self._log += fresh
            for recorded in fresh:
                self._streams[recorded.stream].append(recorded)
            if command is not None:
                self._commands[command.command_id] = replace(command, position=len(self._log))
            return len(self._log)

    def load(self, stream: Stream, after: int = 0) -> list[Recorded]:
        """See ``store.EventStore.load``."""
        return self._streams.get(stream, [])[after:]

    def events(self, stream: Stream, after: int = 0) -> list[Any]:
        """See ``store.EventStore.events``."""
        return [recorded.event for recorded in self.load(stream, after)]

    def version(self, stream: Stream) -> int:
        """See ``store.EventStore.version``."""
        return len(self._streams.get(stream, []))

    def tail(self, after: int, limit: int) -> list[Recorded]:
        """See ``store.EventStore.tail``."""
        return self._log[after : after + limit]

    def head(self) -> int:
        """See ``store.EventStore.head``."""
        return len(self._log)

    def find_command(self, command_id: UUID) -> CommandRecord | None:
        """See ``store.EventStore.find_command``."""
        return self._commands.get(command_id)

    def _recorded(self, append: Append, context: Context, *, after: int) -> list[Recorded]:
        now = self._clock.now()
        if self._log:
            now = max(now, self._log[-1].recorded_at)
        recorded = []
        for ordinal, event in enumerate(append.events, start=1):
            name, version, data = self._event_types.encode(event)
            recorded.append(
                Recorded(
                    position=after + ordinal,
                    event_id=uuid4(),
                    stream=append.stream,
                    version=append.expected_version + ordinal,
                    type=name,
                    event=self._event_types.decode(name, version, data),
                    context=context,
                    recorded_at=now,
                )
            )
        return recorded
