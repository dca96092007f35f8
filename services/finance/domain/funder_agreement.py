"""A funder agreement: who grants, and which envelopes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from services.finance.domain.events import FunderAgreementOpened
from shared.kernel.decider import Decider
from shared.kernel.refusals import Invalid, RuleBroken


class FunderAgreementAlreadyOpened(RuleBroken):
    """A funder agreement is opened once under its code."""

    en = "The funder agreement {code} is already open."
    fr = "L’entente de financement {code} est déjà ouverte."


class PocketNamedTwice(Invalid):
    """Each envelope has its own code."""

    en = "The pocket {pocket} is named more than once."
    fr = "L’enveloppe {pocket} est nommée plus d’une fois."


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFunderAgreement:
    """Record an agreement that a funder signed with us."""

    code: str
    funder: str
    name_en: str
    name_fr: str
    pockets: tuple[str, ...]
    opened_on: date


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


FunderAgreement = NotOpened | Opened


def decide(command: OpenFunderAgreement, state: FunderAgreement) -> Sequence[FunderAgreementOpened]:
    """Open it once."""
    if isinstance(state, Opened):
        raise FunderAgreementAlreadyOpened(code=command.code, field="code")
    for index, pocket in enumerate(command.pockets):
        if pocket in command.pockets[:index]:
            raise PocketNamedTwice(pocket=pocket, field=f"pockets[{index}].code")
    return [
        FunderAgreementOpened(
            code=command.code,
            funder=command.funder,
            name_en=command.name_en,
            name_fr=command.name_fr,
            pockets=command.pockets,
            effective_on=command.opened_on,
        )
    ]


def evolve(_state: FunderAgreement, event: FunderAgreementOpened) -> FunderAgreement:
    """The agreement after ``event``."""
    match event:
        case FunderAgreementOpened():
            return Opened(
                code=event.code,
                funder=event.funder,
                name_en=event.name_en,
                name_fr=event.name_fr,
                pockets=event.pockets,
                opened_on=event.effective_on,
            )
        case _:
            assert_never(event)


DECIDER: Decider[OpenFunderAgreement, FunderAgreement, FunderAgreementOpened] = Decider(
    initial=NotOpened(), decide=decide, evolve=evolve
)
