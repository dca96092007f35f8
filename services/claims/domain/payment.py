"""
Payments: what is payable is scheduled in a run, leaves, and sometimes comes back.

One payment for all that is payable of one claim or advance, by people who did nothing else with
it. From scheduling until it leaves or is cancelled it is in one run and can be in no other
(Financial Administration Act, ss. 33 and 34: the payer is not who certified).
"""

from datetime import date
from uuid import UUID

from services.claims.domain import advance_effects
from services.claims.domain.commands import (
    CancelPayment,
    DisbursePayment,
    ReturnPayment,
    SchedulePayment,
)
from services.claims.domain.events import (
    AgreementEvent,
    PaymentCancelled,
    PaymentDisbursed,
    PaymentReturned,
    PaymentScheduled,
)
from services.claims.domain.payable import Payable, holds, payable_of
from services.claims.domain.reimbursement import as_shares
from services.claims.domain.state import (
    Agreement,
    ApprovedClaim,
    Payment,
    ScheduledPayment,
    added,
)
from services.claims.domain.values import PocketShare
from shared.kernel.frozen import replace
from shared.kernel.refusals import NotAllowed, NotFound, Refusal, RuleBroken


class DateInTheFuture(RuleBroken):
    """What is recorded has happened."""

    en = "{day} has not come yet."
    fr = "Le {day} n’est pas encore arrivé."


class NothingPayable(RuleBroken):
    """Only what is payable can be paid, once."""

    en = "Nothing is payable of it."
    fr = "Rien n’est à payer à ce titre."


class AlreadyInRun(RuleBroken):
    """What is in a payment run is in no other until it failed or the run was rejected."""

    en = "It is already in payment run {run_id}."
    fr = "Il figure déjà dans le lot de paiements {run_id}."


class PayerHandledTheClaim(NotAllowed):
    """Whoever prepared, certified, assessed or approved a claim has no part in its payment."""

    en = "You prepared, certified, assessed or approved it; another person pays it."
    fr = "Vous l’avez préparée, attestée, évaluée ou approuvée; une autre personne doit la payer."


class PaymentNotInOrder(RuleBroken):
    """Something stands in the way of a payment; everything is named."""

    en = "It cannot be paid now; see the reasons."
    fr = "Le paiement n’est pas possible pour l’instant; voir les motifs."


class PaidBeforeApproval(RuleBroken):
    """A claim is paid on or after the day it was approved."""

    en = "It was approved on {approved_on}; it cannot have been paid before."
    fr = "L’approbation date du {approved_on}; le paiement n’a pu avoir lieu avant."


class PaymentUnknown(NotFound):
    """The agreement has no such payment."""

    en = "The agreement has no such payment."
    fr = "L’entente ne compte pas ce paiement."


class PaymentAlreadyReturned(RuleBroken):
    """A payment comes back once."""

    en = "The payment was already returned."
    fr = "Le paiement a déjà été retourné."


class ReturnedBeforePaid(RuleBroken):
    """A payment comes back on or after the day it left."""

    en = "The payment left on {paid_on}; it cannot have come back before."
    fr = "Le paiement est parti le {paid_on}; il n’a pu revenir avant."


def must_not_be_in_the_future(day: date, today: date, *, field: str) -> None:
    """Refuse a fact dated after today."""
    if day > today:
        raise DateInTheFuture(field=field, accepted=today.isoformat(), day=day)


def schedule(command: SchedulePayment, agreement: Agreement) -> list[AgreementEvent]:
    """Put all that is payable in a run; ``PaymentNotInOrder`` names all that speaks against."""
    if command.payment_id in agreement.scheduled or command.payment_id in agreement.payments:
        return []
    payable = payable_of(command.payable_id, agreement)
    against: list[Refusal] = []
    if command.by in payable.handled_by:
        against.append(PayerHandledTheClaim())
    against += [
        AlreadyInRun(run_id=payment.run_id)
        for payment in agreement.scheduled.values()
        if command.payable_id in {payment.claim_id, payment.advance_id}
    ]
    if not payable.shares:
        against.append(NothingPayable())
    against += holds(payable, agreement, command.on)
    if against:
        raise PaymentNotInOrder(reasons=[refusal.as_reason() for refusal in against])
    return [
        PaymentScheduled(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            payment_id=command.payment_id,
            run_id=command.run_id,
            claim_id=payable.claim_id,
            advance_id=payable.advance_id,
            participant_id=payable.participant_id,
            quarter=payable.quarter,
            shares=as_shares(payable.shares),
            scheduled_by=command.by,
        )
    ]


def cancel(command: CancelPayment, agreement: Agreement) -> list[AgreementEvent]:
    """Take a payment out of its run; what it was to pay can be put in another."""
    payment = _scheduled(command.payment_id, agreement)
    return [
        PaymentCancelled(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            payment_id=payment.payment_id,
            run_id=payment.run_id,
            claim_id=payment.claim_id,
            advance_id=payment.advance_id,
            reason=command.reason,
        )
    ]


