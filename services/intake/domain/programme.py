"""A programme: published as numbered versions of its definition; a later one rewrites no past."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from services.intake.domain.definition import Definition, DefinitionNotValid, problems_of
from shared.kernel.decider import Decider
from shared.kernel.refusals import RuleBroken

# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishProgramme:
    """Put the next version of a definition in force."""

    definition: Definition
    on: date
    by: str


Command: TypeAlias = PublishProgramme


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammePublished:
    """A version of the definition is in force for new calls."""

    effective_on: date
    version: int
    definition: Definition
    by: str


Event: TypeAlias = ProgrammePublished


# State


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A programme and its versions, oldest first; without any it does not exist."""

    versions: tuple[Definition, ...] = ()
    published_on: tuple[date, ...] = ()
    """When each of ``versions`` came into force."""

    @property
    def version(self) -> int:
        """The number of the version in force; 0 before the first."""
        return len(self.versions)

    def definition(self, version: int) -> Definition:
        """What a version says. Versions count from 1."""
        return self.versions[version - 1]


class NothingChanged(RuleBroken):
    """A new version says something else than the one in force."""

    en = "Version {version} of the programme says exactly this already."
    fr = "La version {version} du programme dit déjà exactement cela."


def decide(command: Command, programme: Programme) -> Sequence[Event]:
    """Publish the next version when all of it makes sense and something of it is new."""
    if reasons := problems_of(command.definition):
        raise DefinitionNotValid(reasons=reasons)
    if programme.versions and programme.versions[-1] == command.definition:
        raise NothingChanged(version=programme.version)
    return [
        ProgrammePublished(
            effective_on=command.on,
            version=programme.version + 1,
            definition=command.definition,
            by=command.by,
        )
    ]


def evolve(programme: Programme, event: Event) -> Programme:
    """One more version."""
    return replace(
        programme,
        versions=(*programme.versions, event.definition),
        published_on=(*programme.published_on, event.effective_on),
    )


DECIDER: Decider[Command, Programme, Event] = Decider(
    initial=Programme(), decide=decide, evolve=evolve
)
