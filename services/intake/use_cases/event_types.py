"""The stored names of this service's events. Names and versions are kept for ever."""

from services.intake.domain import application_events as application
from services.intake.domain.call import CallPublished
from services.intake.domain.organisation import OrganisationRegistered
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
)
