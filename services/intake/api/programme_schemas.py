"""Programme definitions, as they are sent and answered."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field, StrictInt

from services.intake.api.words import Name, Words
from services.intake.domain.bilingual import Bilingual
from services.intake.domain.claim_terms import ApprovalLevel, CategoryTerms, ClaimTerms
from services.intake.domain.definition import Criterion, Definition, PocketTerms
from services.intake.domain.rules import AskedRule
from shared.kernel.money import Money
from shared.web.schemas import Request


class PocketIn(Request):
    """A pocket a programme may draw on."""

    code: Name
    provinces: Annotated[list[Name], Field(max_length=13)] | None = None
    """Only participants of these provinces; null: all."""
    share_bp: int | None = None
    """Its share of each request it may fund, in basis points; null: what the others leave."""


ParameterIn = StrictInt | Name | Annotated[tuple[Name, ...], Field(max_length=50)]
"""A whole number, a text (a day as ``2023-10-31``), or a list of texts."""


class RuleIn(Request):
    """A rule a programme asks."""

    name: Name
    parameters: dict[Name, ParameterIn] = Field(default_factory=dict, max_length=10)


class CriterionIn(Request):
    """A line of the scoring grid."""

    criterion: Name
    out_of: int


class CategoryTermsIn(Request):
    """What is particular to one category of costs."""

    category: Name
    overhead_bp: int | None = None
    """Overhead added to accepted costs of the category, in basis points of them."""
    share_bp: int | None = None
    """Highest share of a participant's eligible cash costs."""


class ApprovalLevelIn(Request):
    """Up to which amount one role may approve a claim."""

    role: Name
    up_to: Money | None = None
    """Null: any amount."""


class ClaimTermsIn(Request):
    """What a programme says about claims; what is left out is not asked and not capped."""

    categories: Annotated[tuple[CategoryTermsIn, ...], Field(max_length=50)] = ()
    participant_share_bp: int | None = None
    stacking_limit_bp: int | None = None
    in_kind_share_bp: int | None = None
    sales_tax: Name = "excluded"
    documents: Name = "on-request"
    reallocation_tolerance_bp: int = 0
    advances_allowed: bool = False
    reports_hold_payments: bool = False
    claim_due_days: int | None = None
    closing_requirements: Annotated[tuple[Name, ...], Field(max_length=10)] = ()
    approval_levels: Annotated[tuple[ApprovalLevelIn, ...], Field(max_length=5)] = ()
    overdue_interest_bp: int = 0

    def to_domain(self) -> ClaimTerms:
        """As the domain speaks of it."""
        return ClaimTerms(
            categories=tuple(
                CategoryTerms(
                    category=each.category, overhead_bp=each.overhead_bp, share_bp=each.share_bp
                )
                for each in self.categories
            ),
            participant_share_bp=self.participant_share_bp,
            stacking_limit_bp=self.stacking_limit_bp,
            in_kind_share_bp=self.in_kind_share_bp,
            sales_tax=self.sales_tax,
            documents=self.documents,
            reallocation_tolerance_bp=self.reallocation_tolerance_bp,
            advances_allowed=self.advances_allowed,
            reports_hold_payments=self.reports_hold_payments,
            claim_due_days=self.claim_due_days,
            closing_requirements=self.closing_requirements,
            approval_levels=tuple(
                ApprovalLevel(role=each.role, up_to=each.up_to) for each in self.approval_levels
            ),
            overdue_interest_bp=self.overdue_interest_bp,
        )


class ProgrammeIn(Request):
    """The next version of a programme."""

    code: Name
    names: Words
    purpose: Words
    phase: Name
    pockets: Annotated[list[PocketIn], Field(max_length=50)]
    reimbursement_rate_bp: int
    holdback_bp: int
    claim_frequency: Name
    survey_years: int
    rules: Annotated[list[RuleIn], Field(max_length=50)]
    scoring_grid: Annotated[list[CriterionIn], Field(max_length=50)]
    cost_categories: Annotated[list[Name], Field(max_length=50)]
    claims: ClaimTermsIn = ClaimTermsIn()

    def to_domain(self) -> Definition:
        """As the domain speaks of it."""
        return Definition(
            code=self.code,
            names=self.names.to_domain(),
            purpose=self.purpose.to_domain(),
            phase=self.phase,
            pockets=tuple(
                PocketTerms(
                    code=pocket.code,
                    provinces=None if pocket.provinces is None else tuple(pocket.provinces),
                    share_bp=pocket.share_bp,
                )
                for pocket in self.pockets
            ),
            reimbursement_rate_bp=self.reimbursement_rate_bp,
            holdback_bp=self.holdback_bp,
            claim_frequency=self.claim_frequency,
            survey_years=self.survey_years,
            rules=tuple(
                AskedRule(name=rule.name, parameters=rule.parameters) for rule in self.rules
            ),
            scoring_grid=tuple(
                Criterion(criterion=line.criterion, out_of=line.out_of)
                for line in self.scoring_grid
            ),
            cost_categories=tuple(self.cost_categories),
            claims=self.claims.to_domain(),
        )


class ProgrammeOut(BaseModel):
    """A version of a programme."""

    version: int
    in_force: bool
    """It is the newest: new calls are published under it."""
    definition: Definition


class ProgrammeLine(BaseModel):
    """A programme in a list."""

    code: str
    version: int
    names: Bilingual
    phase: str
    reimbursement_rate_bp: int
    published_on: date
