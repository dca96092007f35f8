"""
A drawdown: our claim to a funder, per pocket, and what the funder paid of it.

    received ≤ claimed, per pocket
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from services.finance.domain.events import DrawdownReceived, DrawdownSubmitted, PocketAmount
from shared.kernel.decider import Decider
from shared.kernel.money import ZERO, Money, total
from shared.kernel.refusals import Invalid, NotFound, Reason, RuleBroken


class DrawdownAlreadySubmitted(RuleBroken):
    """A drawdown is submitted once."""

    en = "This drawdown is already submitted."
    fr = "Cette réclamation au bailleur est déjà soumise."


class DrawdownNotRight(Invalid):
    """A drawdown names pockets of one funder agreement, each once, each with an amount."""

    en = "The drawdown cannot be submitted as it is."
    fr = "La réclamation au bailleur ne peut pas être soumise telle quelle."


class NotAPocketOfTheAgreement(Invalid):
    """A drawdown only claims from the pockets of its funder agreement."""

    en = "{pocket} is not a pocket of the funder agreement {funder_agreement}."
    fr = "{pocket} n’est pas une enveloppe de l’entente de financement {funder_agreement}."


class AmountNotPositive(Invalid):
    """An amount is more than nothing."""

    en = "The amount must be more than zero; it is {amount}."
    fr = "Le montant doit être supérieur à zéro; il est de {amount}."


class NotYetHappened(Invalid):
    """Only what has happened is recorded."""

    en = "{on} is in the future."
    fr = "{on} est une date future."


class ReceivedBeforeSubmitted(RuleBroken):
    """A funder pays a drawdown on the day it is submitted or later."""

    en = "The drawdown was submitted on {submitted_on}, after {received_on}."
    fr = "La réclamation a été soumise le {submitted_on}, après le {received_on}."


class MoreThanIsDue(RuleBroken):
    """A funder does not pay more than was claimed."""

    en = "{amount} is more than the {due} still due on this drawdown."
    fr = "{amount} dépasse les {due} encore à recevoir pour cette réclamation."


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitDrawdown:
    """Claim from a funder."""

    drawdown_id: UUID
    funder_agreement: str
    agreement_pockets: tuple[str, ...]
    """The pockets that the funder agreement has."""
    pockets: tuple[PocketAmount, ...]
    submitted_on: date
    on: date
    period: str | None = None
    """Which spending it is for; the terms of the agreement may ask for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveDrawdown:
    """Record what the funder paid."""

    amount: Money
    received_on: date
    on: date


Command = SubmitDrawdown | ReceiveDrawdown
Event = DrawdownSubmitted | DrawdownReceived


@dataclass(frozen=True, slots=True)
class NotSubmitted:
    """There is no such drawdown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """Claimed; some of it may have been received."""

    drawdown_id: UUID
    funder_agreement: str
    submitted_on: date
    claimed: tuple[PocketAmount, ...]
    due: tuple[PocketAmount, ...]
    """What is still to come, for the same pockets in the same order."""
    period: str | None = None


Drawdown = NotSubmitted | Submitted


def decide(command: Command, state: Drawdown) -> Sequence[Event]:
    """Submit once, then receive no more than is due."""
    match command:
        case SubmitDrawdown():
            if isinstance(state, Submitted):
                raise DrawdownAlreadySubmitted
            reasons = _what_is_wrong_with(command)
            if reasons:
                raise DrawdownNotRight(reasons=reasons)
            return [
                DrawdownSubmitted(
                    drawdown_id=command.drawdown_id,
                    funder_agreement=command.funder_agreement,
                    pockets=command.pockets,
                    effective_on=command.submitted_on,
                    period=command.period,
                )
            ]
        case ReceiveDrawdown():
            if isinstance(state, NotSubmitted):
                raise NotFound(kind="drawdown")
            return [_received(command, state)]
        case _:
            assert_never(command)


def _what_is_wrong_with(command: SubmitDrawdown) -> list[Reason]:
    wrong: list[Reason] = []
    if command.submitted_on > command.on:
        wrong.append(NotYetHappened(on=command.submitted_on, field="submitted_on").as_reason())
    if not command.pockets:
        wrong.append(
            AmountNotPositive(amount=ZERO, field="pockets").as_reason(),
        )
    named: set[str] = set()
    for index, part in enumerate(command.pockets):
        field = f"pockets[{index}]"
        if part.pocket not in command.agreement_pockets or part.pocket in named:
            wrong.append(
                NotAPocketOfTheAgreement(
                    pocket=part.pocket,
                    funder_agreement=command.funder_agreement,
                    field=f"{field}.pocket",
                    accepted=[code for code in command.agreement_pockets if code not in named],
                ).as_reason()
            )
        if part.amount <= ZERO:
            wrong.append(AmountNotPositive(amount=part.amount, field=f"{field}.amount").as_reason())
        named.add(part.pocket)
    return wrong


def _received(command: ReceiveDrawdown, state: Submitted) -> DrawdownReceived:
    if command.received_on > command.on:
        raise NotYetHappened(on=command.received_on, field="received_on")
    if command.received_on < state.submitted_on:
        raise ReceivedBeforeSubmitted(
            submitted_on=state.submitted_on, received_on=command.received_on, field="received_on"
        )
    if command.amount <= ZERO:
        raise AmountNotPositive(amount=command.amount, field="amount")
    due = total(part.amount for part in state.due)
    if command.amount > due:
        raise MoreThanIsDue(amount=command.amount, due=due, field="amount")
    shares = command.amount.split([part.amount.cents for part in state.due])
    return DrawdownReceived(
        drawdown_id=state.drawdown_id,
        funder_agreement=state.funder_agreement,
        pockets=tuple(
            PocketAmount(pocket=part.pocket, amount=share)
            for part, share in zip(state.due, shares, strict=True)
            if share
        ),
        effective_on=command.received_on,
    )


def evolve(state: Drawdown, event: Event) -> Drawdown:
    """The drawdown after ``event``."""
    match event:
        case DrawdownSubmitted():
            return Submitted(
                drawdown_id=event.drawdown_id,
                funder_agreement=event.funder_agreement,
                submitted_on=event.effective_on,
                claimed=event.pockets,
                due=event.pockets,
                period=event.period,
            )
        case DrawdownReceived():
            if isinstance(state, NotSubmitted):
                return state
            received = {part.pocket: part.amount for part in event.pockets}
            return replace(
                state,
                due=tuple(
                    replace(part, amount=part.amount - received.get(part.pocket, ZERO))
                    for part in state.due
                ),
            )
        case _:
            assert_never(event)


DECIDER: Decider[Command, Drawdown, Event] = Decider(
    initial=NotSubmitted(), decide=decide, evolve=evolve
)
