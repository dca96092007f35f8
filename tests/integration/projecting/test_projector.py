"""The projector on PostgreSQL: rows and checkpoint together, fail-stop, one at a time."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, update

from shared.eventstore.codec import EventType, EventTypes
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Recorded
from shared.kernel.clock import FixedClock
from shared.postgres.database import Database
from shared.projecting import registry
from shared.projecting.following import BATCH
from shared.projecting.projection import Delta, Extend, Projection
from shared.projecting.projector import PostgresGenerations, Projector
from shared.projecting.reading import ProjectionsFailed
from shared.projecting.rebuild import RebuildFailed, rebuild
from shared.projecting.registry import CheckpointMoved
from shared.projecting.tables import PROJECTION
from tests.integration.projecting.conftest import (
    JARS,
    TODAY,
    TOTALS,
    Deposited,
    House,
    Opened,
    deltas,
)

pytestmark = pytest.mark.postgres

NOW = datetime(2023, 4, 3, 13, tzinfo=UTC)

LINES_METADATA = MetaData()
LINE = Table(
    "line", LINES_METADATA, Column("position", BigInteger, primary_key=True), schema="lines"
)
LINES = Projection("lines", 1, LINES_METADATA, lambda each: [Extend(LINE, [(each.position,)])])
"""A table that only grows, which is filled another way."""


def ready(house: House, *projections: Projection) -> Projector:
    projector = Projector(house.database, house.store, projections)
    projector.prepare()
    projector.catch_up()
    return projector


def generations(database: Database) -> list[registry.Generation]:
    with database.engine.connect() as connection:
        return registry.generations(connection)


class TestFollowing:
    def test_an_empty_store_serves_at_once(self, house: House) -> None:
        """With nothing to catch up with, a new service can be read."""
        ready(house, JARS)
        assert house.jars() == {}

    def test_several_projections_of_one_store(self, house: House) -> None:
        """Each projection answers its own question from the same events."""
        projector = ready(house, JARS, TOTALS)
        house.record(uuid4(), Opened(label="rent"), Deposited(cents=5), Deposited(cents=7))
        house.record(uuid4(), Opened(label="food"), Deposited(cents=3))
        projector.catch_up()
        assert house.jars() == {"rent": 12, "food": 3}
        assert house.total() == 15

    def test_those_equally_far_are_written_together(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One transaction for all projections at the head; one that is behind has its own."""
        ready(house, JARS)
        house.record(uuid4(), Opened(label="rent"), Deposited(cents=5))
        projector = Projector(house.database, house.store, [JARS, TOTALS, LINES])
        projector.prepare()
        taken: list[list[str]] = []
        take = PostgresGenerations.take

        def noting(
            self: PostgresGenerations,
            takers: Sequence[tuple[Projection, registry.Generation]],
            batch: Sequence[Recorded],
        ) -> None:
            taken.append([projection.name for projection, _ in takers])
            take(self, takers, batch)

        monkeypatch.setattr(PostgresGenerations, "take", noting)
        projector.catch_up()
        house.record(uuid4(), Opened(label="food"), Deposited(cents=3))
        assert not projector.step()  # all there was

        assert taken == [["jars"], ["lines", "totals"], ["jars", "lines", "totals"]]
        assert house.jars() == {"rent": 5, "food": 3}
        assert house.total() == 8

    def test_more_than_one_batch(self, house: House) -> None:
        """A store longer than a batch is read to its end, each event once."""
        jar = uuid4()
        house.record(jar, Opened(label="rent"), *[Deposited(cents=1)] * (2 * BATCH))
        ready(house, JARS)
        assert house.jars() == {"rent": 2 * BATCH}

    def test_a_crash_before_the_commit(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        """Rows and checkpoint are one transaction: what died between them is not counted twice."""
        projector = ready(house, JARS)
        house.record(uuid4(), Opened(label="rent"), Deposited(cents=5))
        advance = registry.advance

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(registry, "advance", die)
        with pytest.raises(KeyboardInterrupt):
            projector.step()
        assert house.jars() == {}
        monkeypatch.setattr(registry, "advance", advance)
        Projector(house.database, house.store, [JARS]).catch_up()
        assert house.jars() == {"rent": 5}

    def test_a_second_projector_cannot_write_the_same_events(self, house: House) -> None:
        """When another one has moved the checkpoint, nothing is written and this one gives up."""
        projector = ready(house, JARS)
        house.record(uuid4(), Opened(label="rent"), Deposited(cents=5))

        def meanwhile(recorded: Recorded) -> Iterable[Delta]:
            with house.database.engine.begin() as connection:
                connection.execute(update(PROJECTION).values(position=recorded.position))
            return deltas(recorded)

        slow = Projector(house.database, house.store, [replace(JARS, deltas=meanwhile)])
        with pytest.raises(CheckpointMoved):
            slow.step()
        assert house.jars() == {}
        assert not projector.step()

    def test_the_loop_wakes_for_new_events(self, house: House) -> None:
        """A running projector takes what is appended, and a reader can wait for it."""
        stop = threading.Event()
        loop = Projector(house.database, house.store, [JARS])
        thread = threading.Thread(target=loop.run, args=(stop,))
        thread.start()
        try:
            for number in range(3):
                position = house.record(uuid4(), Opened(label=f"jar {number}"))
                with house.read_models.reading(JARS, min_position=position):
                    pass
            assert len(house.jars()) == 3
        finally:
            stop.set()
            thread.join(10)
        assert not thread.is_alive()

    def test_one_runs_per_service(self, house: House) -> None:
        """A second projector waits for the lock, and leaves without it when told to stop."""
        first = Projector(house.database, house.store, [JARS])
        second = Projector(house.database, house.store, [JARS])
        with first.only_one(threading.Event()) as held:
            assert held
            with second.only_one(threading.Event(), wait=False) as also:
                assert not also
        with second.only_one(threading.Event(), wait=False) as then:
            assert then


class TestFailing:
    def test_the_reason_is_kept_and_others_go_on(
        self, house: House, stumbling: Callable[[int], Projection]
    ) -> None:
        """An event that one projection cannot take stops that one, before the event."""
        projector = ready(house, stumbling(3), TOTALS)
        house.record(uuid4(), Opened(label="rent"), *[Deposited(cents=5)] * 3)
        projector.catch_up()
        assert house.total() == 15
        assert house.jars() == {"rent": 5}
        failure = next(each for each in generations(house.database) if each.status == "failed")
        assert (failure.name, failure.position, failure.failed_position) == ("jars", 2, 3)
        assert failure.failed_event_id == house.store.tail(2, 1)[0].event_id
        assert failure.error is not None
        assert "no coins of this kind" in failure.error
        assert "Traceback" in failure.error

    def test_readiness_turns_red(
        self, house: House, stumbling: Callable[[int], Projection]
    ) -> None:
        """A process is not ready while a projection is stopped, and says at which event."""
        projector = ready(house, stumbling(2))
        house.read_models.check()
        house.record(uuid4(), Opened(label="rent"), Deposited(cents=5))
        projector.catch_up()
        with pytest.raises(ProjectionsFailed, match="jars generation 1 at event 2"):
            house.read_models.check()
        assert house.read_models.positions() == {
            "jars": {"position": 1, "status": "failed", "generation": 1}
        }

    def test_a_delta_that_the_database_refuses(self, house: House) -> None:
        """A row that the tables do not take fails like any other defect, at its event."""
        projector = ready(house, JARS)
        house.record(uuid4(), Opened(label="rent"), Deposited(cents=5))
        house.record(uuid4(), Deposited(cents=5))
        house.record(uuid4(), Opened(label="food"))
        projector.catch_up()
        (failed,) = generations(house.database)
        assert (failed.status, failed.position, failed.failed_position) == ("failed", 2, 3)
        assert house.jars() == {"rent": 5}

    def test_trouble_with_the_database_is_no_fault_of_the_event(self, house: House) -> None:
        """A database that fails stops the process, however rows go in, and no projection."""
        ready(house, LINES)
        house.record(uuid4(), Opened(label="rent"), Deposited(cents=5))
        impatient = Database(
            house.database.url.update_query_dict({"options": "-c lock_timeout=50ms"})
            .render_as_string(hide_password=False)
        )  # fmt: skip
        projector = Projector(impatient, house.store, [LINES])
        with house.database.engine.begin() as other:
            other.exec_driver_sql("LOCK TABLE lines_1.line")
            with pytest.raises(psycopg.OperationalError):
                projector.step()
        (standing,) = generations(house.database)
        assert (standing.status, standing.position) == ("active", 0)
        projector.catch_up()
        (moved,) = generations(house.database)
        assert (moved.status, moved.position) == ("active", 2)
        impatient.close()

    def test_it_stays_stopped_until_the_process_starts_again(
        self, house: House, stumbling: Callable[[int], Projection]
    ) -> None:
        """A failed projection skips nothing; repaired code takes up where it stopped."""
        projector = ready(house, stumbling(2))
        house.record(uuid4(), Opened(label="rent"), *[Deposited(cents=5)] * 3)
        projector.catch_up()
        assert not projector.step()
        assert house.jars() == {"rent": 0}
        ready(house, JARS)
        assert house.jars() == {"rent": 15}
        assert [each.status for each in generations(house.database)] == ["active"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    effective_on: date = TODAY


class TestWhatNewerCodeWrote:
    """The code went back after newer code wrote something that it does not know."""

    @staticmethod
    def newer(house: House) -> House:
        """The house as newer code sees it."""
        types = EventTypes(
            EventType("jar.opened", Opened),
            EventType("jar.deposited", Deposited, 2, {1: lambda value: value}),
            EventType("jar.sealed", Sealed),
        )
        store = PostgresEventStore(house.database.engine, types, FixedClock(NOW))
        return replace(house, store=store)

    @pytest.mark.parametrize(("event", "then"), [(Sealed(), 5), (Deposited(cents=5), 10)])
    def test_every_projection_stops_before_it(self, house: House, event: Any, then: int) -> None:
        """An event of an unknown type, or version, fails each at its position; all are readable."""
        projector = ready(house, JARS, TOTALS)
        jar = uuid4()
        house.record(jar, Opened(label="rent"), Deposited(cents=5))
        newer = self.newer(house)
        newer.record(jar, event)
        newer.record(uuid4(), Opened(label="food"))
        projector.catch_up()
        assert not projector.step()
        assert (house.jars(), house.total()) == ({"rent": 5}, 5)
        for each in generations(house.database):
            assert (each.status, each.position, each.failed_position) == ("failed", 2, 3)
            assert each.failed_event_id == newer.store.tail(2, 1)[0].event_id
            assert "cannot be read by this code: jar." in (each.error or "")
        with pytest.raises(ProjectionsFailed, match="jars generation 1 at event 3"):
            house.read_models.check()

        ready(newer, JARS, TOTALS)
        assert newer.jars() == {"rent": then, "food": 0}
        assert {each.status for each in generations(house.database)} == {"active"}

    def test_what_is_built_does_not_serve_half(self, house: House) -> None:
        """A generation that cannot be built to the head does not take over, and says why."""
        house.record(uuid4(), Opened(label="rent"))
        self.newer(house).record(uuid4(), Sealed())
        ready(house, TOTALS)
        (failed,) = generations(house.database)
        assert (failed.status, failed.serving, failed.position) == ("failed", False, 1)
        with pytest.raises(RebuildFailed, match=r"position 2: .*jar\.sealed version 1"):
            rebuild(house.database, house.store, TOTALS)
