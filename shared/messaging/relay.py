"""
The relay: the event store is the outbox, and one leader per service publishes from it, in order.

What it does is in ``publishing``; here it is led, told of new events, and ended. Whatever fails
ends it; whoever supervises the process starts it again from the checkpoint.
"""

import logging
import threading
from collections.abc import Callable
from typing import Final

from shared.contracts.base import Contract
from shared.eventstore.store import EventStore, Recorded
from shared.messaging.checkpoint import PostgresCheckpoint
from shared.messaging.leadership import leadership
from shared.messaging.publishing import Publishing
from shared.messaging.transports.base import Publisher
from shared.postgres.database import Database
from shared.postgres.news import News

POLL_SECONDS: Final = 1.0
"""How often the store is looked at without having been told: a notification can be lost."""
GATHER_SECONDS: Final = 0.005
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
        self._database = database
        self._publisher = publisher
        checkpoint = PostgresCheckpoint(service, database)
        self._publishing = Publishing(service, store, to_contract, publisher, checkpoint)

    def run(self, stop: threading.Event) -> None:
        """Publish until ``stop`` is set. Raises what ``Publishing.step`` raises."""
        with leadership(self._database, "relay", stop) as connection:
            if connection is None:
                return
            connection.execute(f"LISTEN {EVENTS_CHANNEL}")
            news = News(connection, gather_seconds=GATHER_SECONDS)
            self._publishing.take_over()
            log.info(
                "relay leads",
                extra={"epoch": self._publishing.epoch, "position": self._publishing.position},
            )
            try:
                while not stop.is_set():
                    if self._publishing.step():
                        news.gather()
                    else:
                        news.wait(POLL_SECONDS)
            finally:
                self._publisher.close()
