"""
An increase: money that a proposed amendment of an agreement would add, kept until it is decided.

Its pockets reserve it all or none. It ends when the amendment takes effect (what was reserved is
then committed) or when the proposal is rejected or taken back (it is available again).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, assert_never
from uuid import UUID

from shared.kernel.decider import Decider
from shared.kernel.schedule import FundingCell

# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForIncrease:
    """Take note of what a proposed amendment adds; the pockets say which of them are short."""

    amendment_id: UUID
    project_id: UUID
    agreement_id: UUID
    programme_code: str
    funding: tuple[FundingCell, ...]
    short: tuple[str, ...]
    """Pockets that have too little left; none: it is reserved."""
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EndIncrease:
    """The amendment took effect, or will not."""

    amendment_id: UUID
    committed: bool
    on: date


Command: TypeAlias = AskForIncrease | EndIncrease


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class IncreaseReserved:
    """Its pockets hold it."""

    amendment_id: UUID
    project_id: UUID
    agreement_id: UUID
    programme_code: str
    funding: tuple[FundingCell, ...]
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class IncreaseRefused:
    """A pocket has too little left: nothing is reserved in any."""

    amendment_id: UUID
    project_id: UUID
    agreement_id: UUID
    programme_code: str
    funding: tuple[FundingCell, ...]
    pockets: tuple[str, ...]
    """Those that are short."""
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class IncreaseReturned:
    """The amendment will not take effect: what was reserved is available again."""

    amendment_id: UUID
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class IncreaseCommitted:
    """The amendment took effect: what was reserved is committed."""

    amendment_id: UUID
    effective_on: date


Event: TypeAlias = IncreaseReserved | IncreaseRefused | IncreaseReturned | IncreaseCommitted


# State


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Nothing was heard of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Reserved in its pockets."""

    funding: tuple[FundingCell, ...]


@dataclass(frozen=True, slots=True)
class Over:
    """Refused, returned or committed."""


Increase: TypeAlias = NotAsked | Held | Over


def decide(command: Command, increase: Increase) -> Sequence[Event]:
    """What follows; an increase is asked for once and ends once."""
    match command:
        case AskForIncrease():
            return _ask(command) if isinstance(increase, NotAsked) else []
        case EndIncrease():
            return _end(command) if isinstance(increase, Held) else []
        case unreachable:
            assert_never(unreachable)


def _ask(command: AskForIncrease) -> Sequence[Event]:
    if command.short:
        return [
            IncreaseRefused(
                amendment_id=command.amendment_id,
                project_id=command.project_id,
                agreement_id=command.agreement_id,
                programme_code=command.programme_code,
                funding=command.funding,
                pockets=command.short,
                effective_on=command.on,
            )
        ]
    return [
        IncreaseReserved(
            amendment_id=command.amendment_id,
            project_id=command.project_id,
            agreement_id=command.agreement_id,
            programme_code=command.programme_code,
            funding=command.funding,
            effective_on=command.on,
        )
    ]


def _end(command: EndIncrease) -> Sequence[Event]:
    if command.committed:
        return [IncreaseCommitted(amendment_id=command.amendment_id, effective_on=command.on)]
    return [IncreaseReturned(amendment_id=command.amendment_id, effective_on=command.on)]


def evolve(_increase: Increase, event: Event) -> Increase:
    """The state after ``event``."""
    match event:
        case IncreaseReserved():
            return Held(funding=event.funding)
        case IncreaseRefused() | IncreaseReturned() | IncreaseCommitted():
            return Over()
        case unreachable:
            assert_never(unreachable)


DECIDER: Decider[Command, Increase, Event] = Decider(
    initial=NotAsked(), decide=decide, evolve=evolve
)
