"""Which committees there are, and when they meet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Connection,
    Date,
    MetaData,
    Select,
    Table,
    Text,
    Uuid,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.selection.domain.committee import CommitteeEstablished, MeetingScheduled
from services.selection.domain.meeting import MeetingOpened, MeetingSealed
from shared.eventstore.store import Recorded
from shared.projecting.projection import Change, Delta, Insert, Projection

METADATA = MetaData()

COMMITTEE = Table(
    "committee",
    METADATA,
    Column("committee_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("programmes", ARRAY(Text), nullable=False),
    Column("member_ids", ARRAY(Text), nullable=False),
    schema="calendar",
)

MEETING = Table(
    "meeting",
    METADATA,
    Column("meeting_id", Uuid, primary_key=True),
    Column("committee_id", Uuid, nullable=False, index=True),
    Column("held_on", Date, nullable=False),
    Column("agenda_closes_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    schema="calendar",
)


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """A committee is a row for good; a meeting goes from scheduled to open to sealed."""
    match recorded.event:
        case CommitteeEstablished() as event:
            yield Insert(
                COMMITTEE,
                {
                    "committee_id": event.committee_id,
                    "name": event.name,
                    "programmes": list(event.programmes),
                    "member_ids": [member.person_id for member in event.members],
                },
            )
        case MeetingScheduled() as event:
            yield Insert(
                MEETING,
                {
                    "meeting_id": event.meeting_id,
                    "committee_id": recorded.stream.id,
                    "held_on": event.held_on,
                    "agenda_closes_on": event.agenda_closes_on,
                    "state": "scheduled",
                },
            )
        case MeetingOpened() as event:
            yield Change(MEETING, {"meeting_id": event.meeting_id}, {"state": "open"})
        case MeetingSealed() as event:
            yield Change(MEETING, {"meeting_id": event.meeting_id}, {"state": "sealed"})
        case _:
            return


PROJECTION = Projection("calendar", 1, METADATA, deltas)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitteeLine:
    """One committee in a list."""

    committee_id: UUID
    name: str
    programmes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingLine:
    """One meeting in a list."""

    meeting_id: UUID
    committee_id: UUID
    held_on: date
    agenda_closes_on: date
    state: str


def committees(
    connection: Connection, *, member: str | None, after: tuple[str, UUID] | None, limit: int
) -> Sequence[CommitteeLine]:
    """Committees by name; only those of ``member`` when one is given."""
    query = select(COMMITTEE).order_by(COMMITTEE.c.name, COMMITTEE.c.committee_id).limit(limit)
    if after is not None:
        query = query.where(tuple_(COMMITTEE.c.name, COMMITTEE.c.committee_id) > after)
    if member is not None:
        query = query.where(COMMITTEE.c.member_ids.contains([member]))
    return [
        CommitteeLine(
            committee_id=row.committee_id, name=row.name, programmes=tuple(row.programmes)
        )
        for row in connection.execute(query)
    ]


def meetings(
    connection: Connection,
    *,
    committee_id: UUID | None,
    member: str | None,
    after: tuple[date, UUID] | None,
    limit: int,
) -> Sequence[MeetingLine]:
    """Meetings by day; only those of a committee, or of the committees of ``member``."""
    query: Select[Any] = select(MEETING).order_by(MEETING.c.held_on, MEETING.c.meeting_id)
    if after is not None:
        query = query.where(tuple_(MEETING.c.held_on, MEETING.c.meeting_id) > after)
    if committee_id is not None:
        query = query.where(MEETING.c.committee_id == committee_id)
    if member is not None:
        query = query.join(COMMITTEE, COMMITTEE.c.committee_id == MEETING.c.committee_id).where(
            COMMITTEE.c.member_ids.contains([member])
        )
    return [
        MeetingLine(
            meeting_id=row.meeting_id,
            committee_id=row.committee_id,
            held_on=row.held_on,
            agenda_closes_on=row.agenda_closes_on,
            state=row.state,
        )
        for row in connection.execute(query.limit(limit))
    ]
