"""A PostgreSQL server for the test session, and fresh databases on it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text

from deploy.embedded import EmbeddedPostgres
from shared.postgres.migrate import migrate

ROLE = "jalon_test"
"""The role that stands for a service: not the owner of its tables."""

NO_SERVICE = "none"
"""A service that keeps nothing but events: its database has the tables of the shared rooms."""

_NUMBERS = count(1)


@contextmanager
def running_server(*, disposable: bool = True) -> Iterator[URL]:
    """
    A server to which we may connect as its administrator; ``disposable`` as in the wheel's.

    ``JALON_TEST_DATABASE_URL`` where it is set, else Docker where an engine runs, else the wheel.
    """
    given = os.environ.get("JALON_TEST_DATABASE_URL")
    if given:
        yield make_url(given).set(drivername="postgresql+psycopg")
    elif docker_runs():
        from testcontainers.postgres import PostgresContainer

        with PostgresContainer("postgres:18", driver="psycopg") as container:
            yield make_url(container.get_connection_url())
    else:
        folder = Path(tempfile.mkdtemp(prefix="jalon-test-"))
        server = EmbeddedPostgres(folder / "pg", disposable=disposable)
        try:
            yield server.url()
        finally:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)


def docker_runs() -> bool:
    """Does a Docker engine answer on this machine?"""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


class Databases:
    """Makes databases on one server: empty ones, and migrated ones from a template."""

    def __init__(self, server: URL) -> None:
        self._server = server
        self._prefix = f"jalon_{os.getpid()}"
        self._templates: dict[str, str] = {}
        self._execute(
            f"DO $$ BEGIN CREATE ROLE {ROLE} LOGIN PASSWORD '{ROLE}';"
            " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )

    def empty(self) -> str:
        """The URL, as administrator, of a new empty database."""
        return self._render(self._create("empty"))

    def migrated(self, service: str = NO_SERVICE) -> str:
        """The URL, as the service's role, of a new database with its durable tables."""
        if service not in self._templates:
            template = self._create("template")
            migrate(self._render(template), service=service, role=ROLE)
            self._templates[service] = template
        name = self._create("migrated", template=self._templates[service])
        self._execute(f"GRANT CREATE ON DATABASE {name} TO {ROLE}")
        return self._render(name, role=ROLE)

    def as_administrator(self, url: str) -> str:
        """The same database, as administrator."""
        return self._render(str(make_url(url).database))

    def drop(self, url: str) -> None:
        """Drop a database, ending what is still connected to it."""
        self._execute(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    def drop_templates(self) -> None:
        """Drop the templates; at the end of the session."""
        for template in self._templates.values():
            self._execute(f"DROP DATABASE IF EXISTS {template} WITH (FORCE)")

    def _create(self, kind: str, template: str = "template0") -> str:
        name = f"{self._prefix}_{kind}_{next(_NUMBERS)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def _render(self, database: str, role: str | None = None) -> str:
        url = self._server.set(database=database)
        if role is not None:
            url = url.set(username=role, password=role)
        return url.render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()
