"""
The objectives of the corporate plan, measured as of the last day of a quarter.

One scorecard per quarter. Measuring again, when late answers have come, keeps what was measured
before and says what changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.kernel.decider import Decider
from shared.kernel.money import BASIS_POINTS
from shared.kernel.periods import Quarter
from shared.kernel.refusals import RuleBroken

COMMERCIALISATION = "COMMERCIALISATION"
REUSE = "REUSE"
RESPONSE_RATE = "RESPONSE-RATE"
REVENUE_AND_SAVINGS = "REVENUE-AND-SAVINGS"
JOBS_CREATED = "JOBS-CREATED"
TARGETS_BP = {
    COMMERCIALISATION: 9_000,
    REUSE: 10_000,
    RESPONSE_RATE: None,
    REVENUE_AND_SAVINGS: 10_000,
    JOBS_CREATED: 10_000,
}
"""The share of the base that the plan aims for, in basis points; None: it names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """How far one objective is reached."""

    code: str
    numerator: int
    base: int
    """What the numerator is held against; 0: there is nothing yet to hold it against."""
    unit: str
    """``pieces``, ``surveys``, ``cad-cents``, ``count``."""
    target_bp: int | None

    @property
    def rate_bp(self) -> int | None:
        """The numerator in basis points of the base, half up; None without a base."""
        if self.base <= 0:
            return None
        return (2 * BASIS_POINTS * self.numerator + self.base) // (2 * self.base)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveChange:
    """What an objective was measured at before, where that differs."""

    code: str
    old_numerator: int
    old_base: int
    new_numerator: int
    new_base: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureScorecard:
    """Keep how far the objectives were reached at the end of a quarter."""

    quarter: Quarter
    objectives: tuple[Objective, ...]
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardMeasured:
    """How far the objectives were reached at the end of a quarter, as it was known that day."""

    effective_on: date
    quarter: Quarter
    as_of: date
    """The last day of the quarter."""
    objectives: tuple[Objective, ...]
    changes: tuple[ObjectiveChange, ...]
    """Against the measurement before; empty the first time."""
    by: str


class QuarterNotOver(RuleBroken):
    """Objectives are measured as of a day that has passed."""

    en = "The quarter ends on {ends_on}."
    fr = "Le trimestre prend fin le {ends_on}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """What was measured last; nothing at first."""

    objectives: tuple[Objective, ...] = ()


def decide(command: MeasureScorecard, state: Scorecard) -> Sequence[ScorecardMeasured]:
    """Measure; the same figures again change nothing."""
    as_of = command.quarter.ends_on
    if command.on <= as_of:
        raise QuarterNotOver(ends_on=as_of, field="quarter")
    if command.objectives == state.objectives:
        return []
    return [
        ScorecardMeasured(
            effective_on=command.on,
            quarter=command.quarter,
            as_of=as_of,
            objectives=command.objectives,
            changes=_changes(state.objectives, command.objectives),
            by=command.by,
        )
    ]


def _changes(old: tuple[Objective, ...], new: tuple[Objective, ...]) -> tuple[ObjectiveChange, ...]:
    before = {each.code: each for each in old}
    return tuple(
        ObjectiveChange(
            code=each.code,
            old_numerator=before[each.code].numerator,
            old_base=before[each.code].base,
            new_numerator=each.numerator,
            new_base=each.base,
        )
        for each in new
        if each.code in before and each != before[each.code]
    )


def evolve(_state: Scorecard, event: ScorecardMeasured) -> Scorecard:
    """As it was measured last."""
    return Scorecard(objectives=event.objectives)


DECIDER: Decider[MeasureScorecard, Scorecard, ScorecardMeasured] = Decider(
    initial=Scorecard(), decide=decide, evolve=evolve
)
