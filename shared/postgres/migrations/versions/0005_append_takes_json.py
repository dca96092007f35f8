"""Appending: events come as one JSON array, no longer as four arrays."""

from alembic import op

from shared.postgres.migrations.script import run_sql

revision = "0005_append_takes_json"
down_revision = "0004_timers"
branch_labels = None
depends_on = None

EVENTS = "text, uuid, integer, text[], smallint[], jsonb[], date[], jsonb, timestamptz"


def upgrade() -> None:
    command = "uuid, bytea, text, uuid, integer"
    op.execute(f"DROP FUNCTION IF EXISTS eventstore.append_and_remember({EVENTS}, {command})")
    op.execute(f"DROP FUNCTION IF EXISTS eventstore.append({EVENTS})")
    run_sql("eventstore", "functions")
