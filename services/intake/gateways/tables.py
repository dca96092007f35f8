"""
What intake keeps beside its events, because it must be erasable or is too large for them.

Made and changed by the revisions in ``migrations/versions``; always the same as these tables.
"""

from sqlalchemy import Column, Date, ForeignKey, MetaData, Table, Text, Uuid

from shared.documents.tables import document_table

METADATA = MetaData(schema="intake")

DOCUMENT = document_table(METADATA)

DOCUMENT_OF = Table(
    "document_of",
    METADATA,
    Column("application_id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, primary_key=True),
    Column("sha256", Text, ForeignKey("intake.document.sha256"), primary_key=True),
    Column("scan", Text, nullable=False),
    Column("received_on", Date, nullable=False),
)
"""Whose documents they are, and of which application: those attached, or submitted once."""
