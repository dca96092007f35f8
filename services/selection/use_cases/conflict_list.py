"""Who has no part in which item of a meeting, for whoever prepares it."""

from dataclasses import dataclass
from uuid import UUID

from services.selection.domain.application import NotReceived
from services.selection.domain.conflicts import Link, conflicts_on, links
from services.selection.domain.meeting import Opened, Sealed
from services.selection.domain.pack import agenda_of
from services.selection.use_cases.loading import applications, meeting_and_committee
from shared.eventstore.store import EventStore
from shared.eventstore.together import Loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownConflict:
    """One member's conflict on one item."""

    application_id: UUID
    person_id: str
    declared: bool
    link: Link | None
    organisation_id: UUID | None


def conflict_list(store: EventStore, meeting_id: UUID, *, reader: str) -> list[KnownConflict]:
    """All conflicts, by item and person, except on items on which the reader has one."""
    loaded = Loaded(store)
    sitting, _, seated = meeting_and_committee(loaded, meeting_id)
    record = sitting.minutes if isinstance(sitting, Sealed) else sitting
    agenda = (
        tuple(record.conflicted) if isinstance(record, Opened) else agenda_of(seated, meeting_id)
    )
    members = {
        each.person_id: each
        for each in (*(record.members if isinstance(record, Opened) else ()), *seated.members)
    }
    found = []
    for application_id, before in applications(loaded, agenda).items():
        if isinstance(before, NotReceived):
            continue
        people = conflicts_on(application_id, before, record, seated)
        if reader in people:
            continue
        linked = {each.person_id: each for each in links(members.values(), before.proposal)}
        for person_id in sorted(people):
            link = linked.get(person_id)
            found.append(
                KnownConflict(
                    application_id=application_id,
                    person_id=person_id,
                    declared=person_id in before.conflicted,
                    link=link.link if link else None,
                    organisation_id=link.organisation_id if link else None,
                )
            )
    return found
