"""
An agreement: everything about the money of one project is decided on this one stream.

A claim, an amendment and a termination compete for the same committed cents, so they share one
consistency boundary. Here are its beginning (draft, signatures, execution) and the two
dispatches; the rest of its life is in ``claim``, ``assessment``, ``approval``, ``rates``,
``payment``, ``amendment`` and ``closing``.
"""

from collections.abc import Sequence
from functools import reduce
from typing import assert_never

from services.claims.domain import (
    advance,
    advance_effects,
    amended,
    amendment,
    approval,
    assessment,
    budget,
    checklist,
    claim,
    claim_calendar,
    closing,
    conditions,
    document_request,
    payment,
    rates,
    recovery,
    recovery_effects,
    recovery_rules,
    report,
    suspension,
)
from services.claims.domain.commands import (
    AcceptReport,
    AgreementCommand,
    AnswerQuery,
    ApproveAdvance,
    ApproveAmendment,
    ApproveClaim,
    ApproveWriteOff,
    AssessClaim,
    AssignClaim,
    CancelAdvance,
    CancelPayment,
    CancelRecovery,
    CertifyClaim,
    CompleteProject,
    ConfirmCondition,
    DeclareIp,
    DeclareNoIp,
    DisbursePayment,
    DraftAgreement,
    DraftClaim,
    ExecuteAgreement,
    LapseAgreement,
    MarkAdvanceOverdue,
    MeetRequirement,
    NoteIncreaseRefused,
    NoteIncreaseReserved,
    OpenClaimPeriods,
    OverrideRates,
    ProposeAmendment,
    ProposeWriteOff,
    QueryClaim,
    ReceiveRecovery,
    RecoverAdvance,
    RedraftClaim,
    RefuseAdvance,
    RejectAmendment,
    RemindOfClaimPeriod,
    RequestAdvance,
    RequestDocument,
    RequestRecovery,
    ResumeAgreement,
    ReturnPayment,
    ReturnReport,
    SchedulePayment,
    SendBackClaim,
    SetBudget,
    SetCondition,
    SignAgreement,
    SignAmendment,
    SubmitReport,
    SupplyDocument,
    SuspendAgreement,
    TerminateAgreement,
    WaiveCondition,
    WithdrawAdvance,
    WithdrawAmendment,
    WithdrawClaim,
)
from services.claims.domain.events import (
    AdvanceApproved,
    AdvanceCancelled,
    AdvanceMarkedOverdue,
    AdvanceRefused,
    AdvanceRequested,
    AdvanceWithdrawn,
    AgreementAmended,
    AgreementDrafted,
    AgreementEvent,
    AgreementExecuted,
    AgreementLapsed,
    AgreementResumed,
    AgreementSigned,
    AgreementSuspended,
    AgreementTerminated,
    AmendmentApproved,
    AmendmentProposed,
    AmendmentRejected,
    AmendmentSigned,
    AmendmentWithdrawn,
    BudgetSet,
    ClaimApproved,
    ClaimAssessed,
    ClaimAssigned,
    ClaimCertified,
    ClaimDrafted,
    ClaimPeriodCancelled,
    ClaimPeriodOpened,
    ClaimPeriodReminded,
    ClaimPeriodRescheduled,
    ClaimQueried,
    ClaimQueryAnswered,
    ClaimRedrafted,
    ClaimSentBack,
    ClaimWithdrawn,
    CommitmentReleased,
    ConditionMet,
    ConditionSet,
    ConditionWaived,
    DocumentRequested,
    DocumentSupplied,
    ForecastRevised,
    HoldbackForfeited,
    HoldbackReleased,
    IncreaseRefused,
    IncreaseReserved,
    IpDeclared,
    NoIpDeclared,
    PaymentCancelled,
    PaymentDisbursed,
    PaymentReturned,
    PaymentScheduled,
    ProjectCompleted,
    RatesOverridden,
    RecoveryCancelled,
    RecoveryReceived,
    RecoveryRequested,
    RecoveryWriteOffProposed,
    RecoveryWrittenOff,
    ReportAccepted,
    ReportReturned,
    ReportsExpected,
    ReportSubmitted,
    RequirementMet,
)
from services.claims.domain.reimbursement import contracted_rate
from services.claims.domain.standing import must_be_a_draft
from services.claims.domain.state import (
    Agreement,
    AgreementState,
    NotDrafted,
    Standing,
    cells_by_participant,
    contracted_match_after,
    match_after,
    shares_by_participant,
)
from services.claims.domain.totals import with_totals
from shared.kernel.decider import Decider
from shared.kernel.frozen import replace
from shared.kernel.money import total
from shared.kernel.refusals import NotFound, RuleBroken


class AgreementUnknown(NotFound):
    """There is no such agreement."""

    en = "There is no such agreement."
    fr = "Cette entente n’existe pas."


