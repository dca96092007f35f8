"""
Migrations of the durable tables, and who may touch them.

Every service has the tables of the shared rooms. One that keeps more than events brings its own
revisions in ``services/<service>/migrations/versions``, a branch beside the shared one, whose
tables are in the schema that carries the service's name.

Read models are not migrated: they are disposable, and are rebuilt (see ``shared.projecting``).
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import ProgrammingError

HERE = Path(__file__).parent / "migrations"
SERVICES = Path(__file__).parents[2] / "services"
APPEND_ONLY = "eventstore"
READ_AND_WRITE = ("messaging", "projecting", "timers")

MIGRATION_LOCK = 4711_0000
"""Advisory lock key: two deployments that start at once migrate one after the other."""


Age = Literal["older", "newest", "newer"]


class TablesNewer(RuntimeError):
    """Newer code has migrated them: this code does not know how they look."""


def migrate(owner_url: str, *, service: str, role: str | None = None) -> None:
    """
    Bring a service's database to the newest revision and give its role its rights.

    ``owner_url`` connects as the owner of the tables, never as the service. ``role`` is the
    service's name where it is left out. Raises ``TablesNewer``.
    """
    engine = create_engine(owner_url, hide_parameters=True)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            config = _config(service)
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "heads")
            except CommandError as error:
                raise TablesNewer(
                    f"the tables of {service} do not fit this code: {error}"
                ) from error
            _give_rights(connection, service, role or service)
    finally:
        engine.dispose()


def age_of(connection: Connection, service: str) -> Age:
    """How old the tables of a service are, beside this code; empty databases are older."""
    heads = set(ScriptDirectory.from_config(_config(service)).get_heads())
    try:
        rows = connection.execute(text("SELECT version_num FROM alembic_version"))
    except (ProgrammingError, CommandError):
        return "older"
    found = {row.version_num for row in rows}
    if found == heads:
        return "newest"
    return "older" if knows_revisions(service, found) else "newer"


def at_newest(connection: Connection, service: str) -> bool:
    """Is the database at the newest revision that this code knows for the service?"""
    return age_of(connection, service) == "newest"


def knows_revisions(service: str, revisions: Iterable[str]) -> bool:
    """Does this code know these revisions of a service's tables?"""
    known = {
        each.revision for each in ScriptDirectory.from_config(_config(service)).walk_revisions()
    }
    return known.issuperset(revisions)


def own_versions(service: str) -> Path | None:
    """Where the service keeps revisions of its own; None where it keeps nothing but events."""
    versions = SERVICES / service / "migrations" / "versions"
    return versions if versions.is_dir() else None


def _config(service: str) -> Config:
    folders = [HERE / "versions", own_versions(service)]
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    config.set_main_option(
        "version_locations", os.pathsep.join(str(each) for each in folders if each is not None)
    )
    return config


def _give_rights(connection: Connection, service: str, role: str) -> None:
    quoted = connection.dialect.identifier_preparer.quote(role)
    database = connection.dialect.identifier_preparer.quote(
        connection.execute(text("SELECT current_database()")).scalar_one()
    )
    statements = [
        # Generations of read models are schemas that the service makes and drops itself.
        f"GRANT CREATE ON DATABASE {database} TO {quoted}",
        f"GRANT SELECT ON alembic_version TO {quoted}",
        f"GRANT USAGE ON SCHEMA {APPEND_ONLY} TO {quoted}",
        # Events enter through the append function only, which runs as the owner.
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {APPEND_ONLY} TO {quoted}",
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {APPEND_ONLY} TO {quoted}",
        f"GRANT INSERT, UPDATE ON {APPEND_ONLY}.clock TO {quoted}",
    ]
    own = () if own_versions(service) is None else (service,)
    for schema in (*READ_AND_WRITE, *own):
        statements += [
            f"GRANT USAGE ON SCHEMA {schema} TO {quoted}",
            f"GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {quoted}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {quoted}",
        ]
    for statement in statements:
        connection.execute(text(statement))
