"""
The consumer: what others published takes effect here, once each, in order per key.

What it does is in ``receiving``; here it is led, given records, and ended.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Final

from shared.contracts.base import Contract
from shared.eventstore.postgres import PostgresEventStore
from shared.kernel.clock import Clock
from shared.messaging.inbox import PostgresInbox
from shared.messaging.leadership import leadership
from shared.messaging.reactions import Handler, Reactions
from shared.messaging.receiving import Receiving
from shared.messaging.transports.base import Transport
from shared.postgres.database import Database

BATCH: Final = 500
"""How many records one transaction takes at most."""
POLL_SECONDS: Final = 1.0

log = logging.getLogger(__name__)


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
        self._inbox = PostgresInbox(database, self.reactions)

    def run(self, stop: threading.Event) -> None:
        """
        Consume until ``stop`` is set.

        Raises ``TransportFailed`` and what ``Receiving.take`` raises.
        """
        with leadership(self._database, "consumer", stop) as connection:
            if connection is None:
                return
            offsets = self._inbox.start(self._transport.ends(self._subscriptions))
            receiving = Receiving(self.name, self._inbox, self.reactions.answers, offsets)
            log.info("consumer leads", extra={"partitions": len(offsets)})
            reader = self._transport.reader(offsets)
            try:
                while not stop.is_set():
                    batch = reader.poll(limit=BATCH, timeout=POLL_SECONDS)
                    while batch and not stop.is_set():
                        batch = batch[receiving.take(batch) :]
            finally:
                reader.close()
