"""The schema of what claims keeps beside its events; first, where organisations are paid."""

import sqlalchemy as sa
from alembic import op

revision = "claims_0001_bank_account"
down_revision = None
branch_labels = ("claims",)
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA claims")
    op.create_table(
        "bank_account",
        sa.Column("account_id", sa.Uuid, primary_key=True),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
        sa.Column("institution", sa.Text, nullable=False),
        sa.Column("transit", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("recorded_on", sa.Date, nullable=False),
        sa.CheckConstraint("institution ~ '^[0-9]{3}$'", name="institution_has_three_digits"),
        sa.CheckConstraint("transit ~ '^[0-9]{5}$'", name="transit_has_five_digits"),
        sa.CheckConstraint("number ~ '^[0-9]{5,12}$'", name="number_has_five_to_twelve_digits"),
        schema="claims",
    )
    op.create_index(
        "bank_account_organisation", "bank_account", ["organisation_id"], schema="claims"
    )
