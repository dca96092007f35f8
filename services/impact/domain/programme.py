"""What impact remembers of a programme: for how many years its projects are followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.kernel.decider import Decider

USUAL_SURVEY_YEARS = 5
"""For a project whose programme we have not heard of (yet)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteProgramme:
    """Remember a published version of a programme."""

    code: str
    version: int
    survey_years: int
    published_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeNoted:
    """A version of a programme says for how many years its projects are followed."""

    effective_on: date
    code: str
    version: int
    survey_years: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """The newest version that we have heard of; version 0 when none."""

    version: int = 0
    survey_years: int = USUAL_SURVEY_YEARS


def decide(command: NoteProgramme, state: Programme) -> Sequence[ProgrammeNoted]:
    """Versions only go up: an older one, or the same again, changes nothing."""
    if command.version <= state.version:
        return []
    return [
        ProgrammeNoted(
            effective_on=command.published_on,
            code=command.code,
            version=command.version,
            survey_years=command.survey_years,
        )
    ]


def evolve(_state: Programme, event: ProgrammeNoted) -> Programme:
    """The programme as of its newest version."""
    return Programme(version=event.version, survey_years=event.survey_years)


DECIDER = Decider(initial=Programme(), decide=decide, evolve=evolve)
