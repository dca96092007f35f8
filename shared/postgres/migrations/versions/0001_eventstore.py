"""The event store: events, commands, the functions that append, the simulated clock."""

from shared.postgres.migrations.script import run_sql

revision = "0001_eventstore"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("eventstore", "schema")
    run_sql("eventstore", "functions")
