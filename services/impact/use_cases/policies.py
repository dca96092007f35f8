"""What starts what: facts of other services in, commands of this one out."""

from collections.abc import Mapping

from services.impact.domain import follow_up, programme, survey
from services.impact.domain.survey_commands import PlanSurvey
from services.impact.use_cases import streams
from shared.contracts.base import Contract
from shared.contracts.claims import ProjectCompleted
from shared.contracts.intake import ProgrammePublished
from shared.eventstore.effects import Effects
from shared.messaging.reactions import Handler

LISTENS_TO = ("intake", "claims")


def whenever_a_programme_is_published_note_how_long_it_follows(
    fact: ProgrammePublished,
) -> programme.NoteProgramme:
    """The number of yearly surveys is the programme's to say."""
    return programme.NoteProgramme(
        code=fact.code,
        version=fact.version,
        survey_years=fact.survey_years,
        published_on=fact.effective_on,
    )


def whenever_a_project_completes_plan_its_follow_up(
    fact: ProjectCompleted, known: programme.Programme
) -> follow_up.PlanFollowUp:
    """Every participant is asked on each anniversary of the completion."""
    return follow_up.PlanFollowUp(
        project_id=fact.project_id,
        programme_code=fact.programme_code,
        title=fact.title,
        completed_on=fact.effective_on,
        participants=tuple(
            follow_up.Participant(
                participant_id=party.participant_id, organisation_id=party.organisation_id
            )
            for party in fact.participants
        ),
        survey_years=known.survey_years,
    )


def whenever_a_follow_up_is_planned_plan_its_surveys(
    event: follow_up.FollowUpPlanned,
) -> list[PlanSurvey]:
    """Each survey has a life, and a stream, of its own."""
    return [
        PlanSurvey(
            project_id=event.project_id,
            programme_code=event.programme_code,
            survey=planned,
            on=event.effective_on,
        )
        for planned in event.surveys
    ]


def _programme_published(fact: ProgrammePublished, effects: Effects) -> None:
    command = whenever_a_programme_is_published_note_how_long_it_follows(fact)
    effects.carry_out(programme.DECIDER, streams.programme(fact.code), command)


def _project_completed(fact: ProjectCompleted, effects: Effects) -> None:
    known = programme.DECIDER.fold(effects.store.events(streams.programme(fact.programme_code)))
    plan = whenever_a_project_completes_plan_its_follow_up(fact, known)
    outcome = effects.carry_out(follow_up.DECIDER, streams.follow_up(fact.project_id), plan)
    for event in outcome.events:
        for command in whenever_a_follow_up_is_planned_plan_its_surveys(event):
            stream = streams.survey(command.survey.survey_id)
            effects.carry_out(survey.DECIDER, stream, command)


HANDLERS: Mapping[type[Contract], Handler] = {
    ProgrammePublished: _programme_published,
    ProjectCompleted: _project_completed,
}
