"""
What was planned for a quarter, what is expected of it now, and what came of it?

Per participant and fiscal quarter: *contracted* is the schedule with its amendments; *committed*
is what is still planned there, after the latest forecast; *approved* is what claims of the quarter
were worth, *paid* what left of it: an advance in its own quarter until a claim accounts for it,
and whatever was recovered later. What was given back is in none of them but the first.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Connection, MetaData, Row, Table, Text, Uuid, select

from services.claims.domain import events
from shared.eventstore.store import Recorded
from shared.kernel.schedule import FundingCell
from shared.projecting.projection import Add, Delta, Projection

NAME = "forecasts"
METADATA = MetaData()

AMOUNTS = ("contracted_cents", "committed_cents", "approved_cents", "paid_cents")

CELL = Table(
    "cell",
    METADATA,
    Column("agreement_id", Uuid, primary_key=True),
    Column("participant_id", Uuid, primary_key=True),
    Column("quarter", Text, primary_key=True),
    *(Column(name, BigInteger, nullable=False, server_default="0") for name in AMOUNTS),
    schema=NAME,
)


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """What an event changes."""
    match recorded.event:
        case events.AgreementExecuted() | events.AgreementAmended() as event:
            yield from _cells(recorded, event.funding, contracted=1, committed=1)
        case events.ForecastRevised() as event:
            yield from _cells(recorded, event.funding, committed=1)
        case events.CommitmentReleased() as event:
            yield from _cells(recorded, event.funding, committed=-1)
        case events.ClaimApproved() as event:
            yield from _cells(recorded, event.drawn, committed=-1)
            worth = sum(cell.amount.cents for cell in event.drawn)
            worth += sum(part.amount.cents for part in event.advance_set_off)
            yield _in_quarter(recorded, event, "approved_cents", worth)
            yield from _set_off(recorded, event)
        case events.AdvanceApproved() as event:
            yield from _cells(recorded, event.drawn, committed=-1)
        case events.AdvanceCancelled() as event:
            yield from _cells(recorded, event.drawn, committed=1)
        case events.PaymentDisbursed() as event:
            yield _in_quarter(
                recorded, event, "paid_cents", sum(each.amount.cents for each in event.paid)
            )
        case events.PaymentReturned() as event:
            yield _in_quarter(
                recorded, event, "paid_cents", -sum(each.amount.cents for each in event.returned)
            )


def _set_off(recorded: Recorded, event: events.ClaimApproved) -> Iterable[Delta]:
    """What an advance or a debt settles of a claim is paid in the claim's quarter."""
    for part in event.advance_set_off:
        key = _key(recorded, event.participant_id, str(part.quarter))
        yield Add(CELL, key, {"paid_cents": -part.amount.cents})
    settled = (*event.advance_set_off, *event.recovery_set_off)
    if settled:
        cents = sum(part.amount.cents for part in settled)
        yield _in_quarter(recorded, event, "paid_cents", cents)


def _cells(
    recorded: Recorded, cells: Iterable[FundingCell], *, contracted: int = 0, committed: int = 0
) -> Iterable[Delta]:
    for cell in cells:
        cents = cell.amount.cents
        amounts = {"contracted_cents": contracted * cents, "committed_cents": committed * cents}
        yield Add(CELL, _key(recorded, cell.participant_id, str(cell.quarter)), amounts)


def _in_quarter(
    recorded: Recorded,
    event: events.ClaimApproved | events.PaymentDisbursed | events.PaymentReturned,
    column: str,
    cents: int,
) -> Delta:
    key = _key(recorded, event.participant_id, str(event.quarter))
    return Add(CELL, key, {column: cents})


def _key(recorded: Recorded, participant_id: UUID, quarter: str) -> dict[str, Any]:
    return {
        "agreement_id": recorded.stream.id,
        "participant_id": participant_id,
        "quarter": quarter,
    }


PROJECTION = Projection(NAME, 1, METADATA, deltas)


def of_agreement(connection: Connection, agreement_id: UUID) -> list[Row[Any]]:
    """An agreement's amounts by participant and quarter."""
    query = (
        select(CELL)
        .where(CELL.c.agreement_id == agreement_id)
        .order_by(CELL.c.participant_id, CELL.c.quarter)
    )
    return list(connection.execute(query).all())
