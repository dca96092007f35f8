"""
What is owed to a participant and can be put in a payment run, and what stands in the way.

A payable is all that is payable now of one claim, or of one advance. Its id is theirs.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID

from services.claims.domain.claim import claim_of
from services.claims.domain.report import overdue
from services.claims.domain.standing import AgreementIsSuspended
from services.claims.domain.state import (
    Agreement,
    AnyAdvance,
    ApprovedAdvance,
    ApprovedClaim,
    Shares,
)
from shared.kernel.money import Money, total
from shared.kernel.periods import Quarter
from shared.kernel.refusals import Refusal, RuleBroken


class ClaimNotApproved(RuleBroken):
    """Only an approved claim is owed."""

    en = "The claim is not approved."
    fr = "La réclamation n’est pas approuvée."


class AdvanceNotApproved(RuleBroken):
    """Only an approved advance is owed."""

    en = "The advance is not approved."
    fr = "L’avance n’est pas approuvée."


class ReportHoldsPayment(RuleBroken):
    """Where the programme says so, an overdue report holds payments to its participant."""

    en = "The report on {period} was due on {due_on}; payments wait for it."
    fr = "Le rapport sur {period} était attendu le {due_on}; les paiements l’attendent."


class ConditionHoldsPayment(RuleBroken):
    """A condition to be met before the first payment holds every payment until it is."""

    en = "The condition {condition} is to be met before anything is paid."
    fr = "La condition {condition} doit être remplie avant tout paiement."


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """All that is payable now of one claim, or of one advance."""

    claim_id: UUID | None
    advance_id: UUID | None
    participant_id: UUID
    quarter: Quarter
    """Where the spending belongs."""
    shares: Shares
    owed_since: date
    handled_by: frozenset[str]
    """Everybody who had a hand in it: none of them pays it."""

    @property
    def amount(self) -> Money:
        """Over all pockets."""
        return total(self.shares.values())


def payable_of(payable_id: UUID, agreement: Agreement) -> Payable:
    """What is payable of a claim or advance, perhaps nothing; refuses one that is not approved."""
    if payable_id in agreement.advances:
        return _of_advance(agreement.advances[payable_id])
    claim = claim_of(payable_id, agreement)
    if not isinstance(claim, ApprovedClaim):
        raise ClaimNotApproved
    return Payable(
        claim_id=claim.claim_id,
        advance_id=None,
        participant_id=claim.form.participant_id,
        quarter=claim.form.quarter,
        shares=claim.payable,
        owed_since=claim.approved_on,
        handled_by=claim.handled_by,
    )


def _of_advance(advance: AnyAdvance) -> Payable:
    if not isinstance(advance, ApprovedAdvance):
        raise AdvanceNotApproved
    return Payable(
        claim_id=None,
        advance_id=advance.advance_id,
        participant_id=advance.participant_id,
        quarter=advance.quarter,
        shares=advance.payable,
        owed_since=advance.approved_on,
        handled_by=frozenset({advance.requested_by, advance.approved_by}),
    )


# What stands in the way of paying, whoever pays: asked again until the money leaves.

Hold: TypeAlias = Callable[[Payable, Agreement, date], Iterable[Refusal]]


def _report_overdue(payable: Payable, agreement: Agreement, on: date) -> Iterator[Refusal]:
    if agreement.terms.reports_hold_payments:
        for report in overdue(agreement, payable.participant_id, on):
            period = "final" if report.quarter is None else report.quarter
            yield ReportHoldsPayment(period=period, due_on=report.due_on)


def _suspended(_payable: Payable, agreement: Agreement, _on: date) -> Iterator[Refusal]:
    if agreement.suspended_on is not None:
        yield AgreementIsSuspended(suspended_on=agreement.suspended_on)


def _conditions_open(_payable: Payable, agreement: Agreement, _on: date) -> Iterator[Refusal]:
    for condition in agreement.conditions_blocking_payment():
        yield ConditionHoldsPayment(condition=condition.code)


HOLDS: tuple[Hold, ...] = (_report_overdue, _suspended, _conditions_open)


def holds(payable: Payable, agreement: Agreement, on: date) -> list[Refusal]:
    """Everything that holds a payment on a day."""
    return [refusal for hold in HOLDS for refusal in hold(payable, agreement, on)]
