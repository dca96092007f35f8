"""A pocket: one envelope of a funder agreement, under a code that no other envelope has."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from services.finance.domain.events import AuthorityChanged, PocketOpened
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAuthority:
    """Record how much the funder grants in all from now on."""

    pocket: str
    funder_agreement: str
    authority: Money
    effective_on: date


Command = OpenPocket | ChangeAuthority
Event = PocketOpened | AuthorityChanged


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


Pocket = NotOpened | Opened


def decide(command: Command, state: Pocket) -> Sequence[Event]:
    """Open it once; then only its authority changes."""
    if command.authority < ZERO:
        raise AuthorityBelowZero(
            pocket=command.pocket, authority=command.authority, field="authority"
        )
    match command:
        case OpenPocket():
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
                )
            ]
        case ChangeAuthority():
            if isinstance(state, NotOpened) or state.funder_agreement != command.funder_agreement:
                raise NotFound(kind="pocket")
            if command.authority == state.authority:
                return []
            return [
                AuthorityChanged(
                    pocket=state.pocket,
                    funder=state.funder,
                    funder_agreement=state.funder_agreement,
                    previous=state.authority,
                    authority=command.authority,
                    effective_on=command.effective_on,
                )
            ]
        case _:
            assert_never(command)


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
            )
        case AuthorityChanged():
            return replace(state, authority=event.authority) if isinstance(state, Opened) else state
        case _:
            assert_never(event)


DECIDER: Decider[Command, Pocket, Event] = Decider(
    initial=NotOpened(), decide=decide, evolve=evolve
)
