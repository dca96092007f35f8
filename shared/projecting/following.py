"""
What a projector does, without saying where rows are kept: no connection, no thread, no waiting.

Each generation is given the next events after its checkpoint; its rows and the checkpoint are
written in one transaction. Those that are equally far share it: at the head that is all of them.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from shared.eventstore.store import EventStore, Recorded, Unreadable, readable
from shared.observability.errors import traceback_of
from shared.postgres.database import is_of_the_surroundings
from shared.projecting.projection import Projection
from shared.projecting.registry import CheckpointMoved, Generation
from shared.projecting.traces import Took, projecting

log = logging.getLogger(__name__)

BATCH = 1_000
"""Events folded into one transaction."""
BUILDING_BATCH = 4_000
"""
As many of a generation that nobody reads yet: what touches the same rows is written once.

Those that serve wait for it meanwhile, well under a second.
"""


class Generations(Protocol):
    """The generations of a service's projections, with their rows."""

    def followed(self, projections: Iterable[Projection]) -> Sequence[Generation]:
        """Those that take events with this code, those that serve first."""
        ...

    def take(
        self, takers: Sequence[tuple[Projection, Generation]], batch: Sequence[Recorded]
    ) -> None:
        """
        Write what the events change and move the checkpoints, of all of these or of none.

        Raises ``CheckpointMoved``.
        """
        ...

    def fail(self, generation: Generation, at: Recorded | Unreadable, error: str) -> None:
        """Stop a generation before the event it could not take, and keep why."""
        ...

    def switch(self, generation: Generation) -> bool:
        """Let it serve, unless that would take readers back in time; whether it serves now."""
        ...


class Following:
    """
    Brings the projections of one service up to the head of its event store.

    An event that a projection cannot take stops that projection (one generation of it) with the
    reason kept; the others go on. One that this code cannot read stops each that reaches it.
    Trouble with the database is raised.
    """

    def __init__(
        self, store: EventStore, generations: Generations, projections: Sequence[Projection]
    ) -> None:
        self._store = store
        self._generations = generations
        self._projections = {projection.name: projection for projection in projections}
        if len(self._projections) != len(projections):
            raise ValueError("two projections share a name")

    def step(self) -> bool:
        """
        Give every followed generation at most one batch; whether there may be more at once.

        There is not when each has come to the end: what is appended later is told.
        """
        with projecting() as took:
            return self._step(took)

    def _step(self, took: Took) -> bool:
        more = False
        for (position, limit), generations in self._equally_far().items():
            batch, unreadable = readable(self._store, position, limit)
            for generation in self._advance(generations, batch):
                if batch:
                    took(generation, batch)
                if unreadable is not None:
                    self._fail(generation, unreadable, unreadable)
                elif len(batch) == limit:
                    more = True
                elif generation.status == "building":
                    # One that may not serve yet catches up further.
                    more |= self._generations.switch(generation) or bool(batch)
        return more

    def _equally_far(self) -> dict[tuple[int, int], list[Generation]]:
        """The followed generations by position and by how many events they take."""
        alike = defaultdict[tuple[int, int], list[Generation]](list)
        for generation in self._generations.followed(self._projections.values()):
            limit = BUILDING_BATCH if generation.status == "building" else BATCH
            alike[generation.position, limit].append(generation)
        return alike

    def _advance(
        self, generations: Sequence[Generation], batch: Sequence[Recorded]
    ) -> Sequence[Generation]:
        """Let all of them take the batch; gives those that did, the others have failed."""
        if not batch:
            return generations
        takers = [(self._projections[each.name], each) for each in generations]
        try:
            self._generations.take(takers, batch)
        except CheckpointMoved:
            raise
        except Exception as error:
            if is_of_the_surroundings(error):
                raise
            # Whatever else it is, it stops the projection that it is of, and is kept.
            if len(generations) > 1:
                return [each for one in generations for each in self._advance([one], batch)]
            if len(batch) > 1:
                # Which event is it? Those before it are good.
                return self._advance_singly(generations[0], batch)
            self._fail(generations[0], batch[0], error)
            return []
        return generations

    def _fail(self, generation: Generation, at: Recorded | Unreadable, error: Exception) -> None:
        self._generations.fail(generation, at, traceback_of(error))
        log.error(
            "projection failed",
            exc_info=error,
            extra={"projection": generation.name, "position": at.position},
        )

    def _advance_singly(
        self, generation: Generation, batch: Sequence[Recorded]
    ) -> Sequence[Generation]:
        at = generation
        for recorded in batch:
            if not self._advance([at], [recorded]):
                return []
            at = replace(at, position=recorded.position)
        return [generation]
