"""Durable timers and how far events have armed them."""

from pathlib import Path

from alembic import op

revision = "0004_timers"
down_revision = "0003_projecting"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rooms = Path(__file__).parents[3]
    op.get_bind().exec_driver_sql((rooms / "timers" / "schema.sql").read_text("utf-8"))
