from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated
from uuid import UUID

import pytest
from fastapi import APIRouter, Depends
from sqlalchemy import Column, MetaData, Table, Uuid, select

from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Recorded
from shared.kernel.clock import FixedClock
from shared.postgres.database import Database
from shared.projecting import reading
from shared.projecting.projection import Delta, Projection, Put
from shared.projecting.projector import Projector
from shared.projecting.reading import ReadModels
from shared.web.desk import Reader, at_counter
from shared.web.paging import AskedPage, Page
from tests.support.toy import EVENT_TYPES, JarOpened, Toy, running_toy

pytestmark = pytest.mark.postgres

METADATA = MetaData()
JAR = Table("jar", METADATA, Column("jar_id", Uuid, primary_key=True), schema="jars")


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """A row per jar."""
    if isinstance(recorded.event, JarOpened):
        yield Put(JAR, {"jar_id": recorded.stream.id}, {})


JARS = Projection("jars", 1, METADATA, deltas)
router = APIRouter()


@router.get("/v1/all-jars")
def all_jars(
    reader: Annotated[Reader, Depends(at_counter("applicant"))], paging: AskedPage
) -> Page[UUID]:
    """Every jar, in pages."""
    after = paging.after(UUID)
    query = select(JAR.c.jar_id).order_by(JAR.c.jar_id).limit(paging.fetch)
    if after is not None:
        query = query.where(JAR.c.jar_id > after[0])
    with reader.view(JARS) as connection:
        rows = connection.execute(query).all()
    return paging.page(rows, key=lambda row: (row.jar_id,), item=lambda row: row.jar_id)


@pytest.fixture(autouse=True)
def projector(database: Database, clock: FixedClock) -> Projector:
    """What fills the view, when it is told to."""
    store = PostgresEventStore(database.engine, EVENT_TYPES, clock)
    projector = Projector(database, store, [JARS])
    projector.prepare()
    projector.catch_up()
    return projector


@pytest.fixture
def toy(database: Database, clock: FixedClock, tmp_path: Path) -> Iterator[Toy]:
    """The toy with a view of its jars."""
    store = PostgresEventStore(database.engine, EVENT_TYPES, clock)
    read_models = ReadModels(database.engine)
    with running_toy(
        store, clock, tmp_path / "keys", read_models=read_models, routers=[router]
    ) as toy:
        yield toy


def test_a_reader_with_a_position_sees_what_was_written(toy: Toy, projector: Projector) -> None:
    """Who passes the position of a command's answer reads what the command did."""
    jars = sorted(toy.open_jar().removeprefix("/v1/jars/") for _ in range(3))
    projector.catch_up()
    headers = toy.headers() | {"X-Jalon-Min-Position": "3"}
    first = toy.client.get("/v1/all-jars?limit=2", headers=headers).json()
    rest = toy.client.get(f"/v1/all-jars?cursor={first['next']}", headers=headers).json()
    assert first["items"] + rest["items"] == jars


def test_a_view_that_is_behind(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A view that does not get there in time says so, and when to ask again."""
    monkeypatch.setattr(reading, "PATIENCE_SECONDS", 0.01)
    toy.open_jar()
    headers = toy.headers() | {"X-Jalon-Min-Position": "1"}
    behind = toy.client.get("/v1/all-jars", headers=headers)
    assert (behind.status_code, behind.json()["code"]) == (503, "view-is-behind")
    assert behind.headers["Retry-After"] == "1"
    assert toy.client.get("/v1/all-jars", headers=toy.headers()).json()["items"] == []
