"""Generations: rebuilt beside the live one, switched by one row, kept to go back."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import text

from shared.eventstore.store import Recorded
from shared.projecting.projection import Add, Delta, Projection
from shared.projecting.projector import Projector
from shared.projecting.reading import ViewIsBehind
from shared.projecting.rebuild import (
    NothingToGoBackTo,
    RebuildFailed,
    digests,
    rebuild,
    switch_back,
)
from tests.integration.projecting.conftest import JAR, JARS, Deposited, House, Opened, deltas

pytestmark = pytest.mark.postgres


def in_dimes(recorded: Recorded) -> Iterable[Delta]:
    if isinstance(recorded.event, Deposited):
        return [Add(JAR, {"jar_id": recorded.stream.id}, {"cents": recorded.event.cents * 10})]
    return deltas(recorded)


JARS_2 = replace(JARS, version=2, deltas=in_dimes)


def statuses(house: House) -> list[tuple[int, int, str, bool]]:
    return [
        (each.generation, each.code_version, each.status, each.serving)
        for each in house.read_models.generations()
    ]


def caught_up(house: House, projection: Projection) -> Projector:
    projector = Projector(house.database, house.store, [projection])
    projector.prepare()
    projector.catch_up()
    return projector


@contextmanager
def running(projector: Projector) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=projector.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


class TestANewVersionOfTheCode:
    def test_it_is_built_beside_and_then_serves(self, house: House) -> None:
        """Newer code builds its own generation; readers with that code see it when it is ready."""
        house.record(uuid4(), Opened(label="rent"), Deposited(cents=5))
        caught_up(house, JARS)
        caught_up(house, JARS_2)
        assert statuses(house) == [(1, 1, "retired", False), (2, 2, "active", True)]
        assert house.jars(JARS_2) == {"rent": 50}

    def test_the_older_code_goes_on_reading(self, house: House) -> None:
        """A process that still runs the version before reads the generation that it knows."""
        house.record(uuid4(), Opened(label="rent"), Deposited(cents=5))
        caught_up(house, JARS)
        caught_up(house, JARS_2)
        assert house.jars(JARS) == {"rent": 5}

    def test_going_back_to_the_older_code(self, house: House) -> None:
        """Older code resumes the generation that was kept for it, and misses nothing."""
        jar = uuid4()
        house.record(jar, Opened(label="rent"), Deposited(cents=5))
        caught_up(house, JARS)
        caught_up(house, JARS_2)
        house.record(jar, Deposited(cents=1))
        caught_up(house, JARS)
        assert statuses(house) == [(1, 1, "active", True), (2, 2, "retired", False)]
        assert house.jars(JARS) == {"rent": 6}

    def test_the_newer_code_has_nothing_to_read_yet(self, house: House) -> None:
        """A reader never sees a generation that has not caught up: it is asked to come back."""
        caught_up(house, JARS)
        with pytest.raises(ViewIsBehind), house.read_models.reading(JARS_2):
            pass


class TestRebuilding:
    def test_the_rebuilt_generation_holds_the_same(self, house: House) -> None:
        """A rebuild from the first event gives the rows that living through them gave."""
        jar = uuid4()
        projector = caught_up(house, JARS)
        for number in range(20):
            house.record(jar, Opened(label=f"rent {number}"), Deposited(cents=number))
            projector.catch_up()
        assert rebuild(house.database, house.store, JARS) == 2
        assert statuses(house) == [(1, 1, "retired", False), (2, 1, "active", True)]
        with house.database.engine.connect() as connection:
            live, rebuilt = (digests(connection, JARS, generation) for generation in (1, 2))
        assert rebuilt == live
        assert rebuilt["jar"][0] == 1

    def test_reads_and_writes_go_on_meanwhile(self, house: House) -> None:
        """During rebuilds no read fails, none sees less than one before it, and nothing is lost."""
        jar = uuid4()
        house.record(jar, Opened(label="rent"), *[Deposited(cents=1)] * 1_500)
        done = threading.Event()
        failed: list[BaseException] = []
        seen: list[int] = []

        def read() -> None:
            try:
                while not done.is_set():
                    seen.append(house.jars()["rent"])
            except BaseException as error:  # noqa: BLE001  # told to the test below
                failed.append(error)

        def deposit() -> None:
            while not done.wait(0.005):
                house.record(jar, Deposited(cents=1))

        caught_up(house, JARS)
        with running(Projector(house.database, house.store, [JARS])):
            threads = [threading.Thread(target=target) for target in (read, deposit)]
            for thread in threads:
                thread.start()
            numbers = [rebuild(house.database, house.store, JARS) for _ in range(3)]
            done.set()
            for thread in threads:
                thread.join(10)
            with house.read_models.reading(JARS, min_position=house.store.head()):
                pass
        assert numbers == [2, 3, 4]
        assert failed == []
        assert seen == sorted(seen)
        assert house.jars()["rent"] == house.store.head() - 1

    def test_old_generations_are_dropped(self, house: House) -> None:
        """Rebuilding over and over leaves what serves and two to go back to, not a heap."""
        caught_up(house, JARS)
        for _ in range(4):
            rebuild(house.database, house.store, JARS)
        assert [generation for generation, *_ in statuses(house)] == [3, 4, 5]
        with house.database.engine.connect() as connection:
            schemas = connection.execute(
                text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'jars%' ORDER BY 1")
            ).scalars()
            assert list(schemas) == ["jars_3", "jars_4", "jars_5"]

    def test_a_rebuild_that_fails_leaves_what_served(
        self, house: House, stumbling: Callable[[int], Projection]
    ) -> None:
        """A generation that stops on an event never serves; the live one goes on."""
        house.record(uuid4(), Opened(label="rent"), Deposited(cents=5))
        projector = caught_up(house, JARS)
        with pytest.raises(RebuildFailed, match="ZeroDivisionError"):
            rebuild(house.database, house.store, stumbling(2))
        house.record(uuid4(), Opened(label="food"))
        projector.catch_up()
        assert house.jars() == {"rent": 5, "food": 0}
        assert [each[2] for each in statuses(house)] == ["active", "failed"]


class TestSwitchingBack:
    def test_the_kept_generation_catches_up_first(self, house: House) -> None:
        """Going back never takes readers back in time."""
        jar = uuid4()
        house.record(jar, Opened(label="rent"), Deposited(cents=5))
        projector = caught_up(house, JARS)
        rebuild(house.database, house.store, JARS)
        house.record(jar, Deposited(cents=5))
        projector.catch_up()
        assert switch_back(house.database, house.store, JARS) == 1
        assert statuses(house) == [(1, 1, "active", True), (2, 1, "retired", False)]
        assert house.jars() == {"rent": 10}

    def test_with_nothing_kept(self, house: House) -> None:
        """Without an earlier generation there is nothing to go back to, and it says so."""
        caught_up(house, JARS)
        with pytest.raises(NothingToGoBackTo):
            switch_back(house.database, house.store, JARS)


class TestReadingYourOwnWrites:
    def test_a_view_that_does_not_get_there(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A reader waits for a position only so long, and is told where the view is."""
        monkeypatch.setattr("shared.projecting.reading.PATIENCE_SECONDS", 0.05)
        caught_up(house, JARS)
        position = house.record(uuid4(), Opened(label="rent"))
        with (
            pytest.raises(ViewIsBehind, match="position 0, not yet at 1"),
            house.read_models.reading(JARS, min_position=position),
        ):
            pass

    def test_a_view_that_gets_there_meanwhile(self, house: House) -> None:
        """A reader that names its write sees it as soon as the projector has it."""
        projector = caught_up(house, JARS)
        position = house.record(uuid4(), Opened(label="rent"))
        later = threading.Timer(0.05, projector.catch_up)
        later.start()
        with house.read_models.reading(JARS, min_position=position) as connection:
            assert [row.label for row in connection.execute(JAR.select())] == ["rent"]
        later.join()
