"""An aggregate is two pure functions and a starting point."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Generic, TypeVar

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")


@dataclass(frozen=True)
class Decider(Generic[C, S, E]):
    """
    What decides about one thing.

    ``decide(command, state)`` gives the events, or raises a ``Refusal``;
    ``evolve(state, event)`` gives the next state and never refuses.
    Both are pure: time, ids and rates come in on the command.
    """

    initial: S
    decide: Callable[[C, S], Sequence[E]]
    evolve: Callable[[S, E], S]

    def fold(self, events: Iterable[E]) -> S:
        """The state after ``events``, oldest first."""
        return reduce(self.evolve, events, self.initial)
