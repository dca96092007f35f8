"""
The relay: the event store is the outbox, and one leader per service publishes from it, in order.

It sends a window, looks at every answer, then moves its checkpoint. Killed in between, it sends
the window again: readers know a message by its id. Whatever fails ends it; whoever supervises the
process starts it again from the checkpoint.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert

from shared.contracts.base import Contract
from shared.eventstore.store import EventStore, Recorded
from shared.messaging.leadership import NoLongerLeading, leadership
from shared.messaging.message import Message, topic_of
from shared.messaging.tables import RELAY
from shared.messaging.transports.base import Outgoing, Publisher
from shared.postgres.database import Database
from shared.postgres.news import News

WINDOW_EVENTS: Final = 500
"""How many events are looked at before the checkpoint moves."""
POLL_SECONDS: Final = 1.0
"""How often the store is looked at without having been told: a notification can be lost."""
GATHER_SECONDS: Final = 0.01
EVENTS_CHANNEL: Final = "jalon_events"

log = logging.getLogger(__name__)


class Relay:
    """Publishes one service's events as contracts, keyed by the contract's key."""

    def __init__(
        self,
        service: str,
        database: Database,
        store: EventStore,
        to_contract: Callable[[Recorded], Contract | None],
        publisher: Publisher,
    ) -> None:
        self.name = f"{service}.relay"
        self._service = service
        self._database = database
        self._store = store
        self._to_contract = to_contract
        self._publisher = publisher

    def run(self, stop: threading.Event) -> None:
        """
        Publish until ``stop`` is set.

        Raises ``TransportFailed``, ``NoLongerLeading`` and whatever the store or the mapping
        raise: an event that cannot be told stops the relay rather than being left out.
        """
        with leadership(self._database, "relay", stop) as connection:
            if connection is None:
                return
            connection.execute(f"LISTEN {EVENTS_CHANNEL}")
            news = News(connection, gather_seconds=GATHER_SECONDS)
            epoch, position = self._take_over()
            log.info("relay leads", extra={"epoch": epoch, "position": position})
            try:
                while not stop.is_set():
                    reached = self._publish_after(position)
                    if reached == position:
                        news.wait(POLL_SECONDS)
                    else:
                        self._checkpoint(epoch, reached)
                        position = reached
                        news.gather()
            finally:
                self._publisher.close()

    def _publish_after(self, position: int) -> int:
        """Publish one window; the position up to which there is nothing left to publish."""
        window: list[Outgoing] = []
        size = 0
        for recorded in self._store.tail(position, WINDOW_EVENTS):
            contract = self._to_contract(recorded)
            if contract is not None:
                outgoing = Message.telling(contract, recorded, source=self._service).outgoing()
                size += outgoing.size
                if window and size > self._publisher.window_bytes:
                    break
                window.append(outgoing)
            position = recorded.position
        self._publish(window)
        return position

    def _publish(self, window: Sequence[Outgoing]) -> None:
        if window:
            self._publisher.publish(topic_of(self._service), window)
            log.debug("events relayed", extra={"count": len(window)})

    def _take_over(self) -> tuple[int, int]:
        """Raise the epoch, so that whoever led before can no longer move the checkpoint."""
        statement = (
            insert(RELAY)
            .values(service=self._service, epoch=1, position=0, at=func.now())
            .on_conflict_do_update(
                index_elements=[RELAY.c.service],
                set_={"epoch": RELAY.c.epoch + 1, "at": func.now()},
            )
            .returning(RELAY.c.epoch, RELAY.c.position)
        )
        with self._database.engine.begin() as connection:
            epoch, position = connection.execute(statement).one()
        return epoch, position

    def _checkpoint(self, epoch: int, position: int) -> None:
        statement = (
            update(RELAY)
            .where(RELAY.c.service == self._service, RELAY.c.epoch == epoch)
            .values(position=position, at=func.now())
        )
        with self._database.engine.begin() as connection:
            if connection.execute(statement).rowcount != 1:
                raise NoLongerLeading(f"{self.name} of epoch {epoch}")
