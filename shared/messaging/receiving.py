"""
What a consumer does, without saying where anything is kept: no connection, no thread, no waiting.

The inbox rows, the effects and the offsets of a batch are written in one transaction, so that a
crash at any instant leaves either all of them or none. A message that cannot be handled parks its
key (see ``parking``) and never stops the others, until too many are parked: then something is
wrong with us rather than with a message, and the consumer stops.
"""

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from shared.messaging.leadership import NoLongerLeading
from shared.messaging.message import Message, UnreadableMessage
from shared.messaging.transports.base import Incoming, Partition
from shared.observability.errors import told
from shared.postgres.database import is_of_the_surroundings

BATCH_SECONDS: Final = 0.1
"""How long a transaction goes on taking records: from its first append it keeps others waiting."""
MOST_PARKED_KEYS: Final = 20
PROBLEM_LENGTH: Final = 2_000

log = logging.getLogger(__name__)


class TooManyParkedKeys(Exception):
    """So many messages fail that the cause is unlikely to be in them."""

    says_no_data = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a transaction got in one partition."""

    from_offset: int
    """Where it began, as far as this process knows; nobody else may have moved it."""
    next_offset: int
    source: str | None = None
    """The service that published it; None when nothing could be read."""
    position: int = 0
    """The highest position of that service that was seen."""


class Seen(NamedTuple):
    """What the inbox knows of a batch."""

    held_back: Collection[tuple[str, str]] = ()
    """Each (topic, key) that is parked; they stay so until the end."""
    known: Collection[UUID] = ()
    """The messages that were received before."""


class Receipt(Protocol):
    """One transaction in which messages take effect."""

    def look(self, batch: Iterable[Incoming], messages: Sequence[UUID]) -> Seen:
        """Which keys of these records are parked, and which of these messages were received."""
        ...

    def answer(self, message: Message) -> None:
        """React; raises what the handler raises."""
        ...

    def park(self, incoming: Incoming, message: Message | None, problem: str | None) -> None:
        """Park a record and its key; without a ``problem`` it only queues behind another."""
        ...

    def close(self, reached: Mapping[Partition, Progress], received: Sequence[UUID]) -> None:
        """Store the offsets and what was received. Raises ``NoLongerLeading``."""
        ...


class Inbox(Protocol):
    """Where a service keeps what it received and how far it has read."""

    def transaction(self) -> AbstractContextManager[Receipt]:
        """All or nothing of what is done with the receipt."""
        ...

    def parked_keys(self) -> int:
        """How many keys are held back."""
        ...


class Receiving:
    """Lets records take effect: once each, in order per key."""

    def __init__(
        self,
        name: str,
        inbox: Inbox,
        answers: Callable[[str], bool],
        offsets: Mapping[Partition, int],
    ) -> None:
        self._name = name
        self._inbox = inbox
        self._answers = answers
        self._offsets = dict(offsets)
        self._stop_when_too_many_are_parked()

    def take(self, batch: Sequence[Incoming]) -> int:
        """
        Let the next records take effect; how many of them did.

        Raises ``NoLongerLeading``, ``TooManyParkedKeys`` and what the database raises when it
        cannot go on; never what a handler raises.
        """
        try:
            return self._together(batch)
        except NoLongerLeading:
            raise
        except Exception as error:  # whatever a handler raises is the message's problem
            if is_of_the_surroundings(error):
                raise
            log.info("batch failed, going on message by message", extra={"count": len(batch)})
        for incoming in batch:
            self._alone(incoming)
        return len(batch)

    def _alone(self, incoming: Incoming) -> None:
        try:
            self._together([incoming])
        except NoLongerLeading:
            raise
        except Exception as error:  # as above
            if is_of_the_surroundings(error):
                raise
            log.exception(
                "message parked",
                extra={
                    "topic": incoming.partition.topic,
                    "partition": incoming.partition.number,
                    "offset": incoming.offset,
                    "key": incoming.key,
                },
            )
            self._park(incoming, problem_of(error))
            self._stop_when_too_many_are_parked()

    def _together(self, batch: Sequence[Incoming]) -> int:
        began = time.monotonic()
        messages = [Message.of(incoming) for incoming in batch]
        wanted = [each.id for each in messages if self._answers(each.type)]
        received: dict[UUID, None] = {}
        done = 0
        with self._inbox.transaction() as receipt:
            held_back, known = receipt.look(batch, wanted) if wanted else Seen()
            for incoming, message in zip(batch, messages, strict=True):
                new = message.id not in known and message.id not in received
                if new and self._answers(message.type):
                    received[message.id] = None
                    if (incoming.partition.topic, incoming.key) in held_back:
                        receipt.park(incoming, message, problem=None)
                    else:
                        receipt.answer(message)
                done += 1
                if time.monotonic() - began > BATCH_SECONDS:
                    break
            reached = self._reached(batch[:done], messages[:done])
            receipt.close(reached, list(received))
        self._remember(reached)
        return done

    def _park(self, incoming: Incoming, problem: str) -> None:
        message: Message | None = None
        try:
            message = Message.of(incoming)
        except UnreadableMessage:
            log.warning("record is not a message", extra={"offset": incoming.offset})
        ids = [] if message is None else [message.id]
        with self._inbox.transaction() as receipt:
            new = not receipt.look([], ids).known
            if new:
                receipt.park(incoming, message, problem)
            reached = self._reached([incoming], [message])
            receipt.close(reached, ids if new else [])
        self._remember(reached)

    def _reached(
        self, batch: Sequence[Incoming], messages: Sequence[Message | None]
    ) -> dict[Partition, Progress]:
        reached: dict[Partition, Progress] = {}
        for incoming, message in zip(batch, messages, strict=True):
            before = reached.get(incoming.partition)
            position = 0 if before is None else before.position
            source = None if before is None else before.source
            reached[incoming.partition] = Progress(
                from_offset=self._offsets[incoming.partition],
                next_offset=incoming.offset + 1,
                source=source if message is None else message.source,
                position=position if message is None else max(position, message.position),
            )
        return reached

    def _remember(self, reached: Mapping[Partition, Progress]) -> None:
        for partition, progress in reached.items():
            self._offsets[partition] = progress.next_offset

    def _stop_when_too_many_are_parked(self) -> None:
        parked = self._inbox.parked_keys()
        if parked > MOST_PARKED_KEYS:
            raise TooManyParkedKeys(f"{self._name} has {parked} parked keys")


def problem_of(error: Exception) -> str:
    """What is kept of an error, and shown to whoever mends it: no data of the message."""
    return told(error)[:PROBLEM_LENGTH]
