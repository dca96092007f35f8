"""
A project's follow-up: which surveys come after its completion, and when.

Every participant is asked once a year, on the anniversary of completion, for as many years as the
programme says. One follow-up per project: what it plans never changes afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from shared.kernel.decider import Decider
from shared.kernel.identifiers import derived_id

OPENS_DAYS_BEFORE = 60
"""How long before it is due a survey can be answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Who took part in the project, and is asked about its effects."""

    participant_id: UUID
    organisation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSurvey:
    """One participant's survey of one year."""

    survey_id: UUID
    participant_id: UUID
    organisation_id: UUID
    year: int
    """Years after completion, from 1."""
    opens_on: date
    due_on: date


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
class FollowUpPlanned:
    """It is known when each participant will be asked. There may be nothing to ask."""

    effective_on: date
    """The day on which the project was completed."""
    project_id: UUID
    programme_code: str
    title: str
    surveys: tuple[PlannedSurvey, ...]


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


FollowUp = NotPlanned | Planned


def decide(command: PlanFollowUp, state: FollowUp) -> Sequence[FollowUpPlanned]:
    """Plan once; hearing of the completion again changes nothing."""
    if isinstance(state, Planned):
        return []
    return [
        FollowUpPlanned(
            effective_on=command.completed_on,
            project_id=command.project_id,
            programme_code=command.programme_code,
            title=command.title,
            surveys=tuple(
                _survey(command, participant, year)
                for year in range(1, command.survey_years + 1)
                for participant in command.participants
            ),
        )
    ]


def evolve(_state: FollowUp, event: FollowUpPlanned) -> FollowUp:
    """The plan stands as it was made."""
    return Planned(
        project_id=event.project_id,
        programme_code=event.programme_code,
        title=event.title,
        completed_on=event.effective_on,
        surveys=event.surveys,
    )


def anniversary(day: date, years: int) -> date:
    """The same day ``years`` later; 29 February becomes 28 February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28)


def _survey(command: PlanFollowUp, participant: Participant, year: int) -> PlannedSurvey:
    due_on = anniversary(command.completed_on, year)
    return PlannedSurvey(
        survey_id=derived_id("survey", command.project_id, participant.participant_id, year),
        participant_id=participant.participant_id,
        organisation_id=participant.organisation_id,
        year=year,
        opens_on=due_on - timedelta(days=OPENS_DAYS_BEFORE),
        due_on=due_on,
    )


DECIDER: Decider[PlanFollowUp, FollowUp, FollowUpPlanned] = Decider(
    initial=NotPlanned(), decide=decide, evolve=evolve
)
