"""What the application of a project expected of it: baselines and expected values by indicator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.kernel.decider import Decider


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What one participant expected, in whole units of the indicator."""

    participant_id: UUID
    indicator: str
    baseline: int | None
    """Before the project; None: not known."""
    expected: int
    """Because of the project, five years after completion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteExpectations:
    """Remember what an application that is before the committee expects."""

    project_id: UUID
    programme_code: str
    expectations: tuple[Expectation, ...]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationsNoted:
    """What the project is held against; the newest stands for those before."""

    effective_on: date
    project_id: UUID
    programme_code: str
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """As they were noted last."""

    expectations: tuple[Expectation, ...] = ()

    def of(self, participant_id: UUID) -> dict[str, Expectation]:
        """Those of one participant, by indicator."""
        return {
            each.indicator: each
            for each in self.expectations
            if each.participant_id == participant_id
        }


def decide(command: NoteExpectations, state: Expectations) -> Sequence[ExpectationsNoted]:
    """The same again changes nothing, and neither does nothing."""
    if command.expectations == state.expectations:
        return []
    return [
        ExpectationsNoted(
            effective_on=command.on,
            project_id=command.project_id,
            programme_code=command.programme_code,
            expectations=command.expectations,
        )
    ]


def evolve(_state: Expectations, event: ExpectationsNoted) -> Expectations:
    """As they were noted last."""
    return Expectations(expectations=event.expectations)


DECIDER = Decider(initial=Expectations(), decide=decide, evolve=evolve)
