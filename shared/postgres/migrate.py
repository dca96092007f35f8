"""
Migrations of the durable tables, and who may touch them.

Read models are not migrated: they are disposable, and are rebuilt (see ``shared.projecting``).
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import ProgrammingError

HERE = Path(__file__).parent / "migrations"
APPEND_ONLY = "eventstore"
READ_AND_WRITE = ("messaging", "projecting", "timers")

MIGRATION_LOCK = 4711_0000
"""Advisory lock key: two deployments that start at once migrate one after the other."""


def migrate(owner_url: str, *, role: str) -> None:
    """
    Bring a service's database to the newest revision and give ``role`` its rights.

    ``owner_url`` connects as the owner of the tables, never as the service.
    """
    engine = create_engine(owner_url)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "heads")
            _give_rights(connection, role)
    finally:
        engine.dispose()


def at_newest(connection: Connection) -> bool:
    """Is the database at the newest revision that this code knows?"""
    heads = set(ScriptDirectory.from_config(_config()).get_heads())
    try:
        rows = connection.execute(text("SELECT version_num FROM alembic_version"))
    except (ProgrammingError, CommandError):
        return False
    return {row.version_num for row in rows} == heads


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    return config


def _give_rights(connection: Connection, role: str) -> None:
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
    for schema in READ_AND_WRITE:
        statements += [
            f"GRANT USAGE ON SCHEMA {schema} TO {quoted}",
            f"GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO {quoted}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {quoted}",
        ]
    for statement in statements:
        connection.execute(text(statement))
