"""What a document is: by its content, never by what its sender says of it."""

import hashlib
from dataclasses import dataclass

import filetype

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
    """In hexadecimal."""
    size: int
    """In bytes."""
    media_type: str
    """One of ``EXTENSIONS``."""


def document_of(content: bytes) -> Document:
    """What a document is. Raises ``DocumentEmpty``, ``DocumentOfOtherType``."""
    return Document(
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        media_type=media_type_of(content),
    )


def media_type_of(content: bytes) -> str:
    """The media type of a content. Raises ``DocumentEmpty``, ``DocumentOfOtherType``."""
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
