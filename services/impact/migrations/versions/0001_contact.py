"""The schema of what impact keeps beside its events: who is asked about effects."""

import sqlalchemy as sa
from alembic import op

revision = "impact_0001_contact"
down_revision = None
branch_labels = ("impact",)
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA impact")
    op.create_table(
        "contact",
        sa.Column("contact_id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("organisation_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("email", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("erased_on", sa.Date),
        sa.CheckConstraint("language IN ('en', 'fr')", name="language_is_one_of_ours"),
        sa.CheckConstraint(
            "num_nonnulls(name, email, language) = CASE WHEN erased_on IS NULL THEN 3 ELSE 0 END",
            name="nothing_is_left_of_who_was_erased",
        ),
        schema="impact",
    )
    op.create_index("contact_organisation", "contact", ["organisation_id"], schema="impact")
    op.create_index("contact_person", "contact", ["person_id"], schema="impact")
    op.create_index("contact_address", "contact", [sa.text("lower(email)")], schema="impact")
