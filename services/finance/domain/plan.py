"""
The plan of a fiscal year: lines that are rewritten until the board approves them.

Approving freezes the lines in the event; approving again is the next version of the plan. What is
left of an approved plan may be reforecast, which touches neither the plan nor the next draft.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from services.finance.domain.events import (
    LineKind,
    PlanApproved,
    PlanLine,
    PlanLinesSet,
    PlanReforecasted,
)
from shared.kernel.decider import Decider
from shared.kernel.money import ZERO
from shared.kernel.periods import Quarter
from shared.kernel.refusals import Invalid, Reason, RuleBroken


class PlanNotRight(Invalid):
    """Every line of a plan has to be right before any is kept."""

    en = "The lines of the plan cannot be kept as they are."
    fr = "Les lignes du plan ne peuvent pas être conservées telles quelles."


class QuarterOutsideTheYear(Invalid):
    """A plan is about one fiscal year."""

    en = "{quarter} is not a quarter of fiscal year {fiscal_year}."
    fr = "{quarter} n’est pas un trimestre de l’exercice {fiscal_year}."


class AmountBelowZero(Invalid):
    """A plan expects nothing or more; the kind of a line says in which direction."""

    en = "The amount of a line cannot be {amount}."
    fr = "Le montant d’une ligne ne peut pas être {amount}."


class ProgrammeOnlyOfNewBusiness(Invalid):
    """New business belongs to a programme, and nothing else does."""

    en = "Only a line of new business names a programme, and it must; this one is of kind {kind}."
    fr = "Seule une ligne d’affaires nouvelles nomme un programme; celle-ci est de type {kind}."


class LineGivenTwice(Invalid):
    """One line per kind, programme, code and quarter."""

    en = "There is already a line {kind} {code} in {quarter}."
    fr = "Il y a déjà une ligne {kind} {code} au {quarter}."


class UnknownPocket(Invalid):
    """New business is paid from a pocket that is open, or by the participants (``MATCH``)."""

    en = "{code} is neither an open pocket nor MATCH."
    fr = "{code} n’est ni une enveloppe ouverte ni MATCH."


class ApprovedInTheFuture(Invalid):
    """An approval is recorded once the board has given it."""

    en = "{approved_on} is in the future."
    fr = "{approved_on} est une date future."


class NothingToReforecast(RuleBroken):
    """Only an approved plan is reforecast; before, its lines are written."""

    en = "No plan of fiscal year {fiscal_year} is approved."
    fr = "Aucun plan de l’exercice {fiscal_year} n’est approuvé."


class QuarterIsOver(Invalid):
    """Nothing is left to expect in a quarter that is over."""

    en = "{quarter} is over: nothing is left to expect in it."
    fr = "{quarter} est terminé : plus rien n’y est attendu."


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLines:
    """Write all the lines of a year's plan; what was there before is replaced."""

    fiscal_year: int
    lines: tuple[PlanLine, ...]
    sources: frozenset[str]
    """Codes that new business may name: the open pockets among those named, and ``MATCH``."""
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovePlan:
    """Record that the board approved the lines as they are, and the ledger as it stands."""

    fiscal_year: int
    approved_on: date
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reforecast:
    """Write anew what is still expected of an approved plan."""

    fiscal_year: int
    lines: tuple[PlanLine, ...]
    sources: frozenset[str]
    """As in ``SetLines``."""
    on: date


Command = SetLines | ApprovePlan | Reforecast
Event = PlanLinesSet | PlanApproved | PlanReforecasted


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The lines as they are now, and how often they were approved."""

    lines: tuple[PlanLine, ...] = ()
    version: int = 0
    """Of the latest approval; 0 before the first."""
    approved_on: date | None = None


def decide(command: Command, state: Plan) -> Sequence[Event]:
    """Keep right lines; approve what is there."""
    match command:
        case SetLines():
            _must_be_right(command)
            return [
                PlanLinesSet(
                    fiscal_year=command.fiscal_year, lines=command.lines, effective_on=command.on
                )
            ]
        case ApprovePlan():
            if command.approved_on > command.on:
                raise ApprovedInTheFuture(approved_on=command.approved_on, field="approved_on")
            return [
                PlanApproved(
                    fiscal_year=command.fiscal_year,
                    version=state.version + 1,
                    lines=state.lines,
                    effective_on=command.approved_on,
                )
            ]
        case Reforecast():
            if state.version == 0:
                raise NothingToReforecast(fiscal_year=command.fiscal_year)
            _must_be_right(command)
            return [
                PlanReforecasted(
                    fiscal_year=command.fiscal_year,
                    version=state.version,
                    lines=command.lines,
                    effective_on=command.on,
                )
            ]
        case _:
            assert_never(command)


def _must_be_right(command: SetLines | Reforecast) -> None:
    reasons = reasons_against(command)
    if reasons:
        raise PlanNotRight(reasons=reasons)


def reasons_against(command: SetLines | Reforecast) -> list[Reason]:
    """Everything that is wrong with the lines, in their order."""
    return [
        reason
        for index, line in enumerate(command.lines)
        for reason in _what_is_wrong_with(index, line, command)
    ]


def _what_is_wrong_with(index: int, line: PlanLine, command: SetLines | Reforecast) -> list[Reason]:
    wrong: list[Invalid] = []
    place = f"lines[{index}]"
    if line.quarter.fiscal_year != command.fiscal_year:
        wrong.append(
            QuarterOutsideTheYear(
                quarter=line.quarter,
                fiscal_year=command.fiscal_year,
                field=f"{place}.quarter",
                accepted=[str(quarter) for quarter in Quarter.all_of(command.fiscal_year)],
            )
        )
    if isinstance(command, Reforecast) and line.quarter.ends_on < command.on:
        wrong.append(QuarterIsOver(quarter=line.quarter, field=f"{place}.quarter"))
    if line.amount < ZERO:
        wrong.append(AmountBelowZero(amount=line.amount, field=f"{place}.amount"))
    is_new_business = line.kind is LineKind.NEW_BUSINESS
    if is_new_business != (line.programme is not None):
        wrong.append(ProgrammeOnlyOfNewBusiness(kind=line.kind, field=f"{place}.programme"))
    if is_new_business and line.code not in command.sources:
        wrong.append(UnknownPocket(code=line.code, field=f"{place}.code"))
    if any(cell_of(line) == cell_of(other) for other in command.lines[:index]):
        wrong.append(
            LineGivenTwice(kind=line.kind, code=line.code, quarter=line.quarter, field=place)
        )
    return [refusal.as_reason() for refusal in wrong]


def cell_of(line: PlanLine) -> tuple[LineKind, str | None, str, Quarter]:
    """What a line is about: no two lines of a plan are about the same."""
    return line.kind, line.programme, line.code, line.quarter


def evolve(state: Plan, event: Event) -> Plan:
    """The plan after ``event``."""
    match event:
        case PlanLinesSet():
            return replace(state, lines=event.lines)
        case PlanApproved():
            return replace(state, version=event.version, approved_on=event.effective_on)
        case PlanReforecasted():
            return state
        case _:
            assert_never(event)


DECIDER: Decider[Command, Plan, Event] = Decider(initial=Plan(), decide=decide, evolve=evolve)
