"""The stored names of claims' events."""

from services.claims.domain import events
from shared.eventstore.codec import EventType, EventTypes

EVENT_TYPES = EventTypes(
    EventType("programme.terms-recorded", events.ProgrammeTermsRecorded),
    EventType("agreement.drafted", events.AgreementDrafted),
    EventType("agreement.signed", events.AgreementSigned),
    EventType("agreement.lapsed", events.AgreementLapsed),
    EventType("agreement.executed", events.AgreementExecuted),
    EventType("agreement.amended", events.AgreementAmended),
    EventType("agreement.terminated", events.AgreementTerminated),
    EventType("claim.drafted", events.ClaimDrafted),
    EventType("claim.redrafted", events.ClaimRedrafted),
    EventType("claim.withdrawn", events.ClaimWithdrawn),
    EventType("claim.certified", events.ClaimCertified),
    EventType("claim.assigned", events.ClaimAssigned),
    EventType("claim.queried", events.ClaimQueried),
    EventType("claim.query-answered", events.ClaimQueryAnswered),
    EventType("claim.assessed", events.ClaimAssessed),
    EventType("claim.sent-back", events.ClaimSentBack),
    EventType("rates.overridden", events.RatesOverridden),
    EventType("claim.approved", events.ClaimApproved),
    EventType("forecast.revised", events.ForecastRevised),
    EventType("payment.disbursed", events.PaymentDisbursed),
    EventType("payment.returned", events.PaymentReturned),
    EventType("holdback.released", events.HoldbackReleased),
    EventType("commitment.released", events.CommitmentReleased),
    EventType("project.completed", events.ProjectCompleted),
    EventType("claim-period.opened", events.ClaimPeriodOpened),
    EventType("claim-period.rescheduled", events.ClaimPeriodRescheduled),
    EventType("claim-period.cancelled", events.ClaimPeriodCancelled),
    EventType("claim-period.reminded", events.ClaimPeriodReminded),
    EventType("document.requested", events.DocumentRequested),
    EventType("document.supplied", events.DocumentSupplied),
)
