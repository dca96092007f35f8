"""Which committees there are, and when they meet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    Uuid,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.selection.domain.calendar import MeetingKind
from services.selection.domain.committee import (
    CommitteeEstablished,
    MeetingCancelled,
    MeetingMoved,
    MeetingScheduled,
)
from services.selection.domain.meeting import MeetingOpened, MeetingSealed
from services.selection.domain.membership import (
    Member,
    MemberJoined,
    MemberLeft,
    MemberReplaced,
)
from shared.eventstore.store import Recorded
from shared.projecting.projection import Change, Delta, Insert, Projection

METADATA = MetaData()

COMMITTEE = Table(
    "committee",
    METADATA,
    Column("committee_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("programmes", ARRAY(Text), nullable=False),
    schema="calendar",
)

SEAT = Table(
    "seat",
    METADATA,
    Column("committee_id", Uuid, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("since", Date),
    Column("until", Date),
    schema="calendar",
)
"""Terms, both days included, with the position at which they were given."""

DEPARTURE = Table(
    "departure",
    METADATA,
    Column("committee_id", Uuid, primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    schema="calendar",
)
"""Seats that somebody had before such a position are theirs no more."""

MEETING = Table(
    "meeting",
    METADATA,
    Column("meeting_id", Uuid, primary_key=True),
    Column("committee_id", Uuid, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("agenda_closes_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    schema="calendar",
)


STATES: Mapping[type, str] = {
    MeetingCancelled: "cancelled",
    MeetingOpened: "open",
    MeetingSealed: "sealed",
}


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """A committee is a row for good, its seats come and go; a meeting goes from state to state."""
    match recorded.event:
        case CommitteeEstablished() as event:
            yield Insert(
                COMMITTEE,
                {
                    "committee_id": event.committee_id,
                    "name": event.name,
                    "programmes": list(event.programmes),
                },
            )
            for number, member in enumerate(event.members):
                yield _seat(recorded, member, number)
        case MemberJoined() as event:
            yield _seat(recorded, event.member)
        case MemberLeft() as event:
            yield _left(recorded, event.person_id)
        case MemberReplaced() as event:
            yield _left(recorded, event.person_id)
            yield _seat(recorded, event.member)
        case MeetingScheduled() as event:
            yield Insert(
                MEETING,
                {
                    "meeting_id": event.meeting_id,
                    "committee_id": recorded.stream.id,
                    "kind": event.kind.value,
                    "held_on": event.held_on,
                    "agenda_closes_on": event.agenda_closes_on,
                    "state": "scheduled",
                },
            )
        case MeetingMoved() as event:
            moved = {"held_on": event.held_on, "agenda_closes_on": event.agenda_closes_on}
            yield Change(MEETING, {"meeting_id": event.meeting_id}, moved)
        case MeetingCancelled() | MeetingOpened() | MeetingSealed() as event:
            state = {"state": STATES[type(event)]}
            yield Change(MEETING, {"meeting_id": event.meeting_id}, state)
        case _:
            return


def _seat(recorded: Recorded, member: Member, number: int = 0) -> Insert:
    return Insert(
        SEAT,
        {
            "committee_id": recorded.stream.id,
            "person_id": member.person_id,
            "position": recorded.position,
            "number": number,
            "since": member.since,
            "until": member.until,
        },
    )


def _left(recorded: Recorded, person_id: str) -> Insert:
    return Insert(
        DEPARTURE,
        {
            "committee_id": recorded.stream.id,
            "person_id": person_id,
            "position": recorded.position,
        },
    )


PROJECTION = Projection("calendar", 2, METADATA, deltas)


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
    kind: MeetingKind
    held_on: date
    agenda_closes_on: date
    state: str


def _served_by(person_id: str, on: date) -> Select[Any]:
    """The committees on which somebody has a seat whose term runs on that day."""
    has_left = (
        select(DEPARTURE.c.position)
        .where(
            DEPARTURE.c.committee_id == SEAT.c.committee_id,
            DEPARTURE.c.person_id == SEAT.c.person_id,
            DEPARTURE.c.position > SEAT.c.position,
        )
        .exists()
    )
    return select(SEAT.c.committee_id).where(
        SEAT.c.person_id == person_id,
        or_(SEAT.c.since.is_(None), SEAT.c.since <= on),
        or_(SEAT.c.until.is_(None), SEAT.c.until >= on),
        ~has_left,
    )


def committees(
    connection: Connection,
    *,
    member: str | None,
    on: date,
    after: tuple[str, UUID] | None,
    limit: int,
) -> Sequence[CommitteeLine]:
    """Committees by name; only those on which ``member`` serves that day when one is given."""
    query = select(COMMITTEE).order_by(COMMITTEE.c.name, COMMITTEE.c.committee_id).limit(limit)
    if after is not None:
        query = query.where(tuple_(COMMITTEE.c.name, COMMITTEE.c.committee_id) > after)
    if member is not None:
        query = query.where(COMMITTEE.c.committee_id.in_(_served_by(member, on)))
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
    on: date,
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
        query = query.where(MEETING.c.committee_id.in_(_served_by(member, on)))
    return [
        MeetingLine(
            meeting_id=row.meeting_id,
            committee_id=row.committee_id,
            kind=MeetingKind(row.kind),
            held_on=row.held_on,
            agenda_closes_on=row.agenda_closes_on,
            state=row.state,
        )
        for row in connection.execute(query.limit(limit))
    ]
