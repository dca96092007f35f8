"""What an applicant sends about an application."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.intake.api.budget_schemas import Sources
from services.intake.api.words import MOST_LINES, MOST_PARTICIPANTS, Name
from services.intake.domain.budget import Budget, Cost
from services.intake.domain.budget import Request as RequestedAmount
from services.intake.domain.consortium import participant_id_of
from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from shared.web.schemas import Request


class ApplicationIn(Request):
    """An application to start."""

    call_id: UUID
    title: Name
    starts_on: date
    ends_on: date
    lead_organisation_id: UUID


class MemberIn(Request):
    """An organisation and its role."""

    organisation_id: UUID
    role: Name


class ConsortiumIn(Request):
    """The whole consortium, the lead included."""

    participants: Annotated[list[MemberIn], Field(max_length=MOST_PARTICIPANTS)]


class CostIn(Request):
    """What an organisation plans to spend on one category in one quarter."""

    organisation_id: UUID
    category: Name
    quarter: Quarter
    cash: Money
    in_kind: Money = ZERO


class AmountIn(Request):
    """The public money an organisation asks for in one quarter."""

    organisation_id: UUID
    quarter: Quarter
    amount: Money


class BudgetIn(Request):
    """The whole budget."""

    costs: Annotated[list[CostIn], Field(max_length=MOST_LINES)]
    requests: Annotated[list[AmountIn], Field(max_length=MOST_LINES)]
    other_government: Money | None = None
    """What other Canadian governments give to the same activity, where it is one sum."""
    sources: Sources = ()
    """The same, source by source; tax credits and what is only asked for are named too."""

    def to_domain(self, application_id: UUID) -> Budget:
        """As the domain speaks of it."""
        return Budget(
            costs=tuple(
                Cost(
                    participant_id=participant_id_of(application_id, cost.organisation_id),
                    category=cost.category,
                    quarter=cost.quarter,
                    cash=cost.cash,
                    in_kind=cost.in_kind,
                )
                for cost in self.costs
            ),
            requests=tuple(
                RequestedAmount(
                    participant_id=participant_id_of(application_id, request.organisation_id),
                    quarter=request.quarter,
                    amount=request.amount,
                )
                for request in self.requests
            ),
            other_government=self.other_government or ZERO,
            sources=tuple(source.to_domain() for source in self.sources),
        )


class SubmissionIn(Request):
    """A submission."""

    certified: bool
    """Whoever sends it certifies that it is true and complete."""


class WithdrawalIn(Request):
    """A withdrawal."""

    reason: str
