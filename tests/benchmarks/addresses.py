"""One database as different drivers want to be told."""

from urllib.parse import quote

from sqlalchemy import make_url


def dsn(url: str) -> str:
    """For psycopg."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def for_node(url: str) -> str:
    """For ``pg`` of Node: a Unix socket is written where a host would be."""
    parts = make_url(url)
    host = str(parts.query.get("host") or parts.host)
    password = f":{quote(parts.password, safe='')}" if parts.password else ""
    port = f":{parts.port}" if parts.port else ""
    return f"postgresql://{parts.username}{password}@{quote(host, safe='')}{port}/{parts.database}"


def environment(url: str) -> dict[str, str]:
    """For ``eventsourcing``, which is configured by an environment."""
    parts = make_url(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts.database),
        "POSTGRES_HOST": str(parts.query.get("host") or parts.host),
        "POSTGRES_PORT": str(parts.port or 5432),
        "POSTGRES_USER": str(parts.username),
        "POSTGRES_PASSWORD": parts.password or "",
    }
