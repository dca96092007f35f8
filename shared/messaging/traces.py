"""The spans of messages: published here, handled there."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace

from opentelemetry.trace import Span, SpanKind

from shared.messaging.message import Message
from shared.messaging.transports.base import Outgoing
from shared.observability import tracing

_PARENT = "ce_traceparent"
_TOLD = {
    "ce_id": "messaging.message.id",
    "ce_type": "jalon.contract_type",
    "ce_subject": "jalon.stream",
    "ce_correlationid": "jalon.correlation_id",
}
"""Headers of a message that its span shows, by the attribute that shows them."""


@contextmanager
def publishing(topic: str, window: Sequence[Outgoing]) -> Iterator[Sequence[Outgoing]]:
    """
    The window as it is to be published: each message below the span of its own publication.

    A message of an event without a trace has none.
    """
    if not tracing.is_on():
        yield window
        return
    spans: list[Span] = []
    try:
        yield [_traced(topic, each, spans) for each in window]
    except BaseException as error:
        for each in spans:
            tracing.fail(each, error)
        raise
    finally:
        for each in spans:
            each.end()


def _traced(topic: str, outgoing: Outgoing, spans: list[Span]) -> Outgoing:
    headers = dict(outgoing.headers)
    parent = headers.get(_PARENT)
    if parent is None or not tracing.is_sampled(parent.decode()):
        return outgoing
    told = {shown: headers[name].decode() for name, shown in _TOLD.items() if name in headers}
    span = tracing.begin(
        f"publish {told.get('jalon.contract_type', topic)}",
        parent=parent.decode(),
        kind=SpanKind.PRODUCER,
        attributes={
            "messaging.destination.name": topic,
            "jalon.position": int(headers["ce_sequence"]),
            **told,
        },
    )
    spans.append(span)
    below = tracing.traceparent_of(span)
    if below is None:
        return outgoing
    return replace(outgoing, headers=list((headers | {_PARENT: below.encode()}).items()))


def handling(message: Message) -> AbstractContextManager[str | None]:
    """What the reaction to a message is to carry as its ``traceparent``."""
    parent = tracing.readable(message.traceparent)
    if not tracing.is_on() or (parent is not None and not tracing.is_sampled(parent)):
        return nullcontext(parent)
    return _handling(message, parent)


@contextmanager
def _handling(message: Message, parent: str | None) -> Iterator[str | None]:
    attributes: tracing.Attributes = {
        "messaging.message.id": str(message.id),
        "jalon.contract_type": message.type,
        "jalon.source": message.source,
        "jalon.stream": message.subject,
        "jalon.position": message.position,
        "jalon.correlation_id": str(message.correlation_id),
    }
    with tracing.span(
        f"handle {message.type}",
        parent=parent,
        kind=SpanKind.CONSUMER,
        attributes=attributes,
    ) as span:
        yield tracing.traceparent_of(span)
