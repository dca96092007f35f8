"""
What carries messages from a service to those that listen.

Two do: ``kafka.KafkaTransport`` and ``postgres.PostgresTransport``. One contract suite
(``tests/integration/messaging``) is passed by both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Partition(NamedTuple):
    """One ordered log of a topic."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What is to be appended to a topic."""

    key: str
    headers: Sequence[tuple[str, bytes]]
    value: bytes

    @property
    def size(self) -> int:
        """Bytes it takes on the way, at most: names, lengths and the record's own fields too."""
        headers = sum(len(name.encode()) + len(value) + 10 for name, value in self.headers)
        return len(self.key.encode()) + len(self.value) + headers + 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What was read from a topic, and where it stood."""

    partition: Partition
    offset: int
    key: str
    headers: Sequence[tuple[str, bytes]]
    value: bytes


class TransportFailed(Exception):
    """What should carry the messages cannot be reached, or did not take or give them."""

    says_no_data = True


class Publisher(Protocol):
    """Appends to topics. Made and used by one thread of one process."""

    window_bytes: int
    """How much may be published at once so that it is taken whole, per partition, or not at all."""

    def publish(self, topic: str, window: Sequence[Outgoing]) -> None:
        """
        Append all of ``window``, in order per key; return when all of it is stored.

        Raises ``TransportFailed`` when any of it may not have been stored; what was appended
        by then is appended again by the next attempt.
        """
        ...

    def close(self) -> None:
        """Let go of connections, at once."""
        ...


class Reader(Protocol):
    """Reads topics, each partition in order. Used by one thread."""

    def poll(self, *, limit: int, timeout: float) -> Sequence[Incoming]:
        """
        The next records, at most ``limit``; empty when none came within ``timeout`` seconds.

        Raises ``TransportFailed`` when records that were not read yet are no longer kept.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class Transport(Protocol):
    """Makes publishers and readers, and knows how far each log goes."""

    def publisher(self) -> Publisher:
        """Something that appends; it connects when first used."""
        ...

    def reader(self, offsets: Mapping[Partition, int]) -> Reader:
        """Something that reads these partitions, each from an offset on."""
        ...

    def ends(self, topics: Sequence[str]) -> dict[Partition, int]:
        """
        Every partition of these topics with the offset that its next record will get.

        Raises ``TransportFailed`` when a topic does not exist.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
