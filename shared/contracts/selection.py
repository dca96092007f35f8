"""What selection publishes: decisions that promise money, and promises that fall."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.base import Party, ProjectContract
from shared.kernel.schedule import FundingCell, MatchCell


class AwardCondition(BaseModel):
    """What must be met for the award to stand."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    condition_id: UUID
    text_en: str
    text_fr: str
    due_on: date
    """The last day on which it can be met."""
    confirmed_by: str
    """The role of whoever says that it is met."""


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
    conditions: tuple[AwardCondition, ...] = ()
    """Each is to be met by its day; the award lapses on the day after one that is not."""


class AwardLapsed(ProjectContract):
    """The promise fell before an agreement was executed: its reservation has returned."""

    contract_type: ClassVar[str] = "selection.award-lapsed.v1"

    award_id: UUID
    programme_code: str
    funding: tuple[FundingCell, ...]
    reason: str
    """
    ``not-executed-in-time``, ``condition-not-met``, ``withdrawn``, ``replaced`` (another award of
    the same project follows) or ``declined`` (the committee decided again).
    """


class ApplicationDeclined(ProjectContract):
    """A committee decided not to fund."""

    contract_type: ClassVar[str] = "selection.application-declined.v1"

    meeting_id: UUID
    reasons: tuple[str, ...]


class IncreaseReserved(ProjectContract):
    """The pockets hold the money that a proposed amendment of an agreement adds."""

    contract_type: ClassVar[str] = "selection.increase-reserved.v1"

    amendment_id: UUID
    agreement_id: UUID
    programme_code: str
    funding: tuple[FundingCell, ...]


class IncreaseRefused(ProjectContract):
    """A pocket has too little left for what a proposed amendment of an agreement adds."""

    contract_type: ClassVar[str] = "selection.increase-refused.v1"

    amendment_id: UUID
    agreement_id: UUID
    programme_code: str
    pockets: tuple[str, ...]
    """Those that are short; nothing is reserved in any."""
