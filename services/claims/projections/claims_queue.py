"""
Which claims wait for whom, and for how long?

A claim is *drafted*, *certified* (it waits for its assessment), *queried* (it waits for its
participant), *assessed* (it waits for its approval), *approved* (something is payable) or *paid*
(nothing is payable now). A withdrawn draft is gone. Its age counts from certification, when it was
complete, without the days that it was with its participant since, against the standard of 45
calendar days.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
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

from services.claims.domain import events
from services.claims.domain.set_off import paid_by_set_off
from services.claims.domain.values import ClaimForm, PocketShare
from shared.eventstore.store import Recorded
from shared.projecting.projection import Add, Change, Delta, Insert, Projection, Remove

NAME = "claims_queue"
METADATA = MetaData()

STANDARD_DAYS = 45
"""Calendar days within which a complete claim is decided (ISED service standard)."""

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
    Column("final", Boolean, nullable=False),
    Column("assigned_to", Text),
    Column("waiting_since", Date, nullable=False),
    Column("certified_on", Date),
    Column("stopped_on", Date),
    Column("approved_on", Date),
    Column("days_late", Integer, nullable=False),
    Column("claimed_cash_cents", BigInteger, nullable=False),
    Column("claimed_in_kind_cents", BigInteger, nullable=False),
    Column("payable_cents", BigInteger, nullable=False),
    Column("held_back_cents", BigInteger, nullable=False),
    Column("paid_cents", BigInteger, nullable=False),
    Index("claim_oldest_first", "state", "waiting_since", "claim_id"),
    Index("claim_agreement", "agreement_id"),
    Index("claim_assigned", "assigned_to"),
    Index("claim_organisation", "organisation_id"),
    schema=NAME,
)


def deltas(  # noqa: C901, PLR0912  # one branch per event
    recorded: Recorded,
) -> Iterable[Delta]:
    """What an event changes."""
    match recorded.event:
        case events.ClaimDrafted() as event:
            yield Insert(CLAIM, _drafted(recorded, event))
        case events.ClaimRedrafted() as event:
            yield Change(CLAIM, _key(event.claim_id), _of_form(event.form))
        case events.ClaimWithdrawn() as event:
            yield Remove(CLAIM, _key(event.claim_id))
        case events.ClaimCertified() as event:
            day = event.waiting_since or event.effective_on
            values = {
                "state": "certified",
                "waiting_since": day,
                "certified_on": event.effective_on,
                "stopped_on": None,
                "days_late": event.days_late,
            }
            yield Change(CLAIM, _key(event.claim_id), values)
        case events.ClaimAssigned() as event:
            yield Change(CLAIM, _key(event.claim_id), {"assigned_to": event.assigned_to})
        case events.ClaimQueried() as event:
            values = {"state": "queried", "stopped_on": event.effective_on}
            yield Change(CLAIM, _key(event.claim_id), values)
        case events.ClaimQueryAnswered() as event:
            yield Change(CLAIM, _key(event.claim_id), _answered(event))
        case events.ClaimAssessed() as event:
            yield Change(CLAIM, _key(event.claim_id), {"state": "assessed"})
        case events.ClaimSentBack() as event:
            yield Change(CLAIM, _key(event.claim_id), {"state": "certified"})
        case events.ClaimApproved() as event:
            amounts = {
                "payable_cents": _cents(event.payable),
                "held_back_cents": _cents(event.held_back),
                "paid_cents": sum(each.cents for each in paid_by_set_off(event).values()),
            }
            state = "approved" if event.payable else "paid"
            values = {"state": state, "approved_on": event.effective_on}
            yield Add(CLAIM, _key(event.claim_id), amounts, values)
        case events.HoldbackReleased() as event:
            cents = _cents(event.released)
            amounts = {"payable_cents": cents, "held_back_cents": -cents}
            yield Add(CLAIM, _key(event.claim_id), amounts, {"state": "approved"})
        case events.HoldbackForfeited() as event:
            amounts = {"held_back_cents": -_cents(event.forfeited)}
            yield Add(CLAIM, _key(event.claim_id), amounts)
        case events.PaymentDisbursed(claim_id=UUID() as claim_id) as event:
            cents = _cents(event.paid)
            amounts = {"payable_cents": -cents, "paid_cents": cents}
            yield Add(CLAIM, _key(claim_id), amounts, {"state": "paid"})
        case events.PaymentReturned(claim_id=UUID() as claim_id) as event:
            cents = _cents(event.returned)
            amounts = {"payable_cents": cents, "paid_cents": -cents}
            yield Add(CLAIM, _key(claim_id), amounts, {"state": "approved"})


def _key(claim_id: UUID) -> dict[str, UUID]:
    return {"claim_id": claim_id}


def _cents(shares: Iterable[PocketShare]) -> int:
    return sum(share.amount.cents for share in shares)


def _answered(event: events.ClaimQueryAnswered) -> dict[str, Any]:
    if event.form is not None:  # a draft again: it does not age until it is certified
        return {"state": "drafted"} | _of_form(event.form)
    return {"state": "certified", "waiting_since": event.waiting_since, "stopped_on": None}


def _of_form(form: ClaimForm) -> dict[str, Any]:
    return {
        "quarter": str(form.quarter),
        "period_starts_on": form.period_starts_on,
        "period_ends_on": form.period_ends_on,
        "final": form.final,
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
        "assigned_to": None,
        "waiting_since": event.effective_on,
        "certified_on": None,
        "stopped_on": None,
        "approved_on": None,
        "days_late": 0,
        "payable_cents": 0,
        "held_back_cents": 0,
        "paid_cents": 0,
    }


PROJECTION = Projection(NAME, 2, METADATA, deltas)


def queue(
    connection: Connection,
    *,
    limit: int,
    after: Sequence[Any] | None = None,
    state: str | None = None,
    assigned_to: str | None = None,
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
    if assigned_to is not None:
        query = query.where(CLAIM.c.assigned_to == assigned_to)
    if agreement_id is not None:
        query = query.where(CLAIM.c.agreement_id == agreement_id)
    if organisation_id is not None:
        query = query.where(CLAIM.c.organisation_id == organisation_id)
    return list(connection.execute(query).all())


def age_days(
    waiting_since: date | None,
    *,
    stopped_on: date | None,
    approved_on: date | None,
    today: date,
) -> int | None:
    """
    Calendar days that a claim has waited for us, until its approval or until today.

    ``waiting_since`` is None for what was not certified yet; ``stopped_on`` is the day from which
    the claim is with its participant.
    """
    if waiting_since is None:
        return None
    return ((approved_on or stopped_on or today) - waiting_since).days


def is_overdue(age: int | None, *, approved_on: date | None) -> bool:
    """A claim that still waits has passed the standard."""
    return approved_on is None and age is not None and age > STANDARD_DAYS
