"""
What impact keeps beside its events, because it must be correctable or erasable.

Made and changed by the revisions in ``migrations/versions``; always the same as these tables.
"""

from sqlalchemy import CheckConstraint, Column, Date, Index, MetaData, Table, Text, Uuid, func

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
