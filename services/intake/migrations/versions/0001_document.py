"""The schema of what intake keeps beside its events; first, documents of applications."""

import sqlalchemy as sa
from alembic import op

revision = "intake_0001_document"
down_revision = None
branch_labels = ("intake",)
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA intake")
    op.create_table(
        "document",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_is_hexadecimal"),
        sa.CheckConstraint("size = length(content)", name="size_is_that_of_the_content"),
        schema="intake",
    )
    # Pictures and PDF are compressed already.
    op.execute("ALTER TABLE intake.document ALTER COLUMN content SET STORAGE EXTERNAL")
    op.create_table(
        "document_of",
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column("organisation_id", sa.Uuid, primary_key=True),
        sa.Column("sha256", sa.Text, sa.ForeignKey("intake.document.sha256"), primary_key=True),
        sa.Column("scan", sa.Text, nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        schema="intake",
    )
