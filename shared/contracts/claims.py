"""
What claims publishes: every fact that moves committed money.

Amounts are differences: what this fact moved, by pocket and quarter. ``balances_after`` says where
all of the agreement's money stands once it moved.
"""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.base import Party, ProjectContract
from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, MatchCell


class AgreementContract(ProjectContract):
    """A fact about the agreement of one project."""

    agreement_id: UUID
    programme_code: str


class PocketBalance(BaseModel):
    """
    Where one pocket's contracted money stands under an agreement.

    contracted = committed + payable + held_back + paid + released
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    pocket: str
    contracted: Money
    committed: Money
    payable: Money
    held_back: Money
    paid: Money
    """Net of what came back."""
    released: Money
    """With what came back."""


class MoneyContract(AgreementContract):
    """A fact that moves money of an agreement."""

    balances_after: tuple[PocketBalance, ...] = ()
    """Of the agreement, per pocket, after the fact; none where it happened before this was said."""


class PocketShare(BaseModel):
    """One pocket's part of an amount."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    pocket: str
    amount: Money


class SetOff(BaseModel):
    """A part of what a claim is worth that settles an advance or a recovery instead."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    of: UUID
    """The advance or the recovery."""
    pocket: str
    quarter: Quarter
    """The pocket and the quarter in which that money stands."""
    amount: Money


class AgreementExecuted(MoneyContract):
    """All parties signed: the funder is committed, per pocket and planned quarter."""

    contract_type: ClassVar[str] = "claims.agreement-executed.v1"

    award_id: UUID
    participants: tuple[Party, ...]
    starts_on: date
    ends_on: date
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]


class AgreementAmended(MoneyContract):
    """The schedule changed: differences only, per pocket and quarter; they may be negative."""

    contract_type: ClassVar[str] = "claims.agreement-amended.v1"

    amendment_id: UUID
    kind: str
    """``budget-moved``, ``time-extension``, ``reduction``, ``increase``, ``scope`` …"""
    ends_on: date
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]
    added: tuple[Party, ...] = ()
    """Participants that joined."""
    withdrawn: tuple[UUID, ...] = ()
    """Participants that left for good; what they were paid stays theirs."""


class ForecastRevised(MoneyContract):
    """Committed money moved between quarters: the differences add up to zero per pocket."""

    contract_type: ClassVar[str] = "claims.forecast-revised.v1"

    funding: tuple[FundingCell, ...]


class ClaimApproved(MoneyContract):
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
    advance_set_off: tuple[SetOff, ...] = ()
    """Reimbursed beside what is drawn: an advance had paid it, in the quarter it names."""
    recovery_set_off: tuple[SetOff, ...] = ()
    """Drawn, and neither payable nor held back: kept against what is owed back."""


class HoldbackReleased(MoneyContract):
    """What was held back of the claims of one quarter became payable."""

    contract_type: ClassVar[str] = "claims.holdback-released.v1"

    claim_id: UUID
    participant_id: UUID
    quarter: Quarter
    released: tuple[PocketShare, ...]


class PaymentDisbursed(MoneyContract):
    """Money left for a participant. ``effective_on`` is the day it was paid."""

    contract_type: ClassVar[str] = "claims.payment-disbursed.v1"

    payment_id: UUID
    claim_id: UUID
    participant_id: UUID
    quarter: Quarter
    """The quarter of the claim that it pays."""
    paid: tuple[PocketShare, ...]


class PaymentReturned(MoneyContract):
    """A payment came back: it is payable again."""

    contract_type: ClassVar[str] = "claims.payment-returned.v1"

    payment_id: UUID
    claim_id: UUID
    participant_id: UUID
    quarter: Quarter
    returned: tuple[PocketShare, ...]
    reason: str


class CommitmentReleased(MoneyContract):
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


class AdvanceApproved(MoneyContract):
    """Money is owed before it is spent: it left the commitment and is payable."""

    contract_type: ClassVar[str] = "claims.advance-approved.v1"

    advance_id: UUID
    participant_id: UUID
    quarter: Quarter
    """The quarter of its approval: where the spending stands until claims account for it."""
    drawn: tuple[FundingCell, ...]
    """What it takes off the commitment, by pocket and *planned* quarter."""
    payable: tuple[PocketShare, ...]


class AdvanceCancelled(MoneyContract):
    """An approved advance that was not paid was given up: it is committed again."""

    contract_type: ClassVar[str] = "claims.advance-cancelled.v1"

    advance_id: UUID
    participant_id: UUID
    quarter: Quarter
    drawn: tuple[FundingCell, ...]
    """What goes back, to the planned quarters it was drawn from."""


class AdvanceDisbursed(MoneyContract):
    """An advance was paid. ``effective_on`` is the day it was paid."""

    contract_type: ClassVar[str] = "claims.advance-disbursed.v1"

    payment_id: UUID
    advance_id: UUID
    participant_id: UUID
    quarter: Quarter
    """The quarter of the advance."""
    paid: tuple[PocketShare, ...]


class AdvanceReturned(MoneyContract):
    """The payment of an advance came back: it is payable again."""

    contract_type: ClassVar[str] = "claims.advance-returned.v1"

    payment_id: UUID
    advance_id: UUID
    participant_id: UUID
    quarter: Quarter
    returned: tuple[PocketShare, ...]
    reason: str


class RecoveryRequested(MoneyContract):
    """Money that was paid is asked back."""

    contract_type: ClassVar[str] = "claims.recovery-requested.v1"

    recovery_id: UUID
    participant_id: UUID
    advance_id: UUID | None
    """The advance it was paid for; none: claims."""
    parts: tuple[FundingCell, ...]
    """By pocket and the quarter in which it was spent."""
    due_on: date


class RecoveryReceived(MoneyContract):
    """Money came back. ``effective_on`` is the day it was received."""

    contract_type: ClassVar[str] = "claims.recovery-received.v1"

    recovery_id: UUID
    participant_id: UUID
    received: tuple[FundingCell, ...]
    """By pocket and the quarter in which it was spent."""
    interest: Money = ZERO
    """Received beside it, for being late."""


class RecoveryWrittenOff(MoneyContract):
    """What was still to be recovered was given up: it stays paid."""

    contract_type: ClassVar[str] = "claims.recovery-written-off.v1"

    recovery_id: UUID
    participant_id: UUID
    written_off: tuple[FundingCell, ...]
    interest_waived: Money


class RecoveryCancelled(MoneyContract):
    """What was still to be recovered is not asked back any more: it stays paid."""

    contract_type: ClassVar[str] = "claims.recovery-cancelled.v1"

    recovery_id: UUID
    participant_id: UUID
    cancelled: tuple[FundingCell, ...]


class IncreaseProposed(AgreementContract):
    """An amendment would add money: its pockets are asked to reserve it."""

    contract_type: ClassVar[str] = "claims.increase-proposed.v1"

    amendment_id: UUID
    funding: tuple[FundingCell, ...]
    """What it adds, by pocket and planned quarter; every pocket's sum is more than nil."""


class IncreaseWithdrawn(AgreementContract):
    """The amendment that would have added money was rejected or taken back."""

    contract_type: ClassVar[str] = "claims.increase-withdrawn.v1"

    amendment_id: UUID
    funding: tuple[FundingCell, ...]
    """What had been asked for."""


class HoldbackForfeited(MoneyContract):
    """What was held back of a claim is given up: it went back to its pockets."""

    contract_type: ClassVar[str] = "claims.holdback-forfeited.v1"

    claim_id: UUID
    participant_id: UUID
    quarter: Quarter
    """The quarter of the claim."""
    forfeited: tuple[PocketShare, ...]


class IntellectualProperty(BaseModel):
    """One piece of intellectual property that a project made."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    title: str
    kind: str
    """``patent``, ``copyright``, ``trade-secret``, ``design``, ``trademark`` or ``other``."""
    owner_organisation_id: UUID
    canadian_owned: bool
    reuse_allowed: bool
    """Others may use it outside the project."""
    commercialised: bool


class IpDeclared(AgreementContract):
    """A participant declared a piece of intellectual property."""

    contract_type: ClassVar[str] = "claims.ip-declared.v1"

    declaration_id: UUID
    participant_id: UUID
    intellectual_property: IntellectualProperty
