"""The stored names of impact's events."""

from services.impact.domain import (
    expectations,
    follow_up,
    intellectual_property,
    programme,
    questionnaire,
    scorecard,
)
from services.impact.domain import survey_events as survey
from shared.eventstore.codec import EventType, EventTypes

EVENT_TYPES = EventTypes(
    EventType("programme.noted", programme.ProgrammeNoted),
    EventType("follow-up.planned", follow_up.FollowUpPlanned),
    EventType("survey.planned", survey.SurveyPlanned),
    EventType("survey.opened", survey.SurveyOpened),
    EventType("survey.marked-late", survey.SurveyMarkedLate),
    EventType("survey.response-submitted", survey.ResponseSubmitted),
    EventType("survey.draft-saved", survey.SurveyDraftSaved),
    EventType("survey.queried", survey.SurveyQueried),
    EventType("survey.query-answered", survey.SurveyQueryAnswered),
    EventType("survey.validated", survey.SurveyValidated),
    EventType("survey.corrected", survey.SurveyCorrected),
    EventType("survey.excused", survey.SurveyExcused),
    EventType("survey.lapsed", survey.SurveyLapsed),
    EventType("survey.reassigned", survey.SurveyReassigned),
    EventType("survey.rescheduled", survey.SurveyRescheduled),
    EventType("survey.indicators-reported", survey.IndicatorsReported),
    EventType("follow-up.replanned", follow_up.FollowUpReplanned),
    EventType("follow-up.participant-replaced", follow_up.ParticipantReplaced),
    EventType("follow-up.participant-excused", follow_up.ParticipantExcused),
    EventType("questionnaire.published", questionnaire.QuestionnairePublished),
    EventType("expectations.noted", expectations.ExpectationsNoted),
    EventType("ip.registered", intellectual_property.IpRegistered),
    EventType("ip.updated", intellectual_property.IpUpdated),
    EventType("ip.deregistered", intellectual_property.IpDeregistered),
    EventType("scorecard.measured", scorecard.ScorecardMeasured),
)
