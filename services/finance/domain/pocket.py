"""A pocket: one envelope of a funder agreement, under a code that no other envelope has."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from services.finance.domain.ceilings import ceiling_of, with_ceiling, wrong_with
from services.finance.domain.events import (
    AuthorityChanged,
    AuthorityLapsed,
    PocketOpened,
    PocketYearEnd,
    YearlyCeiling,
)
from shared.kernel.decider import Decider
from shared.kernel.money import ZERO, Money
from shared.kernel.refusals import Invalid, NotFound, RuleBroken


class PocketAlreadyOpened(RuleBroken):
    """The code of an envelope is used once, whichever funder agreement it belongs to."""

    en = "The pocket {pocket} is already open under the funder agreement {funder_agreement}."
    fr = "L’enveloppe {pocket} est déjà ouverte dans l’entente de financement {funder_agreement}."


class AuthorityBelowZero(Invalid):
    """A funder grants nothing or more, in dollars."""

    en = "The authority of the pocket {pocket} cannot be {authority}."
    fr = "Le montant autorisé de l’enveloppe {pocket} ne peut pas être {authority}."


class CeilingsNotValid(Invalid):
    """The yearly ceilings of an envelope make sense together."""

    en = "The yearly ceilings have problems."
    fr = "Les plafonds annuels comportent des problèmes."


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPocket:
    """Record an envelope that a funder granted."""

    pocket: str
    funder: str
    funder_agreement: str
    name_en: str
    name_fr: str
    authority: Money
    opened_on: date
    yearly: tuple[YearlyCeiling, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAuthority:
    """Record how much the funder grants in all, and per fiscal year, from now on."""

    pocket: str
    funder_agreement: str
    authority: Money
    effective_on: date
    yearly: tuple[YearlyCeiling, ...] | None = None
    """All ceilings from now on; None leaves them as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndYear:
    """Carry over, or lapse, what the envelope did not use of a fiscal year."""

    fiscal_year: int
    end: PocketYearEnd
    effective_on: date


Command = OpenPocket | ChangeAuthority | EndYear
Event = PocketOpened | AuthorityChanged | AuthorityLapsed


@dataclass(frozen=True, slots=True)
class NotOpened:
    """Nobody has opened it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """It is open."""

    pocket: str
    funder: str
    funder_agreement: str
    name_en: str
    name_fr: str
    authority: Money
    yearly: tuple[YearlyCeiling, ...] = ()


Pocket = NotOpened | Opened


def decide(command: Command, state: Pocket) -> Sequence[Event]:
    """Open it once; then only its authority and its ceilings change."""
    match command:
        case OpenPocket():
            _check(command)
            if isinstance(state, Opened):
                raise PocketAlreadyOpened(
                    pocket=state.pocket, funder_agreement=state.funder_agreement, field="pockets"
                )
            return [
                PocketOpened(
                    pocket=command.pocket,
                    funder=command.funder,
                    funder_agreement=command.funder_agreement,
                    name_en=command.name_en,
                    name_fr=command.name_fr,
                    authority=command.authority,
                    effective_on=command.opened_on,
                    yearly=command.yearly,
                )
            ]
        case ChangeAuthority():
            _check(command)
            if isinstance(state, NotOpened) or state.funder_agreement != command.funder_agreement:
                raise NotFound(kind="pocket")
            yearly = state.yearly if command.yearly is None else command.yearly
            if (command.authority, yearly) == (state.authority, state.yearly):
                return []
            return [
                AuthorityChanged(
                    pocket=state.pocket,
                    funder=state.funder,
                    funder_agreement=state.funder_agreement,
                    previous=state.authority,
                    authority=command.authority,
                    effective_on=command.effective_on,
                    yearly=yearly,
                )
            ]
        case EndYear():
            return _year_ended(command, state)
        case _:
            assert_never(command)


def _check(command: OpenPocket | ChangeAuthority) -> None:
    if command.authority < ZERO:
        raise AuthorityBelowZero(
            pocket=command.pocket, authority=command.authority, field="authority"
        )
    if problems := wrong_with(command.yearly or ()):
        raise CeilingsNotValid(reasons=problems)


def _year_ended(command: EndYear, state: Pocket) -> Sequence[Event]:
    if isinstance(state, NotOpened):
        raise NotFound(kind="pocket")
    end = command.end
    if not end.carried and not end.lapsed:
        return []
    yearly = with_ceiling(state.yearly, command.fiscal_year, end.used)
    following = ceiling_of(yearly, command.fiscal_year + 1)
    if following is not None:  # a year without a ceiling has room for what is carried over
        yearly = with_ceiling(yearly, command.fiscal_year + 1, following + end.carried)
    if not end.lapsed:
        return [
            AuthorityChanged(
                pocket=state.pocket,
                funder=state.funder,
                funder_agreement=state.funder_agreement,
                previous=state.authority,
                authority=state.authority,
                effective_on=command.effective_on,
                yearly=yearly,
            )
        ]
    return [
        AuthorityLapsed(
            pocket=state.pocket,
            funder=state.funder,
            funder_agreement=state.funder_agreement,
            fiscal_year=command.fiscal_year,
            lapsed=end.lapsed,
            authority=state.authority - end.lapsed,
            effective_on=command.effective_on,
            yearly=yearly,
        )
    ]


def evolve(state: Pocket, event: Event) -> Pocket:
    """The pocket after ``event``."""
    match event:
        case PocketOpened():
            return Opened(
                pocket=event.pocket,
                funder=event.funder,
                funder_agreement=event.funder_agreement,
                name_en=event.name_en,
                name_fr=event.name_fr,
                authority=event.authority,
                yearly=event.yearly,
            )
        case AuthorityChanged() | AuthorityLapsed():
            if not isinstance(state, Opened):
                return state
            return replace(state, authority=event.authority, yearly=event.yearly)
        case _:
            assert_never(event)


DECIDER: Decider[Command, Pocket, Event] = Decider(
    initial=NotOpened(), decide=decide, evolve=evolve
)
