"""
What a projector does, without saying where rows are kept: no connection, no thread, no waiting.

Each generation is given the next events after its checkpoint; its rows and the checkpoint are
written in one transaction.
"""

import logging
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from shared.eventstore.store import EventStore, Recorded
from shared.postgres.database import is_of_the_surroundings
from shared.projecting.projection import Projection
from shared.projecting.registry import CheckpointMoved, Generation

log = logging.getLogger(__name__)

BATCH = 1_000
"""Events folded into one transaction."""


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

    def fail(self, generation: Generation, at: Recorded, error: str) -> None:
        """Stop a generation before the event it could not take, and keep why."""
        ...

    def switch(self, generation: Generation) -> bool:
        """Let it serve, unless that would take readers back in time; whether it serves now."""
        ...


class Following:
    """
    Brings the projections of one service up to the head of its event store.

    An event that a projection cannot take stops that projection (one generation of it) with the
    reason kept; the others go on. Trouble with the database is raised.
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
        tails: dict[int, list[Recorded]] = {}
        moved = False
        for generation in self._generations.followed(self._projections.values()):
            after = generation.position
            if after not in tails:
                tails[after] = self._store.tail(after, BATCH)
            batch = tails[after]
            taken = not batch or self._advance(generation, batch)
            moved |= bool(batch) and taken
            if taken and generation.status == "building" and len(batch) < BATCH:
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
            self._generations.fail(generation, batch[0], traceback.format_exc())
            log.exception(
                "projection failed",
                extra={"projection": generation.name, "position": batch[0].position},
            )
            return False
        return True

    def _advance_singly(self, generation: Generation, batch: Sequence[Recorded]) -> bool:
        for recorded in batch:
            if not self._advance(generation, [recorded]):
                return False
            generation = replace(generation, position=recorded.position)
        return True
