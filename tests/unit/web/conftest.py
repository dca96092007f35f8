from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.eventstore.memory import MemoryEventStore
from shared.kernel.clock import FixedClock
from tests.support.toy import EVENT_TYPES, Toy, running_toy


@pytest.fixture
def store(clock: FixedClock) -> MemoryEventStore:
    """An empty store in memory."""
    return MemoryEventStore(EVENT_TYPES, clock)


@pytest.fixture
def toy(store: MemoryEventStore, clock: FixedClock, tmp_path: Path) -> Iterator[Toy]:
    """The toy service on a store in memory."""
    with running_toy(store, clock, tmp_path / "issuer") as toy:
        yield toy
