"""
Load several streams, decide once, append to all of them or to none.

The decision is made again when any stream it appends to has moved since it was read, so that no
two decisions made at the same time can promise the same money.
"""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias, TypeVar

from shared.eventstore.commands import FROM_THE_START, Outcome, answered_before
from shared.eventstore.folds import AnyFolds
from shared.eventstore.store import (
    Append,
    CommandRecord,
    Context,
    Event,
    EventStore,
    Stream,
    VersionConflict,
)
from shared.kernel.decider import Decider
from shared.kernel.refusals import StaleVersion

ATTEMPTS = 10
"""How often a decision is made again when others get in between."""

_PAUSE_SECONDS = 0.005
"""Longest pause before the second attempt; it doubles, to a quarter of a second at most."""

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")

Changes: TypeAlias = Iterable[tuple[Stream, Sequence[Event]]]


class Loaded:
    """The states that one decision is made on, each read once, and the versions they were at."""

    def __init__(self, store: EventStore, folds: AnyFolds = FROM_THE_START) -> None:
        self._store = store
        self._folds = folds
        self._read: dict[Stream, tuple[Any, int]] = {}

    def state(self, decider: Decider[C, S, E], stream: Stream) -> S:
        """The state of a stream."""
        if stream not in self._read:
            self._read[stream] = self._folds.state(self._store, decider, stream)
        state: S = self._read[stream][0]
        return state

    def advance(self, decider: Decider[C, S, E], stream: Stream, events: Iterable[E]) -> None:
        """
        From here on, the state of a stream is the one after these events.

        For several decisions of one command, each on what the ones before it come to; what is
        appended still expects the stream where it was read.
        """
        state = self.state(decider, stream)
        for event in events:
            state = decider.evolve(state, event)
        self._read[stream] = (state, self._read[stream][1])

    def version(self, stream: Stream) -> int:
        """The version at which a stream was read."""
        if stream not in self._read:
            return self._store.version(stream)
        return self._read[stream][1]

    def appends(self, changes: Changes) -> list[Append]:
        """What to append, expecting every stream where it was read; nothing where no events are."""
        return [
            Append(stream, self.version(stream), events) for stream, events in changes if events
        ]


def carry_out_together(
    store: EventStore,
    context: Context,
    decide: Callable[[Loaded], Changes],
    *,
    about: Stream,
    request_hash: bytes | None = None,
    expected_version: int | None = None,
    folds: AnyFolds = FROM_THE_START,
) -> Outcome:
    """
    Carry out a decision that spans streams; ``about`` is the one whose version is answered.

    Idempotent and conditional as ``carry_out`` is for one stream; ``folds`` may remember states.
    Raises ``VersionConflict`` when others kept getting in between.
    """
    for attempt in range(ATTEMPTS):
        if request_hash is not None:
            previous = answered_before(store, context, request_hash)
            if previous is not None:
                return previous
        loaded = Loaded(store, folds)
        if expected_version is not None and (actual := loaded.version(about)) != expected_version:
            raise StaleVersion(expected=expected_version, actual=actual)
        appends = loaded.appends(decide(loaded))
        version = loaded.version(about)
        left_at = version + sum(len(each.events) for each in appends if each.stream == about)
        record = None
        if request_hash is not None:
            record = CommandRecord(
                command_id=context.command_id,
                request_hash=request_hash,
                stream=about,
                version=left_at,
            )
        try:
            position = store.append(appends, context, command=record)
        except VersionConflict:
            if attempt == ATTEMPTS - 1:
                raise
            _pause(attempt)
            continue
        events = [event for each in appends for event in each.events]
        return Outcome(stream=about, version=left_at, position=position, events=events)
    raise AssertionError("unreachable")


def _pause(attempt: int) -> None:
    # Those who collided once would collide again if they all came back at the same time.
    longest = min(_PAUSE_SECONDS * 2**attempt, 0.25)
    time.sleep(random.uniform(0, longest))  # noqa: S311  # spreads callers, guards nothing
