"""
Recoveries: what was paid and is asked back.

Asked by an agreement officer, received in parts or kept from a later claim (``set_off``), and
otherwise given up by two finance officers together. Debts due are recovered with interest, by
set-off where possible (FAA s. 155 and 155.1); deleting one needs authority (FAA s. 25).
"""

from datetime import date
from uuid import UUID

from services.claims.domain.advance import advance_of
from services.claims.domain.advance_effects import is_overdue
from services.claims.domain.claim import ParticipantUnknown
from services.claims.domain.commands import (
    ApproveWriteOff,
    CancelRecovery,
    ProposeWriteOff,
    ReceiveRecovery,
    RecoverAdvance,
    RequestRecovery,
)
from services.claims.domain.events import (
    AgreementEvent,
    RecoveryCancelled,
    RecoveryReceived,
    RecoveryRequested,
    RecoveryWriteOffProposed,
    RecoveryWrittenOff,
)
from services.claims.domain.payment import must_not_be_in_the_future
from services.claims.domain.recovery_rules import (
    interest_on,
    wrong_with_days,
    wrong_with_parts,
    wrong_with_receipt,
)
from services.claims.domain.reimbursement import Cell, Cells
from services.claims.domain.state import (
    Agreement,
    ApprovedAdvance,
    Recovery,
    Standing,
    as_funding,
)
from shared.kernel.money import Money
from shared.kernel.refusals import NotAllowed, NotFound, RuleBroken


class RecoveryUnknown(NotFound):
    """The agreement has no such recovery."""

    en = "The agreement has no such recovery."
    fr = "L’entente ne compte pas ce recouvrement."


class RecoveryNotInOrder(RuleBroken):
    """What is asked back breaks rules; every one is named."""

    en = "The recovery is not in order; see the reasons."
    fr = "Le recouvrement n’est pas en règle; voir les motifs."


class AdvanceNotOverdue(RuleBroken):
    """An advance is asked back when its time is over, or its agreement has ended."""

    en = "The advance is to be accounted for by claims until {until}."
    fr = "L’avance doit être justifiée par des réclamations jusqu’au {until}."


class AdvanceNotOutstanding(RuleBroken):
    """Only a paid advance that is not accounted for can be asked back."""

    en = "Nothing of this advance is outstanding."
    fr = "Rien de cette avance n’est à justifier."


class RecoveryNotOpen(RuleBroken):
    """A recovery that is received, given up or cancelled is over."""

    en = "Nothing is to be recovered here any more."
    fr = "Il n’y a plus rien à recouvrer ici."


class ReceiptNotInOrder(RuleBroken):
    """The receipt breaks rules; every one is named."""

    en = "The receipt is not in order; see the reasons."
    fr = "L’encaissement n’est pas en règle; voir les motifs."


class WriteOffNotProposed(RuleBroken):
    """A debt is given up once somebody proposed it."""

    en = "Nobody has proposed to write this off."
    fr = "Personne n’a proposé de radier ce montant."


class ProposerApprovesWriteOff(NotAllowed):
    """Whoever proposed to give a debt up may not approve it."""

    en = "You proposed this write-off; another finance officer approves it."
    fr = "Vous avez proposé cette radiation; un autre agent des finances doit l’approuver."


class RequesterCancelsRecovery(NotAllowed):
    """Whoever asked money back may not stop asking alone."""

    en = "You asked this back; another person cancels it."
    fr = "Vous avez demandé ce recouvrement; une autre personne doit l’annuler."


def request(command: RequestRecovery, agreement: Agreement) -> list[AgreementEvent]:
    """Ask back what was paid for a participant's claims."""
    if command.recovery_id in agreement.recoveries:
        return []
    if command.participant_id not in agreement.participants:
        raise ParticipantUnknown(field="participant_id")
    refusals = [*wrong_with_parts(command, agreement), *wrong_with_days(command, agreement)]
    if refusals:
        raise RecoveryNotInOrder(reasons=[refusal.as_reason() for refusal in refusals])
    parts = {(part.quarter, part.pocket): part.amount for part in command.parts}
    return [_requested(command, agreement, command.participant_id, parts, advance_id=None)]


def recover_advance(command: RecoverAdvance, agreement: Agreement) -> list[AgreementEvent]:
    """Ask back all of an advance that claims did not account for in time."""
    if command.recovery_id in agreement.recoveries:
        return []
    advance = advance_of(command.advance_id, agreement)
    if not isinstance(advance, ApprovedAdvance) or not advance.outstanding:
        raise AdvanceNotOutstanding
    if agreement.standing is Standing.EXECUTED and not is_overdue(advance, command.on):
        raise AdvanceNotOverdue(until=advance.reconcile_by)
    refusals = list(wrong_with_days(command, agreement))
    if refusals:
        raise RecoveryNotInOrder(reasons=[refusal.as_reason() for refusal in refusals])
    return [
        _requested(
            command,
            agreement,
            advance.participant_id,
            advance.outstanding,
            advance_id=advance.advance_id,
        )
    ]