class SignaturesMissing(RuleBroken):
    """An agreement is executed once every participant has signed."""

    en = "{count} participants have not signed."
    fr = "{count} participants n’ont pas signé."


class ExecutedAfterAwardLapsed(RuleBroken):
    """An agreement is executed before its award lapses, because the money returns then."""

    en = "The award lapses on {lapses_on}; the agreement is executed before that day."
    fr = "La décision de financement devient caduque le {lapses_on}; l’entente est signée avant."


def decide(command: AgreementCommand, state: AgreementState) -> Sequence[AgreementEvent]:
    """What follows from a command; refuses what the rules do not allow."""
    events = _decided(command, state)
    if any(isinstance(event, AgreementExecuted | AgreementAmended) for event in events):
        after = _drafted(reduce(evolve, events, state))
        events = [*events, *report.newly_expected(after, command.on)]
    return with_totals(events, state, evolve)


def _decided(  # noqa: C901, PLR0911, PLR0912, PLR0915  # one branch per command
    command: AgreementCommand, state: AgreementState
) -> Sequence[AgreementEvent]:
    match command:
        case DraftAgreement():
            return _draft(command, state)
        case LapseAgreement():
            return _lapse(command, state)
        case SignAgreement():
            return _sign(command, _drafted(state))
        case ExecuteAgreement():
            return _execute(command, _drafted(state))
        case (
            ProposeAmendment()
            | SignAmendment()
            | NoteIncreaseReserved()
            | NoteIncreaseRefused()
            | ApproveAmendment()
            | RejectAmendment()
            | WithdrawAmendment()
        ):
            return amendment.decide(command, _drafted(state))
        case DraftClaim():
            return claim.draft(command, _drafted(state))
        case RedraftClaim():
            return claim.redraft(command, _drafted(state))
        case WithdrawClaim():
            return claim.withdraw(command, _drafted(state))
        case CertifyClaim():
            return claim.certify(command, _drafted(state))
        case AssignClaim():
            return assessment.assign(command, _drafted(state))
        case QueryClaim():
            return assessment.query(command, _drafted(state))
        case AnswerQuery():
            return assessment.answer(command, _drafted(state))
        case AssessClaim():
            return assessment.assess(command, _drafted(state))
        case SendBackClaim():
            return approval.send_back(command, _drafted(state))
        case ApproveClaim():
            return approval.approve(command, _drafted(state))
        case OverrideRates():
            return rates.override(command, _drafted(state))
        case ReturnPayment():
            recovery_rules.must_still_be_paid(command, _drafted(state))
            return payment.give_back(command, _drafted(state))
        case TerminateAgreement():
            return closing.terminate(command, _drafted(state))
        case CompleteProject():
            return closing.complete(command, _drafted(state))
        case SchedulePayment():
            return payment.schedule(command, _drafted(state))
        case CancelPayment():
            return payment.cancel(command, _drafted(state))
        case DisbursePayment():
            return payment.disburse(command, _drafted(state))
        case SubmitReport():
            return report.submit(command, _drafted(state))
        case AcceptReport():
            return report.accept(command, _drafted(state))
        case ReturnReport():
            return report.give_back(command, _drafted(state))
        case RequestAdvance():
            return advance.request(command, _drafted(state))
        case ApproveAdvance():
            return advance.approve(command, _drafted(state))
        case RefuseAdvance():
            return advance.refuse(command, _drafted(state))
        case WithdrawAdvance():
            return advance.withdraw(command, _drafted(state))
        case CancelAdvance():
            return advance.cancel(command, _drafted(state))
        case MarkAdvanceOverdue():
            return advance.mark_overdue(command, _drafted(state))
        case RequestRecovery():
            return recovery.request(command, _drafted(state))
        case RecoverAdvance():
            return recovery.recover_advance(command, _drafted(state))
        case ReceiveRecovery():
            return recovery.receive(command, _drafted(state))
        case ProposeWriteOff():
            return recovery.propose_write_off(command, _drafted(state))
        case ApproveWriteOff():
            return recovery.approve_write_off(command, _drafted(state))
        case CancelRecovery():
            return recovery.cancel(command, _drafted(state))
        case OpenClaimPeriods():
            return claim_calendar.open_periods(command, _drafted(state))
        case RemindOfClaimPeriod():
            return claim_calendar.remind(command, _drafted(state))
        case RequestDocument():
            return document_request.request(command, _drafted(state))
        case SupplyDocument():
            return document_request.supply(command, _drafted(state))
        case SetBudget():
            return budget.set_budget(command, _drafted(state))
        case SetCondition():
            return conditions.set_condition(command, _drafted(state))
        case ConfirmCondition():
            return conditions.confirm(command, _drafted(state))
        case WaiveCondition():
            return conditions.waive(command, _drafted(state))
        case SuspendAgreement():
            return suspension.suspend(command, _drafted(state))
        case ResumeAgreement():
            return suspension.resume(command, _drafted(state))
        case MeetRequirement():
            return checklist.meet(command, _drafted(state))
        case DeclareIp():
            return checklist.declare_ip(command, _drafted(state))
        case DeclareNoIp():
            return checklist.declare_no_ip(command, _drafted(state))
        case unreachable:
            assert_never(unreachable)


