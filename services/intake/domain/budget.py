"""
The budget grid of an application: who spends what, when, and how much of it is asked for.

    match (cash) = cash costs - request        match (in kind) = in-kind costs

per participant and fiscal quarter, in cents, so that public money and match always add up to
the costs.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from services.intake.domain.sources import GovernmentSource, cents_of
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter
from shared.kernel.schedule import MatchCell


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one participant plans to spend on one category in one fiscal quarter."""

    participant_id: UUID
    category: str
    quarter: Quarter
    cash: Money
    in_kind: Money = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The public money one participant asks for in one fiscal quarter."""

    participant_id: UUID
    quarter: Quarter
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """All costs and requests of an application."""

    costs: tuple[Cost, ...] = ()
    requests: tuple[Request, ...] = ()
    other_government: Money = ZERO
    """What other Canadian governments give to the same activity, where it is one sum."""
    sources: tuple[GovernmentSource, ...] = ()
    """The same, source by source; both count."""

    @property
    def from_governments(self) -> Money:
        """What all other governments give, in one sum and source by source."""
        return Money(self.other_government.cents + cents_of(self.sources))

    @property
    def cash(self) -> Money:
        """All cash costs."""
        return total(cost.cash for cost in self.costs)

    @property
    def in_kind(self) -> Money:
        """All costs in kind."""
        return total(cost.in_kind for cost in self.costs)

    @property
    def requested(self) -> Money:
        """All public money asked for."""
        return total(request.amount for request in self.requests)

    def cash_of(self, participant_id: UUID) -> Money:
        """One participant's cash costs."""
        return total(cost.cash for cost in self.costs if cost.participant_id == participant_id)

    def in_kind_of(self, participant_id: UUID) -> Money:
        """One participant's costs in kind."""
        return total(cost.in_kind for cost in self.costs if cost.participant_id == participant_id)

    def requested_by(self, participant_id: UUID) -> Money:
        """What one participant asks for."""
        return total(
            request.amount for request in self.requests if request.participant_id == participant_id
        )

    def match(self) -> tuple[MatchCell, ...]:
        """
        What the participants contribute themselves, by participant and quarter.

        A cell is negative where more is asked for than is spent; the rule
        ``match-never-negative`` keeps such a budget from being submitted.
        """
        cash: dict[tuple[UUID, Quarter], Money] = {}
        in_kind: dict[tuple[UUID, Quarter], Money] = {}
        for cost in self.costs:
            key = cost.participant_id, cost.quarter
            cash[key] = cash.get(key, ZERO) + cost.cash
            in_kind[key] = in_kind.get(key, ZERO) + cost.in_kind
        for request in self.requests:
            key = request.participant_id, request.quarter
            cash[key] = cash.get(key, ZERO) - request.amount
        appeared = list(dict.fromkeys(participant_id for participant_id, _ in cash))
        cells = (
            MatchCell(
                participant_id=participant_id,
                quarter=quarter,
                cash=cash[participant_id, quarter],
                in_kind=in_kind.get((participant_id, quarter), ZERO),
            )
            for participant_id, quarter in sorted(
                cash, key=lambda key: (appeared.index(key[0]), key[1])
            )
        )
        return tuple(cell for cell in cells if cell.cash or cell.in_kind)

    def only_of(self, participants: Collection[UUID]) -> "Budget":
        """The lines of these participants: whoever leaves takes their lines along."""
        return replace(
            self,
            costs=tuple(cost for cost in self.costs if cost.participant_id in participants),
            requests=tuple(
                request for request in self.requests if request.participant_id in participants
            ),
        )
