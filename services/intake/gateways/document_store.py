"""Documents of applications: contents kept once, as long as an application names them."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from services.intake.gateways.tables import DOCUMENT, DOCUMENT_OF
from shared.documents.contents import Document
from shared.documents.scanning import Scan
from shared.documents.tables import keep_content


def keep(
    connection: Connection,
    content: bytes,
    document: Document,
    *,
    application_id: UUID,
    organisation_id: UUID,
    scan: Scan,
    received_on: date,
) -> None:
    """Keep a document that an organisation attaches."""
    _lock(connection, document.sha256)
    keep_content(connection, DOCUMENT, document, content)
    kept = insert(DOCUMENT_OF).values(
        application_id=application_id,
        organisation_id=organisation_id,
        sha256=document.sha256,
        scan=scan,
        received_on=received_on,
    )
    # One that was submitted, detached and is attached again was scanned again.
    connection.execute(
        kept.on_conflict_do_update(
            index_elements=list(DOCUMENT_OF.primary_key), set_={"scan": kept.excluded.scan}
        )
    )


def forget(
    connection: Connection, sha256: str, *, application_id: UUID, organisation_id: UUID
) -> None:
    """Let go of a document; its content goes with the last application that names it."""
    _lock(connection, sha256)
    connection.execute(
        delete(DOCUMENT_OF).where(
            DOCUMENT_OF.c.application_id == application_id,
            DOCUMENT_OF.c.organisation_id == organisation_id,
            DOCUMENT_OF.c.sha256 == sha256,
        )
    )
    named = exists().where(DOCUMENT_OF.c.sha256 == DOCUMENT.c.sha256)
    connection.execute(delete(DOCUMENT).where(DOCUMENT.c.sha256 == sha256, ~named))


def found(
    connection: Connection, sha256: str, *, application_id: UUID, organisation_id: UUID | None
) -> Row[*tuple[Any, ...]] | None:
    """``content``, ``media_type`` and ``scan``; of one organisation's document, or anybody's."""
    query = (
        select(DOCUMENT.c.content, DOCUMENT.c.media_type, DOCUMENT_OF.c.scan)
        .join(DOCUMENT_OF, DOCUMENT_OF.c.sha256 == DOCUMENT.c.sha256)
        .where(DOCUMENT.c.sha256 == sha256, DOCUMENT_OF.c.application_id == application_id)
        .order_by(DOCUMENT_OF.c.scan)
        .limit(1)
    )
    if organisation_id is not None:
        query = query.where(DOCUMENT_OF.c.organisation_id == organisation_id)
    return connection.execute(query).one_or_none()


def _lock(connection: Connection, sha256: str) -> None:
    """Until the transaction ends, nobody else keeps or forgets the same content."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(sha256, 0))))
