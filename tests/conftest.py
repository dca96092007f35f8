"""Fixtures that more than one kind of test needs."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import settings

from shared.kernel.clock import FixedClock
from shared.postgres.database import Database
from tests.support.kafka import kafka_bootstrap  # noqa: F401  # a fixture
from tests.support.postgres import Databases, running_server

# Those that run side by side are told of a terminal of 80 columns, which a console remembers.
for told in ("COLUMNS", "LINES"):
    os.environ.pop(told, None)
# Time is measured by benchmarks; a busy machine must not fail a property.
settings.register_profile("jalon", deadline=None)
settings.load_profile("jalon")


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Databases on a real PostgreSQL server that lives as long as the session."""
    with running_server() as server:
        databases = Databases(server)
        yield databases
        databases.drop_templates()


@pytest.fixture
def migrated_database(databases: Databases) -> Iterator[str]:
    """The URL of a database of its own, with the shared durable tables, as a service's role."""
    url = databases.migrated()
    yield url
    databases.drop(url)


@pytest.fixture
def empty_database(databases: Databases) -> Iterator[str]:
    """The URL of an empty database of its own, as administrator."""
    url = databases.empty()
    yield url
    databases.drop(url)


@pytest.fixture
def database(migrated_database: str) -> Iterator[Database]:
    """A migrated database, connected as the service's role."""
    database = Database(migrated_database)
    yield database
    database.close()


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at nine in the morning, Toronto time, on 3 April 2023."""
    return FixedClock(datetime(2023, 4, 3, 13, 0, tzinfo=UTC))
