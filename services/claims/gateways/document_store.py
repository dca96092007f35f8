"""
Documents that show costs: kept once by their content, beside the events that name them.

What a document is, is decided by its content. It is given to staff, and to the organisation that
brought it; nobody else learns that it is there.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from services.claims.gateways.tables import DOCUMENT, DOCUMENT_OF
from shared.documents.contents import Document
from shared.documents.tables import keep_content


def keep(
    connection: Connection,
    content: bytes,
    document: Document,
    *,
    agreement_id: UUID,
    organisation_id: UUID,
    received_on: date,
) -> None:
    """Keep a document of an organisation; the same content twice is one document."""
    keep_content(connection, DOCUMENT, document, content)
    connection.execute(
        insert(DOCUMENT_OF)
        .values(
            agreement_id=agreement_id,
            organisation_id=organisation_id,
            sha256=document.sha256,
            received_on=received_on,
        )
        .on_conflict_do_nothing()
    )


def content_of(
    connection: Connection, sha256: str, *, agreement_id: UUID, organisation_id: UUID | None
) -> tuple[bytes, str] | None:
    """Content and type of an agreement's document; of one organisation's, or of anybody's."""
    query = (
        select(DOCUMENT.c.content, DOCUMENT.c.media_type)
        .join(DOCUMENT_OF, DOCUMENT_OF.c.sha256 == DOCUMENT.c.sha256)
        .where(DOCUMENT.c.sha256 == sha256, DOCUMENT_OF.c.agreement_id == agreement_id)
        .limit(1)
    )
    if organisation_id is not None:
        query = query.where(DOCUMENT_OF.c.organisation_id == organisation_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else (bytes(row.content), row.media_type)


def unknown(
    connection: Connection,
    named: Iterable[str],
    *,
    agreement_id: UUID,
    organisation_id: UUID | None,
) -> frozenset[str]:
    """Those of the named documents that the organisation did not bring to the agreement."""
    wanted = frozenset(named)
    query = select(DOCUMENT_OF.c.sha256).where(
        DOCUMENT_OF.c.agreement_id == agreement_id,
        DOCUMENT_OF.c.organisation_id == organisation_id,
        DOCUMENT_OF.c.sha256.in_(wanted),
    )
    return wanted - set(connection.execute(query).scalars()) if wanted else wanted
