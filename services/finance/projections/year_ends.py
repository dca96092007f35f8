"""What is left of a pocket in a year, and what is owed to and by whom when a year ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, func, select

from services.finance.domain.ledger import SPENT, Account
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import LINES, POCKETS
from shared.kernel.periods import fiscal_year_ends_on


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketYear:
    """What a pocket's money does in one fiscal year, in cents."""

    pocket: str
    fiscal_year: int
    reserved: int
    committed: int
    spent: int
    """Owed or paid, less what came back."""

    @property
    def used(self) -> int:
        """All that is not to be promised again for the year."""
        return self.reserved + self.committed + self.spent


def pocket_years(connection: Connection, known: Knowledge) -> list[PocketYear]:
    """Every pocket in every fiscal year that has something planned, claimed or come back."""
    of = {"reserved": (Account.RESERVED,), "committed": (Account.COMMITTED,), "spent": SPENT}
    sums = [
        func.coalesce(
            func.sum(LINES.c.cents).filter(LINES.c.account.in_(_names(accounts))), 0
        ).label(name)
        for name, accounts in of.items()
    ]
    rows = connection.execute(
        select(LINES.c.pocket, LINES.c.fiscal_year, *sums)
        .where(
            LINES.c.account.in_(_names([account for each in of.values() for account in each])),
            LINES.c.pocket.is_not(None),
            LINES.c.fiscal_year.is_not(None),
            known.of(LINES),
        )
        .group_by(LINES.c.pocket, LINES.c.fiscal_year)
        .order_by(LINES.c.pocket, LINES.c.fiscal_year)
    )
    return [
        PocketYear(
            pocket=row.pocket,
            fiscal_year=row.fiscal_year,
            reserved=int(row.reserved),
            committed=int(row.committed),
            spent=int(row.spent),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outstanding:
    """What is owed at a year's end in one account, to or by one party."""

    account: Account
    """
    Receivable: ``due-from-funder`` and ``to-be-recovered``. Payable: ``payable``, ``held-back``
    and ``drawn`` (claimed from a funder and not yet paid out: deferred contributions).
    """
    pocket: str
    funder: str | None
    participant_id: UUID | None
    """Of what participants owe or are owed; a funder's has none."""
    project_id: UUID | None
    cents: int
    """Positive by nature, receivable or payable."""


RECEIVABLE = (Account.DUE_FROM_FUNDER, Account.TO_BE_RECOVERED)
"""What others owe us."""
_OF_FUNDERS = (Account.DUE_FROM_FUNDER, Account.DRAWN)
_OF_PARTICIPANTS = (Account.TO_BE_RECOVERED, Account.PAYABLE, Account.HELD_BACK)


def outstanding_at_year_end(
    connection: Connection, known: Knowledge, fiscal_year: int
) -> list[Outstanding]:
    """What funders and participants owed, and were owed, on the last day of a fiscal year."""
    return [
        *_outstanding(connection, known, fiscal_year, _OF_FUNDERS, ()),
        *_outstanding(
            connection,
            known,
            fiscal_year,
            _OF_PARTICIPANTS,
            (LINES.c.project_id, LINES.c.participant_id),
        ),
    ]


def _outstanding(
    connection: Connection,
    known: Knowledge,
    fiscal_year: int,
    accounts: Sequence[Account],
    parties: Sequence[Column[Any]],
) -> Iterator[Outstanding]:
    by = (LINES.c.account, LINES.c.pocket, POCKETS.c.funder, *parties)
    cents = func.sum(LINES.c.cents)
    rows = connection.execute(
        select(*by, cents.label("cents"))
        .outerjoin(POCKETS, POCKETS.c.code == LINES.c.pocket)
        .where(
            LINES.c.account.in_(_names(accounts)),
            LINES.c.happened_on <= fiscal_year_ends_on(fiscal_year),
            known.of(LINES),
        )
        .group_by(*by)
        .having(cents != 0)
        .order_by(*by)
    )
    for row in rows:
        account = Account(row.account)
        yield Outstanding(
            account=account,
            pocket=row.pocket,
            funder=row.funder,
            project_id=row.project_id if parties else None,
            participant_id=row.participant_id if parties else None,
            cents=-int(row.cents) if account is Account.DRAWN else int(row.cents),
        )


def _names(accounts: Sequence[Account]) -> list[str]:
    return [str(account) for account in accounts]
