"""What the migrations make is what the code expects, table by table."""

from importlib import import_module

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine

from shared.postgres.migrate import at_newest, migrate
from tests.support.postgres import ROLE, Databases

ROOMS = ("eventstore", "messaging", "projecting", "timers")


@pytest.mark.postgres
class TestMigrations:
    def test_they_match_the_tables(self, databases: Databases, migrated_database: str) -> None:
        """No table, column or constraint is in one and not in the other."""
        tables: list[MetaData] = [import_module(f"shared.{room}.tables").METADATA for room in ROOMS]
        engine = create_engine(databases.as_administrator(migrated_database))
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={
                    "include_schemas": True,
                    "compare_type": True,
                    "compare_server_default": True,
                    "include_name": lambda name, kind, _: kind != "schema" or name in ROOMS,
                },
            )
            differences = compare_metadata(context, tables)
        engine.dispose()

        assert differences == []

    @pytest.mark.usefixtures("databases")
    def test_they_can_run_again(self, empty_database: str) -> None:
        """A database that is at the newest revision stays as it is."""
        engine = create_engine(empty_database)
        with engine.connect() as connection:
            assert not at_newest(connection)

        migrate(empty_database, role=ROLE)
        migrate(empty_database, role=ROLE)

        with engine.connect() as connection:
            assert at_newest(connection)
        engine.dispose()
