"""What a service does about what others published: one handler per contract."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from shared.contracts.base import Contract
from shared.eventstore.effects import Effects
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Context
from shared.kernel.clock import Clock
from shared.kernel.identifiers import derived_id
from shared.messaging.message import Message

Handler = Callable[[Any, Effects], None]
"""Reacts to a contract inside the transaction in which its message is marked as received."""


class Reactions:
    """The handlers of one service, by contract type. Types without a handler are ignored."""

    def __init__(
        self,
        service: str,
        store: PostgresEventStore,
        clock: Clock,
        handlers: Mapping[type[Contract], Handler],
    ) -> None:
        self._actor = Actor(id=f"policy:{service}")
        self._store = store
        self._clock = clock
        self._handlers = {
            contract.contract_type: (contract, handler) for contract, handler in handlers.items()
        }

    def answers(self, contract_type: str) -> bool:
        """Is there a handler for this type?"""
        return contract_type in self._handlers

    def answer(self, message: Message, connection: Connection) -> None:
        """React to a message of an answered type; raises what the handler raises."""
        contract, handler = self._handlers[message.type]
        context = Context(
            # The same for every delivery of the message: a command is carried out once.
            command_id=derived_id("reaction", message.id),
            actor=self._actor,
            correlation_id=message.correlation_id,
            causation_id=message.id,
            traceparent=message.traceparent,
        )
        effects = Effects(
            store=self._store.bound_to(connection),
            connection=connection,
            context=context,
            now=self._clock.now(),
        )
        handler(contract.model_validate_json(message.data), effects)
