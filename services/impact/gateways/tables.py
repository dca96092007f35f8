"""
What impact keeps beside its events: it must be erasable, or is too large for them.

Made and changed by the revisions in ``migrations/versions``; always the same as these tables.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
)

from shared.documents.tables import document_table

METADATA = MetaData(schema="impact")

CONTACT = Table(
    "contact",
    METADATA,
    Column("contact_id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("name", Text),
    Column("email", Text),
    Column("language", Text),
    Column("since", Date, nullable=False),
    Column("erased_on", Date),
    CheckConstraint("language IN ('en', 'fr')", name="language_is_one_of_ours"),
    CheckConstraint(
        "num_nonnulls(name, email, language) = CASE WHEN erased_on IS NULL THEN 3 ELSE 0 END",
        name="nothing_is_left_of_who_was_erased",
    ),
    Index("contact_organisation", "organisation_id"),
    Index("contact_person", "person_id"),
)
"""
Who is asked about effects: name, address and language, known to events by an opaque id alone.

A row changes once, when it is erased. What a contact is asked about is in the events.
"""

Index("contact_address", func.lower(CONTACT.c.email))

DOCUMENT = document_table(METADATA)

DOCUMENT_OF = Table(
    "document_of",
    METADATA,
    Column("survey_id", Uuid, primary_key=True),
    Column("sha256", Text, ForeignKey("impact.document.sha256"), primary_key=True),
    Column("scan", Text, nullable=False),
    Column("received_on", Date, nullable=False),
)
"""Of which survey they are. Which of them officers see is in the survey's events."""
