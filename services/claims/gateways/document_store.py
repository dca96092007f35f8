"""
Documents that show costs: kept once by their content, beside the events that name them.

What a document is, is decided by its content. It is given to staff, and to the organisation that
brought it; nobody else learns that it is there.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import filetype
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from services.claims.gateways.tables import DOCUMENT, DOCUMENT_OF
from shared.kernel.refusals import Invalid

MOST_BYTES = 25_000_000

EXTENSIONS = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "text/plain": "txt",
}
"""What is kept, with the ending of its file; CSV is plain text."""

_NO_TEXT = frozenset(map(chr, range(32))) - set("\t\n\r\f")


class DocumentEmpty(Invalid):
    """A document has a content."""

    en = "The document is empty."
    fr = "Le document est vide."


class DocumentOfOtherType(Invalid):
    """A document is of one of a few types, by its content."""

    en = "By its content the document is none of: {types}."
    fr = "D’après son contenu, le document n’est d’aucun de ces types : {types}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What is known of a document."""

    sha256: str
    size: int
    media_type: str


def media_type_of(content: bytes) -> str:
    """What a document is, by its content. Raises ``DocumentEmpty``, ``DocumentOfOtherType``."""
    if not content:
        raise DocumentEmpty
    found = filetype.guess_mime(content)
    if found is None and _is_text(content):
        return "text/plain"
    if found not in EXTENSIONS:
        types = sorted(EXTENSIONS.values())
        raise DocumentOfOtherType(accepted=list(EXTENSIONS), types=types)
    return str(found)


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # The Windows code page, as spreadsheets still write it: any byte, but no control.
        text = content.decode("cp1252", "replace")
    return _NO_TEXT.isdisjoint(text)


def keep(
    connection: Connection,
    content: bytes,
    *,
    agreement_id: UUID,
    organisation_id: UUID,
    received_on: date,
) -> Document:
    """Keep a document of an organisation; the same content twice is one document."""
    document = Document(
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        media_type=media_type_of(content),
    )
    connection.execute(
        insert(DOCUMENT)
        .values(
            sha256=document.sha256,
            content=content,
            size=document.size,
            media_type=document.media_type,
        )
        .on_conflict_do_nothing()
    )
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
    return document


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
