"""Documents that show costs, beside the events that name them by their SHA-256."""

import sqlalchemy as sa
from alembic import op

revision = "claims_0002_document"
down_revision = "claims_0001_bank_account"
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
        schema="claims",
    )
    # Pictures and PDF are compressed already.
    op.execute("ALTER TABLE claims.document ALTER COLUMN content SET STORAGE EXTERNAL")
    op.create_table(
        "document_of",
        sa.Column("agreement_id", sa.Uuid, primary_key=True),
        sa.Column("organisation_id", sa.Uuid, primary_key=True),
        sa.Column("sha256", sa.Text, sa.ForeignKey("claims.document.sha256"), primary_key=True),
        sa.Column("received_on", sa.Date, nullable=False),
        schema="claims",
    )
