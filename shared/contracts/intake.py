"""What intake publishes: programmes, and applications that are ready for a decision."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.base import Contract, Party, ProjectContract
from shared.kernel.schedule import FundingCell, MatchCell


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


class ApplicationWithdrawn(ProjectContract):
    """The applicant took its application back."""

    contract_type: ClassVar[str] = "intake.application-withdrawn.v1"
