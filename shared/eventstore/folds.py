"""
States that were folded before, so that a long history is not folded again for every command.

Events never change, so a state at a version is that state for ever: only what came after it has
to be loaded. What is kept here is never trusted to be the latest; the store says what came since,
and an append still checks the version.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import reduce
from threading import Lock
from typing import Any, TypeAlias, TypeVar

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

    ``state`` is for stores outside any transaction; within one, ``in_transaction`` keeps apart
    what may yet be undone. States are shared between threads and must be immutable.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._states: OrderedDict[_Key, _Folded] = OrderedDict()
        self._lock = Lock()

    def state(self, store: EventStore, decider: Decider[C, S, E], stream: Stream) -> tuple[S, int]:
        """The present state of a stream and its version; 0 when it does not exist."""
        key = (decider.evolve, stream)
        version, state = _folded(store, decider, stream, since=self._known(key))
        if version:
            self._keep({key: (version, state)})
        return state, version

    @contextmanager
    def in_transaction(self) -> Iterator["FoldsInTransaction"]:
        """
        For one transaction that begins and commits inside.

        What is folded in it is kept afterwards, and nothing where it fails.
        """
        apart = FoldsInTransaction(self._known)
        yield apart
        self._keep(apart.states)

    def _known(self, key: "_Key") -> "_Folded | None":
        with self._lock:
            return self._states.get(key)

    def _keep(self, states: "Mapping[_Key, _Folded]") -> None:
        with self._lock:
            for key, (version, state) in states.items():
                if self._states.get(key, (0, None))[0] <= version:
                    self._states[key] = (version, state)
                    self._states.move_to_end(key)
            while len(self._states) > self._kept:
                self._states.popitem(last=False)


class FoldsInTransaction:
    """What one transaction sees: what is known to be committed, and what it has appended."""

    def __init__(self, known: "Callable[[_Key], _Folded | None]") -> None:
        self._known = known
        self.states: dict[_Key, _Folded] = {}
        """What it has folded, its own events among them."""

    def state(self, store: EventStore, decider: Decider[C, S, E], stream: Stream) -> tuple[S, int]:
        """See ``Folds.state``."""
        key = (decider.evolve, stream)
        since = self.states.get(key) or self._known(key)
        version, state = _folded(store, decider, stream, since=since)
        if version:
            self.states[key] = (version, state)
        return state, version

    def forget(self) -> None:
        """A part of the transaction was undone: what it appended is not known any more."""
        self.states.clear()


class NoFolds:
    """Folds the whole history every time."""

    def state(self, store: EventStore, decider: Decider[C, S, E], stream: Stream) -> tuple[S, int]:
        """See ``Folds.state``."""
        version, state = _folded(store, decider, stream, since=None)
        return state, version


AnyFolds: TypeAlias = Folds | FoldsInTransaction | NoFolds
_Key: TypeAlias = tuple[Any, Stream]
_Folded: TypeAlias = tuple[int, Any]
"""A version, and the state at it."""


def _folded(
    store: EventStore, decider: Decider[C, S, E], stream: Stream, *, since: _Folded | None
) -> tuple[int, S]:
    version, state = since or (0, decider.initial)
    news = store.events(stream, after=version)
    return version + len(news), reduce(decider.evolve, news, state)
