"""
Fiscal quarters of the books: closed in order, and opened again by two people.

Closing freezes the trial balance of the quarter in the event, with its SHA-256. A fact that is
heard of later falls in the first open quarter (``posting``). Only the latest closed quarter can be
reopened: balances run on from one quarter into the next.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from services.finance.domain.events import (
    PeriodClosed,
    PeriodReopened,
    PeriodReopeningAsked,
    TrialBalanceLine,
)
from shared.kernel.decider import Decider
from shared.kernel.periods import Quarter
from shared.kernel.refusals import NotAllowed, RuleBroken


class PeriodNotOver(RuleBroken):
    """A quarter is closed once its last day has passed."""

    en = "{quarter} is not over: it ends on {ends_on}."
    fr = "Le {quarter} n’est pas terminé : il se termine le {ends_on}."


class PeriodAlreadyClosed(RuleBroken):
    """A quarter is closed once; closing a quarter closes everything before it."""

    en = "{quarter} is already closed."
    fr = "Le {quarter} est déjà fermé."


class PeriodOutOfOrder(RuleBroken):
    """Quarters are closed one after the other; only the first may be any."""

    en = "{expected} is the next quarter to close, not {quarter}."
    fr = "Le prochain trimestre à fermer est le {expected}, et non le {quarter}."


class TrialBalanceIsOff(RuleBroken):
    """Books that do not add up are not closed."""

    en = "The trial balance of {quarter} does not add up to zero in every pocket."
    fr = "La balance de vérification du {quarter} n’est pas nulle dans chaque enveloppe."


class PeriodsChangedMeanwhile(RuleBroken):
    """The trial balance was taken before somebody else closed or reopened a quarter."""

    en = "A quarter was closed or reopened at the same moment. Look at the periods again."
    fr = "Un trimestre a été fermé ou rouvert au même moment. Consultez de nouveau les périodes."


class NotTheLatestClosed(RuleBroken):
    """The quarters after it must be open too."""

    en = "Only the latest closed quarter can be reopened, and that is not {quarter}."
    fr = "Seul le dernier trimestre fermé peut être rouvert, et ce n’est pas le {quarter}."


class ReopeningAlreadyAsked(RuleBroken):
    """One request waits for its confirmation at a time."""

    en = "Reopening {quarter} is already asked for; another person confirms it."
    fr = "La réouverture du {quarter} est déjà demandée; une autre personne la confirme."


class ReopeningNotAsked(RuleBroken):
    """What nobody asked for cannot be confirmed."""

    en = "Nobody has asked for {quarter} to be reopened."
    fr = "Personne n’a demandé la réouverture du {quarter}."


class ConfirmerAskedForTheReopening(NotAllowed):
    """Reopening needs two people."""

    en = "You asked for this quarter to be reopened; another person confirms it."
    fr = "Vous avez demandé la réouverture de ce trimestre; une autre personne la confirme."


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePeriod:
    """Close a quarter with the trial balance that the ledger gives."""

    quarter: Quarter
    position: int
    """The ledger has seen everything up to here, and the trial balance nothing after it."""
    trial_balance: tuple[TrialBalanceLine, ...]
    seen: int
    """How many changes of periods the trial balance knows of."""
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForReopening:
    """Ask for the latest closed quarter to be opened again."""

    quarter: Quarter
    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmReopening:
    """Open it again, as another person than the one who asked."""

    quarter: Quarter
    by: str
    on: date


Command = ClosePeriod | AskForReopening | ConfirmReopening
Event = PeriodClosed | PeriodReopeningAsked | PeriodReopened


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """Which quarters are closed, and what waits for a second person."""

    closed: tuple[Quarter, ...] = ()
    """Oldest first; everything before the first one is closed too."""
    asked: PeriodReopeningAsked | None = None
    changes: int = 0


def decide(command: Command, state: Periods) -> Sequence[Event]:
    """What follows, or why not."""
    match command:
        case ClosePeriod():
            return [_closed(command, state)]
        case AskForReopening():
            _must_be_the_latest(command.quarter, state)
            if state.asked is not None:
                raise ReopeningAlreadyAsked(quarter=command.quarter)
            return [
                PeriodReopeningAsked(
                    quarter=command.quarter,
                    reason=command.reason,
                    asked_by=command.by,
                    effective_on=command.on,
                )
            ]
        case ConfirmReopening():
            if state.asked is None or state.asked.quarter != command.quarter:
                raise ReopeningNotAsked(quarter=command.quarter)
            if state.asked.asked_by == command.by:
                raise ConfirmerAskedForTheReopening
            return [
                PeriodReopened(
                    quarter=command.quarter,
                    asked_by=state.asked.asked_by,
                    confirmed_by=command.by,
                    effective_on=command.on,
                )
            ]
        case _:
            assert_never(command)


def _closed(command: ClosePeriod, state: Periods) -> PeriodClosed:
    quarter = command.quarter
    if quarter.ends_on >= command.on:
        raise PeriodNotOver(quarter=quarter, ends_on=quarter.ends_on)
    if state.closed and quarter <= state.closed[-1]:
        raise PeriodAlreadyClosed(quarter=quarter)
    if state.closed and quarter != state.closed[-1].next():
        raise PeriodOutOfOrder(quarter=quarter, expected=state.closed[-1].next())
    if command.seen != state.changes:
        raise PeriodsChangedMeanwhile
    sums: dict[str | None, int] = {}
    for line in command.trial_balance:
        sums[line.pocket] = sums.get(line.pocket, 0) + line.cents
    if any(sums.values()):
        raise TrialBalanceIsOff(quarter=quarter)
    lines = tuple(sorted(command.trial_balance, key=_order))
    return PeriodClosed(
        quarter=quarter,
        position=command.position,
        trial_balance=lines,
        sha256=digest(quarter, command.position, lines),
        closed_by=command.by,
        effective_on=command.on,
    )


def _must_be_the_latest(quarter: Quarter, state: Periods) -> None:
    if not state.closed or state.closed[-1] != quarter:
        raise NotTheLatestClosed(quarter=quarter)


def digest(quarter: Quarter, position: int, lines: Iterable[TrialBalanceLine]) -> str:
    """
    The SHA-256 of a trial balance, in hexadecimal.

    Of the UTF-8 of JSON without spaces: ``["2024-T1",57,[["available","P",100],…]]``, the lines
    sorted by account and pocket (none before any). Lines of zero are not in it.
    """
    rows = [[each.account, each.pocket, each.cents] for each in sorted(lines, key=_order)]
    text = json.dumps([str(quarter), position, rows], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _order(line: TrialBalanceLine) -> tuple[str, str]:
    return line.account, line.pocket or ""


def evolve(state: Periods, event: Event) -> Periods:
    """The periods after ``event``; closing the next quarter ends what was asked of the last."""
    changes = state.changes + 1
    match event:
        case PeriodClosed():
            return Periods(closed=(*state.closed, event.quarter), changes=changes)
        case PeriodReopeningAsked():
            return replace(state, asked=event, changes=changes)
        case PeriodReopened():
            return Periods(closed=state.closed[:-1], changes=changes)
        case _:
            assert_never(event)


DECIDER: Decider[Command, Periods, Event] = Decider(initial=Periods(), decide=decide, evolve=evolve)