def evolve(  # noqa: C901, PLR0911, PLR0912, PLR0915  # one branch per event
    state: AgreementState, event: AgreementEvent
) -> AgreementState:
    """The state after an event."""
    if isinstance(event, AgreementDrafted):
        return _after_draft(event)
    agreement = _drafted(state)
    match event:
        case AgreementSigned():
            signed_by = {**agreement.signed_by, event.participant_id: event.signed_by}
            return replace(agreement, signed_by=signed_by)
        case AgreementLapsed():
            return replace(agreement, standing=Standing.LAPSED)
        case AgreementExecuted():
            return _after_execution(agreement, event)
        case AgreementAmended():
            return amended.after_amendment(agreement, event)
        case (
            AmendmentProposed()
            | AmendmentSigned()
            | IncreaseReserved()
            | IncreaseRefused()
            | AmendmentApproved()
            | AmendmentRejected()
            | AmendmentWithdrawn()
        ):
            return amended.after_event(agreement, event)
        case ClaimDrafted():
            return claim.after_draft(agreement, event)
        case ClaimRedrafted():
            return claim.after_redraft(agreement, event)
        case ClaimWithdrawn():
            return claim.after_withdrawal(agreement, event)
        case ClaimCertified():
            return claim.after_certification(agreement, event)
        case ClaimAssigned():
            return assessment.after_assignment(agreement, event)
        case ClaimQueried():
            return assessment.after_query(agreement, event)
        case ClaimQueryAnswered():
            return assessment.after_answer(agreement, event)
        case ClaimAssessed():
            return assessment.after_assessment(agreement, event)
        case ClaimSentBack():
            return approval.after_sending_back(agreement, event)
        case ClaimApproved():
            return approval.after_approval(agreement, event)
        case RatesOverridden():
            return rates.after_override(agreement, event)
        case ForecastRevised():
            return approval.after_forecast(agreement, event)
        case PaymentDisbursed():
            return payment.after_payment(agreement, event)
        case PaymentReturned():
            return payment.after_return(agreement, event)
        case AgreementTerminated():
            return closing.after_termination(agreement, event)
        case HoldbackReleased():
            return closing.after_holdback(agreement, event)
        case CommitmentReleased():
            return closing.after_release(agreement, event)
        case ProjectCompleted():
            return closing.after_completion(agreement, event)
        case PaymentScheduled():
            return payment.after_scheduling(agreement, event)
        case PaymentCancelled():
            return payment.after_cancellation(agreement, event)
        case ReportsExpected():
            return report.after_expectation(agreement, event)
        case ReportSubmitted():
            return report.after_submission(agreement, event)
        case ReportAccepted():
            return report.after_acceptance(agreement, event)
        case ReportReturned():
            return report.after_return(agreement, event)
        case AdvanceRequested():
            return advance_effects.after_request(agreement, event)
        case AdvanceRefused() | AdvanceWithdrawn() | AdvanceCancelled():
            return advance_effects.after_drop(agreement, event)
        case AdvanceApproved():
            return advance_effects.after_approval(agreement, event)
        case AdvanceMarkedOverdue():
            return advance_effects.after_marking(agreement, event)
        case RecoveryRequested():
            return recovery_effects.after_request(agreement, event)
        case RecoveryReceived():
            return recovery_effects.after_receipt(agreement, event)
        case RecoveryWriteOffProposed():
            return recovery_effects.after_proposal(agreement, event)
        case RecoveryWrittenOff():
            return recovery_effects.after_write_off(agreement, event)
        case RecoveryCancelled():
            return recovery_effects.after_cancellation(agreement, event)
        case ClaimPeriodOpened():
            return claim_calendar.after_opening(agreement, event)
        case ClaimPeriodRescheduled():
            return claim_calendar.after_rescheduling(agreement, event)
        case ClaimPeriodCancelled():
            return claim_calendar.after_cancellation(agreement, event)
        case ClaimPeriodReminded():
            return claim_calendar.after_reminder(agreement, event)
        case DocumentRequested():
            return document_request.after_request(agreement, event)
        case DocumentSupplied():
            return document_request.after_supply(agreement, event)
        case HoldbackForfeited():
            return closing.after_forfeit(agreement, event)
        case BudgetSet():
            return budget.after_budget(agreement, event)
        case ConditionSet():
            return conditions.after_condition(agreement, event)
        case ConditionMet():
            return conditions.after_met(agreement, event)
        case ConditionWaived():
            return conditions.after_waived(agreement, event)
        case AgreementSuspended():
            return suspension.after_suspension(agreement, event)
        case AgreementResumed():
            return suspension.after_resumption(agreement, event)
        case RequirementMet():
            return checklist.after_requirement(agreement, event)
        case IpDeclared():
            return checklist.after_ip(agreement, event)
        case NoIpDeclared():
            return checklist.after_no_ip(agreement, event)
        case unreachable:
            assert_never(unreachable)


