"""What is sent to intake and what it answers."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.intake.domain import application_state as states
from services.intake.domain.bilingual import Bilingual
from services.intake.domain.budget import Budget, Cost
from services.intake.domain.budget import Request as RequestedAmount
from services.intake.domain.claim_terms import ApprovalLevel, CategoryTerms, ClaimTerms
from services.intake.domain.consortium import Participant, participant_id_of
from services.intake.domain.definition import Criterion, Definition, PocketTerms
from services.intake.domain.funding import GivenCell
from services.intake.domain.organisation import Profile, without_separators
from services.intake.domain.rules import AskedRule
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter
from shared.web.schemas import Request

MOST_PARTICIPANTS = 50
MOST_LINES = 2_000

Name = Annotated[str, Field(max_length=200)]
"""A code, a name or a title."""


class Words(Request):
    """One text in English and in French."""

    en: str
    fr: str

    def to_domain(self) -> Bilingual:
        """As the domain speaks of it."""
        return Bilingual(en=self.en, fr=self.fr)


class PocketIn(Request):
    """A pocket a programme may draw on."""

    code: Name
    provinces: Annotated[list[Name], Field(max_length=13)] | None = None
    """Only participants of these provinces; null: all."""
    share_bp: int | None = None
    """Its share of each request it may fund, in basis points; null: what the others leave."""


class RuleIn(Request):
    """A rule a programme asks."""

    name: Name
    parameters: dict[Name, int] = Field(default_factory=dict, max_length=10)


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


class OrganisationIn(Request):
    """An organisation to register."""

    business_number: Name
    neq: Name | None = None
    legal_name: Name
    kind: Name
    province: Name
    employees: int
    for_profit: bool
    incorporated_in_canada: bool

    def to_domain(self) -> Profile:
        """As the domain speaks of it; numbers may be written with spaces or hyphens."""
        return Profile(
            business_number=without_separators(self.business_number),
            neq=None if self.neq is None else without_separators(self.neq),
            legal_name=self.legal_name.strip(),
            kind=self.kind,
            province=self.province,
            employees=self.employees,
            for_profit=self.for_profit,
            incorporated_in_canada=self.incorporated_in_canada,
        )


class OrganisationOut(BaseModel):
    """A registered organisation."""

    id: UUID
    business_number: str
    neq: str | None
    legal_name: str
    kind: str
    province: str
    employees: int
    for_profit: bool
    incorporated_in_canada: bool
    sme: bool


class CallIn(Request):
    """A call to publish."""

    programme_code: Name
    title: Words
    opens_at: AwareDatetime
    closes_at: AwareDatetime | None = None
    """null: the call is continuous."""


class CallOut(BaseModel):
    """A published call."""

    id: UUID
    programme_code: str
    programme_version: int
    title: Bilingual
    opens_at: datetime
    closes_at: datetime | None


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
    """What other Canadian governments give to the same activity."""

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
        )


class SubmissionIn(Request):
    """A submission."""

    certified: bool
    """Whoever sends it certifies that it is true and complete."""


class WithdrawalIn(Request):
    """A withdrawal."""

    reason: str


class EligibilityIn(Request):
    """What an officer found."""

    confirmed: bool
    reasons: list[str] = Field(default_factory=list, max_length=50)
    """Why not; empty when confirmed."""


class ScoreIn(Request):
    """A score for one criterion of the grid."""

    criterion: Name
    score: int


class AssessmentIn(Request):
    """The grid, filled in."""

    scores: Annotated[list[ScoreIn], Field(max_length=50)]
    summary: str


class FundingIn(Request):
    """What one pocket is asked for, for one organisation and quarter."""

    organisation_id: UUID
    pocket: Name
    quarter: Quarter
    amount: Money


class ForwardingIn(Request):
    """How the request is split over pockets."""

    funding: Annotated[list[FundingIn], Field(max_length=MOST_LINES)] | None = None
    """null: by the programme's pockets, in their order."""

    def to_domain(self, application_id: UUID) -> tuple[GivenCell, ...] | None:
        """As the domain speaks of it."""
        if self.funding is None:
            return None
        return tuple(
            GivenCell(
                participant_id=participant_id_of(application_id, cell.organisation_id),
                pocket=cell.pocket,
                quarter=cell.quarter,
                amount=cell.amount,
            )
            for cell in self.funding
        )


