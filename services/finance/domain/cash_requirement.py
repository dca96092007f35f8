"""
How much cash will be needed, month by month.

What is payable is paid in the first month. What is committed is claimed once its quarter is over
and paid in the month after it. What is held back is paid with its project's last claim: in the
month after the last quarter that anything of the project is planned or claimed for. What should
have been paid by then is needed in the first month.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.finance.domain.ledger import Account
from shared.kernel.periods import Quarter, months_after

MONTHS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """Cents that will be paid, and the quarter they wait for (none: nothing more)."""

    account: Account
    """``PAYABLE``, ``COMMITTED`` or ``HELD_BACK``."""
    cents: int
    quarter: Quarter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What is needed in one month."""

    starts_on: date | None
    """None: everything after the last month."""
    payable: int = 0
    committed: int = 0
    held_back: int = 0
    to_be_drawn: int = 0
    """What of the month's need the cash at hand does not cover, the earliest covered first."""

    @property
    def total(self) -> int:
        """All of it."""
        return self.payable + self.committed + self.held_back


def cash_requirement(owed: Iterable[Owed], *, cash: int, on: date) -> tuple[Month, ...]:
    """The month of ``on`` and those after it, 24 in all, and what comes later."""
    first = on.replace(day=1)
    months = [months_after(first, number) for number in range(MONTHS)]
    needs: list[dict[Account, int]] = [{} for _ in range(MONTHS + 1)]
    for each in owed:
        due = first if each.quarter is None else _paid_in(each.quarter)
        index = (due.year - first.year) * 12 + due.month - first.month
        need = needs[min(max(index, 0), MONTHS)]
        need[each.account] = need.get(each.account, 0) + each.cents
    left = cash
    found = []
    for starts_on, need in zip((*months, None), needs, strict=True):
        total = sum(need.values())
        covered = min(max(left, 0), max(total, 0))
        left -= covered
        found.append(
            Month(
                starts_on=starts_on,
                payable=need.get(Account.PAYABLE, 0),
                committed=need.get(Account.COMMITTED, 0),
                held_back=need.get(Account.HELD_BACK, 0),
                to_be_drawn=total - covered,
            )
        )
    return tuple(found)


def _paid_in(quarter: Quarter) -> date:
    """The first day of the month after the quarter."""
    return quarter.next().starts_on
