"""
What remains of every pocket, and what its money is doing.

    authority = available + reserved + committed + payable + held back
                + paid + to be recovered − recovered
"""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from services.finance.domain.ledger import Account
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import LINES, POCKETS


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketNames:
    """What a pocket is called, and who grants it."""

    code: str
    funder: str | None = None
    """Absent, like the rest, while only others have spoken of the pocket."""
    funder_agreement: str | None = None
    name_en: str | None = None
    name_fr: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketBalances:
    """One pocket; amounts in cents, positive by nature."""

    names: PocketNames
    authority: int
    available: int
    reserved: int
    committed: int
    payable: int
    held_back: int
    paid: int
    to_be_recovered: int
    recovered: int
    due_from_funder: int
    cash: int

    @property
    def difference(self) -> int:
        """What the identity is off by: nothing, ever."""
        in_use = self.available + self.reserved + self.committed + self.payable + self.held_back
        return self.authority - (in_use + self.paid + self.to_be_recovered - self.recovered)


def pockets(connection: Connection, known: Knowledge) -> list[PocketBalances]:
    """Every pocket that was known, in the order in which they were opened."""
    opened = connection.execute(
        select(POCKETS).where(known.recorded(POCKETS)).order_by(POCKETS.c.position)
    )
    names = {
        row.code: PocketNames(
            code=row.code,
            funder=row.funder,
            funder_agreement=row.funder_agreement,
            name_en=row.name_en,
            name_fr=row.name_fr,
        )
        for row in opened
    }
    sums = connection.execute(
        select(LINES.c.pocket, LINES.c.account, func.sum(LINES.c.cents).label("cents"))
        .where(LINES.c.pocket.is_not(None), known.of(LINES))
        .group_by(LINES.c.pocket, LINES.c.account)
        .order_by(LINES.c.pocket)
    )
    balances: dict[str, dict[Account, int]] = {code: {} for code in names}
    for row in sums:
        balances.setdefault(row.pocket, {})[Account(row.account)] = int(row.cents)
    return [_balances(names.get(code, PocketNames(code=code)), of) for code, of in balances.items()]


def _balances(names: PocketNames, of: dict[Account, int]) -> PocketBalances:
    return PocketBalances(
        names=names,
        authority=-of.get(Account.AUTHORITY, 0),
        available=of.get(Account.AVAILABLE, 0),
        reserved=of.get(Account.RESERVED, 0),
        committed=of.get(Account.COMMITTED, 0),
        payable=of.get(Account.PAYABLE, 0),
        held_back=of.get(Account.HELD_BACK, 0),
        paid=of.get(Account.PAID, 0),
        to_be_recovered=of.get(Account.TO_BE_RECOVERED, 0),
        recovered=-of.get(Account.RECOVERED, 0),
        due_from_funder=of.get(Account.DUE_FROM_FUNDER, 0),
        cash=of.get(Account.CASH, 0),
    )
