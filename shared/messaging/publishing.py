"""
What a relay does, without saying where anything is kept: no connection, no thread, no waiting.

A window is sent, every answer is awaited, then the checkpoint moves. Whatever is cut off in
between is sent again by whoever leads next; readers know a message by its id.
"""

from collections.abc import Callable
from typing import Final, Protocol

from shared.contracts.base import Contract
from shared.eventstore.store import EventStore, Recorded, readable
from shared.messaging.message import Message, topic_of
from shared.messaging.traces import publishing
from shared.messaging.transports.base import Outgoing, Publisher

WINDOW_EVENTS: Final = 500
"""How many events are looked at before the checkpoint moves."""


class Checkpoint(Protocol):
    """Up to which position a service's events are published, and who may say so."""

    def take_over(self) -> tuple[int, int]:
        """Raise the epoch, so that whoever led before can no longer move it: epoch, position."""
        ...

    def move(self, epoch: int, position: int) -> None:
        """Note that all is published up to ``position``. Raises ``NoLongerLeading``."""
        ...

    def confirm(self, epoch: int) -> None:
        """Is it still ours to move? Raises ``NoLongerLeading``."""
        ...


class Publishing:
    """Publishes one service's events as contracts, window by window, in order."""

    def __init__(
        self,
        service: str,
        store: EventStore,
        to_contract: Callable[[Recorded], Contract | None],
        publisher: Publisher,
        checkpoint: Checkpoint,
    ) -> None:
        self._service = service
        self._store = store
        self._to_contract = to_contract
        self._publisher = publisher
        self._checkpoint = checkpoint
        self.epoch = 0
        self.position = 0

    def take_over(self) -> None:
        """Lead from here on: whoever led before is fenced."""
        self.epoch, self.position = self._checkpoint.take_over()

    def step(self) -> bool:
        """
        Publish one window and move the checkpoint; whether there may be more at once.

        Raises ``TransportFailed``, ``NoLongerLeading`` and whatever the store or the mapping
        raise: an event that cannot be told stops the relay rather than being left out.
        """
        window, reached, more = self._window()
        if reached == self.position:
            # Also where nothing comes: somebody may want the history to be published again.
            self._checkpoint.confirm(self.epoch)
            return False
        if window:
            topic = topic_of(self._service)
            with publishing(topic, window) as traced:
                self._publisher.publish(topic, traced)
        self._checkpoint.move(self.epoch, reached)
        self.position = reached
        return more

    def _window(self) -> tuple[list[Outgoing], int, bool]:
        """What to publish next, up to which position nothing is left once it is, more to come?"""
        window: list[Outgoing] = []
        size = 0
        position = self.position
        events, unreadable = readable(self._store, position, WINDOW_EVENTS)
        if unreadable is not None and not events:
            raise unreadable
        # Either the window is full, or what comes next stops the relay.
        more = unreadable is not None or len(events) == WINDOW_EVENTS
        for recorded in events:
            contract = self._to_contract(recorded)
            if contract is not None:
                outgoing = Message.telling(contract, recorded, source=self._service).outgoing()
                size += outgoing.size
                if window and size > self._publisher.window_bytes:
                    more = True
                    break
                window.append(outgoing)
            position = recorded.position
        return window, position, more
