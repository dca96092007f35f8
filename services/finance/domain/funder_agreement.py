"""
A funder agreement: who grants which envelopes, on which terms, and what was claimed of it.

Every drawdown is counted here, in one stream, so that two claims at once cannot both take the
last room of a year.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from services.finance.domain.events import (
    NOTHING_SAID,
    DrawdownCounted,
    FunderAgreementOpened,
    FunderTerms,
    FunderTermsSet,
    FunderYearEnded,
)
from services.finance.domain.funder_terms import check_drawdown, check_terms
from services.finance.domain.year_end import PocketYear, end_of
from shared.kernel.decider import Decider
from shared.kernel.money import Money
from shared.kernel.periods import fiscal_year_ends_on
from shared.kernel.refusals import Invalid, NotFound, RuleBroken


class FunderAgreementAlreadyOpened(RuleBroken):
    """A funder agreement is opened once under its code."""

    en = "The funder agreement {code} is already open."
    fr = "L’entente de financement {code} est déjà ouverte."


class PocketNamedTwice(Invalid):
    """Each envelope has its own code."""

    en = "The pocket {pocket} is named more than once."
    fr = "L’enveloppe {pocket} est nommée plus d’une fois."


class TermsNotYetInForce(Invalid):
    """Terms are written once they are in force: drawdowns are held against them at once."""

    en = "{on} is in the future."
    fr = "{on} est une date future."


class YearNotOver(RuleBroken):
    """A fiscal year ends on 31 March."""

    en = "Fiscal year {fiscal_year} is not over."
    fr = "L’exercice {fiscal_year} n’est pas terminé."


class YearAlreadyEnded(RuleBroken):
    """The years of an agreement end once each, in order."""

    en = "Fiscal year {ended} of this funder agreement is already ended."
    fr = "L’exercice {ended} de cette entente de financement est déjà clos."


class CarryOverNotSaid(RuleBroken):
    """Nothing lapses before the terms say how much is carried over."""

    en = "The terms of the funder agreement do not say how much is carried over."
    fr = "Les modalités de l’entente ne disent pas quelle part est reportée."


class NothingToEnd(RuleBroken):
    """Only a ceiling can be left unused."""

    en = "No pocket of the funder agreement has a ceiling for fiscal year {fiscal_year}."
    fr = "Aucune enveloppe de l’entente n’a de plafond pour l’exercice {fiscal_year}."


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFunderAgreement:
    """Record an agreement that a funder signed with us."""

    code: str
    funder: str
    name_en: str
    name_fr: str
    pockets: tuple[str, ...]
    opened_on: date
    terms: FunderTerms = NOTHING_SAID


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTerms:
    """Write what the agreement says of claiming, in place of what it said."""

    terms: FunderTerms
    effective_on: date
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CountDrawdown:
    """Count a drawdown that is being submitted."""

    drawdown_id: UUID
    period: str | None
    submitted_on: date
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class EndYear:
    """Carry over, or lapse, what the pockets did not use of a fiscal year."""

    fiscal_year: int
    pockets: tuple[PocketYear, ...]
    """Those that have a ceiling for the year."""
    on: date


Command = OpenFunderAgreement | SetTerms | CountDrawdown | EndYear
Event = FunderAgreementOpened | FunderTermsSet | DrawdownCounted | FunderYearEnded


@dataclass(frozen=True, slots=True)
class NotOpened:
    """Nobody has opened it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """It is open."""

    code: str
    funder: str
    name_en: str
    name_fr: str
    pockets: tuple[str, ...]
    opened_on: date
    terms: FunderTerms = NOTHING_SAID
    counted: tuple[DrawdownCounted, ...] = ()
    """All drawdowns, oldest first."""
    ended: tuple[FunderYearEnded, ...] = ()
    """All ended years, oldest first."""


FunderAgreement = NotOpened | Opened


