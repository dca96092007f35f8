"""
The consumer: what others published takes effect here, once each, in order per key.

The inbox row, the effect and the offset are written in one transaction, so that a crash at any
instant leaves either all of them or none. A message that cannot be handled parks its key
(see ``parking``) and never stops the others, until too many are parked: then something is
wrong with us rather than with a message, and the consumer stops.
"""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from shared.contracts.base import Contract
from shared.eventstore.postgres import PostgresEventStore
from shared.kernel.clock import Clock
from shared.messaging import parking
from shared.messaging.leadership import NoLongerLeading, leadership
from shared.messaging.message import Message, UnreadableMessage
from shared.messaging.reactions import Handler, Reactions, is_of_the_surroundings
from shared.messaging.tables import CONSUMED, INBOX
from shared.messaging.transports.base import Incoming, Partition, Transport
from shared.postgres.database import Database

BATCH: Final = 200
"""How many records one transaction takes at most."""
BATCH_SECONDS: Final = 0.1
"""How long a transaction goes on taking records: from its first append it keeps others waiting."""
POLL_SECONDS: Final = 1.0
MOST_PARKED_KEYS: Final = 20

log = logging.getLogger(__name__)


class TooManyParkedKeys(Exception):
    """So many messages fail that the cause is unlikely to be in them."""


@dataclass(slots=True)
class _Progress:
    """How far a transaction gets in one partition."""

    next_offset: int
    source: str | None = None
    position: int = 0


class Consumer:
    """Reads the topics a service subscribes to and lets its handlers react."""

    def __init__(  # noqa: PLR0917  # each is named in the call of every worker
        self,
        service: str,
        database: Database,
        store: PostgresEventStore,
        clock: Clock,
        subscriptions: Sequence[str],
        handlers: Mapping[type[Contract], Handler],
        transport: Transport,
    ) -> None:
        self.name = f"{service}.consumer"
        self.reactions = Reactions(service, store, clock, handlers)
        """For ``parking.retry``."""
        self._database = database
        self._subscriptions = subscriptions
        self._transport = transport
        self._offsets: dict[Partition, int] = {}

    def run(self, stop: threading.Event) -> None:
        """
        Consume until ``stop`` is set.

        Raises ``TransportFailed``, ``NoLongerLeading``, ``TooManyParkedKeys`` and what the
        database raises when it cannot go on; never what a handler raises.
        """
        with leadership(self._database, "consumer", stop) as connection:
            if connection is None:
                return
            self._stop_when_too_many_are_parked()
            self._offsets = self._start()
            log.info("consumer leads", extra={"partitions": len(self._offsets)})
            reader = self._transport.reader(self._offsets)
            try:
                while not stop.is_set():
                    batch = reader.poll(limit=BATCH, timeout=POLL_SECONDS)
                    while batch and not stop.is_set():
                        batch = batch[self._handle(batch) :]
            finally:
                reader.close()

    def _start(self) -> dict[Partition, int]:
        """Where to go on in each partition; those seen for the first time begin at 0."""
        partitions = self._transport.ends(self._subscriptions)
        with self._database.engine.begin() as connection:
            if partitions:
                now = func.now()
                connection.execute(
                    insert(CONSUMED)
                    .values([
                        {"topic": topic, "partition": number, "next_offset": 0, "position": 0,
                         "at": now}
                        for topic, number in partitions
                    ])
                    .on_conflict_do_nothing()
                )  # fmt: skip
            rows = connection.execute(
                select(CONSUMED.c.topic, CONSUMED.c.partition, CONSUMED.c.next_offset).where(
                    CONSUMED.c.topic.in_(self._subscriptions)
                )
            )
            return {Partition(topic, number): offset for topic, number, offset in rows}

    def _handle(self, batch: Sequence[Incoming]) -> int:
        """Let a batch take effect; how many records of it did."""
        try:
            return self._in_one_transaction(batch)
        except NoLongerLeading:
            raise
        except Exception as error:  # whatever a handler raises is the message's problem
            if is_of_the_surroundings(error):
                raise
            log.info("batch failed, going on message by message", extra={"count": len(batch)})
        for incoming in batch:
            self._handle_alone(incoming)
        return len(batch)

    def _handle_alone(self, incoming: Incoming) -> None:
        try:
            self._in_one_transaction([incoming])
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
            self._park(incoming, parking.problem_of(error))
            self._stop_when_too_many_are_parked()

    def _in_one_transaction(self, batch: Sequence[Incoming]) -> int:
        began = time.monotonic()
        progress: dict[Partition, _Progress] = {}
        done = 0
        with self._database.engine.begin() as connection:
            held_back = parking.held_back(connection, batch)
            for incoming in batch:
                message = Message.of(incoming)
                _note(progress, incoming, message)
                if self.reactions.answers(message.type) and _is_new(connection, message.id):
                    if (incoming.partition.topic, incoming.key) in held_back:
                        parking.park(connection, incoming, message, problem=None)
                    else:
                        self.reactions.answer(message, connection)
                done += 1
                if time.monotonic() - began > BATCH_SECONDS:
                    break
            self._advance(connection, progress)
        self._remember(progress)
        return done

    def _park(self, incoming: Incoming, problem: str) -> None:
        progress: dict[Partition, _Progress] = {}
        try:
            message = Message.of(incoming)
        except UnreadableMessage:
            message = None
        with self._database.engine.begin() as connection:
            _note(progress, incoming, message)
            if message is None or _is_new(connection, message.id):
                parking.park(connection, incoming, message, problem)
            self._advance(connection, progress)
        self._remember(progress)

    def _advance(self, connection: Connection, progress: Mapping[Partition, _Progress]) -> None:
        """Store the offsets, each from where we think it is: nobody else may have moved it."""
        for partition, reached in progress.items():
            statement = (
                update(CONSUMED)
                .where(
                    CONSUMED.c.topic == partition.topic,
                    CONSUMED.c.partition == partition.number,
                    CONSUMED.c.next_offset == self._offsets[partition],
                )
                .values(
                    next_offset=reached.next_offset,
                    source=func.coalesce(reached.source, CONSUMED.c.source),
                    position=func.greatest(reached.position, CONSUMED.c.position),
                    at=func.now(),
                )
            )
            if connection.execute(statement).rowcount != 1:
                raise NoLongerLeading(f"{self.name} at {self._offsets[partition]} of {partition}")

    def _remember(self, progress: Mapping[Partition, _Progress]) -> None:
        for partition, reached in progress.items():
            self._offsets[partition] = reached.next_offset

    def _stop_when_too_many_are_parked(self) -> None:
        with self._database.engine.connect() as connection:
            parked = parking.number_of_parked_keys(connection)
        if parked > MOST_PARKED_KEYS:
            raise TooManyParkedKeys(f"{self.name} has {parked} parked keys")


def _note(
    progress: dict[Partition, _Progress], incoming: Incoming, message: Message | None
) -> None:
    reached = progress.setdefault(incoming.partition, _Progress(next_offset=0))
    reached.next_offset = incoming.offset + 1
    if message is not None:
        reached.source = message.source
        reached.position = max(reached.position, message.position)


def _is_new(connection: Connection, message_id: UUID) -> bool:
    """Mark a message as received; was it not before?"""
    statement = (
        insert(INBOX)
        .values(message_id=message_id, at=func.now())
        .on_conflict_do_nothing()
        .returning(INBOX.c.message_id)
    )
    return connection.execute(statement).one_or_none() is not None
