"""Actuals: what operations cost and what came in beside the projects' money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never
from uuid import UUID

from services.finance.domain.events import ActualRecorded, LineKind
from services.finance.domain.ledger import Account
from shared.kernel.decider import Decider
from shared.kernel.money import Money
from shared.kernel.refusals import Invalid, RuleBroken

ACCOUNT_OF = {
    LineKind.OPERATIONS: Account.OPERATIONS,
    LineKind.OPERATIONS_FUNDING: Account.OPERATIONS_FUNDING,
    LineKind.OTHER_REVENUE: Account.OTHER_REVENUE,
}
"""Where an actual of each kind is kept. New business is never entered by hand."""


class NotAnActual(Invalid):
    """Spending on projects comes from their claims, never by hand."""

    en = "An actual cannot be of kind {kind}."
    fr = "Un montant réel ne peut pas être de type {kind}."


class NothingToRecord(Invalid):
    """An actual is an amount."""

    en = "The amount cannot be zero."
    fr = "Le montant ne peut pas être nul."


class ActualInTheFuture(Invalid):
    """An actual has happened."""

    en = "{happened_on} is in the future."
    fr = "{happened_on} est une date future."


class ActualAlreadyRecorded(RuleBroken):
    """An actual is recorded once; another one corrects it."""

    en = "This actual is already recorded."
    fr = "Ce montant réel est déjà inscrit."


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordActual:
    """Record an amount that was spent or came in."""

    actual_id: UUID
    kind: LineKind
    code: str
    amount: Money
    happened_on: date
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Actual:
    """Whether it is recorded."""

    recorded: bool = False


def decide(command: RecordActual, state: Actual) -> Sequence[ActualRecorded]:
    """Record it once."""
    if state.recorded:
        raise ActualAlreadyRecorded
    if command.kind not in ACCOUNT_OF:
        raise NotAnActual(
            kind=command.kind, field="kind", accepted=[str(kind) for kind in ACCOUNT_OF]
        )
    if not command.amount:
        raise NothingToRecord(field="amount")
    if command.happened_on > command.on:
        raise ActualInTheFuture(happened_on=command.happened_on, field="happened_on")
    return [
        ActualRecorded(
            actual_id=command.actual_id,
            kind=command.kind,
            code=command.code,
            amount=command.amount,
            effective_on=command.happened_on,
        )
    ]


def evolve(_state: Actual, event: ActualRecorded) -> Actual:
    """The actual after ``event``."""
    match event:
        case ActualRecorded():
            return Actual(recorded=True)
        case _:
            assert_never(event)


DECIDER: Decider[RecordActual, Actual, ActualRecorded] = Decider(
    initial=Actual(), decide=decide, evolve=evolve
)
