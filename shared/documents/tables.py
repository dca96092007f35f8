"""
The table of contents that every service with documents has, each in its own schema.

Whose documents they are is another table, of the service's own making.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import insert

from shared.documents.contents import Document


def document_table(metadata: MetaData) -> Table:
    """Contents of documents, each kept once. Events know a document by its SHA-256 alone."""
    return Table(
        "document",
        metadata,
        Column("sha256", Text, primary_key=True),
        Column("content", LargeBinary, nullable=False),
        Column("size", Integer, nullable=False),
        Column("media_type", Text, nullable=False),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_is_hexadecimal"),
        CheckConstraint("size = length(content)", name="size_is_that_of_the_content"),
    )


def keep_content(connection: Connection, table: Table, document: Document, content: bytes) -> None:
    """Keep a content; the same content twice is one document."""
    connection.execute(
        insert(table)
        .values(
            sha256=document.sha256,
            content=content,
            size=document.size,
            media_type=document.media_type,
        )
        .on_conflict_do_nothing()
    )