def receive(command: ReceiveRecovery, agreement: Agreement) -> list[AgreementEvent]:
    """
    Record what came back, split over what is to be recovered by largest remainder.

    Interest is received apart: at most what is owed on the day of the receipt.
    """
    recovery = recovery_of(command.recovery_id, agreement)
    must_not_be_in_the_future(command.received_on, command.on, field="received_on")
    due = interest_on(recovery, agreement, command.received_on)
    refusals = list(wrong_with_receipt(command, recovery, due))
    if refusals:
        raise ReceiptNotInOrder(reasons=[refusal.as_reason() for refusal in refusals])
    received: dict[Cell, Money] = {}
    if command.amount:
        cells = sorted(recovery.outstanding)
        shares = command.amount.split([recovery.outstanding[cell].cents for cell in cells])
        received = {cell: share for cell, share in zip(cells, shares, strict=True) if share}
    return [
        RecoveryReceived(
            effective_on=command.received_on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            recovery_id=recovery.recovery_id,
            participant_id=recovery.participant_id,
            received=as_funding(recovery.participant_id, received),
            interest=command.interest,
            interest_due=due,
            recorded_by=command.by,
        )
    ]


def propose_write_off(command: ProposeWriteOff, agreement: Agreement) -> list[AgreementEvent]:
    """Propose to give up what is left of a recovery; a later proposal takes the place of it."""
    recovery = recovery_of(command.recovery_id, agreement)
    _must_be_owed(recovery, agreement, command.on)
    return [
        RecoveryWriteOffProposed(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            recovery_id=recovery.recovery_id,
            participant_id=recovery.participant_id,
            reason=command.reason,
            proposed_by=command.by,
        )
    ]


def approve_write_off(command: ApproveWriteOff, agreement: Agreement) -> list[AgreementEvent]:
    """Give up all that is left, and the interest on it, as another person than the proposer."""
    recovery = recovery_of(command.recovery_id, agreement)
    due = _must_be_owed(recovery, agreement, command.on)
    proposed = recovery.proposed_write_off
    if proposed is None:
        raise WriteOffNotProposed
    if command.by == proposed.proposed_by:
        raise ProposerApprovesWriteOff
    return [
        RecoveryWrittenOff(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            recovery_id=recovery.recovery_id,
            participant_id=recovery.participant_id,
            written_off=as_funding(recovery.participant_id, recovery.outstanding),
            interest_waived=due,
            reason=proposed.reason,
            proposed_by=proposed.proposed_by,
            approved_by=command.by,
        )
    ]


def cancel(command: CancelRecovery, agreement: Agreement) -> list[AgreementEvent]:
    """Stop asking back what is left: it stays paid, or is again to be accounted for."""
    recovery = recovery_of(command.recovery_id, agreement)
    if not recovery.outstanding:
        raise RecoveryNotOpen
    if command.by == recovery.requested_by:
        raise RequesterCancelsRecovery
    return [
        RecoveryCancelled(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            recovery_id=recovery.recovery_id,
            participant_id=recovery.participant_id,
            cancelled=as_funding(recovery.participant_id, recovery.outstanding),
            reason=command.reason,
            cancelled_by=command.by,
        )
    ]


def _requested(
    command: RequestRecovery | RecoverAdvance,
    agreement: Agreement,
    participant_id: UUID,
    parts: Cells,
    *,
    advance_id: UUID | None,
) -> RecoveryRequested:
    return RecoveryRequested(
        effective_on=command.on,
        project_id=agreement.project_id,
        programme_code=agreement.programme_code,
        recovery_id=command.recovery_id,
        participant_id=participant_id,
        advance_id=advance_id,
        parts=as_funding(participant_id, parts),
        due_on=command.due_on,
        reason=command.reason,
        requested_by=command.by,
    )


def recovery_of(recovery_id: UUID, agreement: Agreement) -> Recovery:
    """The recovery, open or over."""
    recovery = agreement.recoveries.get(recovery_id)
    if recovery is None:
        raise RecoveryUnknown
    return recovery


def _must_be_owed(recovery: Recovery, agreement: Agreement, on: date) -> Money:
    due = interest_on(recovery, agreement, on)
    if not recovery.outstanding and not due:
        raise RecoveryNotOpen
    return due
