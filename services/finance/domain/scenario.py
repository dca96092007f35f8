"""
What if projects slip, or are cancelled? The tables again, without touching the books.

Only what is committed moves, and the match still promised with it: what is owed or paid has
happened. What is left of the plan's lines stays as it is: a project that slips out of the year does
not make the plan expect another in its place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from services.finance.domain.ledger import Account
from services.finance.domain.tables import Amount
from shared.kernel.periods import Quarter

MOVABLE = (Account.COMMITTED, Account.MATCH_PROMISED)
"""What has not happened yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """What is to be supposed of some projects."""

    slipped: Mapping[UUID, int]
    """By how many quarters each is late."""
    cancelled: frozenset[UUID]

    @property
    def projects(self) -> list[UUID]:
        """All that are named."""
        return sorted({*self.slipped, *self.cancelled})


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """What a project still has in one of the ``MOVABLE`` accounts and one planned quarter."""

    project_id: UUID
    amount: Amount


def suppose(
    amounts: Iterable[Amount],
    promised: Iterable[Promised],
    supposed: Supposed,
    *,
    fiscal_year: int,
) -> list[Amount]:
    """The amounts of the year as they would be; ``promised`` is of all years."""
    moved = list(amounts)
    for each in promised:
        quarter = each.amount.quarter
        if quarter.fiscal_year == fiscal_year:
            moved.append(replace(each.amount, cents=-each.amount.cents))
        if each.project_id in supposed.cancelled:
            continue
        later = _later(quarter, supposed.slipped[each.project_id])
        if later.fiscal_year == fiscal_year:
            moved.append(replace(each.amount, quarter=later))
    return moved


def freed(promised: Iterable[Promised], supposed: Supposed) -> dict[str, int]:
    """Cents per pocket that would be available again."""
    sums: dict[str, int] = {}
    for each in promised:
        pocket = each.amount.pocket
        if each.project_id in supposed.cancelled and pocket is not None:
            sums[pocket] = sums.get(pocket, 0) + each.amount.cents
    return {pocket: cents for pocket, cents in sums.items() if cents}


def _later(quarter: Quarter, quarters: int) -> Quarter:
    for _ in range(quarters):
        quarter = quarter.next()
    return quarter
