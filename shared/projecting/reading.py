"""Reading: queries find the generation that serves, and can wait for their own writes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, and_, select

from shared.kernel.refusals import Refusal
from shared.projecting import registry
from shared.projecting.projection import Projection
from shared.projecting.registry import Generation
from shared.projecting.tables import PROJECTION, SERVING

PATIENCE_SECONDS = 2.0
_FIRST_PAUSE_SECONDS = 0.002
_LONGEST_PAUSE_SECONDS = 0.05


class ViewIsBehind(Refusal):
    """The view has not got as far as you asked for; ask again in a moment."""

    en = "The view {view} is at position {position}, not yet at {min_position}. Ask again shortly."
    fr = (
        "La vue {view} est à la position {position}, pas encore à {min_position}."
        " Redemandez dans un instant."
    )
    retry_after_seconds = 1


class ProjectionsFailed(Exception):
    """Some projections stopped on an event; the registry says which and why."""

    says_no_data = True


class ReadModels:
    """The read models of one service, for queries."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    @contextmanager
    def reading(
        self, projection: Projection, min_position: int | None = None
    ) -> Iterator[Connection]:
        """
        A connection on which the projection's tables are those of the generation that serves.

        All queries inside see one moment. With ``min_position`` it waits until the view has got
        there, up to ``PATIENCE_SECONDS``. Raises ``ViewIsBehind``, also when no generation of the
        code's version has caught up for the first time.
        """
        wanted = min_position or 0
        deadline = time.monotonic() + PATIENCE_SECONDS
        pause = _FIRST_PAUSE_SECONDS
        while True:
            with self._engine.connect() as connection:
                found = _serving(connection, projection)
                if found is not None and found[1] >= wanted:
                    connection.execution_options(
                        schema_translate_map=projection.placed_in(found[0])
                    )
                    yield connection
                    return
            if time.monotonic() + pause > deadline:
                raise ViewIsBehind(
                    view=projection.name, position=found[1] if found else 0, min_position=wanted
                )
            # Polled: a listening connection per request would cost more than these few lookups.
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def generations(self) -> list[Generation]:
        """All generations of all projections."""
        with self._engine.connect() as connection:
            return registry.generations(connection)

    def check(self) -> None:
        """For readiness. Raises ``ProjectionsFailed``."""
        failed = [
            f"{each.name} generation {each.generation} at event {each.failed_position}"
            for each in self.generations()
            if each.status == "failed"
        ]
        if failed:
            raise ProjectionsFailed(", ".join(failed))

    def positions(self) -> dict[str, Any]:
        """For ``/positions``: per projection, how far what serves is, and whether it goes on."""
        return {
            each.name: {
                "position": each.position,
                "status": each.status,
                "generation": each.generation,
            }
            for each in self.generations()
            if each.serving
        }


def _serving(connection: Connection, projection: Projection) -> tuple[int, int] | None:
    """
    The generation to read and its position.

    While a new version takes over, code of the version before goes on reading what it knows:
    a retired generation stands still but stays readable.
    """
    serves = and_(
        SERVING.c.name == PROJECTION.c.name, SERVING.c.generation == PROJECTION.c.generation
    )
    row = connection.execute(
        select(PROJECTION.c.generation, PROJECTION.c.position)
        .outerjoin_from(PROJECTION, SERVING, serves)
        .where(
            PROJECTION.c.name == projection.name,
            PROJECTION.c.code_version == projection.version,
            SERVING.c.name.is_not(None) | PROJECTION.c.status.in_(["active", "retired"]),
        )
        .order_by(SERVING.c.name.is_(None), PROJECTION.c.generation.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.generation, row.position)
