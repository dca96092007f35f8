"""
What an event store is, whichever keeps it.

Two keep it: ``postgres.PostgresEventStore`` and its twin ``memory.MemoryEventStore``.
One contract suite (``tests/integration/eventstore``) is passed by both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from shared.kernel.refusals import Invalid


class Event(Protocol):
    """A fact of the domain: a frozen dataclass in the past tense."""

    @property
    def effective_on(self) -> date:
        """The civil date on which it happened; the store adds when it heard of it."""
        ...


@dataclass(frozen=True, slots=True)
class Stream:
    """The history of one thing."""

    type: str
    id: UUID

    def __str__(self) -> str:
        return f"{self.type}-{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: an opaque id, never a name."""

    id: str
    """A person's opaque id, or ``policy:…`` / ``timer:…`` when the system acts."""
    roles: tuple[str, ...] = ()
    organisation_id: UUID | None = None
    amr: tuple[str, ...] = ()
    """How they signed in (RFC 8176), e.g. ``("pwd", "otp")``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Why events are appended; kept as the metadata of each."""

    command_id: UUID
    """Made by the client; the same id asks for the same thing."""
    actor: Actor
    correlation_id: UUID
    """The first command of the chain."""
    causation_id: UUID
    """The immediate cause: this command, or the message or timer it answers."""
    reason: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One event as the store keeps it."""

    position: int
    """1, 2, 3 … over the whole store, in commit order, without a gap."""
    event_id: UUID
    stream: Stream
    version: int
    """1, 2, 3 … within its stream."""
    type: str
    event: Any
    """The decoded event, at the current version of its type."""
    context: Context
    recorded_at: datetime
    """The instant the store heard of it; never earlier than that of a lower position."""


@dataclass(frozen=True, slots=True)
class Append:
    """Events for one stream that is expected to be at a version (0: it does not exist yet)."""

    stream: Stream
    expected_version: int
    events: Sequence[Event]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRecord:
    """A command that was carried out, so that asking again answers the same."""

    command_id: UUID
    request_hash: bytes
    """SHA-256 of what was asked."""
    stream: Stream
    """The stream it was about."""
    version: int
    """The version it left that stream at."""
    position: int = 0
    """The store's head after it; filled in by the store."""


class VersionConflict(Exception):  # not an error: decide again
    """A stream is not at the version the decision was made on."""


class Unreadable(Exception):  # an alarm, never skipped
    """
    A stored event that this code cannot read: newer code wrote it, or it is damaged.

    Its sentence says where it is and of which type, never what it holds; the cause says why.
    """

    says_no_data = True

    def __init__(self, *, position: int, event_id: UUID, name: str, version: int) -> None:
        self.position = position
        self.event_id = event_id
        super().__init__(
            f"event {position} ({event_id}) cannot be read by this code: {name} version {version}"
        )


class CommandIdReused(Invalid):
    """The same command id came with another request."""

    en = "This Idempotency-Key was used for a different request."
    fr = "Cette clé d’idempotence a déjà servi à une demande différente."


class EventStore(Protocol):
    """Append and read."""

    def append(
        self,
        appends: Sequence[Append],
        context: Context,
        *,
        command: CommandRecord | None = None,
    ) -> int:
        """
        Append to one or more streams, all or nothing; the last position.

        With ``command``, it is remembered in the same transaction. Raises ``VersionConflict``
        when a stream has moved on, and when the command id is already remembered
        (the caller then finds it with ``find_command``).
        An empty ``appends`` only remembers the command; it gives the present head.
        """
        ...

    def load(self, stream: Stream, after: int = 0) -> list[Recorded]:
        """The events of one stream above version ``after``, oldest first. Raises ``Unreadable``."""
        ...

    def events(self, stream: Stream, after: int = 0) -> list[Any]:
        """
        As ``load``, the decoded events alone: all that a state is folded of.

        Their versions are ``after + 1``, ``after + 2`` …; leaving out why and when they were
        recorded halves the time. Raises ``Unreadable``.
        """
        ...

    def version(self, stream: Stream) -> int:
        """At which version a stream is, without reading it; 0 when it does not exist."""
        ...

    def tail(self, after: int, limit: int) -> list[Recorded]:
        """
        Events at positions above ``after``, in order, at most ``limit``.

        Raises ``Unreadable``; ``readable`` gives those before it.
        """
        ...

    def head(self) -> int:
        """The highest position; 0 when empty."""
        ...

    def find_command(self, command_id: UUID) -> CommandRecord | None:
        """The command remembered under this id."""
        ...


def readable(
    store: EventStore, after: int, limit: int
) -> tuple[Sequence[Recorded], Unreadable | None]:
    """
    As ``tail``, up to the first event that cannot be read, and that one.

    For what follows the store: it goes as far as it can, then says what stands in its way.
    """
    try:
        return store.tail(after, limit), None
    except Unreadable as met:
        # Positions have no gaps.
        return store.tail(after, met.position - after - 1), met
