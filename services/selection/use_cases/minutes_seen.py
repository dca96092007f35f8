"""
The minutes of a meeting as one reader may see them.

Whoever has a conflict on an item gets an extract without it. The hash is always that of the whole.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from services.selection.domain import minutes
from services.selection.domain.application import NotReceived
from services.selection.domain.conflicts import conflicts_on
from services.selection.domain.meeting import Called, Correction, MeetingNotOpen, Opened, Sealed
from services.selection.domain.minutes import Content
from services.selection.use_cases.loading import applications, meeting_and_committee
from shared.eventstore.store import EventStore
from shared.eventstore.together import Loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesSeen:
    """Draft or sealed."""

    content: Content
    extract: bool
    """Something was left out, because the reader has a conflict on it."""
    approved_on_draft: bool
    """Approved, and not sealed yet."""
    content_hash: str | None
    """As it was sealed; None for a draft, and for what was sealed before there were hashes."""
    corrections: tuple[Correction, ...]
    """All that were proposed, about what the reader sees."""
    members: frozenset[str]


def minutes_seen(store: EventStore, meeting_id: UUID, *, reader: str) -> MinutesSeen:
    """The minutes for the person ``reader``. Raises ``NotFound`` and ``MeetingNotOpen``."""
    loaded = Loaded(store)
    sitting, _, seated = meeting_and_committee(loaded, meeting_id)
    if isinstance(sitting, Called):
        raise MeetingNotOpen(held_on=sitting.held_on)
    opened = sitting.minutes if isinstance(sitting, Sealed) else sitting
    hidden = {
        application_id
        for application_id, before in applications(loaded, opened.conflicted).items()
        if not isinstance(before, NotReceived)
        and reader in conflicts_on(application_id, before, opened, seated)
    }
    approval = None
    if isinstance(sitting, Sealed):
        approval = minutes.approval_of(
            opened, sealed_by=sitting.approved_by, sealed_on=sitting.sealed_on
        )
    return MinutesSeen(
        content=_without(minutes.content_of(opened, seated.name, approval), hidden),
        extract=bool(hidden),
        approved_on_draft=opened.approval is not None and approval is None,
        content_hash=sitting.content_hash if isinstance(sitting, Sealed) else None,
        corrections=_corrections(opened, hidden),
        members=frozenset(each.person_id for each in opened.members),
    )


def _without(content: Content, hidden: set[UUID]) -> Content:
    return replace(
        content,
        items=tuple(each for each in content.items if each.application_id not in hidden),
        corrections=tuple(
            each for each in content.corrections if each.application_id not in hidden
        ),
    )


def _corrections(opened: Opened, hidden: set[UUID]) -> tuple[Correction, ...]:
    return tuple(
        each for each in opened.corrections.values() if each.proposed.application_id not in hidden
    )
