"""Jars into which money is put: the small domain that is measured beside those of peers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid4

from shared.eventstore.codec import EventType, EventTypes
from shared.eventstore.store import Actor, Context
from shared.kernel.decider import Decider
from shared.kernel.money import ZERO, Money
from shared.kernel.refusals import RuleBroken


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposited:
    """A small event, like most of ours."""

    effective_on: date
    amount: Money
    jar: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """Put money in."""

    amount: Money
    jar: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Jar:
    """How much is in it, put in how often."""

    held: Money = ZERO
    deposits: int = 0


LIMIT = Money(1_000_000_00)


class JarIsFull(RuleBroken):
    """A jar holds no more than ``LIMIT``."""

    en = "The jar is full."
    fr = "Le bocal est plein."


def decide(command: Deposit, jar: Jar) -> Sequence[Deposited]:
    """Refuse what does not fit."""
    if jar.held + command.amount > LIMIT:
        raise JarIsFull
    return [Deposited(effective_on=command.on, amount=command.amount, jar=command.jar)]


def evolve(jar: Jar, event: Deposited) -> Jar:
    """Count it."""
    return replace(jar, held=jar.held + event.amount, deposits=jar.deposits + 1)


DECIDER: Decider[Deposit, Jar, Deposited] = Decider(initial=Jar(), decide=decide, evolve=evolve)
TYPES = EventTypes(EventType("jar.deposited", Deposited))
WHY = Context(
    command_id=uuid4(),
    actor=Actor(id="p-1", roles=("officer",)),
    correlation_id=uuid4(),
    causation_id=uuid4(),
)
