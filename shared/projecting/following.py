"""
What a projector does, without saying where rows are kept: no connection, no thread, no waiting.

Each generation is given the next events after its checkpoint; its rows and the checkpoint are
written in one transaction.
"""

import logging
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
        self, projection: Projection, generation: Generation, batch: Sequence[Recorded]
    ) -> None:
        """Write what the events change, and move the checkpoint. Raises ``CheckpointMoved``."""
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
        """Give every followed generation at most one batch; whether there may be more to do."""
        with projecting() as took:
            return self._step(took)

    def _step(self, took: Took) -> bool:
        tails: dict[tuple[int, int], tuple[Sequence[Recorded], Unreadable | None]] = {}
        moved = False
        for generation in self._generations.followed(self._projections.values()):
            is_building = generation.status == "building"
            asked = generation.position, BUILDING_BATCH if is_building else BATCH
            if asked not in tails:
                tails[asked] = readable(self._store, *asked)
            batch, unreadable = tails[asked]
            taken = not batch or self._advance(generation, batch)
            if not taken:
                continue
            if batch:
                took(generation, batch)
                moved = True
            if unreadable is not None:
                self._fail(generation, unreadable, unreadable)
            elif is_building and len(batch) < BUILDING_BATCH:
                moved |= self._generations.switch(generation)
        return moved

    def _advance(self, generation: Generation, batch: Sequence[Recorded]) -> bool:
        try:
            self._generations.take(self._projections[generation.name], generation, batch)
        except CheckpointMoved:
            raise
        except Exception as error:
            if is_of_the_surroundings(error):
                raise
            # Whatever else it is, it stops this projection, and is kept.
            if len(batch) > 1:
                # Which event is it? Those before it are good.
                return self._advance_singly(generation, batch)
            self._fail(generation, batch[0], error)
            return False
        return True

    def _fail(self, generation: Generation, at: Recorded | Unreadable, error: Exception) -> None:
        self._generations.fail(generation, at, traceback_of(error))
        log.error(
            "projection failed",
            exc_info=error,
            extra={"projection": generation.name, "position": at.position},
        )

    def _advance_singly(self, generation: Generation, batch: Sequence[Recorded]) -> bool:
        for recorded in batch:
            if not self._advance(generation, [recorded]):
                return False
            generation = replace(generation, position=recorded.position)
        return True
