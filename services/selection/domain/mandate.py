"""
Which committee decides for a programme.

One stream per programme code. Until a committee has the mandate, what is forwarded waits here.
A mandate is given once: whoever reads it can rely on it without locking it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias, assert_never
from uuid import UUID

from shared.kernel.decider import Decider
from shared.kernel.refusals import RuleBroken

# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveMandate:
    """Let a committee decide for the programme."""

    programme_code: str
    committee_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldApplication:
    """Keep an application until a committee has the mandate."""

    programme_code: str
    application_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DropApplication:
    """Stop keeping it: it was withdrawn."""

    programme_code: str
    application_id: UUID
    on: date


Command: TypeAlias = GiveMandate | HoldApplication | DropApplication


# Events


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateGiven:
    """The committee decides for this programme, and takes what was held."""

    programme_code: str
    committee_id: UUID
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationHeld:
    """No committee decides for this programme yet: the application waits for one."""

    programme_code: str
    application_id: UUID
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationDropped:
    """A held application waits no more."""

    programme_code: str
    application_id: UUID
    effective_on: date


Event: TypeAlias = MandateGiven | ApplicationHeld | ApplicationDropped


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacant:
    """No committee decides for the programme yet."""

    held: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """This committee decides for the programme."""

    committee_id: UUID


Mandate: TypeAlias = Vacant | Given


class ProgrammeHasCommittee(RuleBroken):
    """Another committee decides for this programme already."""

    en = "Committee {committee_id} already decides for programme {programme}."
    fr = "Le comité {committee_id} décide déjà pour le programme {programme}."


def decide(command: Command, mandate: Mandate) -> Sequence[Event]:
    """What follows; a second committee for a programme is refused."""
    match command:
        case GiveMandate():
            if isinstance(mandate, Given):
                if mandate.committee_id == command.committee_id:
                    return []
                raise ProgrammeHasCommittee(
                    committee_id=mandate.committee_id,
                    programme=command.programme_code,
                    field="programmes",
                )
            return [
                MandateGiven(
                    programme_code=command.programme_code,
                    committee_id=command.committee_id,
                    effective_on=command.on,
                )
            ]
        case HoldApplication():
            if isinstance(mandate, Given) or command.application_id in mandate.held:
                return []
            return [
                ApplicationHeld(
                    programme_code=command.programme_code,
                    application_id=command.application_id,
                    effective_on=command.on,
                )
            ]
        case DropApplication():
            if isinstance(mandate, Given) or command.application_id not in mandate.held:
                return []
            return [
                ApplicationDropped(
                    programme_code=command.programme_code,
                    application_id=command.application_id,
                    effective_on=command.on,
                )
            ]
        case unreachable:
            assert_never(unreachable)


def evolve(mandate: Mandate, event: Event) -> Mandate:
    """The state after ``event``."""
    match event:
        case MandateGiven():
            return Given(committee_id=event.committee_id)
        case ApplicationHeld():
            return Vacant(held=(*_held(mandate), event.application_id))
        case ApplicationDropped():
            return Vacant(held=tuple(h for h in _held(mandate) if h != event.application_id))
        case unreachable:
            assert_never(unreachable)


def _held(mandate: Mandate) -> tuple[UUID, ...]:
    return mandate.held if isinstance(mandate, Vacant) else ()


DECIDER: Decider[Command, Mandate, Event] = Decider(initial=Vacant(), decide=decide, evolve=evolve)