def _drafted(state: AgreementState) -> Agreement:
    if isinstance(state, NotDrafted):
        raise AgreementUnknown
    return state


def _draft(command: DraftAgreement, state: AgreementState) -> list[AgreementEvent]:
    """Draft once per award, however often the award is heard of."""
    if not isinstance(state, NotDrafted):
        return []
    rates = tuple(
        contracted_rate(
            party.participant_id,
            public=total(
                cell.amount
                for cell in command.funding
                if cell.participant_id == party.participant_id
            ),
            cash_match=total(
                cell.cash for cell in command.match if cell.participant_id == party.participant_id
            ),
            ceiling_bp=command.terms.reimbursement_rate_bp,
        )
        for party in command.participants
    )
    return [
        AgreementDrafted(
            effective_on=command.on,
            project_id=command.project_id,
            programme_code=command.programme_code,
            award_id=command.award_id,
            title=command.title,
            participants=command.participants,
            starts_on=command.starts_on,
            ends_on=command.ends_on,
            funding=command.funding,
            match=command.match,
            terms=command.terms,
            rates=rates,
            lapses_on=command.lapses_on,
        )
    ]


def _lapse(command: LapseAgreement, state: AgreementState) -> list[AgreementEvent]:
    """Give up a draft; an agreement that is already in force stays."""
    if isinstance(state, NotDrafted) or state.standing is not Standing.DRAFTED:
        return []
    return [
        AgreementLapsed(
            effective_on=command.on,
            project_id=state.project_id,
            programme_code=state.programme_code,
            reason=command.reason,
        )
    ]


def _sign(command: SignAgreement, agreement: Agreement) -> list[AgreementEvent]:
    """Sign for a participant, by somebody of its organisation; once."""
    claim.party_acted_for(agreement, command.participant_id, command.by_organisation_id)
    if command.participant_id in agreement.signed_by:
        return []
    must_be_a_draft(agreement)
    return [
        AgreementSigned(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            participant_id=command.participant_id,
            signed_by=command.by,
        )
    ]


def _execute(command: ExecuteAgreement, agreement: Agreement) -> list[AgreementEvent]:
    """Bring an agreement that everybody signed into force."""
    must_be_a_draft(agreement)
    missing = [each for each in agreement.participants if each not in agreement.signed_by]
    if missing:
        raise SignaturesMissing(count=len(missing), accepted=[str(each) for each in missing])
    conditions.must_be_met_before_execution(agreement)
    payment.must_not_be_in_the_future(command.executed_on, command.on, field="executed_on")
    # Today counts, not only the day of execution: on the day the award lapses its reservation
    # returns, whether or not we have heard of it yet.
    if command.on >= agreement.lapses_on:
        raise ExecutedAfterAwardLapsed(
            field="executed_on",
            accepted={"before": agreement.lapses_on.isoformat()},
            lapses_on=agreement.lapses_on,
        )
    return [
        AgreementExecuted(
            effective_on=command.executed_on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            award_id=agreement.award_id,
            participants=tuple(agreement.participants.values()),
            starts_on=agreement.starts_on,
            ends_on=agreement.ends_on,
            funding=agreement.funding_left(),
            match=agreement.match_left(),
            executed_by=command.by,
        )
    ]


def _after_draft(event: AgreementDrafted) -> Agreement:
    return Agreement(
        project_id=event.project_id,
        programme_code=event.programme_code,
        award_id=event.award_id,
        title=event.title,
        participants={party.participant_id: party for party in event.participants},
        starts_on=event.starts_on,
        ends_on=event.ends_on,
        lapses_on=event.lapses_on,
        terms=event.terms,
        rates={rate.participant_id: rate for rate in event.rates},
        contracted=shares_by_participant({}, event.funding),
        contracted_match=contracted_match_after({}, event.match),
        committed=cells_by_participant({}, event.funding),
        match_to_report=match_after({}, event.match),
    )


def _after_execution(agreement: Agreement, event: AgreementExecuted) -> Agreement:
    return replace(agreement, standing=Standing.EXECUTED, executed_on=event.effective_on)


DECIDER: Decider[AgreementCommand, AgreementState, AgreementEvent] = Decider(
    initial=NotDrafted(), decide=decide, evolve=evolve
)
