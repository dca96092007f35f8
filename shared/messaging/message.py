"""
The envelope: CloudEvents 1.0 in binary mode, so that any CloudEvents reader understands it.

Attributes travel as headers and the contract's JSON is the value, unwrapped. The library writes and
checks what is published; what comes in is read here, in a fifth of the time, and the tests let the
library read and write the same (decision 0026).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar
from uuid import UUID

from cloudevents.core.bindings.kafka import to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from shared.contracts.base import Contract
from shared.eventstore.store import Recorded
from shared.kernel.periods import TORONTO, civil_date
from shared.messaging.transports.base import Incoming, Outgoing

_SOURCE = re.compile(r"/jalon/(\w[\w-]*)")


def topic_of(service: str) -> str:
    """The topic that a service publishes to."""
    return f"jalon.{service}.v1"


class UnreadableMessage(ValueError):
    """A record is not a message of ours: an attribute is missing or cannot be read."""

    says_no_data = True


_FORMAT = JSONFormat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One published fact on its way."""

    id: UUID
    """The id of the event that it tells; the same wherever and however often it is sent."""
    source: str
    """The service that published it."""
    type: str
    """The ``contract_type``."""
    key: str
    """Messages of one source with the same key are delivered in order."""
    subject: str
    """The stream that it happened to, as ``agreement/<id>``."""
    effective_on: date
    recorded_at: datetime
    position: int
    """Of the event in its service's store."""
    correlation_id: UUID
    causation_id: UUID
    traceparent: str | None = None
    data: bytes
    """The contract as JSON."""

    @classmethod
    def telling(cls, contract: Contract, recorded: Recorded, *, source: str) -> "Message":
        """The message by which ``source`` publishes one of its events as ``contract``."""
        return cls(
            id=recorded.event_id,
            source=source,
            type=contract.contract_type,
            key=contract.key,
            subject=f"{recorded.stream.type}/{recorded.stream.id}",
            effective_on=contract.effective_on,
            recorded_at=recorded.recorded_at,
            position=recorded.position,
            correlation_id=recorded.context.correlation_id,
            causation_id=recorded.context.causation_id,
            traceparent=recorded.context.traceparent,
            data=contract.model_dump_json().encode(),
        )

    def outgoing(self) -> Outgoing:
        """What is appended to the topic."""
        attributes: dict[str, object] = {
            "specversion": "1.0",
            "id": str(self.id),
            "source": f"/jalon/{self.source}",
            "type": self.type,
            "subject": self.subject,
            # CloudEvents wants an instant where we know a day: the start of that day in Toronto.
            "time": datetime.combine(self.effective_on, time.min, TORONTO),
            "datacontenttype": "application/json",
            "partitionkey": self.key,
            "recordedtime": self.recorded_at.isoformat(),
            "sequence": f"{self.position:020d}",
            "correlationid": str(self.correlation_id),
            "causationid": str(self.causation_id),
        }
        if self.traceparent is not None:
            attributes["traceparent"] = self.traceparent
        binary = to_binary(CloudEvent(attributes, self.data), _FORMAT)
        return Outgoing(key=self.key, headers=list(binary.headers.items()), value=binary.value)

    @classmethod
    def of(cls, incoming: Incoming) -> "Message":
        """Read a record. Raises ``UnreadableMessage``."""
        return cls.parse(key=incoming.key, headers=incoming.headers, value=incoming.value)

    @classmethod
    def parse(cls, *, key: str, headers: Sequence[tuple[str, bytes]], value: bytes) -> "Message":
        """Read what a record holds. Raises ``UnreadableMessage``."""
        said = dict(headers)
        _attribute(said, "specversion", _must_be_known)
        return cls(
            id=_attribute(said, "id", UUID),
            source=_attribute(said, "source", _service),
            type=_attribute(said, "type", str),
            key=key,
            subject=_attribute(said, "subject", str),
            effective_on=civil_date(_attribute(said, "time", _instant)),
            recorded_at=_attribute(said, "recordedtime", _instant),
            position=_attribute(said, "sequence", int),
            correlation_id=_attribute(said, "correlationid", UUID),
            causation_id=_attribute(said, "causationid", UUID),
            traceparent=(
                _attribute(said, "traceparent", str) if "ce_traceparent" in said else None
            ),
            data=value,
        )


V = TypeVar("V")


def _attribute(said: Mapping[str, bytes], name: str, read: Callable[[str], V]) -> V:
    """An attribute as its header says it; what it says is not repeated where it makes no sense."""
    try:
        return read(said[f"ce_{name}"].decode())
    except KeyError:
        raise UnreadableMessage(f"no ce_{name}") from None
    except ValueError as error:
        raise UnreadableMessage(f"ce_{name} makes no sense") from error


def _must_be_known(specversion: str) -> None:
    if specversion != "1.0":
        raise ValueError(specversion)


def _service(source: str) -> str:
    found = _SOURCE.fullmatch(source)
    if found is None:
        raise ValueError(source)
    return found[1]


def _instant(written: str) -> datetime:
    instant = datetime.fromisoformat(written)
    if instant.tzinfo is None:
        raise ValueError(f"no time zone in {written}")
    return instant
