"""The stored names of this service's events. Names and versions are kept for ever."""

from services.selection.domain import application, award, committee, mandate, meeting, pocket
from shared.eventstore.codec import EventType, EventTypes

EVENT_TYPES = EventTypes(
    EventType("application.received", application.ApplicationReceived),
    EventType("application.conflict-noted", application.ConflictNoted),
    EventType("application.funded", application.ApplicationFunded),
    EventType("application.declined", application.ApplicationDeclined),
    EventType("application.withdrawn", application.ApplicationWithdrawn),
    EventType("mandate.given", mandate.MandateGiven),
    EventType("mandate.application-held", mandate.ApplicationHeld),
    EventType("mandate.application-dropped", mandate.ApplicationDropped),
    EventType("committee.established", committee.CommitteeEstablished),
    EventType("committee.meeting-scheduled", committee.MeetingScheduled),
    EventType("committee.application-docketed", committee.ApplicationDocketed),
    EventType("committee.application-placed", committee.ApplicationPlaced),
    EventType("committee.application-removed", committee.ApplicationRemoved),
    EventType("committee.agenda-handed-over", committee.AgendaHandedOver),
    EventType("meeting.called", meeting.MeetingCalled),
    EventType("meeting.opened", meeting.MeetingOpened),
    EventType("meeting.conflict-declared", meeting.ConflictDeclared),
    EventType("meeting.item-decided", meeting.ItemDecided),
    EventType("meeting.sealed", meeting.MeetingSealed),
    EventType("award.approved", award.AwardApproved),
    EventType("award.lapsed", award.AwardLapsed),
    EventType("award.committed", award.AwardCommitted),
    EventType("pocket.authority-set", pocket.AuthoritySet),
    EventType("pocket.amount-reserved", pocket.AmountReserved),
    EventType("pocket.reservation-returned", pocket.ReservationReturned),
    EventType("pocket.reservation-committed", pocket.ReservationCommitted),
    EventType("pocket.commitment-adjusted", pocket.CommitmentAdjusted),
)
