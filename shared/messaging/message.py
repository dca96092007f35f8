"""
The envelope: CloudEvents 1.0 in binary mode, so that any CloudEvents reader understands it.

Attributes travel as headers and the contract's JSON is the value, unwrapped.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.exceptions import BaseCloudEventException
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from shared.contracts.base import Contract
from shared.eventstore.store import Recorded
from shared.kernel.periods import TORONTO, civil_date
from shared.messaging.transports.base import Incoming, Outgoing
from shared.observability.errors import told

_SOURCE = re.compile(r"/jalon/(\w[\w-]*)")
_EXPECTED = {
    f"ce_{attribute}"
    for attribute in (
        "specversion", "id", "source", "type", "subject", "time",
        "recordedtime", "sequence", "correlationid", "causationid",
    )
}  # fmt: skip


def topic_of(service: str) -> str:
    """The topic that a service publishes to."""
    return f"jalon.{service}.v1"


class UnreadableMessage(ValueError):
    """A record is not a message of ours: an attribute is missing or cannot be read."""

    says_no_data = True


class _Unparsed(JSONFormat):
    """The value stays the bytes it is: the contract reads them, once."""

    def read_data(self, body: bytes, datacontenttype: str | None) -> bytes:  # noqa: ARG002
        return body


_FORMAT = _Unparsed()


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
        attributes = dict(headers)
        missing = sorted(_EXPECTED - attributes.keys())
        if missing:
            # Looked for here because the library makes up an id and a time of its own.
            raise UnreadableMessage(f"no {', '.join(missing)}")
        try:
            binary = KafkaMessage(headers=attributes, key=key, value=value)
            return cls._from(from_binary(binary, _FORMAT, CloudEvent), key=key, data=value)
        except (BaseCloudEventException, ValueError) as error:
            raise UnreadableMessage(told(error)) from error

    @classmethod
    def _from(cls, event: BaseCloudEvent, *, key: str, data: bytes) -> "Message":
        source = _SOURCE.fullmatch(event.get_source())
        happened = event.get_time()
        if source is None or happened is None:
            raise ValueError(f"from {event.get_source()} at {happened}")
        return cls(
            id=UUID(event.get_id()),
            source=source[1],
            type=event.get_type(),
            key=key,
            subject=str(event.get_subject()),
            effective_on=civil_date(happened),
            recorded_at=datetime.fromisoformat(event.get_extension("recordedtime")),
            position=int(event.get_extension("sequence")),
            correlation_id=UUID(event.get_extension("correlationid")),
            causation_id=UUID(event.get_extension("causationid")),
            traceparent=event.get_extension("traceparent"),
            data=data,
        )
