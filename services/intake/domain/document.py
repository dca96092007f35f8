"""A document attached to an application: what it is, and whose. Its content is elsewhere."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.documents.scanning import Scan

KINDS = {
    "letter-of-intent": "lettre d’intention",
    "financial-statements": "états financiers",
    "ip-plan": "plan de propriété intellectuelle",
    "budget-detail": "budget détaillé",
    "other": "autre",
}
"""The code of each kind, and its name in French."""

MOST_DOCUMENTS = 40
"""Per application."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedDocument:
    """A document of an application. ``size`` is in bytes, ``sha256`` in hexadecimal."""

    document_id: UUID
    organisation_id: UUID
    """Who brought it; besides staff and the lead, nobody else reads it."""
    sha256: str
    kind: str
    """One of ``KINDS``."""
    title: str
    """What it is; no personal data."""
    size: int
    media_type: str
    scan: Scan
    attached_on: date
