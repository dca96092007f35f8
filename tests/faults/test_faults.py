"""Real processes on PostgreSQL and Apache Kafka: nothing is lost, doubled or overtaken."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.kafka import KafkaUnavailable
from tests.faults.disk import DONE, LATER, Callers, CannotMount, a_small_disk
from tests.faults.mutants import MUTANTS
from tests.faults.servers import Broker, Server, a_broker, a_server
from tests.faults.storm import HELD_UP_AT, SHORT, hunt, storm
from tests.integration.messaging.town import until
from tests.simulation import mutants as simulated
from tests.support.postgres import Databases

SEED = int(os.environ.get("JALON_FAULT_SEED", "20240401"))


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """A broker of our own: it is killed."""
    try:
        with a_broker() as broker:
            yield broker
    except KafkaUnavailable as unavailable:
        if os.environ.get("JALON_REQUIRE_KAFKA") == "1":
            raise
        pytest.skip(f"no Kafka: {unavailable}")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of our own: it waits for the disk, and is stopped."""
    with a_server() as server:
        yield server


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.postgres
def test_a_short_storm(broker: Broker, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """Kills, failpoints, zombies, broker and server gone: each event has one effect, in order."""
    report = storm(broker, server, SHORT, SEED, lambda _: None)
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(report.lines()) + f" · seed {SEED}\n")
    assert report.outcome.committed > 100
    assert report.outcome.rang > 10
    assert report.kills.total() >= SHORT.kills
    assert report.kills["inside switch"] >= 1
    assert all(report.other[f"{role} held up for 2 s"] == 1 for role in HELD_UP_AT)
    assert report.well


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("mutant", ["inbox after effect", "checkpoint in its own transaction"])
def test_wrong_code_is_caught(broker: Broker, server: Server, mutant: str) -> None:
    """What the storm finds nothing wrong with is right because it would find what is wrong."""
    assert hunt(broker, server, mutant, SEED).found


def test_the_mutants_are_those_of_the_simulation() -> None:
    """Both ways of looking are held against the same six ways to be wrong."""
    assert MUTANTS.keys() == simulated.MUTANTS.keys()


@pytest.mark.slow
@pytest.mark.postgres
def test_a_full_disk_over_http(tmp_path: Path) -> None:
    """A command that cannot be stored is repeated under its key, and then carried out once."""
    try:
        with a_small_disk() as (disk, server):
            callers = Callers(Databases(server.url).migrated(), tmp_path / "keys")
            callers.ask()
            assert callers.answers == {DONE: 1}
            disk.fill()
            for _ in range(20):
                callers.ask()
            disk.free()
            until(lambda: server.tend() and set(callers.repeat()) == {DONE})
            asked, recorded = callers.recorded()
            callers.close()
    except CannotMount as reason:
        pytest.skip(f"no disk to fill: {reason}")
    assert callers.answers.keys() == {DONE, LATER}
    assert asked == recorded == 21
