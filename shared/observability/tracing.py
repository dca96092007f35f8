"""
Traces: what one command led to, from the request to the views, as OpenTelemetry spans.

Off until ``trace_to`` names a collector, and then next to free: no span is made. A span has ids,
types, positions and counts, never a name, a text, or what an exception says.

What a span belongs to is told by a W3C ``traceparent`` and never by the thread it is made on: so
it goes from a request to its events, to their messages, and to what others do about them.
"""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_NAMESPACE, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    INVALID_SPAN,
    Span,
    SpanKind,
    StatusCode,
    Tracer,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from shared.kernel.refusals import Refusal

EXPORT_SECONDS: Final = 5.0
"""How long a collector has to take a batch, and how long the end of a process waits for it."""

Attributes = Mapping[str, AttributeValue]

_ODD: Final = frozenset("13579bdf")
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_W3C = TraceContextTextMapPropagator()

_provider: TracerProvider | None = None
_tracer: Tracer | None = None


def trace_to(endpoint: str | None, service: str) -> None:
    """
    Hand the spans of this process to an OTLP collector, from a thread of their own.

    ``endpoint`` is its base URL; None leaves traces off. What the SDK reads of its environment
    (``OTEL_TRACES_SAMPLER``, ``OTEL_EXPORTER_OTLP_HEADERS``, ``OTEL_BSP_…``) counts as well. A
    collector that is away or slow costs spans, and nothing else.
    """
    global _provider, _tracer  # noqa: PLW0603  # one per process, as for the log
    if endpoint is None:
        return
    stop_tracing()
    resource = Resource.create({SERVICE_NAME: service, SERVICE_NAMESPACE: "jalon"})
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)
    _provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    _provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = _provider.get_tracer("jalon")


def stop_tracing() -> None:
    """Hand over what is left, for a few seconds at most, and make no more spans."""
    global _provider, _tracer
    provider, _provider, _tracer = _provider, None, None
    if provider is not None:
        # Without a limit of its own: a collector that is away must not keep a process from ending.
        ending = threading.Thread(target=provider.shutdown, name="tracing ends", daemon=True)
        ending.start()
        ending.join(EXPORT_SECONDS)


def is_on() -> bool:
    """Are spans made? To be asked before anything is done for one."""
    return _tracer is not None


@contextmanager
def span(
    name: str,
    *,
    parent: str | None,
    kind: SpanKind = SpanKind.INTERNAL,
    attributes: Attributes | None = None,
) -> Iterator[Span]:
    """
    A span around what is done inside; below ``parent``, or else it begins a trace.

    When that raises, the span keeps the kind of error, not what it says.
    """
    begun = begin(name, parent=parent, kind=kind, attributes=attributes)
    try:
        yield begun
    except BaseException as error:
        fail(begun, error)
        raise
    finally:
        begun.end()


def begin(
    name: str,
    *,
    parent: str | None,
    kind: SpanKind = SpanKind.INTERNAL,
    attributes: Attributes | None = None,
    at: int | None = None,
) -> Span:
    """A span that somebody ends; ``at`` is when it began, in nanoseconds since 1970."""
    if _tracer is None:
        return INVALID_SPAN
    return _tracer.start_span(
        name,
        # Of a traceparent that cannot be read nothing comes out: a trace begins.
        context=_W3C.extract({} if parent is None else {"traceparent": parent}, Context()),
        kind=kind,
        attributes=attributes,
        start_time=at,
        record_exception=False,
        set_status_on_exception=False,
    )


def fail(failed: Span, error: BaseException) -> None:
    """Note that what a span is about failed, and of what kind the error is."""
    kind = error.code() if isinstance(error, Refusal) else type(error).__qualname__
    failed.set_attribute("error.type", kind)
    failed.set_status(StatusCode.ERROR)


def traceparent_of(begun: Span) -> str | None:
    """What is to go along with what belongs below a span; None where none was made."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier, set_span_in_context(begun, Context()))
    return carrier.get("traceparent")


def readable(traceparent: str | None) -> str | None:
    """A ``traceparent`` that somebody else wrote, where it looks like one: it goes into events."""
    return traceparent if traceparent and _TRACEPARENT.fullmatch(traceparent) else None


def is_sampled(traceparent: str | None) -> bool:
    """Does anybody look at this trace? Asked where a span would be for many at once."""
    # The lowest bit of the flags, which are its last two digits.
    return traceparent is not None and traceparent[-1:] in _ODD
