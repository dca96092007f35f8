"""
States that were folded before, so that a long history is not folded again for every command.

Events never change, so a state at a version is that state for ever: only what came after it has
to be loaded. What is kept here is never trusted to be the latest; the store says what came since,
and an append still checks the version.
"""

from collections import OrderedDict
from functools import reduce
from threading import Lock
from typing import Any, TypeVar

from shared.eventstore.store import EventStore, Stream
from shared.kernel.decider import Decider

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")

KEPT = 1_000
"""How many states one process keeps; those not asked for longest go first."""


class Folds:
    """
    Folded states by decider and stream, of events that are committed.

    For stores outside any transaction only: what a transaction has appended may yet be undone.
    States are shared between threads and must be immutable.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._states: OrderedDict[tuple[Any, Stream], tuple[int, Any]] = OrderedDict()
        self._lock = Lock()

    def state(self, store: EventStore, decider: Decider[C, S, E], stream: Stream) -> tuple[S, int]:
        """The present state of a stream and its version; 0 when it does not exist."""
        key = (decider.evolve, stream)
        with self._lock:
            version, state = self._states.get(key, (0, decider.initial))
        news = store.events(stream, after=version)
        state = reduce(decider.evolve, news, state)
        version += len(news)
        if version:
            with self._lock:
                if self._states.get(key, (0, None))[0] <= version:
                    self._states[key] = (version, state)
                    self._states.move_to_end(key)
                while len(self._states) > self._kept:
                    self._states.popitem(last=False)
        return state, version


class NoFolds:
    """Folds the whole history every time: for reactions, inside their transactions."""

    def state(self, store: EventStore, decider: Decider[C, S, E], stream: Stream) -> tuple[S, int]:
        """See ``Folds.state``."""
        history = store.events(stream)
        return decider.fold(history), len(history)