def disburse(command: DisbursePayment, agreement: Agreement) -> list[AgreementEvent]:
    """Record that a scheduled payment left, by somebody who did nothing else with it."""
    payment = _scheduled(command.payment_id, agreement)
    payable = paid_by(payment, agreement)
    if command.by in payable.handled_by:
        raise PayerHandledTheClaim
    must_not_be_in_the_future(command.paid_on, command.on, field="paid_on")
    if command.paid_on < payable.owed_since:
        raise PaidBeforeApproval(field="paid_on", approved_on=payable.owed_since)
    return [
        PaymentDisbursed(
            effective_on=command.paid_on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            payment_id=payment.payment_id,
            claim_id=payment.claim_id,
            advance_id=payment.advance_id,
            participant_id=payable.participant_id,
            quarter=payable.quarter,
            paid=payment.shares,
            paid_by=command.by,
        )
    ]


def give_back(command: ReturnPayment, agreement: Agreement) -> list[AgreementEvent]:
    """Record that a payment came back; what it paid is payable again."""
    payment = agreement.payments.get(command.payment_id)
    if payment is None:
        raise PaymentUnknown
    if payment.returned_on is not None:
        raise PaymentAlreadyReturned
    must_not_be_in_the_future(command.returned_on, command.on, field="returned_on")
    if command.returned_on < payment.paid_on:
        raise ReturnedBeforePaid(field="returned_on", paid_on=payment.paid_on)
    payable = paid_by(payment, agreement)
    return [
        PaymentReturned(
            effective_on=command.returned_on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            payment_id=payment.payment_id,
            claim_id=payment.claim_id,
            advance_id=payment.advance_id,
            participant_id=payable.participant_id,
            quarter=payable.quarter,
            returned=payment.paid,
            reason=command.reason,
        )
    ]


def paid_by(payment: ScheduledPayment | Payment, agreement: Agreement) -> Payable:
    """What a payment pays."""
    return payable_of(_payable_id(payment), agreement)


def after_scheduling(agreement: Agreement, event: PaymentScheduled) -> Agreement:
    """It is in a run."""
    payment = ScheduledPayment(
        payment_id=event.payment_id,
        run_id=event.run_id,
        claim_id=event.claim_id,
        advance_id=event.advance_id,
        shares=event.shares,
    )
    return replace(agreement, scheduled={**agreement.scheduled, event.payment_id: payment})


def after_cancellation(agreement: Agreement, event: PaymentCancelled) -> Agreement:
    """It is in no run."""
    return replace(agreement, scheduled=_without(agreement, event.payment_id))


def after_payment(agreement: Agreement, event: PaymentDisbursed) -> Agreement:
    """Payable became paid."""
    payment = Payment(
        payment_id=event.payment_id,
        claim_id=event.claim_id,
        advance_id=event.advance_id,
        paid=event.paid,
        paid_on=event.effective_on,
    )
    if event.advance_id is not None:
        moved = advance_effects.after_payment(agreement, event.advance_id, event)
    else:
        moved = _claim_paid(agreement, event.claim_id, event.paid)
    return replace(
        moved,
        payments={**agreement.payments, event.payment_id: payment},
        # Payments of before there were runs were never scheduled.
        scheduled=_without(agreement, event.payment_id),
    )


def after_return(agreement: Agreement, event: PaymentReturned) -> Agreement:
    """Paid became payable again."""
    payment = replace(agreement.payments[event.payment_id], returned_on=event.effective_on)
    if event.advance_id is not None:
        moved = advance_effects.after_return(agreement, event.advance_id, event)
    else:
        back = tuple(replace(each, amount=-each.amount) for each in event.returned)
        moved = _claim_paid(agreement, event.claim_id, back)
    return replace(
        moved,
        payments={**agreement.payments, event.payment_id: payment},
    )


def _claim_paid(
    agreement: Agreement, claim_id: UUID | None, paid: tuple[PocketShare, ...]
) -> Agreement:
    """The agreement with that much of a claim paid instead of payable."""
    claim = None if claim_id is None else agreement.claims[claim_id]
    if not isinstance(claim, ApprovedClaim):
        raise TypeError(f"claim {claim_id} was paid without being approved")
    claim = replace(
        claim,
        payable=added(claim.payable, ((each.pocket, -each.amount) for each in paid)),
        paid=added(claim.paid, ((each.pocket, each.amount) for each in paid)),
    )
    return replace(agreement, claims={**agreement.claims, claim.claim_id: claim})


def _scheduled(payment_id: UUID, agreement: Agreement) -> ScheduledPayment:
    payment = agreement.scheduled.get(payment_id)
    if payment is None:
        raise PaymentUnknown
    return payment


def _payable_id(payment: ScheduledPayment | Payment) -> UUID:
    payable_id = payment.claim_id or payment.advance_id
    if payable_id is None:
        raise TypeError(f"payment {payment.payment_id} pays neither a claim nor an advance")
    return payable_id


def _without(agreement: Agreement, payment_id: UUID) -> dict[UUID, ScheduledPayment]:
    return {key: each for key, each in agreement.scheduled.items() if key != payment_id}
