"""
What claims publishes: every fact that moves committed money.

Amounts are differences: what this fact moved, by pocket and quarter.
"""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.base import Party, ProjectContract
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, MatchCell


class AgreementContract(ProjectContract):
    """A fact about the agreement of one project."""

    agreement_id: UUID
    programme_code: str


class AgreementExecuted(AgreementContract):
    """All parties signed: the funder is committed, per pocket and planned quarter."""

    contract_type: ClassVar[str] = "claims.agreement-executed.v1"

    award_id: UUID
    participants: tuple[Party, ...]
    starts_on: date
    ends_on: date
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]


class AgreementAmended(AgreementContract):
    """The schedule changed: differences only, per pocket and quarter; they may be negative."""

    contract_type: ClassVar[str] = "claims.agreement-amended.v1"

    amendment_id: UUID
    kind: str
    """``time-extension``, ``reprofile``, ``reduction``, ``increase`` …"""
    ends_on: date
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]


class ForecastRevised(AgreementContract):
    """Committed money moved between quarters: the differences add up to zero per pocket."""

    contract_type: ClassVar[str] = "claims.forecast-revised.v1"

    funding: tuple[FundingCell, ...]


class PocketShare(BaseModel):
    """One pocket's part of an amount."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    pocket: str
    amount: Money


class ClaimApproved(AgreementContract):
    """A claim is owed: part payable now, part held back until closing."""

    contract_type: ClassVar[str] = "claims.claim-approved.v1"

    claim_id: UUID
    participant_id: UUID
    quarter: Quarter
    """The fiscal quarter in which the claim's period ends: where the spending belongs."""
    period_starts_on: date
    period_ends_on: date
    drawn: tuple[FundingCell, ...]
    """What it takes off the commitment, by pocket and *planned* quarter; adds up to the claim."""
    payable: tuple[PocketShare, ...]
    held_back: tuple[PocketShare, ...]
    match_cash: Money
    match_in_kind: Money


class HoldbackReleased(AgreementContract):
    """What was held back of the claims of one quarter became payable."""

    contract_type: ClassVar[str] = "claims.holdback-released.v1"

    claim_id: UUID
    participant_id: UUID
    quarter: Quarter
    released: tuple[PocketShare, ...]


class PaymentDisbursed(AgreementContract):
    """Money left for a participant. ``effective_on`` is the day it was paid."""

    contract_type: ClassVar[str] = "claims.payment-disbursed.v1"

    payment_id: UUID
    claim_id: UUID
    participant_id: UUID
    quarter: Quarter
    """The quarter of the claim that it pays."""
    paid: tuple[PocketShare, ...]


class PaymentReturned(AgreementContract):
    """A payment came back: it is payable again."""

    contract_type: ClassVar[str] = "claims.payment-returned.v1"

    payment_id: UUID
    claim_id: UUID
    participant_id: UUID
    quarter: Quarter
    returned: tuple[PocketShare, ...]
    reason: str


class CommitmentReleased(AgreementContract):
    """Committed money that will not be used went back to its pockets."""

    contract_type: ClassVar[str] = "claims.commitment-released.v1"

    reason: str
    """``termination`` or ``completion``."""
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]
    """Promised match that will not come either."""


class ProjectCompleted(AgreementContract):
    """The last claim is settled and the project is closed: its effects are followed from here."""

    contract_type: ClassVar[str] = "claims.project-completed.v1"

    title: str
    participants: tuple[Party, ...]
