"""
The spans of projecting: when what a command led to could be read.

One per traced append and step, whichever and however many projections took it, for a batch may be
of a thousand events. Rebuilding goes over a whole history, for nobody who waits: it has none.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from shared.eventstore.store import Recorded
from shared.observability import tracing
from shared.projecting.registry import Generation

Took = Callable[[Generation, Sequence[Recorded]], None]


@dataclass(slots=True)
class _Seen:
    """What a step took of one append."""

    correlation_id: str
    positions: set[int] = field(default_factory=set)
    projections: set[str] = field(default_factory=set)


@contextmanager
def projecting() -> Iterator[Took]:
    """A step of the projector, which tells what each generation took."""
    if not tracing.is_on():
        yield _nothing
        return
    began = time.time_ns()
    seen: dict[str, _Seen] = {}

    def took(generation: Generation, batch: Sequence[Recorded]) -> None:
        if generation.status == "building":
            return
        for recorded in batch:
            parent = recorded.context.traceparent
            if parent is None or not tracing.is_sampled(parent):
                continue
            append = seen.get(parent)
            if append is None:
                append = seen[parent] = _Seen(str(recorded.context.correlation_id))
            append.positions.add(recorded.position)
            append.projections.add(generation.name)

    yield took
    for parent, append in seen.items():
        span = tracing.begin(
            "project",
            parent=parent,
            at=began,
            attributes={
                "jalon.projections": sorted(append.projections),
                "jalon.events": len(append.positions),
                "jalon.position": max(append.positions),
                "jalon.correlation_id": append.correlation_id,
            },
        )
        span.end()


def _nothing(_generation: Generation, _batch: Sequence[Recorded]) -> None:
    """Traces are off."""