class ParticipantOut(BaseModel):
    """A participant of an application."""

    participant_id: UUID
    organisation_id: UUID
    role: str
    name: str
    province: str
    sme: bool


class CostOut(BaseModel):
    """A line of costs."""

    organisation_id: UUID
    category: str
    quarter: Quarter
    cash: Money
    in_kind: Money


class AmountOut(BaseModel):
    """A requested amount."""

    organisation_id: UUID
    quarter: Quarter
    amount: Money


class TotalsOut(BaseModel):
    """What a budget adds up to: cash = requested + match in cash."""

    cash: Money
    in_kind: Money
    requested: Money
    match_cash: Money


class BudgetOut(BaseModel):
    """The budget, and what it adds up to."""

    costs: list[CostOut]
    requests: list[AmountOut]
    other_government: Money
    totals: TotalsOut


class SubmissionOut(BaseModel):
    """How it was submitted."""

    number: int
    submitted_at: datetime
    programme_version: int


class ScoreOut(BaseModel):
    """A score on the grid."""

    criterion: str
    score: int
    out_of: int


class AssessmentOut(BaseModel):
    """What officers found; not shown to applicants."""

    scores: list[ScoreOut]
    summary: str


class FundingOut(BaseModel):
    """What one pocket is asked for."""

    organisation_id: UUID
    participant_id: UUID
    pocket: str
    quarter: Quarter
    amount: Money


class MatchOut(BaseModel):
    """What one organisation contributes itself in one quarter."""

    organisation_id: UUID
    participant_id: UUID
    quarter: Quarter
    cash: Money
    in_kind: Money


class ForwardingOut(BaseModel):
    """What the committee was given; not shown to applicants."""

    funding: list[FundingOut]
    match: list[MatchOut]


class DecisionOut(BaseModel):
    """How it ended."""

    outcome: Literal["ineligible", "awarded", "declined", "lapsed", "withdrawn"]
    reasons: list[str]
    award_id: UUID | None = None
    meeting_id: UUID | None = None


class ApplicationOut(BaseModel):
    """An application, as far as it has come."""

    id: UUID
    version: int
    stage: str
    call_id: UUID
    programme_code: str
    title: str
    starts_on: date
    ends_on: date
    lead_organisation_id: UUID
    participants: list[ParticipantOut]
    budget: BudgetOut
    submission: SubmissionOut | None = None
    assessment: AssessmentOut | None = None
    forwarding: ForwardingOut | None = None
    decision: DecisionOut | None = None

    @classmethod
    def of(cls, state: states.Started, *, version: int, for_staff: bool) -> "ApplicationOut":
        """What an application shows to staff, or to those who take part in it."""
        proposal = state.proposal
        furthest = _furthest(state)
        organisations = {
            participant.participant_id: participant.organisation_id
            for participant in proposal.participants
        }
        return cls(
            id=proposal.application_id,
            version=version,
            stage=states.stage_of(state),
            call_id=proposal.call_id,
            programme_code=proposal.programme_code,
            title=proposal.title,
            starts_on=proposal.starts_on,
            ends_on=proposal.ends_on,
            lead_organisation_id=proposal.lead_organisation_id,
            participants=[_participant(each) for each in proposal.participants],
            budget=_budget(proposal.budget, organisations),
            submission=_submission(furthest),
            assessment=_assessment(furthest) if for_staff else None,
            forwarding=_forwarding(furthest, organisations) if for_staff else None,
            decision=_decision(state),
        )


class ApplicationLine(BaseModel):
    """An application in a list."""

    id: UUID
    programme_code: str
    call_id: UUID
    title: str
    stage: str
    stage_since: date
    lead_organisation_id: UUID
    starts_on: date
    ends_on: date
    submitted_on: date | None
    public: Money
    match: Money