def decide(command: Command, state: FunderAgreement) -> Sequence[Event]:
    """Open it once; then its terms, its drawdowns and the ends of its years."""
    if isinstance(command, OpenFunderAgreement):
        return _opened(command, state)
    if isinstance(state, NotOpened):
        raise NotFound(kind="funder agreement")
    match command:
        case SetTerms():
            return _terms_set(command, state)
        case CountDrawdown():
            return _counted(command, state)
        case EndYear():
            return _year_ended(command, state)
        case _:
            assert_never(command)


def _opened(command: OpenFunderAgreement, state: FunderAgreement) -> Sequence[Event]:
    if isinstance(state, Opened):
        raise FunderAgreementAlreadyOpened(code=command.code, field="code")
    for index, pocket in enumerate(command.pockets):
        if pocket in command.pockets[:index]:
            raise PocketNamedTwice(pocket=pocket, field=f"pockets[{index}].code")
    check_terms(command.terms, "terms")
    return [
        FunderAgreementOpened(
            code=command.code,
            funder=command.funder,
            name_en=command.name_en,
            name_fr=command.name_fr,
            pockets=command.pockets,
            effective_on=command.opened_on,
            terms=command.terms,
        )
    ]


def _terms_set(command: SetTerms, state: Opened) -> Sequence[Event]:
    check_terms(command.terms, "terms")
    if command.effective_on > command.on:
        raise TermsNotYetInForce(on=command.effective_on, field="effective_on")
    if command.terms == state.terms:
        return []
    return [FunderTermsSet(code=state.code, terms=command.terms, effective_on=command.effective_on)]


def _counted(command: CountDrawdown, state: Opened) -> Sequence[Event]:
    fiscal_year = check_drawdown(
        state.terms,
        state.counted,
        period=command.period,
        submitted_on=command.submitted_on,
        amount=command.amount,
    )
    return [
        DrawdownCounted(
            code=state.code,
            drawdown_id=command.drawdown_id,
            period=command.period,
            fiscal_year=fiscal_year,
            amount=command.amount,
            effective_on=command.submitted_on,
        )
    ]


def _year_ended(command: EndYear, state: Opened) -> Sequence[Event]:
    last_day = fiscal_year_ends_on(command.fiscal_year)
    if command.on <= last_day:
        raise YearNotOver(fiscal_year=str(command.fiscal_year), field="fiscal_year")
    if state.ended and state.ended[-1].fiscal_year >= command.fiscal_year:
        raise YearAlreadyEnded(ended=str(state.ended[-1].fiscal_year), field="fiscal_year")
    if state.terms.carry_over_bp is None:
        raise CarryOverNotSaid
    if not command.pockets:
        raise NothingToEnd(fiscal_year=str(command.fiscal_year), field="fiscal_year")
    carry_over_bp = state.terms.carry_over_bp
    return [
        FunderYearEnded(
            code=state.code,
            fiscal_year=command.fiscal_year,
            carry_over_bp=carry_over_bp,
            pockets=tuple(end_of(each, carry_over_bp) for each in command.pockets),
            effective_on=last_day,
        )
    ]


def evolve(state: FunderAgreement, event: Event) -> FunderAgreement:
    """The agreement after ``event``."""
    if isinstance(event, FunderAgreementOpened):
        return Opened(
            code=event.code,
            funder=event.funder,
            name_en=event.name_en,
            name_fr=event.name_fr,
            pockets=event.pockets,
            opened_on=event.effective_on,
            terms=event.terms,
        )
    if isinstance(state, NotOpened):
        return state
    match event:
        case FunderTermsSet():
            return replace(state, terms=event.terms)
        case DrawdownCounted():
            return replace(state, counted=(*state.counted, event))
        case FunderYearEnded():
            return replace(state, ended=(*state.ended, event))
        case _:
            assert_never(event)


DECIDER: Decider[Command, FunderAgreement, Event] = Decider(
    initial=NotOpened(), decide=decide, evolve=evolve
)
