"""What an applicant sends about an application."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from services.intake.api.budget_schemas import Sources
from services.intake.api.words import MOST_LINES, MOST_PARTICIPANTS, Name
from services.intake.domain.budget import Budget, Cost
from services.intake.domain.budget import Request as RequestedAmount
from services.intake.domain.consortium import participant_id_of
from services.intake.domain.expectations import Expectation
from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from shared.web.schemas import Request

MOST_PEOPLE = 50
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


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


class SectionIn(Request):
    """The answers of one section, complete or not."""

    answers: dict[str, Any]
    """JSON as the section's schema describes it."""


class ExpectationIn(Request):
    """What one organisation expects by one indicator, five years after completion."""

    organisation_id: UUID
    indicator: Name
    baseline: int | None = None
    """Before the project, in whole units of the indicator; null: not known."""
    expected: int
    """Because of the project, in whole units of the indicator."""


class ExpectationsIn(Request):
    """All expectations."""

    expectations: Annotated[list[ExpectationIn], Field(max_length=MOST_LINES)]

    def to_domain(self, application_id: UUID) -> tuple[Expectation, ...]:
        """As the domain speaks of it."""
        return tuple(
            Expectation(
                participant_id=participant_id_of(application_id, each.organisation_id),
                indicator=each.indicator,
                baseline=each.baseline,
                expected=each.expected,
            )
            for each in self.expectations
        )


class PersonIn(Request):
    """Someone of one's organisation in one role; who has two roles is listed twice."""

    person_id: Annotated[
        str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9._:|+/=-]+$")
    ]
    """Opaque, as in their tokens: never a name or an address."""
    role: Name


class PeopleIn(Request):
    """Who works on it, all of them."""

    people: Annotated[list[PersonIn], Field(max_length=MOST_PEOPLE)]


class ConfirmationIn(Request):
    """An organisation's agreement to its part."""

    content_sha256: Sha256
    """Of the part as it was read."""


class RefusalIn(Request):
    """An organisation that does not agree to its part."""

    content_sha256: Sha256
    """Of the part as it was read."""
    reason: Annotated[str, Field(max_length=2_000)]


class ReturnIn(Request):
    """An application given back to its applicant."""

    reasons: Annotated[list[Annotated[str, Field(max_length=2_000)]], Field(max_length=50)]
    sections: list[Name] = Field(default_factory=list, max_length=50)
    """Codes of the sections they are about."""
    resubmit_by: date
    """The last day on which it may be submitted again."""


class SubmissionIn(Request):
    """A submission."""

    certified: bool
    """Whoever sends it certifies that it is true and complete."""


class WithdrawalIn(Request):
    """A withdrawal."""

    reason: str
