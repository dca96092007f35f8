"""
What can be asked of a programme's terms and of an agreement.

``on`` is the civil date today in Toronto and ``by`` the opaque id of the person who asks.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias
from uuid import UUID

from services.claims.domain.changes import Change
from services.claims.domain.values import (
    AcceptedLine,
    AdvanceMonth,
    BudgetLine,
    ClaimForm,
    ClosingRequirement,
    ConditionDue,
    DuplicateOf,
    IntellectualProperty,
    Occasion,
    ParticipantShare,
    Party,
    ProgrammeTerms,
    Question,
    RateOverride,
)
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, MatchCell


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordProgrammeTerms:
    """Keep one version of a programme's terms."""

    programme_code: str
    terms: ProgrammeTerms
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftAgreement:
    """Turn an award into an agreement to sign."""

    project_id: UUID
    programme_code: str
    award_id: UUID
    title: str
    participants: tuple[Party, ...]
    starts_on: date
    ends_on: date
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]
    terms: ProgrammeTerms
    lapses_on: date
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseAgreement:
    """Give up a draft whose award has lapsed."""

    reason: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SignAgreement:
    """Sign for one participant."""

    participant_id: UUID
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteAgreement:
    """Bring a signed agreement into force."""

    executed_on: date
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftClaim:
    """Write down a participant's costs of one period."""

    claim_id: UUID
    form: ClaimForm
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RedraftClaim:
    """Replace a draft."""

    claim_id: UUID
    form: ClaimForm
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawClaim:
    """Take a draft back."""

    claim_id: UUID
    reason: str
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifyClaim:
    """Certify a draft and so submit it."""

    claim_id: UUID
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignClaim:
    """Give a submitted claim to an analyst, or to another one."""

    claim_id: UUID
    assigned_to: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryClaim:
    """Ask the participant about its claim."""

    claim_id: UUID
    query_id: UUID
    questions: tuple[Question, ...]
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerQuery:
    """Answer the analyst, with another form where the claim was wrong."""

    claim_id: UUID
    query_id: UUID
    text: str
    form: ClaimForm | None
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessClaim:
    """Judge a certified claim; a line that is not in ``accepted`` is accepted as claimed."""

    claim_id: UUID
    accepted: tuple[AcceptedLine, ...]
    suspected: tuple[DuplicateOf, ...]
    """Lines of other agreements that may show the same costs."""
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBackClaim:
    """Have an assessed claim assessed again."""

    claim_id: UUID
    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveClaim:
    """Approve a claim as it was assessed."""

    claim_id: UUID
    suspected: tuple[DuplicateOf, ...]
    """Lines of other agreements that may show the same costs, as known now."""
    by: str
    by_roles: tuple[str, ...]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRates:
    """Replace contracted rates, for exactly these participants and categories or quarters."""

    overrides: tuple[RateOverride, ...]
    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPayment:
    """Record that a payment came back."""

    payment_id: UUID
    returned_on: date
    reason: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminateAgreement:
    """End an agreement before its time."""

    terminated_on: date
    reason: str
    recovery: Literal["all"] | tuple[ParticipantShare, ...] | None = None
    """What of the money paid is to be asked back; None: none, and the holdback is owed."""
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteProject:
    """Close a project whose last claim is decided."""

    completed_on: date
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePayment:
    """Put all that is payable of a claim or of an advance in a payment run."""

    payment_id: UUID
    run_id: UUID
    payable_id: UUID
    """The claim's or the advance's id."""
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelPayment:
    """Take a scheduled payment out: its run was rejected, or it failed."""

    payment_id: UUID
    reason: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DisbursePayment:
    """Record that a scheduled payment left."""

    payment_id: UUID
    paid_on: date
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitReport:
    """Report on a quarter, or on the whole."""

    participant_id: UUID
    quarter: Quarter | None
    """None: the final report."""
    text: str
    document_sha256: str | None
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptReport:
    """Say that a report will do."""

    participant_id: UUID
    quarter: Quarter | None
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnReport:
    """Give a report back to its participant."""

    participant_id: UUID
    quarter: Quarter | None
    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAdvance:
    """Ask for money before it is spent."""

    advance_id: UUID
    participant_id: UUID
    months: tuple[AdvanceMonth, ...]
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveAdvance:
    """Grant a requested advance, as it was requested."""

    advance_id: UUID
    by: str
    by_roles: tuple[str, ...]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseAdvance:
    """Turn a requested advance down."""

    advance_id: UUID
    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAdvance:
    """Take a requested advance back."""

    advance_id: UUID
    reason: str
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAdvance:
    """Give up an approved advance that was not paid, or whose payment came back."""

    advance_id: UUID
    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkAdvanceOverdue:
    """Note that an advance was not accounted for in time."""

    advance_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPart:
    """How much of what was paid from one pocket for one quarter."""

    pocket: str
    quarter: Quarter
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecovery:
    """Ask back what was paid for a participant's claims."""

    recovery_id: UUID
    participant_id: UUID
    parts: tuple[RecoveryPart, ...]
    due_on: date
    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverAdvance:
    """Ask back what of an advance was not accounted for in time."""

    recovery_id: UUID
    advance_id: UUID
    due_on: date
    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveRecovery:
    """Record that money came back, and interest with it."""

    recovery_id: UUID
    amount: Money
    interest: Money
    received_on: date
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeWriteOff:
    """Propose to give up what is still to be recovered."""

    recovery_id: UUID
    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveWriteOff:
    """Give it up, as another person than the one who proposed it."""

    recovery_id: UUID
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRecovery:
    """Stop asking back what is still to be recovered."""

    recovery_id: UUID
    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenClaimPeriods:
    """Open the periods of claims that have begun."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindOfClaimPeriod:
    """Remind those who have not claimed a period."""

    period_starts_on: date
    occasion: Occasion
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDocument:
    """Ask for the document behind a line of a claim."""

    claim_id: UUID
    line: int
    note: str | None
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyDocument:
    """Show a document that was asked for and is kept."""

    claim_id: UUID
    line: int
    document_sha256: str
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBudget:
    """Say what each participant plans to spend by category, on a draft nobody signed yet."""

    lines: tuple[BudgetLine, ...]
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCondition:
    """Ask for something before the execution, the first payment or a day."""

    condition_id: UUID
    code: str
    text_en: str
    text_fr: str
    due: ConditionDue
    due_on: date | None
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmCondition:
    """Confirm that a condition is met."""

    condition_id: UUID
    met_on: date
    document_sha256: str | None
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveCondition:
    """Ask for a condition no longer."""

    condition_id: UUID
    reason: str
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeAmendment:
    """Ask for an amendment; a move within the tolerance takes effect at once."""

    amendment_id: UUID
    change: Change
    effective_on: date
    reason: str | None
    by: str
    by_organisation_id: UUID | None
    """Of a recipient, who may ask for less than an officer; None for an officer."""
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SignAmendment:
    """Sign for the participant that an amendment adds."""

    amendment_id: UUID
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteIncreaseReserved:
    """Its pockets hold what a proposed amendment adds."""

    amendment_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteIncreaseRefused:
    """A pocket has too little left for what a proposed amendment adds."""

    amendment_id: UUID
    pockets: tuple[str, ...]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveAmendment:
    """Approve a proposal of another person."""

    amendment_id: UUID
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectAmendment:
    """Reject a proposal of another person."""

    amendment_id: UUID
    reason: str
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAmendment:
    """Take a proposal back, on the side that made it."""

    amendment_id: UUID
    reason: str
    by: str
    by_organisation_id: UUID | None
    """Of a recipient; None for an officer."""
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendAgreement:
    """Pause an agreement."""

    suspended_on: date
    reason: str
    costs_eligible: bool
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeAgreement:
    """End the pause."""

    resumed_on: date
    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetRequirement:
    """Confirm that a closing requirement is met."""

    requirement: ClosingRequirement
    document_sha256: str
    met_on: date
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareIp:
    """Declare a piece of intellectual property that the project made."""

    declaration_id: UUID
    participant_id: UUID
    intellectual_property: IntellectualProperty
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareNoIp:
    """Declare that a participant has no intellectual property to declare."""

    participant_id: UUID
    by: str
    by_organisation_id: UUID | None
    on: date


AgreementCommand: TypeAlias = (
    DraftAgreement
    | LapseAgreement
    | SignAgreement
    | ExecuteAgreement
    | DraftClaim
    | RedraftClaim
    | WithdrawClaim
    | CertifyClaim
    | AssignClaim
    | QueryClaim
    | AnswerQuery
    | AssessClaim
    | SendBackClaim
    | ApproveClaim
    | OverrideRates
    | ReturnPayment
    | TerminateAgreement
    | CompleteProject
    | SchedulePayment
    | CancelPayment
    | DisbursePayment
    | SubmitReport
    | AcceptReport
    | ReturnReport
    | RequestAdvance
    | ApproveAdvance
    | RefuseAdvance
    | WithdrawAdvance
    | CancelAdvance
    | MarkAdvanceOverdue
    | RequestRecovery
    | RecoverAdvance
    | ReceiveRecovery
    | ProposeWriteOff
    | ApproveWriteOff
    | CancelRecovery
    | OpenClaimPeriods
    | RemindOfClaimPeriod
    | RequestDocument
    | SupplyDocument
    | SetBudget
    | SetCondition
    | ConfirmCondition
    | WaiveCondition
    | ProposeAmendment
    | SignAmendment
    | NoteIncreaseReserved
    | NoteIncreaseRefused
    | ApproveAmendment
    | RejectAmendment
    | WithdrawAmendment
    | SuspendAgreement
    | ResumeAgreement
    | MeetRequirement
    | DeclareIp
    | DeclareNoIp
)
