"""
What claims keeps beside its events, because it must be correctable or erasable.

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
)

from shared.documents.tables import document_table

METADATA = MetaData(schema="claims")

BANK_ACCOUNT = Table(
    "bank_account",
    METADATA,
    Column("account_id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, nullable=False),
    Column("institution", Text, nullable=False),
    Column("transit", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("recorded_on", Date, nullable=False),
    CheckConstraint("institution ~ '^[0-9]{3}$'", name="institution_has_three_digits"),
    CheckConstraint("transit ~ '^[0-9]{5}$'", name="transit_has_five_digits"),
    CheckConstraint("number ~ '^[0-9]{5,12}$'", name="number_has_five_to_twelve_digits"),
    Index("bank_account_organisation", "organisation_id"),
)
"""
Where organisations are paid, Canadian account numbers in clear.

A row never changes: other details are another account. Events know an account by its id alone,
and say which one counts and who verified it.
"""

DOCUMENT = document_table(METADATA)
"""Contents of documents, each kept once. Events know a document by its SHA-256 alone."""

DOCUMENT_OF = Table(
    "document_of",
    METADATA,
    Column("agreement_id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, primary_key=True),
    Column("sha256", Text, ForeignKey("claims.document.sha256"), primary_key=True),
    Column("received_on", Date, nullable=False),
)
"""Whose documents they are, and of which agreement: the same content may be that of several."""
