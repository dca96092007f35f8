"""
A project's follow-up: which surveys come after its completion, and when.

Every participant is asked once a year, on the anniversary of completion, for as many years as the
programme says. One follow-up per project. It is planned again when the completion moves or the
participants change; surveys that have opened keep their dates, and answers are never lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from services.impact.domain.follow_up_dates import Participant, PlannedSurvey, surveys
from shared.kernel.decider import Decider
from shared.kernel.refusals import Invalid, NotFound, RuleBroken

REPLACEMENTS = ("merged", "sold", "other")
EXCUSES = ("closed", "withdrawn", "merged", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFollowUp:
    """Plan the surveys of a project that is completed."""

    project_id: UUID
    programme_code: str
    title: str
    completed_on: date
    participants: tuple[Participant, ...]
    survey_years: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceParticipant:
    """Another organisation takes a participant's place, and answers from here on."""

    participant_id: UUID
    organisation_id: UUID
    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcuseParticipant:
    """Nobody answers for a participant any more."""

    participant_id: UUID
    reason: str
    by: str
    on: date


Command = PlanFollowUp | ReplaceParticipant | ExcuseParticipant


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpPlanned:
    """It is known when each participant will be asked. There may be nothing to ask."""

    effective_on: date
    """The day on which the project was completed."""
    project_id: UUID
    programme_code: str
    title: str
    surveys: tuple[PlannedSurvey, ...]
    participants: tuple[Participant, ...] = ()
    """Who they are; empty where nothing was said of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpReplanned:
    """The completion moved, or others took part: surveys that have not opened follow."""

    effective_on: date
    """The day on which the project was completed, as it is known now."""
    project_id: UUID
    programme_code: str
    title: str
    surveys: tuple[PlannedSurvey, ...]
    """Of everybody who is asked; surveys that opened before keep the dates they had."""
    withdrawn: tuple[UUID, ...]
    """Participants that are no longer among them."""
    participants: tuple[Participant, ...] = ()
    """Who they are; empty where nothing was said of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantReplaced:
    """Another organisation took a participant's place."""

    effective_on: date
    project_id: UUID
    participant_id: UUID
    organisation_id: UUID
    reason: str
    """One of ``REPLACEMENTS``."""
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantExcused:
    """Nobody answers for a participant any more."""

    effective_on: date
    project_id: UUID
    participant_id: UUID
    reason: str
    """One of ``EXCUSES``."""
    by: str


Event = FollowUpPlanned | FollowUpReplanned | ParticipantReplaced | ParticipantExcused


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPlanned:
    """The project is not completed, as far as we know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The follow-up of a completed project."""

    project_id: UUID
    programme_code: str
    title: str
    completed_on: date
    surveys: tuple[PlannedSurvey, ...]
    """As planned for the completion that is known now."""
    replaced: Mapping[UUID, UUID] = field(default_factory=dict)
    """The organisation that took a participant's place, whatever others still call it."""
    excused: frozenset[UUID] = frozenset()
    """Participants that are not asked any more."""


FollowUp = NotPlanned | Planned


class ParticipantNotFollowed(NotFound):
    """Only participants of the follow-up are replaced or excused."""

    en = "The follow-up has no such participant."
    fr = "Le suivi ne compte pas ce participant."


class ChangeNotAcceptable(Invalid):
    """A participant is replaced or excused for one of the known reasons."""

    en = "There is no reason {reason}."
    fr = "Le motif {reason} n’existe pas."


class ParticipantIsExcused(RuleBroken):
    """Nobody takes the place of a participant that is not asked any more."""

    en = "The participant was excused."
    fr = "Le participant a fait l’objet d’une dispense."


def decide(command: Command, state: FollowUp) -> Sequence[Event]:
    """What follows from a command; hearing of the same again changes nothing."""
    match command:
        case PlanFollowUp():
            return _plan(command) if isinstance(state, NotPlanned) else _replan(command, state)
        case ReplaceParticipant():
            planned = _following(state, command.participant_id)
            return _replace(command, planned)
        case ExcuseParticipant():
            planned = _following(state, command.participant_id)
            return _excuse(command, planned)
        case unreachable:
            assert_never(unreachable)


