"""Several streams at once, or none: what one command leads to in more than one place."""

from collections.abc import Callable, Sequence
from typing import Any

from shared.eventstore.commands import ATTEMPTS, Outcome, answered_before
from shared.eventstore.store import (
    Append,
    CommandRecord,
    Context,
    EventStore,
    Stream,
    VersionConflict,
)
from shared.kernel.refusals import StaleVersion

Decide = Callable[[Sequence[Any]], Sequence[Append]]
"""From the history of the stream that is answered for to all appends, that stream's first."""


def carry_out_together(
    store: EventStore,
    stream: Stream,
    decide: Decide,
    context: Context,
    *,
    request_hash: bytes,
    expected_version: int | None,
) -> Outcome:
    """
    Append what ``decide`` gives, all at once, and answer for ``stream``.

    Raises what ``decide`` refuses, ``StaleVersion``, ``CommandIdReused``, and ``VersionConflict``
    when others kept getting in between.
    """
    for attempt in range(ATTEMPTS):
        previous = answered_before(store, context, request_hash)
        if previous is not None:
            return previous
        history = store.events(stream)
        if expected_version is not None and expected_version != len(history):
            raise StaleVersion(expected=expected_version, actual=len(history))
        first, *others = decide(history)
        version = len(history) + len(first.events)
        record = CommandRecord(
            command_id=context.command_id,
            request_hash=request_hash,
            stream=stream,
            version=version,
        )
        appends = [first, *(each for each in others if each.events)]
        try:
            position = store.append(appends, context, command=record)
        except VersionConflict:
            if attempt == ATTEMPTS - 1:
                raise
            continue
        return Outcome(stream=stream, version=version, position=position, events=first.events)
    raise AssertionError("unreachable")
