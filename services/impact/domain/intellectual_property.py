"""
A piece of intellectual property that a project made, from its declaration on.

The register answers what the plan promises of it: who owns it, whether others may reuse it and
do, and whether it is commercialised (corporate plan 2023-2024, intellectual property strategy).
What changes later is told with what was said before; an entry made in error is taken out of the
register, never erased.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import TypeAlias, assert_never
from uuid import UUID

from shared.kernel.decider import Decider
from shared.kernel.refusals import Invalid, NotFound, RuleBroken


class Source(StrEnum):
    """Who told us."""

    CLOSING = "closing"
    """The declaration with which the project closed."""
    SURVEY = "survey"
    """A yearly survey, as it was validated."""
    MEMBER = "member"
    """The organisation whose project made it."""
    OFFICER = "officer"


KINDS = ("patent", "copyright", "trade-secret", "design", "trademark", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is said of a piece, and may change."""

    title: str
    kind: str
    """One of ``KINDS``."""
    owner_organisation_id: UUID
    canadian_owned: bool
    reuse_allowed: bool
    """Others may use it outside the project."""
    reused: bool
    """Others do."""
    commercialised: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterIp:
    """Enter a piece in the register."""

    ip_id: UUID
    project_id: UUID
    programme_code: str
    participant_id: UUID
    facts: Facts
    source: Source
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateIp:
    """Say how things are now; all of it, so that two updates cannot be mixed."""

    facts: Facts
    source: Source
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeregisterIp:
    """Take an entry out that was made in error."""

    reason: str
    on: date
    by: str


Command: TypeAlias = RegisterIp | UpdateIp | DeregisterIp


@dataclass(frozen=True, slots=True, kw_only=True)
class IpRegistered:
    """A piece is in the register."""

    effective_on: date
    ip_id: UUID
    project_id: UUID
    programme_code: str
    participant_id: UUID
    facts: Facts
    source: Source
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IpUpdated:
    """Something about it is different; both are kept."""

    effective_on: date
    ip_id: UUID
    old: Facts
    new: Facts
    source: Source
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IpDeregistered:
    """It was entered in error."""

    effective_on: date
    ip_id: UUID
    reason: str
    by: str


Event: TypeAlias = IpRegistered | IpUpdated | IpDeregistered


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRegistered:
    """No such piece is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A piece as it was last told."""

    ip_id: UUID
    project_id: UUID
    programme_code: str
    participant_id: UUID
    facts: Facts
    deregistered: bool = False


State: TypeAlias = NotRegistered | Registered


class TitleMissing(Invalid):
    """Members find a piece by its title."""

    en = "The title is missing."
    fr = "Le titre est absent."


class KindUnknown(Invalid):
    """A piece is of a kind that is known."""

    en = "{kind} is not a kind of intellectual property."
    fr = "{kind} n’est pas une sorte de propriété intellectuelle."


class IpNotInTheRegister(RuleBroken):
    """What was taken out does not change any more."""

    en = "This entry was taken out of the register."
    fr = "Cette inscription a été radiée du registre."


class DeregistrationNeedsAReason(Invalid):
    """Whoever takes an entry out says why."""

    en = "Say why the entry is taken out."
    fr = "Dites pourquoi l’inscription est radiée."


class ReusedThoughNotAllowed(Invalid):
    """What others use, they may use."""

    en = "It cannot be reused outside the project where that is not allowed."
    fr = "Elle ne peut être réutilisée hors du projet où ce n’est pas permis."


def decide(command: Command, state: State) -> Sequence[Event]:
    """What follows from a command; the same told again changes nothing."""
    match command:
        case RegisterIp():
            return _register(command, state)
        case UpdateIp():
            return _update(command, _registered(state))
        case DeregisterIp():
            return _deregister(command, _registered(state))
        case unreachable:
            assert_never(unreachable)


def _register(command: RegisterIp, state: State) -> list[Event]:
    if isinstance(state, Registered):
        return []
    _check(command.facts)
    return [
        IpRegistered(
            effective_on=command.on,
            ip_id=command.ip_id,
            project_id=command.project_id,
            programme_code=command.programme_code,
            participant_id=command.participant_id,
            facts=command.facts,
            source=command.source,
            by=command.by,
        )
    ]


def _update(command: UpdateIp, state: Registered) -> list[Event]:
    if state.deregistered:
        raise IpNotInTheRegister
    _check(command.facts)
    if command.facts == state.facts:
        return []
    return [
        IpUpdated(
            effective_on=command.on,
            ip_id=state.ip_id,
            old=state.facts,
            new=command.facts,
            source=command.source,
            by=command.by,
        )
    ]


def _deregister(command: DeregisterIp, state: Registered) -> list[Event]:
    if state.deregistered:
        return []
    if not command.reason.strip():
        raise DeregistrationNeedsAReason(field="reason")
    return [
        IpDeregistered(
            effective_on=command.on, ip_id=state.ip_id, reason=command.reason, by=command.by
        )
    ]


def _check(facts: Facts) -> None:
    if not facts.title.strip():
        raise TitleMissing(field="title")
    if facts.kind not in KINDS:
        raise KindUnknown(kind=facts.kind, field="kind", accepted=list(KINDS))
    if facts.reused and not facts.reuse_allowed:
        raise ReusedThoughNotAllowed(field="reused", accepted=[False])


def _registered(state: State) -> Registered:
    if not isinstance(state, Registered):
        raise NotFound(kind="ip")
    return state


def evolve(state: State, event: Event) -> State:
    """The piece as it was last told."""
    match event:
        case IpRegistered():
            return Registered(
                ip_id=event.ip_id,
                project_id=event.project_id,
                programme_code=event.programme_code,
                participant_id=event.participant_id,
                facts=event.facts,
            )
        case IpUpdated():
            return replace(_registered(state), facts=event.new)
        case IpDeregistered():
            return replace(_registered(state), deregistered=True)
        case unreachable:
            assert_never(unreachable)


def differences(old: Facts, new: Facts) -> dict[str, tuple[object, object]]:
    """What an update changed, by name: before and after."""
    return {
        each.name: (getattr(old, each.name), getattr(new, each.name))
        for each in fields(Facts)
        if getattr(old, each.name) != getattr(new, each.name)
    }


DECIDER: Decider[Command, State, Event] = Decider(
    initial=NotRegistered(), decide=decide, evolve=evolve
)
