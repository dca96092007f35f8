"""A pocket: one envelope of a funder agreement, under a code that no other envelope has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from services.finance.domain.events import AuthorityChanged, PocketOpened, YearlyCeiling
from shared.kernel.decider import Decider
from shared.kernel.money import ZERO, Money
from shared.kernel.refusals import Invalid, NotFound, Refusal, RuleBroken


class PocketAlreadyOpened(RuleBroken):
    """The code of an envelope is used once, whichever funder agreement it belongs to."""

    en = "The pocket {pocket} is already open under the funder agreement {funder_agreement}."
    fr = "L’enveloppe {pocket} est déjà ouverte dans l’entente de financement {funder_agreement}."


class AuthorityBelowZero(Invalid):
    """A funder grants nothing or more, in dollars."""

    en = "The authority of the pocket {pocket} cannot be {authority}."
    fr = "Le montant autorisé de l’enveloppe {pocket} ne peut pas être {authority}."


class CeilingBelowZero(Invalid):
    """A yearly ceiling is nothing or more, in dollars."""

    en = "The ceiling of fiscal year {fiscal_year} cannot be {ceiling}."
    fr = "Le plafond de l’exercice {fiscal_year} ne peut pas être {ceiling}."


class YearNamedTwice(Invalid):
    """A fiscal year has one ceiling."""

    en = "Fiscal year {fiscal_year} is named more than once."
    fr = "L’exercice {fiscal_year} est nommé plus d’une fois."


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
    yearly: tuple[YearlyCeiling, ...] = ()


Pocket = NotOpened | Opened


def decide(command: Command, state: Pocket) -> Sequence[Event]:
    """Open it once; then only its authority changes."""
    if command.authority < ZERO:
        raise AuthorityBelowZero(
            pocket=command.pocket, authority=command.authority, field="authority"
        )
    if problems := list(_against_the_ceilings(command.yearly or ())):
        raise CeilingsNotValid(reasons=[problem.as_reason() for problem in problems])
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
                    yearly=command.yearly,
                )
            ]
        case ChangeAuthority():
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
        case _:
            assert_never(command)


def _against_the_ceilings(yearly: Sequence[YearlyCeiling]) -> Iterable[Refusal]:
    seen: set[int] = set()
    for index, each in enumerate(yearly):
        if each.ceiling < ZERO:
            yield CeilingBelowZero(
                fiscal_year=str(each.fiscal_year),
                ceiling=each.ceiling,
                field=f"yearly[{index}].ceiling",
                accepted={"minimum_cents": 0},
            )
        if each.fiscal_year in seen:
            yield YearNamedTwice(
                fiscal_year=str(each.fiscal_year), field=f"yearly[{index}].fiscal_year"
            )
        seen.add(each.fiscal_year)


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
        case AuthorityChanged():
            if not isinstance(state, Opened):
                return state
            return replace(state, authority=event.authority, yearly=event.yearly)
        case _:
            assert_never(event)


DECIDER: Decider[Command, Pocket, Event] = Decider(
    initial=NotOpened(), decide=decide, evolve=evolve
)
