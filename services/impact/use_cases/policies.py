"""What starts what: facts of other services in, commands of this one out."""

from collections.abc import Mapping
from datetime import date

from services.impact.domain import expectations, follow_up, intellectual_property, programme, survey
from services.impact.domain.follow_up_dates import Participant
from services.impact.domain.survey_commands import ExcuseSurvey, PlanSurvey
from services.impact.use_cases import streams
from shared.contracts.base import Contract
from shared.contracts.claims import IpDeclared, ProjectCompleted
from shared.contracts.intake import ApplicationForwarded, ProgrammePublished
from shared.eventstore.effects import Effects
from shared.eventstore.store import Append
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
            Participant(
                participant_id=party.participant_id,
                organisation_id=party.organisation_id,
                province=party.province,
                naics=party.naics,
            )
            for party in fact.participants
        ),
        survey_years=known.survey_years,
    )


def whenever_a_follow_up_is_planned_plan_its_surveys(
    event: follow_up.FollowUpPlanned | follow_up.FollowUpReplanned, on: date
) -> list[PlanSurvey]:
    """Each survey has a life, and a stream, of its own; those that have not opened may move."""
    return [
        PlanSurvey(
            project_id=event.project_id,
            programme_code=event.programme_code,
            survey=planned,
            on=on,
        )
        for planned in event.surveys
    ]


def whenever_an_application_is_forwarded_note_what_it_expects(
    fact: ApplicationForwarded,
) -> expectations.NoteExpectations:
    """What is reported years later is held against what was expected."""
    return expectations.NoteExpectations(
        project_id=fact.project_id,
        programme_code=fact.programme_code,
        expectations=tuple(
            expectations.Expectation(
                participant_id=each.participant_id,
                indicator=each.indicator,
                baseline=each.baseline,
                expected=each.expected,
            )
            for each in fact.expectations
        ),
        on=fact.effective_on,
    )


def whenever_intellectual_property_is_declared_register_it(
    fact: IpDeclared,
) -> intellectual_property.RegisterIp:
    """What a project closes with opens the entry; whether others use it is told later."""
    made = fact.intellectual_property
    return intellectual_property.RegisterIp(
        ip_id=fact.declaration_id,
        project_id=fact.project_id,
        programme_code=fact.programme_code,
        participant_id=fact.participant_id,
        facts=intellectual_property.Facts(
            title=made.title,
            kind=made.kind,
            owner_organisation_id=made.owner_organisation_id,
            canadian_owned=made.canadian_owned,
            reuse_allowed=made.reuse_allowed,
            reused=False,
            commercialised=made.commercialised,
        ),
        source=intellectual_property.Source.CLOSING,
        on=fact.effective_on,
        by="claims",
    )


def _ip_declared(fact: IpDeclared, effects: Effects) -> None:
    command = whenever_intellectual_property_is_declared_register_it(fact)
    effects.carry_out(intellectual_property.DECIDER, streams.ip(command.ip_id), command)


def _programme_published(fact: ProgrammePublished, effects: Effects) -> None:
    command = whenever_a_programme_is_published_note_how_long_it_follows(fact)
    effects.carry_out(programme.DECIDER, streams.programme(fact.code), command)


def _project_completed(fact: ProjectCompleted, effects: Effects) -> None:
    known = programme.DECIDER.fold(effects.store.events(streams.programme(fact.programme_code)))
    plan = whenever_a_project_completes_plan_its_follow_up(fact, known)
    before = follow_up.DECIDER.fold(effects.store.events(streams.follow_up(fact.project_id)))
    outcome = effects.carry_out(follow_up.DECIDER, streams.follow_up(fact.project_id), plan)
    for event in outcome.events:
        if isinstance(event, follow_up.FollowUpPlanned):
            _plan_all(event, effects)
            continue
        for command in whenever_a_follow_up_is_planned_plan_its_surveys(event, effects.today):
            stream = streams.survey(command.survey.survey_id)
            effects.carry_out(survey.DECIDER, stream, command)
        _withdraw(event, before, effects)


def _plan_all(event: follow_up.FollowUpPlanned, effects: Effects) -> None:
    """The surveys of a follow-up that is planned for the first time: all are new, so at once."""
    effects.store.append(
        [
            Append(
                streams.survey(command.survey.survey_id),
                0,
                survey.DECIDER.decide(command, survey.DECIDER.initial),
            )
            for command in whenever_a_follow_up_is_planned_plan_its_surveys(
                event, event.effective_on
            )
        ],
        effects.context,
    )


def _withdraw(
    event: follow_up.FollowUpReplanned, before: follow_up.FollowUp, effects: Effects
) -> None:
    """Whoever no longer takes part is not asked, but for what they answered."""
    excuse = ExcuseSurvey(reason="withdrawn", by=effects.context.actor.id, on=effects.today)
    for each in before.surveys if isinstance(before, follow_up.Planned) else ():
        if each.participant_id in event.withdrawn:
            stream = streams.survey(each.survey_id)
            if survey.DECIDER.fold(effects.store.events(stream)).response is None:
                effects.carry_out(survey.DECIDER, stream, excuse)


def _application_forwarded(fact: ApplicationForwarded, effects: Effects) -> None:
    command = whenever_an_application_is_forwarded_note_what_it_expects(fact)
    effects.carry_out(expectations.DECIDER, streams.expectations(fact.project_id), command)


HANDLERS: Mapping[type[Contract], Handler] = {
    ProgrammePublished: _programme_published,
    ProjectCompleted: _project_completed,
    ApplicationForwarded: _application_forwarded,
    IpDeclared: _ip_declared,
}
