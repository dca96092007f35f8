"""What selection publishes: decisions that promise money, and promises that fall."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.contracts.base import Party, ProjectContract
from shared.kernel.schedule import FundingCell, MatchCell


class AwardApproved(ProjectContract):
    """A committee decided to fund: the money is reserved in its pockets."""

    contract_type: ClassVar[str] = "selection.award-approved.v1"

    award_id: UUID
    meeting_id: UUID
    programme_code: str
    programme_version: int
    title: str
    participants: tuple[Party, ...]
    starts_on: date
    ends_on: date
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]
    lapses_on: date
    """If no agreement is executed by then, the reservation returns to its pockets."""


class AwardLapsed(ProjectContract):
    """The promise fell before an agreement was executed: its reservation has returned."""

    contract_type: ClassVar[str] = "selection.award-lapsed.v1"

    award_id: UUID
    programme_code: str
    funding: tuple[FundingCell, ...]
    reason: str


class ApplicationDeclined(ProjectContract):
    """A committee decided not to fund."""

    contract_type: ClassVar[str] = "selection.application-declined.v1"

    meeting_id: UUID
    reasons: tuple[str, ...]
