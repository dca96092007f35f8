"""
What remains per pocket.

    available = authority − reserved − committed

``available`` is always computed, never stored.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, select

from services.selection.domain.pocket import (
    AmountReserved,
    AuthoritySet,
    CommitmentAdjusted,
    PocketIncreaseReserved,
    PocketIncreaseReturned,
    ReservationCommitted,
    ReservationReturned,
)
from shared.eventstore.store import Recorded
from shared.kernel.money import Money
from shared.projecting.projection import Add, Delta, Projection

METADATA = MetaData()

POCKET = Table(
    "pocket",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("funder", Text, nullable=False),
    Column("funder_agreement", Text, nullable=False),
    Column("authority_cents", BigInteger, nullable=False),
    Column("reserved_cents", BigInteger, nullable=False),
    Column("committed_cents", BigInteger, nullable=False),
    schema="pockets",
)


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """What an event changes in the balances of a pocket."""
    match recorded.event:
        case AuthoritySet() as event:
            yield Add(
                POCKET,
                {"code": event.pocket},
                {"reserved_cents": 0, "committed_cents": 0},
                {
                    "funder": event.funder,
                    "funder_agreement": event.funder_agreement,
                    "authority_cents": event.authority.cents,
                },
            )
        case AmountReserved() as event:
            yield _moved(event.pocket, reserved=event.amount.cents)
        case ReservationReturned() as event:
            yield _moved(event.pocket, reserved=-event.amount.cents)
        case ReservationCommitted() as event:
            yield _moved(
                event.pocket, reserved=-event.reserved.cents, committed=event.committed.cents
            )
        case CommitmentAdjusted() as event:
            yield _moved(
                event.pocket, reserved=-event.reserved.cents, committed=event.difference.cents
            )
        case PocketIncreaseReserved() as event:
            yield _moved(event.pocket, reserved=event.amount.cents)
        case PocketIncreaseReturned() as event:
            yield _moved(event.pocket, reserved=-event.amount.cents)
        case _:
            return


def _moved(code: str, *, reserved: int = 0, committed: int = 0) -> Add:
    return Add(POCKET, {"code": code}, {"reserved_cents": reserved, "committed_cents": committed})


PROJECTION = Projection("pockets", 1, METADATA, deltas)


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketBalance:
    """One pocket and what remains of it."""

    code: str
    funder: str
    funder_agreement: str
    authority: Money
    reserved: Money
    committed: Money

    @property
    def available(self) -> Money:
        """Granted and promised to nobody."""
        return self.authority - self.reserved - self.committed


def pocket_balances(
    connection: Connection, *, after: str | None, limit: int
) -> Sequence[PocketBalance]:
    """Pockets by code, those after ``after``."""
    query = select(POCKET).order_by(POCKET.c.code).limit(limit)
    if after is not None:
        query = query.where(POCKET.c.code > after)
    return [
        PocketBalance(
            code=row.code,
            funder=row.funder,
            funder_agreement=row.funder_agreement,
            authority=Money(row.authority_cents),
            reserved=Money(row.reserved_cents),
            committed=Money(row.committed_cents),
        )
        for row in connection.execute(query)
    ]
