"""What the migrations make is what the code expects, table by table."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, text
from typer.testing import CliRunner

from deploy.services import PORTS
from services.command_line import app
from shared.postgres.migrate import age_of, at_newest, migrate, own_versions
from tests.support.postgres import ROLE, Databases

ROOMS = ("eventstore", "messaging", "projecting", "timers")
WITH_TABLES = [service for service in PORTS if own_versions(service) is not None]
"""Services that keep more than events."""


@pytest.mark.postgres
class TestMigrations:
    @pytest.mark.parametrize("service", PORTS)
    def test_they_match_the_tables(self, databases: Databases, service: str) -> None:
        """No table, column or constraint is in one and not in the other."""
        tables: list[MetaData] = [import_module(f"shared.{room}.tables").METADATA for room in ROOMS]
        schemas = set(ROOMS)
        if service in WITH_TABLES:
            tables.append(import_module(f"services.{service}.gateways.tables").METADATA)
            schemas.add(service)
        url = databases.migrated(service)
        engine = create_engine(databases.as_administrator(url))
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={
                    "include_schemas": True,
                    "compare_type": True,
                    "compare_server_default": True,
                    "include_name": lambda name, kind, _: kind != "schema" or name in schemas,
                },
            )
            differences = compare_metadata(context, tables)
        engine.dispose()
        databases.drop(url)

        assert differences == []

    @pytest.mark.usefixtures("databases")
    @pytest.mark.parametrize("service", PORTS)
    def test_they_can_run_again(self, empty_database: str, service: str) -> None:
        """A database that is at the newest revision stays as it is."""
        engine = create_engine(empty_database)
        with engine.connect() as connection:
            assert not at_newest(connection, service)

        migrate(empty_database, service=service, role=ROLE)
        migrate(empty_database, service=service, role=ROLE)

        with engine.connect() as connection:
            assert at_newest(connection, service)
        engine.dispose()

    @pytest.mark.usefixtures("databases")
    def test_an_older_way_of_appending_is_replaced(self, empty_database: str) -> None:
        """A database whose functions took arrays has those that take JSON, and no others."""
        migrate(empty_database, service="none", role=ROLE)
        engine = create_engine(empty_database)
        older = "text, uuid, integer, text[], smallint[], jsonb[], date[], jsonb, timestamptz"
        with engine.begin() as connection:
            for name, arguments in (
                ("append", older),
                ("append_and_remember", f"{older}, uuid, bytea, text, uuid, integer"),
            ):
                connection.exec_driver_sql(
                    f"CREATE FUNCTION eventstore.{name}({arguments}) RETURNS bigint"
                    " LANGUAGE sql RETURN 0"
                )
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0004_timers'")

        migrate(empty_database, service="none", role=ROLE)

        with engine.connect() as connection:
            assert at_newest(connection, "none")
            functions = connection.execute(
                text(
                    "SELECT proname, pg_get_function_arguments(oid) LIKE '%p_events jsonb%'"
                    " FROM pg_proc WHERE pronamespace = 'eventstore'::regnamespace"
                    " AND proname IN ('append', 'append_and_remember') ORDER BY 1"
                )
            ).all()
        engine.dispose()
        assert functions == [("append", True), ("append_and_remember", True)]

    @pytest.mark.usefixtures("databases")
    @pytest.mark.parametrize("service", WITH_TABLES)
    def test_a_service_adds_tables_to_a_database_that_has_the_shared_ones(
        self, empty_database: str, service: str
    ) -> None:
        """What was migrated before the service had tables of its own is migrated further."""
        migrate(empty_database, service="none", role=ROLE)
        engine = create_engine(empty_database)
        with engine.connect() as connection:
            assert at_newest(connection, "none")
            assert not at_newest(connection, service)

        migrate(empty_database, service=service, role=ROLE)

        with engine.connect() as connection:
            assert at_newest(connection, service)
        engine.dispose()

    @pytest.mark.parametrize("service", WITH_TABLES)
    def test_the_service_may_use_its_own_tables_and_not_change_them(
        self, databases: Databases, service: str
    ) -> None:
        """The service's role reads and writes rows of its schema; the schema is the owner's."""
        url = databases.migrated(service)
        engine = create_engine(url)
        with engine.connect() as connection:
            may_use, may_create = connection.execute(
                text(
                    "SELECT has_schema_privilege(:service, 'USAGE'),"
                    " has_schema_privilege(:service, 'CREATE')"
                ),
                {"service": service},
            ).one()
            tables = import_module(f"services.{service}.gateways.tables").METADATA.tables
            rights = {
                name: connection.execute(
                    text("SELECT has_table_privilege(:name, 'SELECT, INSERT')"), {"name": name}
                ).scalar_one()
                for name in tables
            }
        engine.dispose()
        databases.drop(url)

        assert (may_use, may_create) == (True, False)
        assert rights
        assert all(rights.values())

    @pytest.mark.usefixtures("databases")
    def test_tables_that_are_older_than_the_code(self, empty_database: str) -> None:
        """They are told from those of newer code, and migrated."""
        migrate(empty_database, service="none", role=ROLE)
        assert age(empty_database) == "older"
        migrate(empty_database, service="intake", role=ROLE)
        assert age(empty_database) == "newest"

    def test_tables_that_are_newer_than_the_code(
        self, databases: Databases, tmp_path: Path
    ) -> None:
        """A worker does not start on them, and older code cannot migrate them."""
        url = databases.as_administrator(databases.migrated("intake"))
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = 'next'"
                                    " WHERE version_num = 'intake_0001_document'"))  # fmt: skip
        engine.dispose()
        assert age(url) == "newer"
        assert worker_says(url, tmp_path).startswith("the tables are newer than this")

        asked = CliRunner().invoke(
            app, ["migrate", "intake"], env={"JALON_INTAKE_OWNER_URL": url, "COLUMNS": "200"}
        )

        assert asked.exit_code == 1
        assert "the tables of intake do not fit this code" in asked.output
        assert age(url) == "newer"
        databases.drop(url)


def age(url: str) -> str:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = age_of(connection, "intake")
    engine.dispose()
    return found


def worker_says(url: str, folder: Path) -> str:
    """Why a worker ends, from its last line."""
    settings = {
        "MODE": "embedded",
        "TRANSPORT": "postgres",
        "DATABASE_URL": url,
        "LOG_DATABASE_URL": url,
        "JWT_ISSUER": "https://issuer.example",
        "JWKS_FILE": str(folder / "keys"),
        "HTTP_PORT": "8101",
    }
    done = subprocess.run(
        [sys.executable, "-m", "services", "work", "intake"],
        env={
            "PATH": os.environ["PATH"],
            **{f"JALON_{name}": value for name, value in settings.items()},
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1, done.stderr
    line = json.loads(done.stderr.splitlines()[-1])
    assert line["event"] == "worker does not start"
    return str(line["why"])
