"""Which stream keeps the history of what."""

from uuid import UUID

from shared.eventstore.store import Stream
from shared.kernel.identifiers import derived_id
from shared.kernel.periods import Quarter


def programme(code: str) -> Stream:
    """What we know of a programme."""
    return Stream("programme", derived_id("programme", code))


def follow_up(project_id: UUID) -> Stream:
    """The follow-up of a project; it has the project's id."""
    return Stream("follow-up", project_id)


def survey(survey_id: UUID) -> Stream:
    """One survey."""
    return Stream("survey", survey_id)


def questionnaire(programme_code: str) -> Stream:
    """The versions of a programme's questionnaire."""
    return Stream("questionnaire", derived_id("questionnaire", programme_code))


def expectations(project_id: UUID) -> Stream:
    """What the application of a project expected."""
    return Stream("expectations", project_id)


def contacts(organisation_id: UUID) -> Stream:
    """Who is asked for an organisation; it has the organisation's id."""
    return Stream("contacts", organisation_id)


def links(survey_id: UUID) -> Stream:
    """The personal links to a survey; it has the survey's id."""
    return Stream("survey-links", survey_id)


def reminders(survey_id: UUID) -> Stream:
    """What is done to have a survey answered; it has the survey's id."""
    return Stream("survey-reminders", survey_id)


def message(message_id: UUID) -> Stream:
    """The one message to a person on a day."""
    return Stream("message", message_id)


def scorecard(quarter: Quarter) -> Stream:
    """The measurements of one quarter."""
    return Stream("scorecard", derived_id("scorecard", quarter))


def ip(ip_id: UUID) -> Stream:
    """One piece of intellectual property; declared at closing, it has the declaration's id."""
    return Stream("ip", ip_id)
