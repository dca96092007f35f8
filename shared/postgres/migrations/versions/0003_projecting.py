"""The registry of projections and of their generations."""

from pathlib import Path

from alembic import op

revision = "0003_projecting"
down_revision = "0002_messaging"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rooms = Path(__file__).parents[3]
    op.get_bind().exec_driver_sql((rooms / "projecting" / "schema.sql").read_text("utf-8"))
