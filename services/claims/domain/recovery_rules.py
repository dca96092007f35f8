"""What is asked of a recovery and of what comes in for it, and how much of it there is."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from services.claims.domain.commands import (
    ReceiveRecovery,
    RecoverAdvance,
    RequestRecovery,
    ReturnPayment,
)
from services.claims.domain.interest import interest_due
from services.claims.domain.reimbursement import Cell, Cells
from services.claims.domain.state import (
    Agreement,
    ApprovedAdvance,
    ApprovedClaim,
    Recovery,
    added,
)
from shared.kernel.money import ZERO, Money
from shared.kernel.refusals import Invalid, Refusal, RuleBroken


class NothingToRecover(Invalid):
    """A recovery names what it asks back: each pocket and quarter once, more than nothing."""

    en = "Name each pocket and quarter once, with more than nothing, in {currency}."
    fr = "Nommez chaque enveloppe et trimestre une seule fois, avec un montant positif en {currency}."  # noqa: E501  # one sentence


class RecoveryAbovePaid(RuleBroken):
    """Only what was paid, and is not asked back already, can be recovered."""

    en = "{paid} of {pocket} in {quarter} was paid and is not asked back yet."
    fr = "{paid} de {pocket} pour {quarter} a été payé et n’est pas encore réclamé."


class DueBeforeRequest(RuleBroken):
    """A debtor has until the day of the request, or longer."""

    en = "What is asked back is due on {on} or later."
    fr = "Le montant réclamé est exigible le {on} ou plus tard."


class AgreementNeverInForce(RuleBroken):
    """Money is asked back under an agreement that was executed."""

    en = "The agreement was never in force."
    fr = "L’entente n’a jamais été en vigueur."


class NothingReceived(Invalid):
    """A receipt is of more than nothing: of the debt, of its interest or of both."""

    en = "Say what was received, of the debt or of its interest, in {currency}."
    fr = "Indiquez ce qui a été reçu, de la dette ou de ses intérêts, en {currency}."


class ReceivedAboveDebt(RuleBroken):
    """At most what is still to be recovered is received."""

    en = "{to_recover} is still to be recovered."
    fr = "Il reste {to_recover} à recouvrer."


class InterestAboveDue(RuleBroken):
    """At most the interest that is owed is received as interest."""

    en = "On {on}, {due} of interest is owed."
    fr = "Le {on}, {due} d’intérêts sont dus."


class ReceivedBeforeRequest(RuleBroken):
    """Money comes back on or after the day it was asked for."""

    en = "It was asked back on {requested_on}; it cannot have come back before."
    fr = "La demande date du {requested_on}; le montant n’a pu revenir avant."


class PaymentAskedBack(RuleBroken):
    """A payment comes back whole: what a claim accounted for, or is asked back, stays paid."""

    en = "What this payment paid was set off or asked back; undo that first."
    fr = "Ce que ce paiement a payé est compensé ou réclamé; annulez cela d’abord."


def wrong_with_parts(command: RequestRecovery, agreement: Agreement) -> Iterator[Refusal]:
    """Each part was paid to the participant and is not asked back yet."""
    cells = [(part.quarter, part.pocket) for part in command.parts]
    if not cells or len(set(cells)) < len(cells):
        yield NothingToRecover(field="parts", currency=ZERO.currency)
    paid = recoverable(agreement, command.participant_id)
    for index, part in enumerate(command.parts):
        at_most = paid.get((part.quarter, part.pocket), ZERO)
        if part.amount.currency != ZERO.currency or part.amount <= ZERO:
            yield NothingToRecover(field=f"parts[{index}].amount", currency=ZERO.currency)
        elif part.amount > at_most:
            yield RecoveryAbovePaid(
                field=f"parts[{index}].amount",
                accepted=at_most.cents,
                paid=at_most,
                pocket=part.pocket,
                quarter=part.quarter,
            )


def wrong_with_days(
    command: RequestRecovery | RecoverAdvance, agreement: Agreement
) -> Iterator[Refusal]:
    """There is a time to pay, under an agreement that was in force."""
    if agreement.executed_on is None:
        yield AgreementNeverInForce()
    if command.due_on < command.on:
        yield DueBeforeRequest(field="due_on", accepted=command.on.isoformat(), on=command.on)


def wrong_with_receipt(
    command: ReceiveRecovery, recovery: Recovery, due: Money
) -> Iterator[Refusal]:
    """No more is received than is owed, and not before it was asked for."""
    amounts = (command.amount, command.interest)
    if any(each.currency != ZERO.currency or each < ZERO for each in amounts) or not any(amounts):
        yield NothingReceived(field="amount", currency=ZERO.currency)
        return
    if command.amount > recovery.to_recover:
        yield ReceivedAboveDebt(
            field="amount", accepted=recovery.to_recover.cents, to_recover=recovery.to_recover
        )
    if command.interest > due:
        yield InterestAboveDue(
            field="interest", accepted=due.cents, on=command.received_on, due=due
        )
    if command.received_on < recovery.requested_on:
        yield ReceivedBeforeRequest(
            field="received_on",
            accepted=recovery.requested_on.isoformat(),
            requested_on=recovery.requested_on,
        )


def must_still_be_paid(command: ReturnPayment, agreement: Agreement) -> None:
    """Refuse the return of a payment of which something was set off or is asked back."""
    payment = agreement.payments.get(command.payment_id)
    if payment is None or payment.returned_on is not None:
        return  # for the return itself to refuse
    cells: Cells = {}
    quarter = None
    if payment.advance_id is not None:
        advance = agreement.advances[payment.advance_id]
        if isinstance(advance, ApprovedAdvance):
            cells, quarter = advance.outstanding, advance.quarter
    elif payment.claim_id is not None:
        form = agreement.claims[payment.claim_id].form
        cells, quarter = recoverable(agreement, form.participant_id), form.quarter
    if quarter is not None and any(
        cells.get((quarter, share.pocket), ZERO) < share.amount for share in payment.paid
    ):
        raise PaymentAskedBack


def recoverable(agreement: Agreement, participant_id: UUID) -> dict[Cell, Money]:
    """What was paid for the participant's claims and is not asked back, by quarter and pocket."""
    paid = added(
        {},
        (
            ((claim.form.quarter, pocket), amount)
            for claim in agreement.claims_of(participant_id)
            if isinstance(claim, ApprovedClaim)
            for pocket, amount in claim.paid.items()
        ),
    )
    for recovery in agreement.recoveries.values():
        if recovery.participant_id == participant_id and recovery.advance_id is None:
            paid = added(paid, ((cell, -amount) for cell, amount in recovery.parts.items()))
            paid = added(paid, recovery.cancelled.items())
    return paid


def interest_on(recovery: Recovery, agreement: Agreement, on: date) -> Money:
    """The interest owed on a day, less what was received of it; nil once it was given up."""
    if recovery.ended is not None:
        return ZERO
    return interest_due(
        asked=recovery.asked,
        movements=recovery.movements,
        due_on=recovery.due_on,
        yearly_rate_bp=agreement.terms.overdue_interest_bp,
        on=on,
    )
