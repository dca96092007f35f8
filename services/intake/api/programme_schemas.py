"""Programme definitions, as they are sent and answered."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StrictInt, Tag

from services.intake.api.words import Name, Words
from services.intake.domain.bilingual import Bilingual
from services.intake.domain.claim_terms import (
    APPROVING_ROLES,
    CLOSING_REQUIREMENTS,
    DOCUMENTS,
    SALES_TAX,
    ApprovalLevel,
    CategoryTerms,
    ClaimTerms,
)
from services.intake.domain.definition import (
    CLAIM_FREQUENCIES,
    THEMES,
    Criterion,
    Definition,
    PocketTerms,
    Section,
)
from services.intake.domain.indicators import INDICATORS
from services.intake.domain.organisation import PROVINCES
from services.intake.domain.rules import RULES, AskedRule
from services.intake.domain.section_schema import DIALECT
from shared.kernel.money import Money
from shared.web.schemas import Request


def _one_of(known: Iterable[str]) -> Any:
    """What is known of a word, for the readers of the schema; the domain checks it."""
    return Field(json_schema_extra={"enum": list(known)})


class Described(Request):
    """A part of the document: what its fields mean stands in the published schema too."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class PocketIn(Described):
    """A pocket a programme may draw on."""

    code: Name
    provinces: Annotated[list[Annotated[Name, _one_of(PROVINCES)]], Field(max_length=13)] | None = (
        None
    )
    """Only participants of these provinces; null: all."""
    share_bp: int | None = None
    """Its share of each request it may fund, in basis points; null: what the others leave."""


def _kind_of(value: object) -> str:
    # In brackets, so that the place of a mistake does not name the kind it was taken for.
    if isinstance(value, str):
        return "[text]"
    return "[list]" if isinstance(value, list | tuple) else "[number]"


ParameterIn = Annotated[
    Annotated[StrictInt, Tag("[number]")]
    | Annotated[Name, Tag("[text]")]
    | Annotated[tuple[Name, ...], Field(max_length=50), Tag("[list]")],
    Discriminator(_kind_of),
]
"""A whole number, a text (a day as ``2023-10-31``), or a list of texts."""


class RuleIn(Described):
    """A rule a programme asks."""

    name: Annotated[Name, _one_of(RULES)]
    parameters: dict[Name, ParameterIn] = Field(default_factory=dict, max_length=10)
    """What the rule needs to know, by name; each rule has its own."""


class CriterionIn(Described):
    """A line of the scoring grid."""

    criterion: Name
    out_of: int


class CategoryTermsIn(Described):
    """What is particular to one category of costs."""

    category: Name
    overhead_bp: int | None = None
    """Overhead added to accepted costs of the category, in basis points of them."""
    share_bp: int | None = None
    """Highest share of a participant's eligible cash costs."""


class ApprovalLevelIn(Described):
    """Up to which amount one role may approve a claim."""

    role: Annotated[Name, _one_of(APPROVING_ROLES)]
    up_to: Money | None = None
    """Null: any amount."""


class ClaimTermsIn(Described):
    """What a programme says about claims; what is left out is not asked and not capped."""

    categories: Annotated[tuple[CategoryTermsIn, ...], Field(max_length=50)] = ()
    participant_share_bp: int | None = None
    """Highest share of an agreement's reimbursements that one participant may receive."""
    stacking_limit_bp: int | None = None
    """Highest share of eligible costs that all government money together may pay."""
    in_kind_share_bp: int | None = None
    """Highest share of the match that may be in kind."""
    sales_tax: Annotated[Name, _one_of(SALES_TAX)] = "excluded"
    documents: Annotated[Name, _one_of(DOCUMENTS)] = "on-request"
    reallocation_tolerance_bp: int = 0
    """Share of a category's budget that may move to others without approval."""
    advances_allowed: bool = False
    reports_hold_payments: bool = False
    """An overdue report holds payments to its participant."""
    claim_due_days: int | None = None
    """Days after the end of its period within which a claim is on time; null: never late."""
    closing_requirements: Annotated[
        tuple[Annotated[Name, _one_of(CLOSING_REQUIREMENTS)], ...], Field(max_length=10)
    ] = ()
    approval_levels: Annotated[tuple[ApprovalLevelIn, ...], Field(max_length=5)] = ()
    """Lowest first; none: any approver, any amount."""
    overdue_interest_bp: int = 0
    """Yearly interest on what a participant owes back after its due date."""

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


