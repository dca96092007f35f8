"""What officers send about an application."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.intake.api.words import MOST_LINES, Name
from services.intake.domain.consortium import participant_id_of
from services.intake.domain.funding import GivenCell
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.web.schemas import Request


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
