"""
Payments: what is payable of a claim leaves, whole, and sometimes comes back.

One payment for all that is payable of one claim, by a person who did nothing else with it.
"""

from dataclasses import replace
from datetime import date
from uuid import UUID

from services.claims.domain.claim import claim_of
from services.claims.domain.commands import PayClaim, ReturnPayment
from services.claims.domain.events import AgreementEvent, PaymentDisbursed, PaymentReturned
from services.claims.domain.reimbursement import as_shares
from services.claims.domain.state import (
    Agreement,
    ApprovedAdvance,
    ApprovedClaim,
    Payment,
    added,
)
from shared.kernel.periods import Quarter
from shared.kernel.refusals import NotAllowed, NotFound, RuleBroken


class DateInTheFuture(RuleBroken):
    """What is recorded has happened."""

    en = "{day} has not come yet."
    fr = "Le {day} n’est pas encore arrivé."


class ClaimNotApproved(RuleBroken):
    """Only an approved claim is owed."""

    en = "The claim is not approved."
    fr = "La réclamation n’est pas approuvée."


class NothingPayable(RuleBroken):
    """Only what is payable can be paid, once."""

    en = "Nothing is payable of this claim."
    fr = "Rien n’est à payer pour cette réclamation."


class PayerHandledTheClaim(NotAllowed):
    """Whoever prepared, certified, assessed or approved a claim may not pay it."""

    en = "You prepared, certified, assessed or approved this claim; another person pays it."
    fr = "Vous avez préparé, attesté, évalué ou approuvé cette réclamation; une autre personne doit la payer."  # noqa: E501  # one sentence


class PaidBeforeApproval(RuleBroken):
    """A claim is paid on or after the day it was approved."""

    en = "The claim was approved on {approved_on}; it cannot have been paid before."
    fr = "La réclamation a été approuvée le {approved_on}; elle n’a pu être payée avant."


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


def pay(command: PayClaim, agreement: Agreement) -> list[AgreementEvent]:
    """Pay all that is payable of a claim."""
    if command.payment_id in agreement.payments:
        return []
    claim = claim_of(command.claim_id, agreement)
    if not isinstance(claim, ApprovedClaim):
        raise ClaimNotApproved
    if command.by in claim.handled_by:
        raise PayerHandledTheClaim
    must_not_be_in_the_future(command.paid_on, command.on, field="paid_on")
    if command.paid_on < claim.approved_on:
        raise PaidBeforeApproval(field="paid_on", approved_on=claim.approved_on)
    if not claim.payable:
        raise NothingPayable
    return [
        PaymentDisbursed(
            effective_on=command.paid_on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            payment_id=command.payment_id,
            claim_id=claim.claim_id,
            participant_id=claim.form.participant_id,
            quarter=claim.form.quarter,
            paid=as_shares(claim.payable),
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
    participant_id, quarter = _paid_for(payment, agreement)
    return [
        PaymentReturned(
            effective_on=command.returned_on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            payment_id=payment.payment_id,
            claim_id=payment.claim_id,
            advance_id=payment.advance_id,
            participant_id=participant_id,
            quarter=quarter,
            returned=payment.paid,
            reason=command.reason,
        )
    ]


def _paid_for(payment: Payment, agreement: Agreement) -> tuple[UUID, Quarter]:
    """Whose claim or advance a payment was for, and the quarter of it."""
    if payment.claim_id is not None:
        form = agreement.claims[payment.claim_id].form
        return form.participant_id, form.quarter
    if payment.advance_id is not None:
        advance = agreement.advances[payment.advance_id]
        if isinstance(advance, ApprovedAdvance):
            return advance.participant_id, advance.quarter
    raise TypeError(f"payment {payment.payment_id} pays nothing")


def after_payment(agreement: Agreement, event: PaymentDisbursed) -> Agreement:
    """Payable became paid."""
    payment = Payment(
        payment_id=event.payment_id,
        claim_id=event.claim_id,
        paid=event.paid,
        paid_on=event.effective_on,
    )
    claim = _approved(agreement, event.claim_id)
    claim = replace(
        claim,
        payable=added(claim.payable, ((each.pocket, -each.amount) for each in event.paid)),
        paid=added(claim.paid, ((each.pocket, each.amount) for each in event.paid)),
    )
    return replace(
        agreement,
        claims={**agreement.claims, claim.claim_id: claim},
        payments={**agreement.payments, event.payment_id: payment},
    )


def after_return(agreement: Agreement, event: PaymentReturned) -> Agreement:
    """Paid became payable again."""
    payment = replace(agreement.payments[event.payment_id], returned_on=event.effective_on)
    claim = _approved(agreement, event.claim_id)
    claim = replace(
        claim,
        payable=added(claim.payable, ((each.pocket, each.amount) for each in event.returned)),
        paid=added(claim.paid, ((each.pocket, -each.amount) for each in event.returned)),
    )
    return replace(
        agreement,
        claims={**agreement.claims, claim.claim_id: claim},
        payments={**agreement.payments, event.payment_id: payment},
    )


def _approved(agreement: Agreement, claim_id: UUID | None) -> ApprovedClaim:
    claim = None if claim_id is None else agreement.claims[claim_id]
    if not isinstance(claim, ApprovedClaim):
        raise TypeError(f"claim {claim_id} was paid without being approved")
    return claim
