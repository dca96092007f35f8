"""A database and a role for each service, made once on a PostgreSQL server."""

from collections.abc import Mapping

from sqlalchemy import URL, Connection, create_engine, text

from deploy.services import LOG_DATABASE, PORTS, database_name


def create_databases(server: URL, passwords: Mapping[str, str] | None = None) -> None:
    """
    Make what is missing: per service a login role and a database, and the log's database.

    ``server`` connects as an administrator. ``passwords`` holds one per service; without it the
    roles have none, which only a server that trusts its socket lets in (the embedded mode).
    """
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for service in PORTS:
                _role(connection, service, None if passwords is None else passwords[service])
            for name in (LOG_DATABASE, *map(database_name, PORTS)):
                _database(connection, name)
    finally:
        engine.dispose()


def drop_databases(server: URL) -> None:
    """Drop every database of Jalon on the server, with all its data."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for name in (LOG_DATABASE, *map(database_name, PORTS)):
                connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    finally:
        engine.dispose()


def _role(connection: Connection, role: str, password: str | None) -> None:
    known = text("SELECT count(*) FROM pg_roles WHERE rolname = :role")
    if not connection.execute(known, {"role": role}).scalar_one():
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
    if password is not None:
        # Utility statements take no parameters; the server quotes the literal for us.
        quote = text(
            "SELECT format('ALTER ROLE %I PASSWORD %L', CAST(:role AS text),"
            " CAST(:password AS text))"
        )
        statement = connection.execute(quote, {"role": role, "password": password}).scalar_one()
        connection.exec_driver_sql(statement.replace("%", "%%"))


def _database(connection: Connection, name: str) -> None:
    known = text("SELECT count(*) FROM pg_database WHERE datname = :name")
    if not connection.execute(known, {"name": name}).scalar_one():
        connection.execute(text(f"CREATE DATABASE {name}"))
        # Only the owner and the roles that are let in may connect.
        connection.execute(text(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC"))
        roles = PORTS if name == LOG_DATABASE else [name.removeprefix("jalon_")]
        for role in roles:
            connection.execute(text(f"GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {role}"))
