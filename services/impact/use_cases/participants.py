"""When a participant is replaced or excused, its surveys follow, all at once."""

from uuid import UUID

from services.impact.domain import follow_up, survey
from services.impact.domain.survey_commands import Command, ExcuseSurvey, ReassignSurvey
from services.impact.use_cases import streams
from shared.eventstore.together import Changes, Loaded


def change_participant(
    loaded: Loaded,
    project_id: UUID,
    command: follow_up.ReplaceParticipant | follow_up.ExcuseParticipant,
) -> Changes:
    """What follows for the follow-up, and for each survey of the participant."""
    about = streams.follow_up(project_id)
    before = loaded.state(follow_up.DECIDER, about)
    events = follow_up.decide(command, before)
    yield about, events
    if not events or not isinstance(before, follow_up.Planned):
        return
    for each in before.surveys:
        if each.participant_id == command.participant_id:
            stream = streams.survey(each.survey_id)
            state = loaded.state(survey.DECIDER, stream)
            if state.response is None:
                yield stream, survey.decide(_for_the_survey(command), state)


def _for_the_survey(
    command: follow_up.ReplaceParticipant | follow_up.ExcuseParticipant,
) -> Command:
    if isinstance(command, follow_up.ReplaceParticipant):
        return ReassignSurvey(
            organisation_id=command.organisation_id, reason=command.reason, on=command.on
        )
    return ExcuseSurvey(reason=command.reason, by=command.by, on=command.on)
