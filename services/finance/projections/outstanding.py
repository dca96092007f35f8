"""What is promised or owed and not settled: commitments and payables by age, cash by month."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import ColumnElement, Connection, and_, func, select, true

from services.finance.domain.ageing import COMMITMENTS, PAYABLES, Aged, bands, outstanding
from services.finance.domain.cash_requirement import Month, Owed, cash_requirement
from services.finance.domain.ledger import SPENT, Account
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import LINES, POCKETS
from shared.kernel.periods import Quarter


@dataclass(frozen=True, slots=True, kw_only=True)
class AgesOfPocket:
    """What is outstanding of one pocket, in cents per band of age."""

    pocket: str
    bands: tuple[int, ...]
    overdue: int = 0
    """Of commitments: planned for a quarter that is over, and not claimed."""


def commitments_by_age(connection: Connection, known: Knowledge, *, on: date) -> list[AgesOfPocket]:
    """
    What agreements still commit, by how long ago each was executed.

    What an amendment adds is as old as its agreement.
    """
    committed = LINES.c.account == str(Account.COMMITTED)
    since = (
        select(LINES.c.project_id, func.min(LINES.c.happened_on).label("since"))
        .where(committed, known.of(LINES))
        .group_by(LINES.c.project_id)
        .subquery()
    )
    is_over = LINES.c.quarter < str(Quarter.of(on))
    balance = func.sum(LINES.c.cents)
    rows = connection.execute(
        select(
            LINES.c.pocket,
            since.c.since,
            balance.label("cents"),
            func.coalesce(balance.filter(is_over), 0).label("overdue"),
        )
        .join(since, since.c.project_id == LINES.c.project_id)
        .where(committed, known.of(LINES))
        .group_by(LINES.c.pocket, LINES.c.project_id, since.c.since)
        .having(balance != 0)
        .order_by(LINES.c.pocket)
    )
    found = []
    for pocket, of_pocket in groupby(rows, key=lambda row: row.pocket):
        projects = list(of_pocket)
        ages = [Aged(since=row.since, cents=int(row.cents)) for row in projects]
        found.append(
            AgesOfPocket(
                pocket=pocket,
                bands=bands(ages, on=on, edges=COMMITMENTS),
                overdue=sum(int(row.overdue) for row in projects),
            )
        )
    return found


def payables_by_age(connection: Connection, known: Knowledge, *, on: date) -> list[AgesOfPocket]:
    """
    What is owed to participants, by how long ago it became payable.

    Payments settle what a participant of a project was owed first.
    """
    payable = and_(LINES.c.account == str(Account.PAYABLE), known.of(LINES))
    owed_to = (LINES.c.pocket, LINES.c.project_id, LINES.c.participant_id)
    still_owed = select(*owed_to).where(payable).group_by(*owed_to)
    still_owed = still_owed.having(func.sum(LINES.c.cents) != 0)
    owed = still_owed.subquery()
    rows = connection.execute(
        select(*owed_to, LINES.c.happened_on, LINES.c.cents)
        .join(owed, and_(*(column == owed.c[column.name] for column in owed_to)))
        .where(payable)
        .order_by(*owed_to, LINES.c.happened_on, LINES.c.position, LINES.c.ordinal)
    )
    found = []
    for pocket, of_pocket in groupby(rows, key=lambda row: row.pocket):
        ages = [
            aged
            for _, moves in groupby(of_pocket, key=lambda row: (row.project_id, row.participant_id))
            for aged in outstanding(
                Aged(since=move.happened_on, cents=move.cents) for move in moves
            )
        ]
        found.append(AgesOfPocket(pocket=pocket, bands=bands(ages, on=on, edges=PAYABLES)))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class CashRequirement:
    """What will be needed, and what there is of it, in cents."""

    months: tuple[Month, ...]
    cash: int
    due_from_funder: int
    """Claimed from funders and not yet received: it is not counted as cash."""


def cash_requirement_of(
    connection: Connection, known: Knowledge, *, on: date, funder_agreement: str | None = None
) -> CashRequirement:
    """The 24 months from that of ``on``, of all pockets or of those of one funder agreement."""
    of_agreement: ColumnElement[bool] = true()
    if funder_agreement is not None:
        of_agreement = LINES.c.pocket.in_(
            select(POCKETS.c.code).where(POCKETS.c.funder_agreement == funder_agreement)
        )
    seen = and_(known.of(LINES), of_agreement)
    at_hand = {
        row.account: int(row.cents)
        for row in connection.execute(
            select(LINES.c.account, func.sum(LINES.c.cents).label("cents"))
            .where(seen, LINES.c.account.in_([str(Account.CASH), str(Account.DUE_FROM_FUNDER)]))
            .group_by(LINES.c.account)
        )
    }
    cash = at_hand.get(str(Account.CASH), 0)
    return CashRequirement(
        months=cash_requirement(_owed(connection, seen), cash=cash, on=on),
        cash=cash,
        due_from_funder=at_hand.get(str(Account.DUE_FROM_FUNDER), 0),
    )


def _owed(connection: Connection, seen: ColumnElement[bool]) -> Iterator[Owed]:
    for account in (Account.PAYABLE, Account.COMMITTED):
        rows = connection.execute(
            select(LINES.c.quarter, func.sum(LINES.c.cents).label("cents"))
            .where(seen, LINES.c.account == str(account))
            .group_by(LINES.c.quarter)
        )
        for row in rows:
            quarter = Quarter.parse(row.quarter) if account is Account.COMMITTED else None
            yield Owed(account=account, cents=int(row.cents), quarter=quarter)
    held = (
        select(LINES.c.project_id, func.sum(LINES.c.cents).label("cents"))
        .where(seen, LINES.c.account == str(Account.HELD_BACK))
        .group_by(LINES.c.project_id)
        .having(func.sum(LINES.c.cents) != 0)
        .subquery()
    )
    in_use = [str(account) for account in (Account.COMMITTED, *SPENT)]
    last = (
        select(LINES.c.project_id, LINES.c.quarter)
        .where(seen, LINES.c.account.in_(in_use))
        .group_by(LINES.c.project_id, LINES.c.quarter, LINES.c.account)
        .having(func.sum(LINES.c.cents) != 0)
        .subquery()
    )
    rows = connection.execute(
        select(held.c.project_id, held.c.cents, func.max(last.c.quarter).label("quarter"))
        .join(last, last.c.project_id == held.c.project_id)
        .group_by(held.c.project_id, held.c.cents)
    )
    for row in rows:
        yield Owed(
            account=Account.HELD_BACK, cents=int(row.cents), quarter=Quarter.parse(row.quarter)
        )