class SectionIn(Described):
    """One part of the application's form."""

    code: Name
    """Small letters, digits and hyphens."""
    titles: Words
    schema_: Annotated[dict[Name, Any], Field(alias="schema", max_length=50)]
    """
    JSON Schema 2020-12 of its answers, an object. Every property has a title and an x-title-fr,
    and every value of an enum its labels in x-enum-titles; none is about a person.
    """
    required: bool = True
    """It must be complete to submit."""

    def to_domain(self) -> Section:
        """As the domain speaks of it."""
        return Section(
            code=self.code,
            titles=self.titles.to_domain(),
            schema=self.schema_,
            required=self.required,
        )


class ProgrammeIn(Described):
    """The next version of a programme."""

    code: Name
    """Capital letters, digits and hyphens."""
    names: Words
    purpose: Words
    phase: Name
    """The envelope period or initiative it spends under."""
    pockets: Annotated[list[PocketIn], Field(max_length=50)]
    """In the order in which they are drawn on."""
    reimbursement_rate_bp: int
    """Highest public share of eligible cash costs, in basis points (4000 is 40 %)."""
    holdback_bp: int
    """Share of each reimbursement kept until closing, in basis points."""
    claim_frequency: Annotated[Name, _one_of(CLAIM_FREQUENCIES)]
    survey_years: int
    """How many yearly surveys follow completion; 0: none."""
    rules: Annotated[list[RuleIn], Field(max_length=50)]
    scoring_grid: Annotated[list[CriterionIn], Field(max_length=50)]
    cost_categories: Annotated[list[Name], Field(max_length=50)]
    claims: ClaimTermsIn = ClaimTermsIn()
    sections: Annotated[tuple[SectionIn, ...], Field(max_length=30)] = ()
    """What an application answers beside consortium and budget, in order."""
    due_diligence: Annotated[
        tuple[Annotated[Name, _one_of(THEMES)], ...], Field(max_length=20)
    ] = ()
    """Themes that officers look into before they assess; none: no due diligence is asked."""
    indicators: Annotated[
        tuple[Annotated[Name, _one_of(INDICATORS)], ...], Field(max_length=30)
    ] = ()
    """What its projects are expected to change; baselines and expectations are asked."""

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
            sections=tuple(section.to_domain() for section in self.sections),
            due_diligence=self.due_diligence,
            indicators=self.indicators,
        )


def programme_schema() -> dict[str, Any]:
    """The JSON Schema 2020-12 of a programme's document."""
    schema = ProgrammeIn.model_json_schema()
    # Not in the field itself: readers of the OpenAPI document would go and fetch it.
    schema["$defs"]["SectionIn"]["properties"]["schema"]["$ref"] = DIALECT
    return {"$schema": DIALECT, "$id": "/v1/programmes/schema", **schema, "title": "Programme"}


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


class ProgrammeVersion(BaseModel):
    """A version in the list of a programme's versions."""

    version: int
    published_on: date
    in_force: bool
    """It is the newest: new calls are published under it."""
    changes: int
    """How many things it changed of the version before; 0 for the first."""


class ChangeOut(BaseModel):
    """One difference between two versions."""

    path: str
    """Where in the document; members of lists by their code or name."""
    before: Any
    """Null where it is added."""
    after: Any
    """Null where it is removed."""
    sentence: Bilingual


class DiffOut(BaseModel):
    """Everything that differs between two versions, in the order of the document."""

    code: str
    from_version: int
    to_version: int
    changes: list[ChangeOut]
