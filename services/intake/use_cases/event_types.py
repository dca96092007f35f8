"""The stored names of this service's events. Names and versions are kept for ever."""

from services.intake.domain import application_events as application
from services.intake.domain import call_facts as call
from services.intake.domain import organisation, question
from services.intake.domain import review_events as review
from services.intake.domain.call import CallPublished
from services.intake.domain.organisation import OrganisationRegistered
from services.intake.domain.organisation_import import OrganisationsImported
from services.intake.domain.programme import ProgrammePublished
from shared.eventstore.codec import EventType, EventTypes

EVENT_TYPES = EventTypes(
    EventType("programme.published", ProgrammePublished),
    EventType("organisation.registered", OrganisationRegistered),
    EventType("call.published", CallPublished),
    EventType("application.started", application.ApplicationStarted),
    EventType("application.consortium-set", application.ConsortiumSet),
    EventType("application.budget-set", application.BudgetSet),
    EventType("application.submitted", application.ApplicationSubmitted),
    EventType("application.withdrawn", application.ApplicationWithdrawn),
    EventType("application.eligibility-confirmed", application.EligibilityConfirmed),
    EventType("application.eligibility-refused", application.EligibilityRefused),
    EventType("application.assessed", application.ApplicationAssessed),
    EventType("application.forwarded", application.ApplicationForwarded),
    EventType("application.awarded", application.ApplicationAwarded),
    EventType("application.declined", application.ApplicationDeclined),
    EventType("application.award-lapsed", application.AwardLapsed),
    EventType("application.document-attached", application.DocumentAttached),
    EventType("application.document-detached", application.DocumentDetached),
    EventType("application.officer-assigned", review.OfficerAssigned),
    EventType("application.information-requested", review.InformationRequested),
    EventType("application.information-supplied", review.InformationSupplied),
    EventType("application.information-overdue", review.InformationMarkedOverdue),
    EventType("application.information-request-closed", review.InformationRequestClosed),
    EventType("application.due-diligence-opened", review.DueDiligenceOpened),
    EventType("application.finding-recorded", review.FindingRecorded),
    EventType("application.finding-corrected", review.FindingCorrected),
    EventType("application.finding-resolved", review.FindingResolved),
    EventType("application.theme-concluded", review.ThemeConcluded),
    EventType("application.theme-reopened", review.ThemeReopened),
    EventType("application.due-diligence-completed", review.DueDiligenceCompleted),
    EventType("organisation.amended", organisation.OrganisationAmended),
    EventType("organisation.held", organisation.OrganisationHeld),
    EventType("organisation.hold-released", organisation.OrganisationHoldReleased),
    EventType("organisation.merged", organisation.OrganisationMerged),
    EventType("organisation.absorbed", organisation.OrganisationAbsorbed),
    EventType("organisations.imported", OrganisationsImported),
    EventType("call.amended", call.CallAmended),
    EventType("call.extended", call.CallExtended),
    EventType("call.closed-early", call.CallClosedEarly),
    EventType("question.asked", question.QuestionAsked),
    EventType("question.answered", question.QuestionAnswered),
    EventType("application.section-saved", application.SectionSaved),
    EventType("application.people-named", application.PeopleNamed),
    EventType("application.participation-confirmed", application.ParticipationConfirmed),
    EventType("application.participation-refused", application.ParticipationRefused),
    EventType("application.expectations-set", application.ExpectationsSet),
    EventType("application.returned", application.ApplicationReturned),
)
