"""The service on a database of its own."""

import pytest

from shared.kernel.clock import FixedClock
from shared.postgres.database import Database
from tests.integration.selection.house import House


@pytest.fixture
def house(database: Database, clock: FixedClock) -> House:
    """The service on a fresh database, on 3 April 2023."""
    return House(database, clock)
