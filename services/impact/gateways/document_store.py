"""Documents of surveys: contents kept once, as long as a survey names them."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from services.impact.gateways.tables import DOCUMENT, DOCUMENT_OF
from shared.documents.contents import Document
from shared.documents.scanning import Scan
from shared.documents.tables import keep_content


def keep(
    connection: Connection,
    content: bytes,
    document: Document,
    *,
    survey_id: UUID,
    scan: Scan,
    received_on: date,
) -> None:
    """Keep a document that is attached to a survey."""
    _lock(connection, document.sha256)
    keep_content(connection, DOCUMENT, document, content)
    connection.execute(
        insert(DOCUMENT_OF).values(
            survey_id=survey_id, sha256=document.sha256, scan=scan, received_on=received_on
        )
    )


def forget(connection: Connection, sha256: str, *, survey_id: UUID) -> None:
    """Let go of a document; its content goes with the last survey that names it."""
    _lock(connection, sha256)
    connection.execute(
        delete(DOCUMENT_OF).where(
            DOCUMENT_OF.c.survey_id == survey_id, DOCUMENT_OF.c.sha256 == sha256
        )
    )
    named = exists().where(DOCUMENT_OF.c.sha256 == DOCUMENT.c.sha256)
    connection.execute(delete(DOCUMENT).where(DOCUMENT.c.sha256 == sha256, ~named))


def found(connection: Connection, sha256: str, *, survey_id: UUID) -> Row[*tuple[Any, ...]] | None:
    """``content``, ``media_type`` and ``scan`` of a survey's document."""
    query = (
        select(DOCUMENT.c.content, DOCUMENT.c.media_type, DOCUMENT_OF.c.scan)
        .join(DOCUMENT_OF, DOCUMENT_OF.c.sha256 == DOCUMENT.c.sha256)
        .where(DOCUMENT.c.sha256 == sha256, DOCUMENT_OF.c.survey_id == survey_id)
    )
    return connection.execute(query).one_or_none()


def _lock(connection: Connection, sha256: str) -> None:
    """Until the transaction ends, nobody else keeps or forgets the same content."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(sha256, 0))))
