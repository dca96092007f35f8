"""Impact's database has the tables that impact keeps beside its events."""

from collections.abc import Iterator

import pytest

from tests.support.postgres import Databases


@pytest.fixture
def migrated_database(databases: Databases) -> Iterator[str]:
    """The URL of a database of its own, with the service's tables, as the service's role."""
    url = databases.migrated("impact")
    yield url
    databases.drop(url)
