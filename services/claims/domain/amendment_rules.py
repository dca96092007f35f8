"""What every amendment must leave behind: an agreement that what was claimed still fits."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.claims.domain.amendment_kinds import AskedMoney, Effect, refusals_of
from services.claims.domain.budget import BudgetAmountNegative, add_up, categories_known
from services.claims.domain.changes import (
    Change,
    ParticipantAddition,
    ParticipantWithdrawal,
    ScopeChange,
)
from services.claims.domain.state import Agreement
from shared.kernel.money import ZERO, Money
from shared.kernel.refusals import Invalid, Refusal, RuleBroken


class AmendmentNotInOrder(RuleBroken):
    """The amendment breaks rules; every one is named."""

    en = "The amendment is not in order; see the reasons."
    fr = "La modification n’est pas en règle; voir les motifs."


class AmendmentChangesNothing(Invalid):
    """An amendment changes the schedule, the budget, the end, the parties or the work."""

    en = "The amendment changes nothing."
    fr = "La modification ne change rien."


class AmendmentBeforeExecution(RuleBroken):
    """An agreement is amended on or after the day it was executed."""

    en = "The agreement was executed on {executed_on}; it cannot be amended before."
    fr = "L’entente a été signée le {executed_on}; elle ne peut être modifiée avant."


class AmendmentOfUnknownParticipant(RuleBroken):
    """An amendment moves money of the agreement's participants."""

    en = "The agreement has no such participant."
    fr = "L’entente ne compte pas ce participant."


class AmendmentInOtherCurrency(Invalid):
    """An agreement has one currency."""

    en = "Amounts of this agreement are in {currency}."
    fr = "Les montants de cette entente sont en {currency}."


class MoneyForLeaver(RuleBroken):
    """A participant that left gets no money and gives none."""

    en = "The participant left on {withdrawn_on}; nothing of it changes any more."
    fr = "Le participant est parti le {withdrawn_on}; rien ne change plus pour lui."


class EndBeforeClaims(RuleBroken):
    """An agreement does not end before a period that was claimed."""

    en = "Costs were claimed until {claimed_until}; the agreement cannot end before."
    fr = "Des coûts ont été réclamés jusqu’au {claimed_until}; l’entente ne peut se terminer avant."


class CommitmentBelowZero(RuleBroken):
    """What was claimed cannot be taken back by an amendment."""

    en = "Only {committed} is still committed from {pocket} in {quarter}."
    fr = "Il ne reste que {committed} engagé de {pocket} pour {quarter}."


class MatchBelowZero(RuleBroken):
    """Contracted match is nil or more."""

    en = "The match of a participant would be negative."
    fr = "La contrepartie d’un participant deviendrait négative."


class NoBudgetToMove(RuleBroken):
    """Categories are moved in an agreement that has a budget by category."""

    en = "The agreement has no budget by category."
    fr = "L’entente n’a pas de budget par catégorie."


def must_make_sense(change: Change, agreement: Agreement) -> None:
    """Refuse what could not even be added up."""
    if isinstance(change, ScopeChange):
        return
    known = set(agreement.participants)
    if isinstance(change, ParticipantAddition):
        known.add(change.party.participant_id)
    if isinstance(change, ParticipantWithdrawal) and change.participant_id not in known:
        raise AmendmentOfUnknownParticipant(field="participant_id")
    for where, participant_id, amounts in _amounts(change):
        if participant_id not in known:
            raise AmendmentOfUnknownParticipant(field=f"{where}.participant_id")
        if any(amount.currency != ZERO.currency for amount in amounts):
            raise AmendmentInOtherCurrency(
                field=where, accepted=ZERO.currency, currency=ZERO.currency
            )


def _amounts(change: AskedMoney) -> Iterator[tuple[str, UUID, tuple[Money, ...]]]:
    for index, cell in enumerate(change.funding):
        yield f"funding[{index}]", cell.participant_id, (cell.amount,)
    for index, promised in enumerate(change.match):
        yield f"match[{index}]", promised.participant_id, (promised.cash, promised.in_kind)
    for index, line in enumerate(change.budget):
        yield f"budget[{index}]", line.participant_id, (line.cash, line.in_kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A change with the day it counts from, its effect, and what it would lead from and to."""

    change: Change
    on: date
    effect: Effect
    before: Agreement
    after: Agreement


def must_be_in_order(asked: Asked) -> None:
    """Refuse a change that breaks rules of its kind or of what every change leaves behind."""
    refusals = [
        *refusals_of(asked.change, asked.before, asked.on),
        *_about_time(asked),
        *_about_money(asked),
        *_about_budget(asked),
    ]
    if refusals:
        raise AmendmentNotInOrder(reasons=[refusal.as_reason() for refusal in refusals])


def _about_time(asked: Asked) -> Iterator[Refusal]:
    agreement, effect = asked.before, asked.effect
    if effect == Effect(ends_on=agreement.ends_on):
        yield AmendmentChangesNothing()
    if agreement.executed_on is not None and asked.on < agreement.executed_on:
        yield AmendmentBeforeExecution(field="effective_on", executed_on=agreement.executed_on)
    claimed_until = max(
        (line.incurred_to for claim in agreement.claims.values() for line in claim.form.lines),
        default=agreement.starts_on,
    )
    if effect.ends_on < claimed_until:
        yield EndBeforeClaims(
            field="ends_on", accepted=claimed_until.isoformat(), claimed_until=claimed_until
        )


def _about_money(asked: Asked) -> Iterator[Refusal]:
    if not isinstance(asked.change, ScopeChange):
        for where, participant_id, _ in _amounts(asked.change):
            left_on = asked.before.withdrawn_on.get(participant_id)
            if left_on is not None:
                yield MoneyForLeaver(field=f"{where}.participant_id", withdrawn_on=left_on)
    for index, cell in enumerate(asked.effect.funding):
        key = (cell.quarter, cell.pocket)
        if asked.after.committed.get(cell.participant_id, {}).get(key, ZERO) < ZERO:
            yield CommitmentBelowZero(
                field=f"funding[{index}].amount",
                committed=asked.before.committed.get(cell.participant_id, {}).get(key, ZERO),
                pocket=cell.pocket,
                quarter=cell.quarter,
            )
    for match in asked.after.contracted_match.values():
        if match.cash < ZERO or match.in_kind < ZERO:
            yield MatchBelowZero(field="match")


def _about_budget(asked: Asked) -> Iterator[Refusal]:
    if not asked.before.budget:
        if asked.effect.budget:
            yield NoBudgetToMove(field="budget")
        return
    yield from categories_known(asked.effect.budget, asked.before, field="budget")
    for (_, category), amounts in asked.after.budget.items():
        if amounts.cash < ZERO or amounts.in_kind < ZERO:
            yield BudgetAmountNegative(field="budget", accepted=0, category=category)
    yield from add_up(asked.after.budget, asked.after)
