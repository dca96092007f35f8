"""
Which agreements are there, where are they in their life, and who takes part in them?

Amounts are what is contracted: the schedule at execution and every amendment since.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Index,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    select,
)

from services.claims.domain import events
from services.claims.domain.state import Standing
from services.claims.domain.values import Party
from shared.eventstore.store import Recorded
from shared.projecting.projection import Add, Change, Delta, Insert, Projection

NAME = "agreements"
METADATA = MetaData()

AGREEMENT = Table(
    "agreement",
    METADATA,
    Column("agreement_id", Uuid, primary_key=True),
    Column("project_id", Uuid, nullable=False),
    Column("programme_code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("executed_on", Date),
    Column("contracted_cents", BigInteger, nullable=False),
    Index("agreement_project", "project_id"),
    schema=NAME,
)

PARTICIPANT = Table(
    "participant",
    METADATA,
    Column("agreement_id", Uuid, primary_key=True),
    Column("participant_id", Uuid, primary_key=True),
    Column("organisation_id", Uuid, nullable=False),
    Index("participant_organisation", "organisation_id"),
    schema=NAME,
)


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """What an event changes."""
    agreement_id = recorded.stream.id
    key = {"agreement_id": agreement_id}
    match recorded.event:
        case events.AgreementDrafted() as event:
            yield Insert(
                AGREEMENT,
                key
                | {
                    "project_id": event.project_id,
                    "programme_code": event.programme_code,
                    "title": event.title,
                    "state": Standing.DRAFTED.value,
                    "starts_on": event.starts_on,
                    "ends_on": event.ends_on,
                    "executed_on": None,
                    "contracted_cents": sum(cell.amount.cents for cell in event.funding),
                },
            )
            for party in event.participants:
                yield _takes_part(agreement_id, party)
        case events.AgreementLapsed():
            yield Change(AGREEMENT, key, {"state": Standing.LAPSED.value})
        case events.AgreementExecuted() as event:
            values = {"state": Standing.EXECUTED.value, "executed_on": event.effective_on}
            yield Change(AGREEMENT, key, values)
        case events.AgreementAmended() as event:
            difference = sum(cell.amount.cents for cell in event.funding)
            yield Add(AGREEMENT, key, {"contracted_cents": difference}, {"ends_on": event.ends_on})
            for party in event.added:
                yield _takes_part(agreement_id, party)
        case events.AgreementTerminated():
            yield Change(AGREEMENT, key, {"state": Standing.TERMINATED.value})
        case events.ProjectCompleted():
            yield Change(AGREEMENT, key, {"state": Standing.COMPLETED.value})


def _takes_part(agreement_id: UUID, party: Party) -> Insert:
    """Who left stays: it reads its history."""
    row = {
        "agreement_id": agreement_id,
        "participant_id": party.participant_id,
        "organisation_id": party.organisation_id,
    }
    return Insert(PARTICIPANT, row)


PROJECTION = Projection(NAME, 1, METADATA, deltas)


def listed(
    connection: Connection,
    *,
    limit: int,
    after: UUID | None = None,
    project_id: UUID | None = None,
    programme_code: str | None = None,
    state: str | None = None,
    organisation_id: UUID | None = None,
) -> list[Row[Any]]:
    """Agreements that pass every given filter, by id, after the one with the id ``after``."""
    query = select(AGREEMENT).order_by(AGREEMENT.c.agreement_id).limit(limit)
    if after is not None:
        query = query.where(AGREEMENT.c.agreement_id > after)
    if project_id is not None:
        query = query.where(AGREEMENT.c.project_id == project_id)
    if programme_code is not None:
        query = query.where(AGREEMENT.c.programme_code == programme_code)
    if state is not None:
        query = query.where(AGREEMENT.c.state == state)
    if organisation_id is not None:
        takes_part = select(PARTICIPANT.c.agreement_id).where(
            PARTICIPANT.c.organisation_id == organisation_id
        )
        query = query.where(AGREEMENT.c.agreement_id.in_(takes_part))
    return list(connection.execute(query).all())
