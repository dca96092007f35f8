"""
What a budget adds up to in every direction: by participant, category, quarter and fiscal year.

Every direction adds up to the same whole, in cents. Categories have costs only: what is asked for
is asked by participant and quarter.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from services.intake.domain.budget import Budget, Cost, Request
from services.intake.domain.consortium import Participant
from services.intake.domain.definition import PocketTerms
from services.intake.domain.funding import split_over_pockets
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """What some of a budget's lines add up to."""

    cash: Money = ZERO
    in_kind: Money = ZERO
    requested: Money = ZERO

    @property
    def match_cash(self) -> Money:
        """What the participants pay themselves of the cash costs."""
        return self.cash - self.requested

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(
            cash=self.cash + other.cash,
            in_kind=self.in_kind + other.in_kind,
            requested=self.requested + other.requested,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A budget's sums, in the order in which participants and categories appear, and of time."""

    by_participant: dict[UUID, Sum]
    by_category: dict[str, Sum]
    by_quarter: dict[Quarter, Sum]
    by_fiscal_year: dict[int, Sum]
    whole: Sum


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketShare:
    """What one pocket would pay of all that is asked for, by fiscal year too."""

    pocket: str
    amount: Money
    by_fiscal_year: dict[int, Money]


def grid_of(budget: Budget) -> Grid:
    """A budget, added up in every direction."""
    return Grid(
        by_participant=_sums(
            budget, lambda cost: cost.participant_id, lambda request: request.participant_id
        ),
        by_category=_sums(budget, lambda cost: cost.category, None),
        by_quarter=_in_order(
            _sums(budget, lambda cost: cost.quarter, lambda request: request.quarter)
        ),
        by_fiscal_year=_in_order(
            _sums(
                budget,
                lambda cost: cost.quarter.fiscal_year,
                lambda request: request.quarter.fiscal_year,
            )
        ),
        whole=Sum(cash=budget.cash, in_kind=budget.in_kind, requested=budget.requested),
    )


def shares_by_pocket(
    budget: Budget, participants: Sequence[Participant], pockets: Sequence[PocketTerms]
) -> tuple[PocketShare, ...]:
    """
    What each pocket would pay by the programme's own split; they add up to the request.

    A preview: an officer may split otherwise when forwarding. Raises ``FundingNotPossible``.
    """
    cells = split_over_pockets(budget, participants, pockets)
    codes = [pocket.code for pocket in pockets]
    found = []
    for code in codes:
        own = [cell for cell in cells if cell.pocket == code]
        years = sorted({cell.quarter.fiscal_year for cell in own})
        if own:
            found.append(
                PocketShare(
                    pocket=code,
                    amount=total(cell.amount for cell in own),
                    by_fiscal_year={
                        year: total(cell.amount for cell in own if cell.quarter.fiscal_year == year)
                        for year in years
                    },
                )
            )
    return tuple(found)


def _sums(
    budget: Budget,
    of_cost: Callable[[Cost], K],
    of_request: Callable[[Request], K] | None,
) -> dict[K, Sum]:
    sums: dict[K, Sum] = {}
    for cost in budget.costs:
        key = of_cost(cost)
        sums[key] = sums.get(key, Sum()) + Sum(cash=cost.cash, in_kind=cost.in_kind)
    if of_request is not None:
        for request in budget.requests:
            key = of_request(request)
            sums[key] = sums.get(key, Sum()) + Sum(requested=request.amount)
    return sums


_Time = TypeVar("_Time", Quarter, int)


def _in_order(sums: dict[_Time, Sum]) -> dict[_Time, Sum]:
    return {key: sums[key] for key in sorted(sums)}
