"""Documents that show what is answered, beside the events that name them by their SHA-256."""

import sqlalchemy as sa
from alembic import op

revision = "impact_0002_document"
down_revision = "impact_0001_contact"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_is_hexadecimal"),
        sa.CheckConstraint("size = length(content)", name="size_is_that_of_the_content"),
        schema="impact",
    )
    # Pictures and PDF are compressed already.
    op.execute("ALTER TABLE impact.document ALTER COLUMN content SET STORAGE EXTERNAL")
    op.create_table(
        "document_of",
        sa.Column("survey_id", sa.Uuid, primary_key=True),
        sa.Column("sha256", sa.Text, sa.ForeignKey("impact.document.sha256"), primary_key=True),
        sa.Column("scan", sa.Text, nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        schema="impact",
    )
