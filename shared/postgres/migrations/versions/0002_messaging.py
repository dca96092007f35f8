"""Messaging: how far events are published and consumed, the inbox, and parked messages."""

from shared.postgres.migrations.script import run_sql

revision = "0002_messaging"
down_revision = "0001_eventstore"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("messaging", "schema")
