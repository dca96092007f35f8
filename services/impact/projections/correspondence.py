"""Whom we write to about surveys: what waits, what was sent, and what an officer is to look at."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Connection,
    Date,
    Index,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    select,
    tuple_,
)

from services.impact.domain.contacts import (
    Asked,
    ContactErased,
    ContactMarkedUnreachable,
    ContactNamed,
)
from services.impact.domain.messages import (
    MessageBounced,
    MessageComposed,
    MessageFailed,
    MessageSent,
    Status,
    Waiting,
)
from services.impact.domain.reminders import SETTLING, Kind, ReminderRaised, SurveyEscalated
from shared.eventstore.store import Recorded
from shared.projecting.projection import Change, Delta, Insert, Projection, Put, Remove

METADATA = MetaData()

WAITING = Table(
    "waiting",
    METADATA,
    Column("survey_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("organisation_id", Uuid, nullable=False),
    Column("project_id", Uuid, nullable=False),
    Column("participant_id", Uuid, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("since", Date, nullable=False),
    Index("waiting_in_order", "since", "survey_id", "kind"),
    schema="correspondence",
)

MESSAGE = Table(
    "message",
    METADATA,
    Column("message_id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("composed_on", Date, nullable=False),
    Column("surveys", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("code", Integer),
    Index("message_in_order", "composed_on", "message_id"),
    schema="correspondence",
)

ESCALATION = Table(
    "escalation",
    METADATA,
    Column("escalation_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("survey_id", Uuid),
    Column("project_id", Uuid),
    Column("contact_id", Uuid),
    Index("escalation_in_order", "since", "escalation_id"),
    schema="correspondence",
)
"""The id is that of the survey nobody answers, or of the contact whose mail comes back."""


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """What one event changes."""
    match recorded.event:
        case ReminderRaised() as event:
            yield Put(
                WAITING,
                {"survey_id": event.survey_id, "kind": event.kind},
                {
                    "organisation_id": event.organisation_id,
                    "project_id": event.project_id,
                    "participant_id": event.participant_id,
                    "due_on": event.due_on,
                    "since": event.effective_on,
                },
            )
        case SurveyEscalated() as event:
            yield Put(
                ESCALATION,
                {"escalation_id": event.survey_id},
                {
                    "kind": "unanswered",
                    "since": event.effective_on,
                    "organisation_id": event.organisation_id,
                    "survey_id": event.survey_id,
                    "project_id": event.project_id,
                },
            )
        case event if isinstance(event, SETTLING):
            yield Remove(ESCALATION, {"escalation_id": event.survey_id})
            for kind in Kind:
                yield Remove(WAITING, {"survey_id": event.survey_id, "kind": kind})
        case ContactNamed(replaces=UUID() as replaced):
            yield Remove(ESCALATION, {"escalation_id": replaced})
        case ContactErased() as event:
            yield Remove(ESCALATION, {"escalation_id": event.contact_id})
        case ContactMarkedUnreachable() as event:
            yield Put(
                ESCALATION,
                {"escalation_id": event.contact_id},
                {
                    "kind": "unreachable",
                    "since": event.effective_on,
                    "organisation_id": event.organisation_id,
                    "contact_id": event.contact_id,
                },
            )
        case _:
            yield from _of_message(recorded)


def _of_message(recorded: Recorded) -> Iterable[Delta]:
    match recorded.event:
        case MessageComposed() as event:
            yield Insert(
                MESSAGE,
                {
                    "message_id": event.message_id,
                    "person_id": event.person_id,
                    "contact_id": event.contact_id,
                    "composed_on": event.effective_on,
                    "surveys": len(event.subjects),
                    "state": Status.COMPOSED,
                    "attempts": 0,
                },
            )
        case MessageSent() as event:
            yield Change(MESSAGE, {"message_id": event.message_id}, {"state": Status.SENT})
            for subject in event.subjects:
                for kind in subject.kinds:
                    yield Remove(WAITING, {"survey_id": subject.survey_id, "kind": kind})
        case MessageFailed() as event:
            failed: dict[str, object] = {"attempts": event.attempt, "code": event.code}
            if event.given_up:
                failed["state"] = Status.FAILED
            yield Change(MESSAGE, {"message_id": event.message_id}, failed)
        case MessageBounced() as event:
            yield Change(MESSAGE, {"message_id": event.message_id}, {"state": Status.BOUNCED})


PROJECTION = Projection("correspondence", 1, METADATA, deltas)


def waiting(connection: Connection, organisations: Iterable[UUID]) -> list[Waiting]:
    """The reminders of these organisations that no message has taken along yet."""
    query = select(WAITING).where(WAITING.c.organisation_id.in_(list(organisations)))
    return [
        Waiting(
            kind=Kind(row.kind),
            asked=Asked(
                survey_id=row.survey_id,
                participant_id=row.participant_id,
                project_id=row.project_id,
                organisation_id=row.organisation_id,
            ),
            due_on=row.due_on,
            since=row.since,
        )
        for row in connection.execute(query)
    ]


def reminders(
    connection: Connection, *, limit: int, after: tuple[date, UUID, str] | None
) -> Sequence[Row[Any]]:
    """The reminders that wait, oldest first; ``after`` the key of one, if given."""
    key = (WAITING.c.since, WAITING.c.survey_id, WAITING.c.kind)
    query = select(WAITING).order_by(*key).limit(limit)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    return connection.execute(query).all()


def messages(
    connection: Connection,
    *,
    limit: int,
    after: tuple[date, UUID] | None,
    state: str | None = None,
) -> Sequence[Row[Any]]:
    """Messages by day; ``after`` the key of one, if given."""
    key = (MESSAGE.c.composed_on, MESSAGE.c.message_id)
    query = select(MESSAGE).order_by(*key).limit(limit)
    if state is not None:
        query = query.where(MESSAGE.c.state == state)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    return connection.execute(query).all()


def escalations(
    connection: Connection,
    *,
    limit: int,
    after: tuple[date, UUID] | None,
    kind: str | None = None,
) -> Sequence[Row[Any]]:
    """What an officer is to look at, oldest first; ``after`` the key of one, if given."""
    key = (ESCALATION.c.since, ESCALATION.c.escalation_id)
    query = select(ESCALATION).order_by(*key).limit(limit)
    if kind is not None:
        query = query.where(ESCALATION.c.kind == kind)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    return connection.execute(query).all()
