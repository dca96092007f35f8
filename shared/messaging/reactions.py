"""What a service does about what others published: one handler per contract."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

from shared.contracts.base import Contract
from shared.eventstore.commands import FROM_THE_START
from shared.eventstore.effects import Effects
from shared.eventstore.folds import AnyFolds
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Context
from shared.kernel.clock import Clock
from shared.kernel.identifiers import derived_id
from shared.messaging.message import Message
from shared.messaging.traces import handling

Handler = Callable[[Any, Effects], None]
"""Reacts to a contract inside the transaction in which its message is marked as received."""


class UnknownVersion(LookupError):
    """A contract that the service acts upon came in a version that this code does not know."""

    says_no_data = True


class Reactions:
    """
    The handlers of one service, by contract type.

    Types without a handler are ignored, but not another version of a contract that has one: to
    skip it would be to miss what it says. It is refused, so that its message waits for the code
    that knows it.
    """

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
        self._names = {_name_of(contract_type) for contract_type in self._handlers}

    def answers(self, contract_type: str) -> bool:
        """Is there a handler for this type, or for another version of it?"""
        return _name_of(contract_type) in self._names

    def answer(
        self, message: Message, connection: Connection, folds: AnyFolds = FROM_THE_START
    ) -> None:
        """
        React to a message of an answered type.

        Raises ``UnknownVersion``, what the contract raises of data that does not fit it, and what
        the handler raises.
        """
        with handling(message) as traceparent:
            contract, handler = self._handler(message.type)
            context = Context(
                # The same for every delivery of the message: a command is carried out once.
                command_id=derived_id("reaction", message.id),
                actor=self._actor,
                correlation_id=message.correlation_id,
                causation_id=message.id,
                traceparent=traceparent,
            )
            effects = Effects(
                store=self._store.bound_to(connection),
                connection=connection,
                context=context,
                now=self._clock.now(),
                folds=folds,
            )
            handler(contract.model_validate_json(message.data), effects)

    def _handler(self, contract_type: str) -> tuple[type[Contract], Handler]:
        found = self._handlers.get(contract_type)
        if found is None:
            name = _name_of(contract_type)
            known = sorted(each for each in self._handlers if _name_of(each) == name)
            raise UnknownVersion(f"{contract_type} came; this code knows {', '.join(known)}")
        return found


def _name_of(contract_type: str) -> str:
    """``claims.claim-approved`` of ``claims.claim-approved.v1``."""
    return contract_type.rpartition(".")[0]
