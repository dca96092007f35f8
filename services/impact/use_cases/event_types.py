"""The stored names of impact's events."""

from services.impact.domain import follow_up, programme, survey
from shared.eventstore.codec import EventType, EventTypes

EVENT_TYPES = EventTypes(
    EventType("programme.noted", programme.ProgrammeNoted),
    EventType("follow-up.planned", follow_up.FollowUpPlanned),
    EventType("survey.planned", survey.SurveyPlanned),
    EventType("survey.opened", survey.SurveyOpened),
    EventType("survey.marked-late", survey.SurveyMarkedLate),
    EventType("survey.response-submitted", survey.ResponseSubmitted),
)
