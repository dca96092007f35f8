"""Rebuild a projection beside the live one, go back, and compare what two generations hold."""

import threading
import time

from sqlalchemy import Connection, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from shared.eventstore.store import EventStore
from shared.kernel.refusals import RuleBroken
from shared.postgres.database import Database
from shared.projecting import registry
from shared.projecting.projection import Projection
from shared.projecting.projector import Projector
from shared.projecting.registry import Generation

_PAUSE_SECONDS = 0.1


class NothingToGoBackTo(RuleBroken):
    """No earlier generation of this projection is kept."""

    en = "No earlier generation of {projection} is kept."
    fr = "Aucune génération antérieure de {projection} n’est conservée."


class RebuildFailed(RuleBroken):
    """The new generation stopped on an event; what served goes on serving."""

    en = "Generation {generation} of {projection} stopped at position {position}: {error}"
    fr = (
        "La génération {generation} de {projection} s’est arrêtée à la position {position} :"
        " {error}"
    )


def rebuild(database: Database, store: EventStore, projection: Projection) -> int:
    """
    Build the next generation from the first event and let it serve; its number.

    Readers go on reading what served until then. Where the service's projector runs, it does the
    work; otherwise this process does. Raises ``RebuildFailed``.
    """
    with database.engine.begin() as connection:
        number = registry.begin(connection, projection)
    _until_it_serves(database, store, projection, number)
    return number


def switch_back(database: Database, store: EventStore, projection: Projection) -> int:
    """
    Let the generation that was retired last catch up and serve again; its number.

    Raises ``NothingToGoBackTo``, ``RebuildFailed``.
    """
    with database.engine.begin() as connection:
        retired = [
            each
            for each in registry.generations(connection, projection.name)
            if each.status == "retired" and each.code_version == projection.version
        ]
        if not retired:
            raise NothingToGoBackTo(projection=projection.name)
        registry.resume(connection, retired[-1])
    number = retired[-1].generation
    _until_it_serves(database, store, projection, number)
    return number


def digests(
    connection: Connection, projection: Projection, generation: int
) -> dict[str, tuple[int, str]]:
    """Per table of a generation: how many rows, and a digest of all of them in any order."""
    result = {}
    for table in projection.tables:
        line = cast(func.row(*table.columns), Text)
        rows, digest = connection.execute(
            select(
                func.count(),
                func.md5(func.string_agg(line, aggregate_order_by(literal("\n"), line))),
            ),
            execution_options={"schema_translate_map": projection.placed_in(generation)},
        ).one()
        result[table.name] = (int(rows), str(digest))
    return result


def _until_it_serves(
    database: Database, store: EventStore, projection: Projection, number: int
) -> None:
    projector = Projector(database, store, [projection])
    with projector.only_one(threading.Event(), wait=False) as ours:
        while not _state(database, projection, number).serving:
            if ours:
                projector.catch_up()
            else:
                time.sleep(_PAUSE_SECONDS)


def _state(database: Database, projection: Projection, number: int) -> Generation:
    with database.autocommit.connect() as connection:
        state = next(
            each
            for each in registry.generations(connection, projection.name)
            if each.generation == number
        )
    if state.status == "failed":
        raise RebuildFailed(
            projection=projection.name,
            generation=number,
            position=state.failed_position,
            error=(state.error or "").strip().splitlines()[-1],
        )
    return state
