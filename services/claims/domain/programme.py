"""The terms of a programme, version by version, as agreements drafted under them need them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.claims.domain.commands import RecordProgrammeTerms
from services.claims.domain.events import ProgrammeEvent, ProgrammeTermsRecorded
from services.claims.domain.values import ProgrammeTerms
from shared.kernel.decider import Decider


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """All versions that were published."""

    versions: Mapping[int, ProgrammeTerms] = field(default_factory=dict)


def decide(command: RecordProgrammeTerms, programme: Programme) -> Sequence[ProgrammeEvent]:
    """Keep a version once; a published version never changes."""
    if command.terms.version in programme.versions:
        return []
    return [
        ProgrammeTermsRecorded(
            effective_on=command.effective_on,
            programme_code=command.programme_code,
            terms=command.terms,
        )
    ]


def evolve(programme: Programme, event: ProgrammeEvent) -> Programme:
    """Add the version."""
    return Programme(versions={**programme.versions, event.terms.version: event.terms})


DECIDER: Decider[RecordProgrammeTerms, Programme, ProgrammeEvent] = Decider(
    initial=Programme(), decide=decide, evolve=evolve
)
