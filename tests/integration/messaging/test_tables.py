"""The tables as SQLAlchemy knows them are the tables that the migration makes."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from shared.messaging.tables import METADATA
from shared.postgres.database import Database

pytestmark = pytest.mark.postgres


def test_the_migration_makes_the_tables_we_know(database: Database) -> None:
    """Comparing what is there with what the code expects finds no difference."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _parents: (
                    kind != "schema" or name == "messaging"
                ),
                "compare_type": True,
            },
        )
        assert compare_metadata(context, METADATA) == []
