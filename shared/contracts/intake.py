"""What intake publishes: programmes, and applications that are ready for a decision."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.base import Contract, Party, ProjectContract
from shared.kernel.money import Money
from shared.kernel.schedule import FundingCell, MatchCell


class CategoryTerms(BaseModel):
    """What is particular to one category of costs."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    category: str
    overhead_bp: int | None = None
    """Overhead added to accepted costs of the category (labour), in basis points of them."""
    share_bp: int | None = None
    """Highest share of a participant's eligible cash costs, in basis points; None: no cap."""


class ApprovalLevelTerms(BaseModel):
    """Up to which amount one role may approve."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    role: str
    up_to: Money | None = None
    """None: any amount."""


class ClaimTerms(BaseModel):
    """
    What a version says about claims beyond rate, holdback and frequency.

    Every default is "the programme says nothing of it": no cap, nothing asked, nothing allowed.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    categories: tuple[CategoryTerms, ...] = ()
    participant_share_bp: int | None = None
    """Highest share of an agreement's reimbursements that one participant may receive."""
    stacking_limit_bp: int | None = None
    """Highest share of eligible costs that all government money together may pay."""
    in_kind_share_bp: int | None = None
    """Highest share of the match that may be in kind."""
    sales_tax: str = "excluded"
    """``excluded``: claimed amounts hold no sales tax; ``shown-apart``: it is stated per line."""
    documents: str = "on-request"
    """``per-line``: every line names its document; ``on-request``: where an analyst asks."""
    reallocation_tolerance_bp: int = 0
    """Share of a category's budget that may move to others without approval."""
    advances_allowed: bool = False
    reports_hold_payments: bool = False
    """An overdue report holds payments to its participant."""
    claim_due_days: int | None = None
    """Days after the end of its period within which a claim is on time; None: never late."""
    closing_requirements: tuple[str, ...] = ()
    """
    ``final-report``, ``ip-declarations``, ``audit``, ``equipment-disposal``: what a project
    shows before it is completed.
    """
    approval_levels: tuple[ApprovalLevelTerms, ...] = ()
    """Lowest first; none: any approver, any amount."""
    overdue_interest_bp: int = 0
    """Yearly interest on what a participant owes back after its due date, in basis points."""


class PocketTerms(BaseModel):
    """How a programme may draw on one pocket."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    provinces: tuple[str, ...] | None = None
    """Only participants of these provinces; None: of all."""
    share_bp: int | None = None
    """Its share of each request it may fund, in basis points; None: what the others leave."""


class ProgrammePublished(Contract):
    """A version of a programme definition is in force for new applications."""

    contract_type: ClassVar[str] = "intake.programme-published.v1"

    code: str
    version: int
    name_en: str
    name_fr: str
    phase: str
    """The envelope period or initiative it spends under: the rows of spending tables (``P1``)."""
    pockets: tuple[str, ...]
    """Codes of the pockets it may draw on."""
    reimbursement_rate_bp: int
    """Highest public share of eligible cash costs, in basis points (4 000 is 40 %)."""
    holdback_bp: int
    """Share of each reimbursement kept until closing, in basis points."""
    claim_frequency: str
    """``monthly``, ``quarterly`` or ``semi-annual``."""
    survey_years: int
    """How many yearly surveys follow completion; 0 where effects are not followed."""
    cost_categories: tuple[str, ...] = ()
    """Categories of eligible costs; empty where the version names none."""
    claims: ClaimTerms = ClaimTerms()
    """What the version says about claims, payments and closing."""
    pocket_terms: tuple[PocketTerms, ...] = ()
    """How it may draw on each of ``pockets``, in their order."""
    indicators: tuple[str, ...] = ()
    """Codes of the indicators that its projects report on; empty where the version names none."""

    @property
    def key(self) -> str:
        """The programme."""
        return self.code


class ScoredCriterion(BaseModel):
    """One line of the scoring grid, filled in."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    criterion: str
    score: int
    out_of: int


class Expectation(BaseModel):
    """What one participant expects of the project, by one indicator."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    participant_id: UUID
    indicator: str
    """Its code, e.g. ``JOBS-CREATED``."""
    baseline: int | None = None
    """Before the project, in whole units of the indicator; None: not known."""
    expected: int
    """Because of the project, five years after completion, in whole units of the indicator."""


class ApplicationForwarded(ProjectContract):
    """An eligible, scored application is before the committee. Its id is the project's id."""

    contract_type: ClassVar[str] = "intake.application-forwarded.v1"

    programme_code: str
    programme_version: int
    title: str
    lead_organisation_id: UUID
    participants: tuple[Party, ...]
    starts_on: date
    ends_on: date
    funding: tuple[FundingCell, ...]
    """What is asked of each pocket, per participant and quarter."""
    match: tuple[MatchCell, ...]
    scores: tuple[ScoredCriterion, ...]
    summary: str
    risks: tuple[str, ...] = ()
    """What due diligence found that may go wrong; empty where it names none."""
    submitted_on: date | None = None
    """The civil date on which the applicant submitted it."""
    expectations: tuple[Expectation, ...] = ()
    """Baselines and expected outcomes, by participant and indicator; empty where none are given."""


class ApplicationWithdrawn(ProjectContract):
    """The applicant took its application back."""

    contract_type: ClassVar[str] = "intake.application-withdrawn.v1"
