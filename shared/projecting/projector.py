"""The projector: leads ``following`` on PostgreSQL, told of new events."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from shared.eventstore.store import EventStore, Recorded, Unreadable
from shared.postgres.database import Database
from shared.postgres.news import News
from shared.projecting import registry
from shared.projecting.folding import fold, write
from shared.projecting.following import Following
from shared.projecting.projection import Projection
from shared.projecting.registry import Generation

LOCK = 4711_0003
"""Advisory lock key of a service's projector: one runs, others wait for it to go away."""

POLL_SECONDS = 1.0
GATHER_SECONDS = 0.02


class Projector:
    """Keeps the projections of one service at the head of its event store; see ``Following``."""

    def __init__(
        self, database: Database, store: EventStore, projections: Sequence[Projection]
    ) -> None:
        self.name = "projector"
        self._database = database
        self._projections = projections
        self._following = Following(store, PostgresGenerations(database), projections)

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
        for projection in self._projections:
            with self._database.engine.begin() as connection:
                registry.prepare(connection, projection)

    def catch_up(self) -> None:
        """Step until nothing moves."""
        while self.step():
            pass

    def step(self) -> bool:
        """See ``Following.step``."""
        return self._following.step()


class PostgresGenerations:
    """The registry and the tables in the service's own database; see ``following.Generations``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def followed(self, projections: Iterable[Projection]) -> list[Generation]:
        """See ``following.Generations.followed``."""
        with self._database.autocommit.connect() as connection:
            return registry.followed(connection, projections)

    def take(
        self, takers: Sequence[tuple[Projection, Generation]], batch: Sequence[Recorded]
    ) -> None:
        """See ``following.Generations.take``."""
        changes = [
            fold(delta for recorded in batch for delta in projection.deltas(recorded))
            for projection, _ in takers
        ]
        with self._database.engine.begin() as connection:
            for (projection, generation), folded in zip(takers, changes, strict=True):
                write(connection, folded, translate=projection.placed_in(generation.generation))
            registry.advance(connection, [each for _, each in takers], batch[-1].position)

    def fail(self, generation: Generation, at: Recorded | Unreadable, error: str) -> None:
        """See ``following.Generations.fail``."""
        with self._database.engine.begin() as connection:
            registry.fail(connection, generation, at, error)

    def switch(self, generation: Generation) -> bool:
        """See ``following.Generations.switch``."""
        with self._database.engine.begin() as connection:
            return registry.switch(connection, generation)


def _try_lock(session: "psycopg.Connection[Any]") -> bool:
    row = session.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
    return row is not None and bool(row[0])
