"""
What has happened to a programme's terms and to an agreement, in the order of its life.

Facts in the past tense: append to this file, never edit what was released.
``effective_on`` is the civil date on which it happened.
"""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID

from services.claims.domain.changes import Change
from services.claims.domain.reporting import ReportDue
from services.claims.domain.values import (
    AcceptedLine,
    AdvanceMonth,
    BudgetLine,
    Claimant,
    ClaimForm,
    ClosingRequirement,
    ConditionDue,
    DuplicateOf,
    IntellectualProperty,
    Occasion,
    ParticipantShare,
    Party,
    PocketBalance,
    PocketShare,
    ProgrammeTerms,
    Question,
    RateOverride,
    ReimbursementRate,
    SetOff,
    Step,
)
from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, MatchCell


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeTermsRecorded:
    """A version of a programme definition came into force; agreements drafted from it keep it."""

    effective_on: date
    programme_code: str
    terms: ProgrammeTerms


ProgrammeEvent: TypeAlias = ProgrammeTermsRecorded


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementFact:
    """What every fact about an agreement says; its stream says which agreement."""

    effective_on: date
    project_id: UUID
    programme_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyFact(AgreementFact):
    """A fact that moves contracted money, with where all of it stands afterwards."""

    balances_after: tuple[PocketBalance, ...] = ()
    """Of the whole agreement, per pocket; none in facts from before it was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementDrafted(AgreementFact):
    """An award became an agreement to sign; the programme's terms are frozen in it."""

    award_id: UUID
    title: str
    participants: tuple[Party, ...]
    starts_on: date
    ends_on: date
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]
    terms: ProgrammeTerms
    rates: tuple[ReimbursementRate, ...]
    lapses_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementSigned(AgreementFact):
    """One participant signed."""

    participant_id: UUID
    signed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementLapsed(AgreementFact):
    """The award behind the draft fell before everybody had signed."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementExecuted(MoneyFact):
    """Everybody signed: the schedule is committed and costs are payable."""

    award_id: UUID
    participants: tuple[Party, ...]
    starts_on: date
    ends_on: date
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]
    executed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementAmended(MoneyFact):
    """The schedule or the end changed; ``funding`` and ``match`` are differences."""

    amendment_id: UUID
    kind: str
    ends_on: date
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]
    rates: tuple[ReimbursementRate, ...]
    """From now on, of the participants whose contracted amounts changed."""
    amended_by: str
    budget: tuple[BudgetLine, ...] = ()
    """Differences."""
    added: tuple[Party, ...] = ()
    added_signed_by: str | None = None
    """Who signed for the participant that was added."""
    withdrawn: tuple[UUID, ...] = ()
    """Participants that left on ``effective_on``."""
    scope_en: str | None = None
    scope_fr: str | None = None
    within_tolerance: bool = False
    """It took effect without an approval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDrafted(AgreementFact):
    """A participant wrote down its costs of one period."""

    claim_id: UUID
    organisation_id: UUID
    form: ClaimForm
    prepared_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRedrafted(AgreementFact):
    """The draft was replaced before it was certified."""

    claim_id: UUID
    form: ClaimForm
    prepared_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimWithdrawn(AgreementFact):
    """The draft was taken back; its period is free again."""

    claim_id: UUID
    reason: str
    withdrawn_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCertified(AgreementFact):
    """A second person of the organisation certified the claim: it is submitted."""

    claim_id: UUID
    certified_by: str
    waiting_since: date | None = None
    """
    The day from which its age counts: the first certification, plus the days that the claim was
    with its participant since. None (in events of before there were queries): the day it happened.
    """
    days_late: int = 0
    """Days after the programme's due day on which it was first certified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAssigned(AgreementFact):
    """An analyst is to assess the claim."""

    claim_id: UUID
    assigned_to: str
    assigned_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimQueried(AgreementFact):
    """An analyst asked the participant; the claim does not age until the answer."""

    claim_id: UUID
    query_id: UUID
    questions: tuple[Question, ...]
    queried_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimQueryAnswered(AgreementFact):
    """The participant answered; with another form the claim is a draft again."""

    claim_id: UUID
    query_id: UUID
    text: str
    """No personal data."""
    form: ClaimForm | None
    """None: the claim stays as it was certified."""
    answered_by: str
    waiting_since: date
    """The day from which its age counts from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAssessed(AgreementFact):
    """Each line was accepted, reduced or refused; another person approves."""

    claim_id: UUID
    accepted: tuple[AcceptedLine, ...]
    """What is accepted of every line."""
    suspected: tuple[DuplicateOf, ...]
    """What the assessor was shown of costs that may have been claimed twice."""
    assessed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimSentBack(AgreementFact):
    """The approver wants the claim assessed again."""

    claim_id: UUID
    reason: str
    sent_back_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimApproved(MoneyFact):
    """The claim is owed: part payable now, part held back until closing."""

    claim_id: UUID
    participant_id: UUID
    quarter: Quarter
    period_starts_on: date
    period_ends_on: date
    accepted: tuple[AcceptedLine, ...]
    """What was accepted of every line."""
    reimbursable: Money
    """The rate on accepted cash costs, before the cap of what remained committed."""
    drawn: tuple[FundingCell, ...]
    payable: tuple[PocketShare, ...]
    held_back: tuple[PocketShare, ...]
    match_cash: Money
    match_in_kind: Money
    approved_by: str
    advance_set_off: tuple[SetOff, ...] = ()
    """What it takes off outstanding advances: reimbursed, not drawn from the commitment."""
    recovery_set_off: tuple[SetOff, ...] = ()
    """What it settles of recoveries: drawn, and not payable any more (FAA s. 155)."""
    steps: tuple[Step, ...] = ()
    """What remained after each rule of the calculation, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRevised(MoneyFact):
    """The forecast of an approved claim moved its participant's commitment between quarters."""

    claim_id: UUID
    funding: tuple[FundingCell, ...]
    """Differences; they add up to zero per pocket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatesOverridden(AgreementFact):
    """These rates, and no others, replace contracted ones for claims approved from now on."""

    overrides: tuple[RateOverride, ...]
    reason: str
    overridden_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDisbursed(MoneyFact):
    """All that was payable of a claim, or of an advance, was paid."""

    payment_id: UUID
    claim_id: UUID | None
    participant_id: UUID
    quarter: Quarter
    paid: tuple[PocketShare, ...]
    paid_by: str
    advance_id: UUID | None = None
    """The advance that it pays; then it pays no claim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReturned(MoneyFact):
    """A payment came back: it is payable again."""

    payment_id: UUID
    claim_id: UUID | None
    participant_id: UUID
    quarter: Quarter
    returned: tuple[PocketShare, ...]
    reason: str
    advance_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementTerminated(AgreementFact):
    """The agreement ended early: later costs are not eligible."""

    reason: str
    terminated_by: str
    recovery_due: tuple[ParticipantShare, ...] = ()
    """What of the money paid is to be asked back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldbackReleased(MoneyFact):
    """What was held back of one claim became payable."""

    claim_id: UUID
    participant_id: UUID
    quarter: Quarter
    released: tuple[PocketShare, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentReleased(MoneyFact):
    """What will not be used went back."""

    reason: str
    """``termination`` or ``completion``."""
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]
    """
    Promised less reported match, per quarter. Negative where more was reported in a quarter
    than promised for it, so that what stays is what was reported.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectCompleted(AgreementFact):
    """The last claim is settled; only payments remain."""

    title: str
    participants: tuple[Party, ...]
    completed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceRequested(AgreementFact):
    """A participant asked for money before it is spent, month by month."""

    advance_id: UUID
    participant_id: UUID
    organisation_id: UUID
    months: tuple[AdvanceMonth, ...]
    requested_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceRefused(AgreementFact):
    """A request for an advance was turned down."""

    advance_id: UUID
    participant_id: UUID
    reason: str
    refused_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceWithdrawn(AgreementFact):
    """A request for an advance was taken back before it was decided."""

    advance_id: UUID
    participant_id: UUID
    reason: str
    withdrawn_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceApproved(MoneyFact):
    """An advance is owed: it is drawn from the commitment and payable."""

    advance_id: UUID
    participant_id: UUID
    quarter: Quarter
    """Of the day of approval: where the spending stands until claims account for it."""
    drawn: tuple[FundingCell, ...]
    payable: tuple[PocketShare, ...]
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceCancelled(MoneyFact):
    """An approved advance that was not paid was given up: it is committed again."""

    advance_id: UUID
    participant_id: UUID
    quarter: Quarter
    drawn: tuple[FundingCell, ...]
    """What goes back, to the cells it was drawn from."""
    reason: str
    cancelled_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceMarkedOverdue(AgreementFact):
    """The time to account for an advance is over, and some of it is outstanding."""

    advance_id: UUID
    participant_id: UUID
    outstanding: tuple[FundingCell, ...]
    reconcile_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRequested(MoneyFact):
    """Money that was paid is asked back."""

    recovery_id: UUID
    participant_id: UUID
    advance_id: UUID | None
    """The advance that was not accounted for; None: of what was paid for claims."""
    parts: tuple[FundingCell, ...]
    """By pocket and the quarter in which it was spent."""
    due_on: date
    reason: str
    requested_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryReceived(MoneyFact):
    """Money came back, in whole or in part."""

    recovery_id: UUID
    participant_id: UUID
    received: tuple[FundingCell, ...]
    interest: Money = ZERO
    """Received beside it, for being late."""
    interest_due: Money = ZERO
    """What interest was owed on that day, before this was received."""
    recorded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryWriteOffProposed(AgreementFact):
    """A finance officer proposed to give up what is still to be recovered."""

    recovery_id: UUID
    participant_id: UUID
    reason: str
    proposed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryWrittenOff(MoneyFact):
    """What was still to be recovered was given up, under another officer's authority."""

    recovery_id: UUID
    participant_id: UUID
    written_off: tuple[FundingCell, ...]
    interest_waived: Money
    reason: str
    proposed_by: str
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCancelled(MoneyFact):
    """What was still to be recovered is not asked back any more: it stays paid."""

    recovery_id: UUID
    participant_id: UUID
    cancelled: tuple[FundingCell, ...]
    reason: str
    cancelled_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentScheduled(AgreementFact):
    """All that is payable of a claim or of an advance is in a payment run: it is in no other."""

    payment_id: UUID
    run_id: UUID
    claim_id: UUID | None
    advance_id: UUID | None
    participant_id: UUID
    quarter: Quarter
    shares: tuple[PocketShare, ...]
    scheduled_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCancelled(AgreementFact):
    """A scheduled payment did not leave: what it was to pay can be put in another run."""

    payment_id: UUID
    run_id: UUID
    claim_id: UUID | None
    advance_id: UUID | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsExpected(AgreementFact):
    """From now on reports are due on these days; one that was expected before moves."""

    reports: tuple[ReportDue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSubmitted(AgreementFact):
    """A participant reported on a quarter, or on the whole of its part."""

    participant_id: UUID
    quarter: Quarter | None
    """None: the final report."""
    text: str
    document_sha256: str | None
    submitted_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAccepted(AgreementFact):
    """The report says what it should."""

    participant_id: UUID
    quarter: Quarter | None
    accepted_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportReturned(AgreementFact):
    """The report does not say what it should: it is expected as before."""

    participant_id: UUID
    quarter: Quarter | None
    reason: str
    returned_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPeriodOpened(AgreementFact):
    """A period began for which these participants are to claim."""

    period_starts_on: date
    period_ends_on: date
    """The last day, inclusive."""
    due_on: date | None
    """None: the programme has no due day."""
    participants: tuple[Claimant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPeriodRescheduled(AgreementFact):
    """The end of the agreement moved, and with it the end of a period that was open."""

    period_starts_on: date
    period_ends_on: date
    due_on: date | None
    participants: tuple[Claimant, ...]
    """For whom it is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPeriodCancelled(AgreementFact):
    """The agreement ends before a period that was open: nothing is to be claimed for it."""

    period_starts_on: date
    participants: tuple[Claimant, ...]
    """For whom it was open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPeriodReminded(AgreementFact):
    """Participants that had not claimed a period were to be reminded of it."""

    period_starts_on: date
    period_ends_on: date
    due_on: date
    occasion: Occasion
    participants: tuple[Claimant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRequested(AgreementFact):
    """An analyst asked for the document behind a line of a claim."""

    claim_id: UUID
    participant_id: UUID
    line: int
    """Index of the line in the claim, from 0."""
    note: str | None
    """What is to be seen in it. No personal data."""
    requested_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSupplied(AgreementFact):
    """The participant showed the document."""

    claim_id: UUID
    participant_id: UUID
    line: int
    document_sha256: str
    supplied_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetSet(AgreementFact):
    """What each participant plans to spend by category; it replaces what was set before."""

    lines: tuple[BudgetLine, ...]
    set_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionSet(AgreementFact):
    """Something must come true before the execution, the first payment or a day."""

    condition_id: UUID
    code: str
    text_en: str
    text_fr: str
    due: ConditionDue
    due_on: date | None
    set_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionMet(AgreementFact):
    """It came true, and somebody who receives nothing confirmed it."""

    condition_id: UUID
    document_sha256: str | None
    confirmed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionWaived(AgreementFact):
    """It is no longer asked."""

    condition_id: UUID
    reason: str
    waived_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentProposed(AgreementFact):
    """Somebody asks for an amendment; nothing changes yet."""

    amendment_id: UUID
    change: Change
    counts_from: date
    """The day on which it is to take effect."""
    reason: str | None
    proposed_by: str
    by_organisation_id: UUID | None
    """Of a recipient who proposes it; None for an officer."""
    funding: tuple[FundingCell, ...]
    """What its pockets reserve before it can be approved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentSigned(AgreementFact):
    """The participant that an amendment adds signed."""

    amendment_id: UUID
    organisation_id: UUID
    signed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncreaseReserved(AgreementFact):
    """The pockets hold the money that a proposed amendment adds."""

    amendment_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class IncreaseRefused(AgreementFact):
    """A pocket has too little left for the money that a proposed amendment adds."""

    amendment_id: UUID
    pockets: tuple[str, ...]
    """Those that are short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentApproved(AgreementFact):
    """Another person approved a proposal; what it changes follows."""

    amendment_id: UUID
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentRejected(AgreementFact):
    """Another person rejected a proposal."""

    amendment_id: UUID
    reason: str
    rejected_by: str
    funding: tuple[FundingCell, ...]
    """What its pockets had been asked to reserve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentWithdrawn(AgreementFact):
    """A proposal was taken back, or fell with its agreement."""

    amendment_id: UUID
    reason: str
    withdrawn_by: str
    funding: tuple[FundingCell, ...]
    """What its pockets had been asked to reserve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementSuspended(AgreementFact):
    """The agreement pauses from that day: no payments, and costs do not count."""

    reason: str
    costs_eligible: bool
    """Costs incurred during the suspension count all the same."""
    suspended_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementResumed(AgreementFact):
    """The pause is over: costs count again from that day."""

    reason: str
    resumed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldbackForfeited(MoneyFact):
    """What was held back of one claim is not paid any more: it went back."""

    claim_id: UUID
    participant_id: UUID
    quarter: Quarter
    forfeited: tuple[PocketShare, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementMet(AgreementFact):
    """A closing requirement is met, as a document shows."""

    requirement: ClosingRequirement
    document_sha256: str
    confirmed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IpDeclared(AgreementFact):
    """A participant declared a piece of intellectual property that the project made."""

    declaration_id: UUID
    participant_id: UUID
    intellectual_property: IntellectualProperty
    declared_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoIpDeclared(AgreementFact):
    """A participant declared that it has no intellectual property to declare."""

    participant_id: UUID
    declared_by: str


AgreementEvent: TypeAlias = (
    AgreementDrafted
    | AgreementSigned
    | AgreementLapsed
    | AgreementExecuted
    | AgreementAmended
    | ClaimDrafted
    | ClaimRedrafted
    | ClaimWithdrawn
    | ClaimCertified
    | ClaimAssigned
    | ClaimQueried
    | ClaimQueryAnswered
    | ClaimAssessed
    | ClaimSentBack
    | RatesOverridden
    | ClaimApproved
    | ForecastRevised
    | PaymentDisbursed
    | PaymentReturned
    | AgreementTerminated
    | HoldbackReleased
    | CommitmentReleased
    | ProjectCompleted
    | AdvanceRequested
    | AdvanceRefused
    | AdvanceWithdrawn
    | AdvanceApproved
    | AdvanceCancelled
    | AdvanceMarkedOverdue
    | RecoveryRequested
    | RecoveryReceived
    | RecoveryWriteOffProposed
    | RecoveryWrittenOff
    | RecoveryCancelled
    | PaymentScheduled
    | PaymentCancelled
    | ReportsExpected
    | ReportSubmitted
    | ReportAccepted
    | ReportReturned
    | ClaimPeriodOpened
    | ClaimPeriodRescheduled
    | ClaimPeriodCancelled
    | ClaimPeriodReminded
    | DocumentRequested
    | DocumentSupplied
    | BudgetSet
    | ConditionSet
    | ConditionMet
    | ConditionWaived
    | AmendmentProposed
    | AmendmentSigned
    | IncreaseReserved
    | IncreaseRefused
    | AmendmentApproved
    | AmendmentRejected
    | AmendmentWithdrawn
    | AgreementSuspended
    | AgreementResumed
    | HoldbackForfeited
    | RequirementMet
    | IpDeclared
    | NoIpDeclared
)
