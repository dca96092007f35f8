"""
The objectives of a year's corporate plan: what they aim for, and how far they have come.

An objective says itself where its actual value comes from: from finance's own ledger, from what
impact measures each quarter, or from what an officer records of things that no system sees.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from services.finance.domain.events import (
    Measure,
    Objective,
    ObjectiveRecorded,
    ScorecardTargetsSet,
    Unit,
)
from shared.kernel.decider import Decider
from shared.kernel.refusals import Invalid, NotFound, Reason


class ScorecardNotRight(Invalid):
    """Every objective of a scorecard has to be right before any is kept."""

    en = "The objectives cannot be kept as they are."
    fr = "Les objectifs ne peuvent pas être conservés tels quels."


class ObjectiveNamedTwice(Invalid):
    """An objective has a code of its own."""

    en = "The objective {code} is named more than once."
    fr = "L’objectif {code} est nommé plus d’une fois."


class MeasureIncomplete(Invalid):
    """Contracted money is that of programmes; an impact objective is one of impact's codes."""

    en = "A measure of kind {kind} needs {needed}."
    fr = "Une mesure de type {kind} a besoin de {needed}."


class UnitDoesNotFit(Invalid):
    """Money is measured in cents."""

    en = "A measure of kind {kind} is in {unit}."
    fr = "Une mesure de type {kind} s’exprime en {unit}."


class NotRecordedByHand(Invalid):
    """What the books or impact measure is not entered by hand."""

    en = "The objective {code} is measured from {kind}; nothing is recorded by hand."
    fr = "L’objectif {code} est mesuré à partir de {kind}; rien n’est inscrit à la main."


class MeasuredInTheFuture(Invalid):
    """Only what has happened is recorded."""

    en = "{measured_on} is in the future."
    fr = "{measured_on} est une date future."


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTargets:
    """Write all objectives of a year, in place of those that were there."""

    fiscal_year: int
    objectives: tuple[Objective, ...]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordObjective:
    """Record how far an objective has come that no system measures."""

    fiscal_year: int
    code: str
    value: int
    forecast: int | None
    measured_on: date
    on: date


Command = SetTargets | RecordObjective
Event = ScorecardTargetsSet | ObjectiveRecorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """The objectives, and what was recorded of them by hand."""

    objectives: tuple[Objective, ...] = ()
    recorded: tuple[ObjectiveRecorded, ...] = ()
    """Oldest first."""

    def latest(self, code: str) -> ObjectiveRecorded | None:
        """What was measured last of an objective; of the same day, what was recorded last."""
        latest = None
        for each in self.recorded:
            if each.code == code and (latest is None or each.effective_on >= latest.effective_on):
                latest = each
        return latest


def decide(command: Command, state: Scorecard) -> Sequence[Event]:
    """Keep right objectives, and what is recorded of them."""
    match command:
        case SetTargets():
            reasons = _what_is_wrong_with(command.objectives)
            if reasons:
                raise ScorecardNotRight(reasons=reasons)
            return [
                ScorecardTargetsSet(
                    fiscal_year=command.fiscal_year,
                    objectives=command.objectives,
                    effective_on=command.on,
                )
            ]
        case RecordObjective():
            objective = next((each for each in state.objectives if each.code == command.code), None)
            if objective is None:
                raise NotFound(kind="objective")
            if objective.measure is not Measure.RECORDED:
                raise NotRecordedByHand(code=command.code, kind=objective.measure)
            if command.measured_on > command.on:
                raise MeasuredInTheFuture(measured_on=command.measured_on, field="measured_on")
            return [
                ObjectiveRecorded(
                    fiscal_year=command.fiscal_year,
                    code=command.code,
                    value=command.value,
                    forecast=command.forecast,
                    effective_on=command.measured_on,
                )
            ]
        case _:
            assert_never(command)


def _what_is_wrong_with(objectives: Sequence[Objective]) -> list[Reason]:
    wrong: list[Invalid] = []
    named: set[str] = set()
    for index, each in enumerate(objectives):
        place = f"objectives[{index}]"
        if each.code in named:
            wrong.append(ObjectiveNamedTwice(code=each.code, field=f"{place}.code"))
        named.add(each.code)
        if each.measure is Measure.CONTRACTED:
            if not each.programmes:
                wrong.append(
                    MeasureIncomplete(
                        kind=each.measure, needed="programmes", field=f"{place}.programmes"
                    )
                )
            if each.unit is not Unit.CAD_CENTS:
                wrong.append(
                    UnitDoesNotFit(
                        kind=each.measure, unit=str(Unit.CAD_CENTS), field=f"{place}.unit"
                    )
                )
        if each.measure is Measure.IMPACT and each.impact_objective is None:
            wrong.append(
                MeasureIncomplete(
                    kind=each.measure,
                    needed="impact_objective",
                    field=f"{place}.impact_objective",
                )
            )
    return [refusal.as_reason() for refusal in wrong]


def evolve(state: Scorecard, event: Event) -> Scorecard:
    """The scorecard after ``event``; what was recorded stays when targets are written anew."""
    match event:
        case ScorecardTargetsSet():
            return replace(state, objectives=event.objectives)
        case ObjectiveRecorded():
            return replace(state, recorded=(*state.recorded, event))
        case _:
            assert_never(event)


DECIDER: Decider[Command, Scorecard, Event] = Decider(
    initial=Scorecard(), decide=decide, evolve=evolve
)
