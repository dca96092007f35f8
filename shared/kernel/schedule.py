"""
A schedule: whose money, from which pocket, planned for which quarter.

Public money is planned in ``FundingCell``s and the participants' own money (the match) in
``MatchCell``s, beside it and never mixed with it. At most one cell per key, none of them negative,
wherever a schedule is a fact; differences between two schedules may be negative.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingCell:
    """Public money for one participant from one pocket, planned for one fiscal quarter."""

    participant_id: UUID
    pocket: str
    """Code of the pocket, e.g. ``ISED-P1-PROJECTS``."""
    quarter: Quarter
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchCell:
    """What one participant contributes itself in one fiscal quarter."""

    participant_id: UUID
    quarter: Quarter
    cash: Money
    in_kind: Money = ZERO


def total_by_pocket(cells: Iterable[FundingCell]) -> dict[str, Money]:
    """What the cells add up to, per pocket code, in order of first appearance."""
    totals: dict[str, Money] = {}
    for cell in cells:
        totals[cell.pocket] = totals.get(cell.pocket, ZERO) + cell.amount
    return totals