def evolve(state: FollowUp, event: Event) -> FollowUp:
    """The follow-up after an event."""
    match event:
        case FollowUpPlanned():
            return _planned(event)
        case FollowUpReplanned():
            then = _as_planned(state)
            return replace(
                _planned(event),
                replaced=then.replaced,
                excused=then.excused | set(event.withdrawn),
            )
        case ParticipantReplaced():
            then = _as_planned(state)
            return replace(
                then,
                replaced={**then.replaced, event.participant_id: event.organisation_id},
                surveys=tuple(
                    replace(each, organisation_id=event.organisation_id)
                    if each.participant_id == event.participant_id
                    else each
                    for each in then.surveys
                ),
            )
        case ParticipantExcused():
            then = _as_planned(state)
            return replace(then, excused=then.excused | {event.participant_id})
        case unreachable:
            assert_never(unreachable)


def _plan(command: PlanFollowUp) -> Sequence[Event]:
    return [
        FollowUpPlanned(
            effective_on=command.completed_on,
            project_id=command.project_id,
            programme_code=command.programme_code,
            title=command.title,
            surveys=surveys(
                command.project_id,
                command.completed_on,
                command.participants,
                command.survey_years,
            ),
            participants=command.participants,
        )
    ]


def _replan(command: PlanFollowUp, state: Planned) -> Sequence[Event]:
    told = {each.participant_id: each for each in command.participants}
    # A project is followed for as many years as when it was first planned.
    years = max((each.year for each in state.surveys), default=command.survey_years)
    asked = tuple(
        replace(each, organisation_id=state.replaced.get(participant_id, each.organisation_id))
        for participant_id, each in told.items()
        if participant_id not in state.excused
    )
    planned = surveys(command.project_id, command.completed_on, asked, years)
    followed = {each.participant_id for each in state.surveys} - state.excused
    withdrawn = tuple(sorted(followed - told.keys()))
    still = [each for each in state.surveys if each.participant_id in followed]
    if not withdrawn and set(planned) == set(still):
        return []
    return [
        FollowUpReplanned(
            effective_on=command.completed_on,
            project_id=command.project_id,
            programme_code=state.programme_code,
            title=command.title,
            surveys=planned,
            withdrawn=withdrawn,
            participants=asked,
        )
    ]


def _replace(command: ReplaceParticipant, state: Planned) -> Sequence[Event]:
    if command.reason not in REPLACEMENTS:
        raise ChangeNotAcceptable(
            reason=command.reason, field="reason", accepted=list(REPLACEMENTS)
        )
    if command.participant_id in state.excused:
        raise ParticipantIsExcused
    now = {
        each.organisation_id
        for each in state.surveys
        if each.participant_id == command.participant_id
    }
    if now == {command.organisation_id}:
        return []
    return [
        ParticipantReplaced(
            effective_on=command.on,
            project_id=state.project_id,
            participant_id=command.participant_id,
            organisation_id=command.organisation_id,
            reason=command.reason,
            by=command.by,
        )
    ]


def _excuse(command: ExcuseParticipant, state: Planned) -> Sequence[Event]:
    if command.reason not in EXCUSES:
        raise ChangeNotAcceptable(reason=command.reason, field="reason", accepted=list(EXCUSES))
    if command.participant_id in state.excused:
        return []
    return [
        ParticipantExcused(
            effective_on=command.on,
            project_id=state.project_id,
            participant_id=command.participant_id,
            reason=command.reason,
            by=command.by,
        )
    ]


def _following(state: FollowUp, participant_id: UUID) -> Planned:
    planned = _as_planned(state)
    if participant_id not in {each.participant_id for each in planned.surveys}:
        raise ParticipantNotFollowed
    return planned


def _as_planned(state: FollowUp) -> Planned:
    if isinstance(state, NotPlanned):
        raise NotFound(kind="follow-up")
    return state


def _planned(event: FollowUpPlanned | FollowUpReplanned) -> Planned:
    return Planned(
        project_id=event.project_id,
        programme_code=event.programme_code,
        title=event.title,
        completed_on=event.effective_on,
        surveys=event.surveys,
    )


DECIDER: Decider[Command, FollowUp, Event] = Decider(
    initial=NotPlanned(), decide=decide, evolve=evolve
)
