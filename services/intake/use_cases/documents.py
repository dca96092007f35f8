"""What the history of an application says of its documents."""

from collections.abc import Iterable
from uuid import UUID

from services.intake.domain.application_events import (
    ApplicationSubmitted,
    DocumentAttached,
    DocumentDetached,
    Event,
)


def attached_as(history: Iterable[Event], document_id: UUID) -> DocumentAttached:
    """How a document was attached, even if it has been detached since."""
    return next(
        event
        for event in history
        if isinstance(event, DocumentAttached) and event.document_id == document_id
    )


def was_submitted(history: Iterable[Event], *, organisation_id: UUID, sha256: str) -> bool:
    """The application was submitted while this content of the organisation was attached."""
    attached: set[UUID] = set()
    for event in history:
        match event:
            case DocumentAttached():
                if (event.organisation_id, event.sha256) == (organisation_id, sha256):
                    attached.add(event.document_id)
            case DocumentDetached():
                attached.discard(event.document_id)
            case ApplicationSubmitted() if attached:
                return True
            case _:
                pass
    return False
