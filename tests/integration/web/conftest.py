from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import EventStore
from shared.kernel.clock import FixedClock
from tests.support.toy import EVENT_TYPES, Toy, running_toy


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, clock: FixedClock) -> EventStore:
    """An empty store, in memory and in PostgreSQL."""
    if request.param == "memory":
        return MemoryEventStore(EVENT_TYPES, clock)
    return PostgresEventStore(request.getfixturevalue("database").engine, EVENT_TYPES, clock)


@pytest.fixture
def toy(store: EventStore, clock: FixedClock, tmp_path: Path) -> Iterator[Toy]:
    """The toy service on that store."""
    with running_toy(store, clock, tmp_path / "issuer") as toy:
        yield toy
