"""How a revision runs the SQL file of a room."""

from pathlib import Path
from typing import Any, cast

import psycopg
from alembic import op

ROOMS = Path(__file__).parents[2]


def run_sql(room: str, name: str) -> None:
    """Run ``shared/<room>/<name>.sql``, many statements at once, in the migration's transaction."""
    driver = cast("psycopg.Connection[Any]", op.get_bind().connection.driver_connection)
    # Without parameters the driver takes several statements and leaves per-cent signs alone.
    driver.execute((ROOMS / room / f"{name}.sql").read_text("utf-8").encode())
