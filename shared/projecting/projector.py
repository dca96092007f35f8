"""The projector: reads the tail, folds it, and writes rows and checkpoint in one transaction."""

import logging
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
from sqlalchemy.exc import InterfaceError, OperationalError

from shared.eventstore.store import EventStore, Recorded
from shared.postgres.database import Database
from shared.postgres.news import News
from shared.projecting import registry
from shared.projecting.folding import fold, write
from shared.projecting.projection import Projection
from shared.projecting.registry import CheckpointMoved, Generation

log = logging.getLogger(__name__)

BATCH = 1_000
"""Events folded into one transaction."""

LOCK = 4711_0003
"""Advisory lock key of a service's projector: one runs, others wait for it to go away."""

POLL_SECONDS = 1.0
GATHER_SECONDS = 0.02


class Projector:
    """
    Brings the projections of one service up to the head of its event store, and keeps them there.

    An event that a projection cannot take stops that projection (one generation of it) with the
    reason kept; the others go on. Trouble with the database stops the loop.
    """

    def __init__(
        self, database: Database, store: EventStore, projections: Sequence[Projection]
    ) -> None:
        self.name = "projector"
        self._database = database
        self._store = store
        self._projections = {projection.name: projection for projection in projections}
        if len(self._projections) != len(projections):
            raise ValueError("two projections share a name")

    def run(self, stop: threading.Event) -> None:
        """Follow the event store until told to stop."""
        with self._database.listening("jalon_events") as events, self.only_one(stop) as ours:
            if not ours:
                return
            self.prepare()
            news = News(events, gather_seconds=GATHER_SECONDS)
            while not stop.is_set():
                if self.step():
                    news.gather()
                else:
                    news.wait(POLL_SECONDS)

    @contextmanager
    def only_one(self, stop: threading.Event, *, wait: bool = True) -> Iterator[bool]:
        """Hold the projector's lock; false when told to stop (or not to wait) before having it."""
        with self._database.connect() as session:
            held = _try_lock(session)
            while not held and wait and not stop.wait(POLL_SECONDS):
                held = _try_lock(session)
            yield held

    def prepare(self) -> None:
        """Register what the code knows; see ``registry.prepare``."""
        for projection in self._projections.values():
            with self._database.engine.begin() as connection:
                registry.prepare(connection, projection)

    def catch_up(self) -> None:
        """Step until nothing moves."""
        while self.step():
            pass

    def step(self) -> bool:
        """Give every followed generation at most one batch; whether there may be more to do."""
        with self._database.autocommit.connect() as connection:
            following = registry.followed(connection, self._projections.values())
        tails: dict[int, list[Recorded]] = {}
        moved = False
        for generation in following:
            after = generation.position
            if after not in tails:
                tails[after] = self._store.tail(after, BATCH)
            batch = tails[after]
            taken = not batch or self._advance(generation, batch)
            moved |= bool(batch) and taken
            if taken and generation.status == "building" and len(batch) < BATCH:
                with self._database.engine.begin() as connection:
                    moved |= registry.switch(connection, generation)
        return moved

    def _advance(self, generation: Generation, batch: Sequence[Recorded]) -> bool:
        try:
            self._write(generation, batch)
        except (OperationalError, InterfaceError, CheckpointMoved):
            raise
        except Exception:
            # Whatever it is, it stops this projection, and is kept.
            if len(batch) > 1:
                # Which event is it? Those before it are good.
                return self._advance_singly(generation, batch)
            with self._database.engine.begin() as connection:
                registry.fail(connection, generation, batch[0], traceback.format_exc())
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

    def _write(self, generation: Generation, batch: Sequence[Recorded]) -> None:
        projection = self._projections[generation.name]
        folded = fold(delta for recorded in batch for delta in projection.deltas(recorded))
        with self._database.engine.begin() as connection:
            write(connection, folded, translate=projection.placed_in(generation.generation))
            registry.advance(connection, generation, batch[-1].position)


def _try_lock(session: "psycopg.Connection[Any]") -> bool:
    row = session.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
    return row is not None and bool(row[0])
