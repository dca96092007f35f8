"""The span of a request: what was asked, by the pattern of its path, and how it was answered."""

from collections.abc import MutableMapping
from typing import Any
from uuid import UUID

from opentelemetry.trace import Span, SpanKind, StatusCode

from shared.observability import tracing
from shared.observability.metrics import route_of


def begin_request(
    scope: MutableMapping[str, Any], correlation_id: UUID, *, parent: str | None
) -> Span:
    """Below the client's span, where it told us one."""
    return tracing.begin(
        scope["method"],
        parent=parent,
        kind=SpanKind.SERVER,
        attributes={
            "http.request.method": scope["method"],
            "jalon.correlation_id": str(correlation_id),
        },
    )


def end_request(span: Span, scope: MutableMapping[str, Any], status: int | None) -> None:
    """The answer has gone out; without a ``status`` the client had left before."""
    route = route_of(scope)  # known only now: it is the router that finds it
    span.update_name(f"{scope['method']} {route}")
    span.set_attribute("http.route", route)
    if status is not None:
        span.set_attribute("http.response.status_code", status)
    if status is None or status >= 500:
        span.set_status(StatusCode.ERROR)
    span.end()
