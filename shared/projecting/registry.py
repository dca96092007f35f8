"""
The registry: which generations of which projections exist, how far each is, and which one serves.

A generation is *building* until it has caught up, then *active* (it serves), then *retired* (kept
to go back to). One that met an event it could not take is *failed*: it stays where it was, with
the reason, until the process starts again. Every function works in the caller's transaction.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.schema import CreateSchema, DropSchema

from shared.eventstore.store import Recorded, Unreadable
from shared.projecting.projection import Projection, schema_of
from shared.projecting.tables import PROJECTION, SERVING

log = logging.getLogger(__name__)

CHANNEL = "jalon_projection"
"""Notified with ``name:position`` when a projection has moved."""


_GENERATIONS = (
    select(
        *(column for column in PROJECTION.columns if column.name != "updated_at"),
        SERVING.c.name.is_not(None).label("serving"),
    )
    .outerjoin_from(
        PROJECTION,
        SERVING,
        and_(SERVING.c.name == PROJECTION.c.name, SERVING.c.generation == PROJECTION.c.generation),
    )
    .order_by(PROJECTION.c.name, PROJECTION.c.generation)
)
_ADVANCE = text("""
WITH moved AS (
    UPDATE projecting.projection AS known SET position = :position, updated_at = now()
    FROM unnest(CAST(:names AS text[]), CAST(:numbers AS integer[]), CAST(:positions AS bigint[]))
        AS taker (name, generation, position)
    WHERE (known.name, known.generation, known.position)
        = (taker.name, taker.generation, taker.position)
    RETURNING known.name
), asynchronous AS (SELECT set_config('synchronous_commit', 'off', true))
SELECT count(pg_notify(:channel, moved.name || ':' || :position)) FROM moved, asynchronous
""")


class CheckpointMoved(Exception):  # someone else works here: start again
    """Another projector moved this generation: nothing is written twice, this one gives up."""

    says_no_data = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One generation of a projection, as registered."""

    name: str
    generation: int
    code_version: int
    status: str
    position: int
    serving: bool
    error: str | None
    failed_position: int | None
    failed_event_id: UUID | None


def generations(connection: Connection, *names: str) -> list[Generation]:
    """All generations (of the named projections, if any are named), oldest first."""
    known = [Generation(**row) for row in connection.execute(_GENERATIONS).mappings()]
    return [each for each in known if not names or each.name in names]


def prepare(connection: Connection, projection: Projection) -> None:
    """
    Make sure that a generation of the code's version serves, or is on its way.

    A failed one gets another try. When the code has another version than what serves, a retired
    generation of that version is resumed (the code went back), else a new one is begun.
    """
    known = generations(connection, projection.name)
    ours = [each for each in known if each.code_version == projection.version]
    for each in ours:
        if each.status == "failed":
            _set_status(connection, each, "active" if each.serving else "building")
    if any(each.serving or each.status != "retired" for each in ours):
        return
    if ours:
        _set_status(connection, ours[-1], "building")
    else:
        begin(connection, projection)


def begin(connection: Connection, projection: Projection) -> int:
    """
    Begin the next generation, from the first event; its number.

    What serves and the newest retired generation are kept; all older ones are dropped.
    """
    known = generations(connection, projection.name)
    retired = [each for each in known if each.status == "retired" and not each.serving]
    for each in known:
        if not each.serving and each not in retired[-1:]:
            _drop(connection, each)
    number = max((each.generation for each in known), default=0) + 1
    connection.execute(
        PROJECTION.insert().values(
            name=projection.name,
            generation=number,
            code_version=projection.version,
            status="building",
        )
    )
    connection.execute(CreateSchema(schema_of(projection.name, number)))
    translated = connection.execution_options(schema_translate_map=projection.placed_in(number))
    projection.metadata.create_all(translated, tables=projection.tables, checkfirst=False)
    connection.execution_options(schema_translate_map={})
    log.info(
        "projection generation begun",
        extra={"projection": projection.name, "generation": number},
    )
    return number


def followed(connection: Connection, projections: Iterable[Projection]) -> list[Generation]:
    """The generations that take events with this code, those that serve first."""
    versions = {projection.name: projection.version for projection in projections}
    following = [
        each
        for each in generations(connection, *versions)
        if each.status in {"building", "active"} and each.code_version == versions[each.name]
    ]
    return sorted(following, key=lambda each: not each.serving)


def advance(connection: Connection, generations: Sequence[Generation], position: int) -> None:
    """
    Move the checkpoints, in the transaction of the rows, and tell who waits for them.

    That transaction does not wait for the disk: what a failing machine forgets of it is folded
    again, rows and checkpoint alike. Raises ``CheckpointMoved``.
    """
    moved = connection.execute(
        _ADVANCE,
        {
            "names": [each.name for each in generations],
            "numbers": [each.generation for each in generations],
            "positions": [each.position for each in generations],
            "position": position,
            "channel": CHANNEL,
        },
    ).scalar_one()
    if moved != len(generations):
        names = ", ".join(f"{each.name} generation {each.generation}" for each in generations)
        raise CheckpointMoved(names)


def fail(
    connection: Connection, generation: Generation, at: Recorded | Unreadable, error: str
) -> None:
    """Stop a generation before the event it could not take, and keep why."""
    connection.execute(
        update(PROJECTION)
        .where(_is(generation))
        .values(
            status="failed",
            error=error,
            failed_position=at.position,
            failed_event_id=at.event_id,
            updated_at=func.now(),
        )
    )


def switch(connection: Connection, generation: Generation) -> bool:
    """
    Let a generation serve, unless that would take readers back in time; whether it serves now.

    The one that served is retired.
    """
    current = next((g for g in generations(connection, generation.name) if g.serving), None)
    position = connection.execute(
        select(PROJECTION.c.position).where(_is(generation)).with_for_update()
    ).scalar_one()
    if current is not None and current.position > position:
        return False
    serve = insert(SERVING).values(name=generation.name, generation=generation.generation)
    connection.execute(
        serve.on_conflict_do_update(
            index_elements=["name"], set_={"generation": serve.excluded.generation}
        )
    )
    _set_status(connection, generation, "active")
    if current is not None and current.generation != generation.generation:
        _set_status(connection, current, "retired")
    log.info(
        "projection generation serves",
        extra={"projection": generation.name, "generation": generation.generation},
    )
    return True


def resume(connection: Connection, generation: Generation) -> None:
    """Let a retired generation take events again, so that it can serve once it has caught up."""
    _set_status(connection, generation, "building")


def _set_status(connection: Connection, generation: Generation, status: str) -> None:
    connection.execute(
        update(PROJECTION)
        .where(_is(generation))
        .values(
            status=status,
            error=None,
            failed_position=None,
            failed_event_id=None,
            updated_at=func.now(),
        )
    )


def _drop(connection: Connection, generation: Generation) -> None:
    schema = schema_of(generation.name, generation.generation)
    connection.execute(DropSchema(schema, cascade=True, if_exists=True))
    connection.execute(delete(PROJECTION).where(_is(generation)))


def _is(generation: Generation) -> ColumnElement[bool]:
    return and_(
        PROJECTION.c.name == generation.name, PROJECTION.c.generation == generation.generation
    )
