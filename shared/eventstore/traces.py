"""The span of an append: which streams, which events, where they stand."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, TypeVar

from shared.eventstore.store import Append, CommandRecord, Context
from shared.observability import tracing

F = TypeVar("F", bound=Callable[..., int])


def traced(append: F) -> F:
    """
    ``EventStore.append`` with a span, where traces are on.

    The events carry the span's ``traceparent``: what they lead to is below it.
    """

    @wraps(append)
    def wrapped(
        store: Any,
        appends: Sequence[Append],
        context: Context,
        *,
        command: CommandRecord | None = None,
    ) -> int:
        if not (appends and tracing.is_on()):
            return append(store, appends, context, command=command)
        types = sorted({each.stream.type for each in appends})
        attributes: tracing.Attributes = {
            "jalon.streams": [str(each.stream) for each in appends],
            "jalon.events": sum(len(each.events) for each in appends),
            "jalon.event_types": sorted({type(e).__name__ for a in appends for e in a.events}),
            "jalon.command_id": str(context.command_id),
            "jalon.correlation_id": str(context.correlation_id),
        }
        name = f"append {', '.join(types)}"
        with tracing.span(name, parent=context.traceparent, attributes=attributes) as span:
            inside = replace(context, traceparent=tracing.traceparent_of(span))
            position = append(store, appends, inside, command=command)
            span.set_attribute("jalon.position", position)
            return position

    return wrapped  # type: ignore[return-value]
