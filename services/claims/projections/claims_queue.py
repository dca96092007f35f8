"""
Which claims wait for whom, and for how long?

A claim is *drafted*, *certified* (it waits for a decision), *approved* (something is payable) or
*paid* (nothing is payable now). A withdrawn draft is gone. Its age counts from certification,
when it was complete, against the standard of 45 calendar days.
"""

from collections.abc import Iterable, Sequence
from datetime import date
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
    tuple_,
)

from services.claims.domain import events
from services.claims.domain.values import ClaimForm, PocketShare
from shared.eventstore.store import Recorded
from shared.projecting.projection import Add, Change, Delta, Insert, Projection, Remove

NAME = "claims_queue"
METADATA = MetaData()

STAGES = ("drafted", "certified", "approved", "paid")

CLAIM = Table(
    "claim",
    METADATA,
    Column("claim_id", Uuid, primary_key=True),
    Column("agreement_id", Uuid, nullable=False),
    Column("project_id", Uuid, nullable=False),
    Column("programme_code", Text, nullable=False),
    Column("participant_id", Uuid, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("quarter", Text, nullable=False),
    Column("period_starts_on", Date, nullable=False),
    Column("period_ends_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("waiting_since", Date, nullable=False),
    Column("certified_on", Date),
    Column("approved_on", Date),
    Column("claimed_cash_cents", BigInteger, nullable=False),
    Column("claimed_in_kind_cents", BigInteger, nullable=False),
    Column("payable_cents", BigInteger, nullable=False),
    Column("held_back_cents", BigInteger, nullable=False),
    Column("paid_cents", BigInteger, nullable=False),
    Index("claim_oldest_first", "state", "waiting_since", "claim_id"),
    Index("claim_agreement", "agreement_id"),
    Index("claim_organisation", "organisation_id"),
    schema=NAME,
)


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """What an event changes."""
    match recorded.event:
        case events.ClaimDrafted() as event:
            yield Insert(CLAIM, _drafted(recorded, event))
        case events.ClaimRedrafted() as event:
            yield Change(CLAIM, _key(event.claim_id), _of_form(event.form))
        case events.ClaimWithdrawn() as event:
            yield Remove(CLAIM, _key(event.claim_id))
        case events.ClaimCertified() as event:
            day = event.effective_on
            values = {"state": "certified", "waiting_since": day, "certified_on": day}
            yield Change(CLAIM, _key(event.claim_id), values)
        case events.ClaimApproved() as event:
            amounts = {
                "payable_cents": _cents(event.payable),
                "held_back_cents": _cents(event.held_back),
            }
            state = "approved" if event.payable else "paid"
            values = {"state": state, "approved_on": event.effective_on}
            yield Add(CLAIM, _key(event.claim_id), amounts, values)
        case events.HoldbackReleased() as event:
            cents = _cents(event.released)
            amounts = {"payable_cents": cents, "held_back_cents": -cents}
            yield Add(CLAIM, _key(event.claim_id), amounts, {"state": "approved"})
        case events.PaymentDisbursed() as event:
            cents = _cents(event.paid)
            amounts = {"payable_cents": -cents, "paid_cents": cents}
            yield Add(CLAIM, _key(event.claim_id), amounts, {"state": "paid"})
        case events.PaymentReturned() as event:
            cents = _cents(event.returned)
            amounts = {"payable_cents": cents, "paid_cents": -cents}
            yield Add(CLAIM, _key(event.claim_id), amounts, {"state": "approved"})


def _key(claim_id: UUID) -> dict[str, UUID]:
    return {"claim_id": claim_id}


def _cents(shares: Iterable[PocketShare]) -> int:
    return sum(share.amount.cents for share in shares)


def _of_form(form: ClaimForm) -> dict[str, Any]:
    return {
        "quarter": str(form.quarter),
        "period_starts_on": form.period_starts_on,
        "period_ends_on": form.period_ends_on,
        "claimed_cash_cents": form.cash.cents,
        "claimed_in_kind_cents": sum(line.in_kind.cents for line in form.lines),
    }


def _drafted(recorded: Recorded, event: events.ClaimDrafted) -> dict[str, Any]:
    return {
        **_key(event.claim_id),
        "agreement_id": recorded.stream.id,
        "project_id": event.project_id,
        "programme_code": event.programme_code,
        "participant_id": event.form.participant_id,
        "organisation_id": event.organisation_id,
        **_of_form(event.form),
        "state": "drafted",
        "waiting_since": event.effective_on,
        "certified_on": None,
        "approved_on": None,
        "payable_cents": 0,
        "held_back_cents": 0,
        "paid_cents": 0,
    }


PROJECTION = Projection(NAME, 1, METADATA, deltas)


def queue(
    connection: Connection,
    *,
    limit: int,
    after: Sequence[Any] | None = None,
    state: str | None = None,
    agreement_id: UUID | None = None,
    organisation_id: UUID | None = None,
) -> list[Row[Any]]:
    """
    Claims that pass every given filter, the longest waiting first.

    ``after`` is the ``waiting_since`` and ``claim_id`` of the last one seen.
    """
    order = (CLAIM.c.waiting_since, CLAIM.c.claim_id)
    query = select(CLAIM).order_by(*order).limit(limit)
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    if state is not None:
        query = query.where(CLAIM.c.state == state)
    if agreement_id is not None:
        query = query.where(CLAIM.c.agreement_id == agreement_id)
    if organisation_id is not None:
        query = query.where(CLAIM.c.organisation_id == organisation_id)
    return list(connection.execute(query).all())


def age_days(row: Row[Any], today: date) -> int | None:
    """Calendar days from certification to the decision, or to today; None for a draft."""
    if row.certified_on is None:
        return None
    days: int = ((row.approved_on or today) - row.certified_on).days
    return days
