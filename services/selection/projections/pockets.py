"""
What remains per pocket and fiscal year, and the reservations that are open.

    available = authority − reserved − committed
    left in a year = its ceiling − reserved for it − committed for it

What is left is always computed, never stored.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.selection.domain.award import AwardApproved
from services.selection.domain.pocket import (
    AmountReserved,
    AuthoritySet,
    CommitmentAdjusted,
    CommitmentReprofiled,
    PocketIncreaseReserved,
    PocketIncreaseReturned,
    ReservationCommitted,
    ReservationReturned,
)
from services.selection.domain.years import ByYear, negative
from shared.eventstore.store import Recorded
from shared.kernel.money import Money
from shared.projecting.projection import Add, Delta, Insert, Projection, Remove

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
    Column("ceiling_years", ARRAY(Integer)),
    Column("ceiling_cents", ARRAY(BigInteger)),
    schema="pockets",
)

YEAR = Table(
    "year",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("fiscal_year", Integer, primary_key=True),
    Column("reserved_cents", BigInteger, nullable=False),
    Column("committed_cents", BigInteger, nullable=False),
    schema="pockets",
)

UNPLANNED = 0
"""The fiscal year of a reservation that does not say which."""

RESERVATION = Table(
    "reservation",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("award_id", Uuid, primary_key=True),
    Column("fiscal_year", Integer, primary_key=True),
    Column("amount_cents", BigInteger, nullable=False),
    Column("since", Date, nullable=False),
    schema="pockets",
)

AWARD = Table(
    "award",
    METADATA,
    Column("award_id", Uuid, primary_key=True),
    Column("application_id", Uuid, nullable=False),
    Column("programme", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("lead", Text),
    schema="pockets",
)
"""Who has a reservation; ``lead`` is the name of the organisation that leads."""


def deltas(recorded: Recorded) -> Iterable[Delta]:  # noqa: C901  # one case per event
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
                    "ceiling_years": [each.fiscal_year for each in event.yearly],
                    "ceiling_cents": [each.amount.cents for each in event.yearly],
                },
            )
            for each in event.yearly:  # so that a year with a ceiling is there to be seen
                yield _moved_in(event.pocket, each.fiscal_year)
        case AmountReserved() as event:
            yield _moved(event.pocket, reserved=event.amount.cents)
            yield from _years(event.pocket, reserved=event.by_year)
            yield from _opened(event)
        case ReservationReturned() as event:
            yield _moved(event.pocket, reserved=-event.amount.cents)
            yield from _years(event.pocket, reserved=negative(event.by_year))
            yield from _closed(event.pocket, event.award_id, event.by_year)
        case ReservationCommitted() as event:
            yield _moved(
                event.pocket, reserved=-event.reserved.cents, committed=event.committed.cents
            )
            yield from _years(
                event.pocket,
                reserved=negative(event.reserved_by_year),
                committed=event.committed_by_year,
            )
            yield from _closed(event.pocket, event.award_id, event.reserved_by_year)
        case CommitmentAdjusted() as event:
            yield _moved(
                event.pocket, reserved=-event.reserved.cents, committed=event.difference.cents
            )
            yield from _years(
                event.pocket,
                reserved=negative(event.reserved_by_year),
                committed=event.by_year,
            )
        case PocketIncreaseReserved() as event:
            yield _moved(event.pocket, reserved=event.amount.cents)
            yield from _years(event.pocket, reserved=event.by_year)
        case PocketIncreaseReturned() as event:
            yield _moved(event.pocket, reserved=-event.amount.cents)
            yield from _years(event.pocket, reserved=negative(event.by_year))
        case CommitmentReprofiled() as event:
            yield from _years(event.pocket, committed=event.by_year)
        case AwardApproved() as event:
            lead = next((each.name for each in event.participants if each.role == "lead"), None)
            yield Insert(
                AWARD,
                {
                    "award_id": event.award_id,
                    "application_id": event.application_id,
                    "programme": event.programme_code,
                    "title": event.title,
                    "lead": lead,
                },
            )
        case _:
            return


def _moved(code: str, *, reserved: int = 0, committed: int = 0) -> Add:
    return Add(POCKET, {"code": code}, {"reserved_cents": reserved, "committed_cents": committed})


def _years(code: str, *, reserved: ByYear = (), committed: ByYear = ()) -> Iterable[Add]:
    for each in reserved:
        yield _moved_in(code, each.fiscal_year, reserved=each.amount.cents)
    for each in committed:
        yield _moved_in(code, each.fiscal_year, committed=each.amount.cents)


def _moved_in(code: str, year: int, *, reserved: int = 0, committed: int = 0) -> Add:
    return Add(
        YEAR,
        {"code": code, "fiscal_year": year},
        {"reserved_cents": reserved, "committed_cents": committed},
    )


def _opened(event: AmountReserved) -> Iterable[Insert]:
    parts = {each.fiscal_year: each.amount for each in event.by_year} or {UNPLANNED: event.amount}
    for year, amount in parts.items():
        yield Insert(
            RESERVATION,
            {
                "code": event.pocket,
                "award_id": event.award_id,
                "fiscal_year": year,
                "amount_cents": amount.cents,
                "since": event.effective_on,
            },
        )


def _closed(code: str, award_id: UUID, by_year: ByYear) -> Iterable[Remove]:
    for year in [each.fiscal_year for each in by_year] or [UNPLANNED]:
        yield Remove(RESERVATION, {"code": code, "award_id": award_id, "fiscal_year": year})


PROJECTION = Projection("pockets", 2, METADATA, deltas)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class YearBalance:
    """One fiscal year of one pocket."""

    pocket: str
    fiscal_year: int
    ceiling: Money | None
    """None where the funder sets none."""
    reserved: Money
    committed: Money

    @property
    def left(self) -> Money | None:
        """What may still be promised for it; None: what the pocket as a whole has left."""
        return None if self.ceiling is None else self.ceiling - self.reserved - self.committed


def year_balances(
    connection: Connection, *, pocket: str | None, after: tuple[str, int] | None, limit: int
) -> Sequence[YearBalance]:
    """Fiscal years by pocket, earliest first; only those of ``pocket`` when one is given."""
    query = (
        select(YEAR, POCKET.c.ceiling_years, POCKET.c.ceiling_cents)
        .join(POCKET, POCKET.c.code == YEAR.c.code)
        .order_by(YEAR.c.code, YEAR.c.fiscal_year)
        .limit(limit)
    )
    if pocket is not None:
        query = query.where(YEAR.c.code == pocket)
    if after is not None:
        query = query.where(tuple_(YEAR.c.code, YEAR.c.fiscal_year) > after)
    found = []
    for row in connection.execute(query):
        ceilings = dict(zip(row.ceiling_years or (), row.ceiling_cents or (), strict=True))
        cents = ceilings.get(row.fiscal_year)
        found.append(
            YearBalance(
                pocket=row.code,
                fiscal_year=row.fiscal_year,
                ceiling=None if cents is None else Money(cents),
                reserved=Money(row.reserved_cents),
                committed=Money(row.committed_cents),
            )
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReservation:
    """What one award has reserved of one pocket for one fiscal year."""

    pocket: str
    award_id: UUID
    fiscal_year: int | None
    """None where the reservation does not say."""
    amount: Money
    since: date
    application_id: UUID | None
    programme: str | None
    title: str | None
    lead: str | None


ReservationKey = tuple[str, UUID, int]


def open_reservations(
    connection: Connection, *, pocket: str | None, after: ReservationKey | None, limit: int
) -> Sequence[OpenReservation]:
    """Reservations by pocket, award and fiscal year; only those of ``pocket`` when given."""
    query = (
        select(RESERVATION, AWARD.c.application_id, AWARD.c.programme, AWARD.c.title, AWARD.c.lead)
        .outerjoin(AWARD, AWARD.c.award_id == RESERVATION.c.award_id)
        .order_by(RESERVATION.c.code, RESERVATION.c.award_id, RESERVATION.c.fiscal_year)
        .limit(limit)
    )
    if pocket is not None:
        query = query.where(RESERVATION.c.code == pocket)
    if after is not None:
        key = tuple_(RESERVATION.c.code, RESERVATION.c.award_id, RESERVATION.c.fiscal_year)
        query = query.where(key > after)
    return [
        OpenReservation(
            pocket=row.code,
            award_id=row.award_id,
            fiscal_year=row.fiscal_year or None,
            amount=Money(row.amount_cents),
            since=row.since,
            application_id=row.application_id,
            programme=row.programme,
            title=row.title,
            lead=row.lead,
        )
        for row in connection.execute(query)
    ]
