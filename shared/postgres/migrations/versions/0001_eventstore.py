"""The event store: events, commands, the append function, the simulated clock."""

from shared.postgres.migrations.script import run_schema

revision = "0001_eventstore"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_schema("eventstore")
