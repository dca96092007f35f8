"""Asking about the answers of a survey, and having whoever answers it written to."""

from uuid import UUID

from services.impact.domain import reminders, survey
from services.impact.domain.survey_commands import QueryResponse
from services.impact.domain.survey_state import Survey, planned_of
from services.impact.use_cases import streams
from shared.eventstore.together import Changes, Loaded


def query(survey_id: UUID, command: QueryResponse, loaded: Loaded) -> Changes:
    """
    Ask, and let the survey's contact be told with the next message.

    The message issues a link where none lives long enough: one that was used, or has expired, is
    no reason for a question to stay without a reply.
    """
    stream = streams.survey(survey_id)
    state: Survey = loaded.state(survey.DECIDER, stream)
    yield stream, survey.DECIDER.decide(command, state)
    told = reminders.RaiseReminder(
        kind=reminders.Kind.ASKED, survey=planned_of(state), on=command.on
    )
    stream = streams.reminders(survey_id)
    yield stream, reminders.DECIDER.decide(told, loaded.state(reminders.DECIDER, stream))
