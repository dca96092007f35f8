"""Which surveys follow a completion, and on which days: on its anniversaries, for everybody."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from shared.kernel.identifiers import derived_id

OPENS_DAYS_BEFORE = 60
"""How long before it is due a survey can be answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Who took part in the project, and is asked about its effects."""

    participant_id: UUID
    organisation_id: UUID
    province: str | None = None
    """Two letters; None: not known."""
    naics: str | None = None
    """What it does, by its NAICS number; None: not known."""


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


def anniversary(day: date, years: int) -> date:
    """The same day ``years`` later; 29 February becomes 28 February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28)


def surveys(
    project_id: UUID, completed_on: date, participants: Iterable[Participant], years: int
) -> tuple[PlannedSurvey, ...]:
    """One survey per participant and year, by year."""
    asked = tuple(participants)
    return tuple(
        _survey(project_id, completed_on, participant, year)
        for year in range(1, years + 1)
        for participant in asked
    )


def _survey(
    project_id: UUID, completed_on: date, participant: Participant, year: int
) -> PlannedSurvey:
    due_on = anniversary(completed_on, year)
    return PlannedSurvey(
        survey_id=survey_id(project_id, participant.participant_id, year),
        participant_id=participant.participant_id,
        organisation_id=participant.organisation_id,
        year=year,
        opens_on=due_on - timedelta(days=OPENS_DAYS_BEFORE),
        due_on=due_on,
    )


def survey_id(project_id: UUID, participant_id: UUID, year: int) -> UUID:
    """The same participant and year of a project is the same survey, whenever it is planned."""
    return derived_id("survey", project_id, participant_id, year)