class PipelineLine(BaseModel):
    """Applications of one programme at one stage: value = public + match."""

    programme_code: str
    stage: str
    count: int
    public: Money
    match: Money
    value: Money


class PipelineOut(BaseModel):
    """The pipeline, and what it adds up to."""

    lines: list[PipelineLine]
    count: int
    value: Money

    @classmethod
    def of(cls, lines: list[PipelineLine]) -> "PipelineOut":
        """The lines with their totals."""
        return cls(
            lines=lines,
            count=sum(line.count for line in lines),
            value=total(line.value for line in lines),
        )


_BeforeDecision = states.Undecided | states.Ineligible


def _furthest(state: states.Started) -> _BeforeDecision:
    """The state in which it was decided, which holds all that was known by then."""
    match state:
        case states.Awarded() | states.Declined() | states.Lapsed():
            return state.forwarded
        case states.Withdrawn():
            return state.before
        case _:
            return state


def _participant(participant: Participant) -> ParticipantOut:
    return ParticipantOut(
        participant_id=participant.participant_id,
        organisation_id=participant.organisation_id,
        role=participant.role,
        name=participant.profile.legal_name,
        province=participant.profile.province,
        sme=participant.profile.sme,
    )


def _budget(budget: Budget, organisations: dict[UUID, UUID]) -> BudgetOut:
    return BudgetOut(
        costs=[
            CostOut(
                organisation_id=organisations[cost.participant_id],
                category=cost.category,
                quarter=cost.quarter,
                cash=cost.cash,
                in_kind=cost.in_kind,
            )
            for cost in budget.costs
        ],
        requests=[
            AmountOut(
                organisation_id=organisations[request.participant_id],
                quarter=request.quarter,
                amount=request.amount,
            )
            for request in budget.requests
        ],
        other_government=budget.other_government,
        totals=TotalsOut(
            cash=budget.cash,
            in_kind=budget.in_kind,
            requested=budget.requested,
            match_cash=budget.cash - budget.requested,
        ),
    )


def _submission(state: _BeforeDecision) -> SubmissionOut | None:
    if isinstance(state, states.Draft):
        return None
    sent = state.sent
    return SubmissionOut(
        number=sent.number,
        submitted_at=sent.submitted_at,
        programme_version=sent.programme_version,
    )


def _assessment(state: _BeforeDecision) -> AssessmentOut | None:
    if not isinstance(state, states.Assessed | states.Forwarded):
        return None
    return AssessmentOut(
        scores=[
            ScoreOut(criterion=line.criterion, score=line.score, out_of=line.out_of)
            for line in state.scores
        ],
        summary=state.summary,
    )


def _forwarding(state: _BeforeDecision, organisations: dict[UUID, UUID]) -> ForwardingOut | None:
    if not isinstance(state, states.Forwarded):
        return None
    return ForwardingOut(
        funding=[
            FundingOut(
                organisation_id=organisations[cell.participant_id],
                participant_id=cell.participant_id,
                pocket=cell.pocket,
                quarter=cell.quarter,
                amount=cell.amount,
            )
            for cell in state.funding
        ],
        match=[
            MatchOut(
                organisation_id=organisations[cell.participant_id],
                participant_id=cell.participant_id,
                quarter=cell.quarter,
                cash=cell.cash,
                in_kind=cell.in_kind,
            )
            for cell in state.match
        ],
    )


def _decision(state: states.Started) -> DecisionOut | None:
    match state:
        case states.Ineligible():
            return DecisionOut(outcome="ineligible", reasons=list(state.reasons))
        case states.Awarded():
            return DecisionOut(outcome="awarded", reasons=[], award_id=state.award_id)
        case states.Declined():
            return DecisionOut(
                outcome="declined", reasons=list(state.reasons), meeting_id=state.meeting_id
            )
        case states.Lapsed():
            return DecisionOut(outcome="lapsed", reasons=[state.reason], award_id=state.award_id)
        case states.Withdrawn():
            return DecisionOut(outcome="withdrawn", reasons=[state.reason])
        case _:
            return None
