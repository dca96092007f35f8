"""
Which periods are to be claimed, by whom, and which of them are not claimed yet?

A participant has claimed a period when one of its certified claims reaches the period's last day.
A period is *open* while it runs, *ended* when its claim can be made, *overdue* after the day by
which the programme wants it, and *claimed*. What a completed project never claimed is gone.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Index,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    and_,
    case,
    select,
    tuple_,
)

from services.claims.domain import events
from services.claims.domain.values import Claimant, ClaimForm
from shared.eventstore.store import Recorded
from shared.projecting.projection import Add, Change, Delta, Insert, Projection, Put, Remove

NAME = "claim_periods"
METADATA = MetaData()

STATES = ("open", "ended", "overdue", "claimed")

AGREEMENT = Table(
    "agreement",
    METADATA,
    Column("agreement_id", Uuid, primary_key=True),
    Column("project_id", Uuid, nullable=False),
    Column("programme_code", Text, nullable=False),
    Column("frequency", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("executed_on", Date),
    Column("terminated_on", Date),
    Column("completed_on", Date),
    schema=NAME,
)

CLAIMANT = Table(
    "claimant",
    METADATA,
    Column("agreement_id", Uuid, primary_key=True),
    Column("participant_id", Uuid, primary_key=True),
    Column("contracted_cents", BigInteger, nullable=False, server_default="0"),
    Column("match_cents", BigInteger, nullable=False, server_default="0"),
    schema=NAME,
)
"""Participants that have money or match in an agreement."""

CLAIM = Table(
    "claim",
    METADATA,
    Column("claim_id", Uuid, primary_key=True),
    Column("agreement_id", Uuid, nullable=False),
    Column("participant_id", Uuid, nullable=False),
    Column("period_starts_on", Date, nullable=False),
    Column("period_ends_on", Date, nullable=False),
    Column("final", Boolean, nullable=False),
    Column("certified_on", Date),
    Column("approved_on", Date),
    Index("claim_participant", "agreement_id", "participant_id"),
    schema=NAME,
)

PERIOD = Table(
    "period",
    METADATA,
    Column("agreement_id", Uuid, primary_key=True),
    Column("participant_id", Uuid, primary_key=True),
    Column("starts_on", Date, primary_key=True),
    Column("organisation_id", Uuid, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("due_on", Date),
    Column("reminded", Text),
    Index("period_oldest_first", "ends_on", "agreement_id", "participant_id"),
    schema=NAME,
)


def deltas(  # noqa: C901, PLR0912  # one branch per event
    recorded: Recorded,
) -> Iterable[Delta]:
    """What an event changes."""
    agreement = {"agreement_id": recorded.stream.id}
    match recorded.event:
        case events.AgreementDrafted() as event:
            yield Insert(
                AGREEMENT,
                agreement
                | {
                    "project_id": event.project_id,
                    "programme_code": event.programme_code,
                    "frequency": event.terms.claim_frequency.value,
                    "starts_on": event.starts_on,
                    "ends_on": event.ends_on,
                },
            )
        case events.AgreementExecuted() as event:
            yield Change(AGREEMENT, agreement, {"executed_on": event.effective_on})
            yield from _contracted(recorded, event)
        case events.AgreementAmended() as event:
            yield Change(AGREEMENT, agreement, {"ends_on": event.ends_on})
            yield from _contracted(recorded, event)
        case events.AgreementTerminated() as event:
            yield Change(AGREEMENT, agreement, {"terminated_on": event.effective_on})
        case events.ProjectCompleted() as event:
            yield Change(AGREEMENT, agreement, {"completed_on": event.effective_on})
        case events.ClaimDrafted() as event:
            participant = {"participant_id": event.form.participant_id}
            row = {"claim_id": event.claim_id} | agreement | participant | _of_form(event.form)
            yield Insert(CLAIM, row)
        case events.ClaimRedrafted() as event:
            yield Change(CLAIM, {"claim_id": event.claim_id}, _of_form(event.form))
        case events.ClaimQueryAnswered() as event:
            if event.form is not None:  # a draft again
                values = _of_form(event.form) | {"certified_on": None}
                yield Change(CLAIM, {"claim_id": event.claim_id}, values)
        case events.ClaimWithdrawn() as event:
            yield Remove(CLAIM, {"claim_id": event.claim_id})
        case events.ClaimCertified() as event:
            day = {"certified_on": event.effective_on}
            yield Change(CLAIM, {"claim_id": event.claim_id}, day)
        case events.ClaimApproved() as event:
            day = {"approved_on": event.effective_on}
            yield Change(CLAIM, {"claim_id": event.claim_id}, day)
        case events.ClaimPeriodOpened() | events.ClaimPeriodRescheduled() as event:
            for each in event.participants:
                values = {
                    "organisation_id": each.organisation_id,
                    "ends_on": event.period_ends_on,
                    "due_on": event.due_on,
                    "reminded": None,
                }
                yield Put(PERIOD, _key(recorded, event.period_starts_on, each), values)
        case events.ClaimPeriodReminded() as event:
            for each in event.participants:
                values = {"reminded": event.occasion.value}
                yield Change(PERIOD, _key(recorded, event.period_starts_on, each), values)
        case events.ClaimPeriodCancelled() as event:
            for each in event.participants:
                yield Remove(PERIOD, _key(recorded, event.period_starts_on, each))


def _key(recorded: Recorded, starts_on: date, claimant: Claimant) -> dict[str, Any]:
    return {
        "agreement_id": recorded.stream.id,
        "participant_id": claimant.participant_id,
        "starts_on": starts_on,
    }


def _contracted(
    recorded: Recorded, event: events.AgreementExecuted | events.AgreementAmended
) -> Iterable[Delta]:
    agreement = {"agreement_id": recorded.stream.id}
    for cell in event.funding:
        key = agreement | {"participant_id": cell.participant_id}
        yield Add(CLAIMANT, key, {"contracted_cents": cell.amount.cents})
    for promised in event.match:
        key = agreement | {"participant_id": promised.participant_id}
        yield Add(CLAIMANT, key, {"match_cents": promised.cash.cents + promised.in_kind.cents})


def _of_form(form: ClaimForm) -> dict[str, Any]:
    return {
        "period_starts_on": form.period_starts_on,
        "period_ends_on": form.period_ends_on,
        "final": form.final,
    }


PROJECTION = Projection(NAME, 1, METADATA, deltas)


def _claimed() -> ColumnElement[bool]:
    return (
        select(CLAIM.c.claim_id)
        .where(
            CLAIM.c.agreement_id == PERIOD.c.agreement_id,
            CLAIM.c.participant_id == PERIOD.c.participant_id,
            CLAIM.c.certified_on.is_not(None),
            PERIOD.c.ends_on.between(CLAIM.c.period_starts_on, CLAIM.c.period_ends_on),
        )
        .exists()
    )


def listed(
    connection: Connection,
    *,
    today: date,
    limit: int,
    after: Sequence[Any] | None = None,
    state: str | None = None,
    programme_code: str | None = None,
    agreement_id: UUID | None = None,
    organisation_id: UUID | None = None,
) -> list[Row[Any]]:
    """
    Periods that pass every given filter, the one that ended first before the others.

    ``after`` is the ``ends_on``, ``agreement_id`` and ``participant_id`` of the last one seen.
    """
    order = (PERIOD.c.ends_on, PERIOD.c.agreement_id, PERIOD.c.participant_id)
    of = case(
        (_claimed(), "claimed"),
        (PERIOD.c.due_on < today, "overdue"),
        (PERIOD.c.ends_on < today, "ended"),
        else_="open",
    )
    gone = and_(AGREEMENT.c.completed_on.is_not(None), of != "claimed")
    query = (
        select(PERIOD, AGREEMENT.c.project_id, AGREEMENT.c.programme_code, of.label("state"))
        .join(AGREEMENT, AGREEMENT.c.agreement_id == PERIOD.c.agreement_id)
        .where(~gone)
        .order_by(*order)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    if state is not None:
        query = query.where(of == state)
    if programme_code is not None:
        query = query.where(AGREEMENT.c.programme_code == programme_code)
    if agreement_id is not None:
        query = query.where(PERIOD.c.agreement_id == agreement_id)
    if organisation_id is not None:
        query = query.where(PERIOD.c.organisation_id == organisation_id)
    return list(connection.execute(query).all())
