"""What officers send about an application: assignment, eligibility, assessment, forwarding."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.intake.api.words import MOST_LINES, Name
from services.intake.domain.consortium import participant_id_of
from services.intake.domain.funding import GivenCell
from services.intake.domain.review_events import RuleFinding
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.web.schemas import Request

Text = Annotated[str, Field(max_length=2_000)]
"""What officers and applicants write about the project, never about a person."""
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
"""Which document, by its content."""
Person = Annotated[str, Field(min_length=1, max_length=200)]
"""The opaque id of a person."""


class AssignmentIn(Request):
    """Whose it is to see to."""

    officer_id: Person


class RuleFindingIn(Request):
    """What an officer found of one rule of the programme."""

    rule: Name
    met: bool
    note: Text | None = None

    def to_domain(self) -> RuleFinding:
        """As the domain speaks of it."""
        return RuleFinding(rule=self.rule, met=self.met, note=self.note)


class EligibilityIn(Request):
    """What an officer found."""

    confirmed: bool
    reasons: list[str] = Field(default_factory=list, max_length=50)
    """Why not; empty when confirmed."""
    findings: list[RuleFindingIn] = Field(default_factory=list, max_length=100)
    """Rule by rule, by the names in the programme; for officers only."""


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
