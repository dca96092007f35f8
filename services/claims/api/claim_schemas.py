"""What requests about claims say; what answers show is in ``claim_views``."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.claims.domain.values import (
    AcceptedLine,
    ClaimForm,
    ClaimLine,
    ForecastLine,
    Question,
    RateOverride,
    ReductionCode,
)
from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from shared.web.schemas import Request

MOST_LINES = 2_000
MOST_QUESTIONS = 100
MOST_RATES = 1_000

Reason = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"\S")]
Note = Annotated[str, Field(min_length=1, max_length=1_000, pattern=r"\S")]
"""A text of a thread. It stays for ever: no personal data."""
Person = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S+$")]
"""The id of a person, as their tokens say it."""
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Line = Annotated[int, Field(ge=0, lt=MOST_LINES)]
"""Index of a line in the claim, from 0."""


class ClaimLineIn(Request):
    """One cost."""

    category: str = Field(min_length=1, max_length=100)
    cash: Money
    in_kind: Money = ZERO
    incurred_from: date
    incurred_to: date
    """The last day, inclusive."""
    paid_on: date | None = None
    """Needed where there is cash."""
    document_sha256: Sha256 | None = None
    document_number: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    supplier: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """Name of the business that was paid; never of a person."""
    related_party: bool = False
    """Needs the supplier and a document."""
    sales_tax: Money = ZERO
    """Beside the amount; only where the programme shows it apart."""

    def to_domain(self) -> ClaimLine:
        """As the domain speaks of it."""
        return ClaimLine(
            category=self.category,
            cash=self.cash,
            in_kind=self.in_kind,
            incurred_from=self.incurred_from,
            incurred_to=self.incurred_to,
            paid_on=self.paid_on,
            document_sha256=self.document_sha256,
            document_number=self.document_number,
            supplier=self.supplier,
            related_party=self.related_party,
            sales_tax=self.sales_tax,
        )


class ForecastLineIn(Request):
    """What is expected to be reimbursed in a later quarter."""

    quarter: Quarter
    amount: Money


class ClaimIn(Request):
    """The costs of one period, and what is expected after it."""

    participant_id: UUID
    period_starts_on: date
    period_ends_on: date
    """The last day, inclusive."""
    lines: Annotated[tuple[ClaimLineIn, ...], Field(max_length=MOST_LINES)] = ()
    forecast: Annotated[tuple[ForecastLineIn, ...], Field(max_length=80)] | None = None
    """Null leaves the commitment planned as it is. What would remain, exactly; none when final."""
    final: bool = False
    """No later period is claimed."""
    nil: bool = False
    """There were no costs: no lines."""
    other_government: Money = ZERO
    """Other government support for the same costs, received or receivable."""

    def to_domain(self) -> ClaimForm:
        """As the domain speaks of it."""
        forecast = None
        if self.forecast is not None:
            forecast = tuple(
                ForecastLine(quarter=line.quarter, amount=line.amount) for line in self.forecast
            )
        return ClaimForm(
            participant_id=self.participant_id,
            period_starts_on=self.period_starts_on,
            period_ends_on=self.period_ends_on,
            lines=tuple(line.to_domain() for line in self.lines),
            forecast=forecast,
            final=self.final,
            nil=self.nil,
            other_government=self.other_government,
        )


class WithdrawalIn(Request):
    """Why a draft is taken back."""

    reason: Reason


class AssignmentIn(Request):
    """Who is to assess the claim."""

    assigned_to: Person


class QuestionIn(Request):
    """What an analyst wants to know."""

    text: Note
    line: Line | None = None
    """Null: about the claim as a whole."""

    def to_domain(self) -> Question:
        """As the domain speaks of it."""
        return Question(text=self.text, line=self.line)


class QueryIn(Request):
    """Questions that are answered together."""

    questions: Annotated[tuple[QuestionIn, ...], Field(min_length=1, max_length=MOST_QUESTIONS)]


class AnswerIn(Request):
    """The answer to a query."""

    text: Note
    claim: ClaimIn | None = None
    """The whole claim again, where it was wrong."""


class AcceptedLineIn(Request):
    """What is accepted of one line."""

    line: Line
    cash: Money
    in_kind: Money = ZERO
    code: ReductionCode | None = None
    reason: Reason | None = None
    """Both are needed where less is accepted than was claimed."""
    not_duplicate: Reason | None = None
    """Why it is not the cost of another claim that it resembles; participants do not see it."""

    def to_domain(self) -> AcceptedLine:
        """As the domain speaks of it."""
        return AcceptedLine(
            line=self.line,
            cash=self.cash,
            in_kind=self.in_kind,
            code=self.code,
            reason=self.reason,
            not_duplicate=self.not_duplicate,
        )


class AssessmentIn(Request):
    """What is accepted; a line that is not named is accepted as claimed."""

    lines: Annotated[tuple[AcceptedLineIn, ...], Field(max_length=MOST_LINES)] = ()


class SendingBackIn(Request):
    """Why a claim is to be assessed again."""

    reason: Reason


class RateOverrideIn(Request):
    """A rate for a category of costs, or for the claims of a quarter."""

    participant_id: UUID
    rate_bp: Annotated[int, Field(ge=0, le=10_000)]
    category: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    quarter: Quarter | None = None

    def to_domain(self) -> RateOverride:
        """As the domain speaks of it."""
        return RateOverride(
            participant_id=self.participant_id,
            rate_bp=self.rate_bp,
            category=self.category,
            quarter=self.quarter,
        )


class RatesIn(Request):
    """All rates that are agreed instead of contracted ones, from now on."""

    overrides: Annotated[tuple[RateOverrideIn, ...], Field(max_length=MOST_RATES)]
    reason: Reason
