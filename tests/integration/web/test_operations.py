from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.eventstore.postgres import PostgresEventStore
from shared.kernel.clock import SystemClock
from shared.postgres.clock import SimulatedClock
from shared.postgres.database import Database
from tests.support.toy import EVENT_TYPES, Toy, running_toy

pytestmark = pytest.mark.postgres


@pytest.fixture
def simulated(database: Database, tmp_path: Path) -> Iterator[Toy]:
    """The toy under a simulated clock, on PostgreSQL."""
    clock = SimulatedClock(database.engine)
    store = PostgresEventStore(database.engine, EVENT_TYPES, clock)
    with running_toy(store, clock, tmp_path / "keys", database=database) as toy:
        yield toy


def move(toy: Toy, instant: str, role: str = "operator") -> tuple[int, str]:
    """The status and code of putting the clock at an instant."""
    response = toy.client.put("/clock", json={"instant": instant}, headers=toy.headers(role))
    return response.status_code, response.json().get("code", response.json().get("instant"))


def test_the_simulated_clock_goes_forward_only(simulated: Toy) -> None:
    """Time moves on when an operator says so, and never back; everything then happens there."""
    assert move(simulated, "2100-04-03T09:00:00-04:00") == (200, "2100-04-03T13:00:00Z")
    assert move(simulated, "2100-04-03T13:00:00Z") == (200, "2100-04-03T13:00:00Z")
    assert move(simulated, "2100-04-02T13:00:00Z") == (409, "clock-would-go-back")
    assert simulated.client.get("/clock").json() == {"instant": "2100-04-03T13:00:00Z"}
    jar = simulated.open_jar()
    body = {"amount": {"cents": 1}}
    simulated.client.put(f"{jar}/money", json=body, headers=simulated.headers())
    counter = simulated.client.app.state.counter  # type: ignore[attr-defined]
    recorded = counter.store.tail(0, 2)
    assert {each.recorded_at for each in recorded} == {datetime(2100, 4, 3, 13, tzinfo=UTC)}
    assert {str(each.event.effective_on) for each in recorded} == {"2100-04-03"}


@pytest.mark.parametrize("role", ["applicant", "auditor", "payer"])
def test_only_operators_move_the_clock(simulated: Toy, role: str) -> None:
    """Nobody else moves time, not even who may read everything."""
    assert move(simulated, "2100-04-03T09:00:00Z", role) == (403, "role-missing")


@pytest.mark.parametrize(
    "instant", ["2100-04-03T09:00:00", "9999-12-31T23:59:59-12:00", "x", "0001-01-01T00:00:00Z"]
)
def test_an_instant_is_one_of_this_calendar(simulated: Toy, instant: str) -> None:
    """The clock is put at an instant with its zone, in times that we can reckon with."""
    assert move(simulated, instant) == (422, "request-invalid")


def test_tokens_do_not_live_in_simulated_time(simulated: Toy) -> None:
    """A token that is good today is good whatever the simulated year."""
    move(simulated, "2100-04-03T09:00:00Z")
    assert simulated.client.get("/v1/jars", headers=simulated.headers()).status_code == 200


def test_a_migrated_database_is_ready(simulated: Toy) -> None:
    """The database answers and is at the newest revision."""
    ready = simulated.client.get("/ready")
    assert ready.status_code == 200
    assert ready.json()["checks"] == {"database": "ok", "migrations": "ok"}


def test_a_database_without_tables_is_not_ready(empty_database: str, tmp_path: Path) -> None:
    """Code and database that do not fit are not ready, and say which check fails."""
    database = Database(empty_database)
    store = PostgresEventStore(database.engine, EVENT_TYPES, SystemClock())
    with running_toy(store, SystemClock(), tmp_path / "keys", database=database) as toy:
        ready = toy.client.get("/ready")
    database.close()
    assert ready.status_code == 503
    assert ready.json()["checks"] == {"database": "ok", "migrations": "failed"}


def test_a_database_that_does_not_answer(tmp_path: Path) -> None:
    """The client is told to ask again with the same key: nothing was decided."""
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1")
    store = PostgresEventStore(database.engine, EVENT_TYPES, SystemClock())
    with running_toy(store, SystemClock(), tmp_path / "keys", database=database) as toy:
        body = {"organisation_id": str(toy.organisation_id), "limit": {"cents": 1}}
        response = toy.client.post("/v1/jars", json=body, headers=toy.headers())
        ready = toy.client.get("/ready")
        health = toy.client.get("/health")
    database.close()
    assert (response.status_code, response.json()["code"]) == (503, "dependency-down")
    assert response.headers["Retry-After"] == "1"
    assert ready.status_code == 503
    assert health.status_code == 200
