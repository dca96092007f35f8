"""
Advances: money before it is spent, for at most the next three months of what is planned.

Asked for by a participant, granted by somebody else, paid like a claim, and accounted for by the
claims that follow (``set_off``); what is not accounted for in time is asked back (``recovery``).
"""

from uuid import UUID

from services.claims.domain.advance_effects import is_overdue
from services.claims.domain.advance_rules import (
    not_open_to,
    wrong_with_amount,
    wrong_with_form,
)
from services.claims.domain.approval import must_reach
from services.claims.domain.claim import party_acted_for
from services.claims.domain.commands import (
    ApproveAdvance,
    CancelAdvance,
    MarkAdvanceOverdue,
    RefuseAdvance,
    RequestAdvance,
    WithdrawAdvance,
)
from services.claims.domain.events import (
    AdvanceApproved,
    AdvanceCancelled,
    AdvanceMarkedOverdue,
    AdvanceRefused,
    AdvanceRequested,
    AdvanceWithdrawn,
    AgreementEvent,
    CommitmentReleased,
)
from services.claims.domain.reimbursement import as_shares, draw
from services.claims.domain.standing import must_be_in_force
from services.claims.domain.state import (
    Agreement,
    AnyAdvance,
    ApprovedAdvance,
    RequestedAdvance,
    Standing,
    as_funding,
)
from shared.kernel.money import total
from shared.kernel.periods import Quarter
from shared.kernel.refusals import NotAllowed, NotFound, RuleBroken
from shared.kernel.schedule import total_by_pocket


class AdvanceUnknown(NotFound):
    """The agreement has no such advance."""

    en = "The agreement has no such advance."
    fr = "L’entente ne compte pas cette avance."


class AdvanceNotInOrder(RuleBroken):
    """The request breaks rules of the agreement; every one is named."""

    en = "The request for an advance is not in order; see the reasons."
    fr = "La demande d’avance n’est pas en règle; voir les motifs."


class AdvanceAlreadyDecided(RuleBroken):
    """A request for an advance is decided, or taken back, once."""

    en = "The advance is no longer waiting for a decision."
    fr = "L’avance n’attend plus de décision."


class ApproverRequestedTheAdvance(NotAllowed):
    """Whoever requested an advance may not decide it."""

    en = "You requested this advance; another person decides."
    fr = "Vous avez demandé cette avance; une autre personne en décide."


class AdvanceNotUnpaid(RuleBroken):
    """Only an approved advance that is not paid can be given up."""

    en = "Only an approved advance that is not paid can be cancelled."
    fr = "Seule une avance approuvée et non versée peut être annulée."


def request(command: RequestAdvance, agreement: Agreement) -> list[AgreementEvent]:
    """Ask for an advance for a participant, by somebody of its organisation."""
    if command.advance_id in agreement.advances:
        return []
    must_be_in_force(agreement)
    party = party_acted_for(agreement, command.participant_id, command.by_organisation_id)
    refusals = list(wrong_with_form(command))
    if not refusals:
        asked = total(month.amount for month in command.months)
        refusals += wrong_with_amount(asked, command.participant_id, agreement, command.on)
    refusals += not_open_to(command.participant_id, agreement)
    if refusals:
        raise AdvanceNotInOrder(reasons=[refusal.as_reason() for refusal in refusals])
    return [
        AdvanceRequested(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            advance_id=command.advance_id,
            participant_id=command.participant_id,
            organisation_id=party.organisation_id,
            months=tuple(sorted(command.months, key=lambda each: each.month)),
            requested_by=command.by,
        )
    ]


def approve(command: ApproveAdvance, agreement: Agreement) -> list[AgreementEvent]:
    """
    Grant an advance: what it needs leaves the commitment, in the order in which claims draw.

    The agreement may have changed since the request, so its amount is judged again.
    """
    advance = _requested(command.advance_id, agreement)
    must_be_in_force(agreement)
    if command.by == advance.requested_by:
        raise ApproverRequestedTheAdvance
    must_reach(advance.amount, command.by_roles, agreement)
    participant_id = advance.participant_id
    refusals = list(wrong_with_amount(advance.amount, participant_id, agreement, command.on))
    if refusals:
        raise AdvanceNotInOrder(reasons=[refusal.as_reason() for refusal in refusals])
    quarter = Quarter.of(command.on)
    cells = agreement.committed.get(participant_id, {})
    drawn = as_funding(participant_id, draw(cells, quarter=quarter, amount=advance.amount))
    return [
        AdvanceApproved(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            advance_id=advance.advance_id,
            participant_id=participant_id,
            quarter=quarter,
            drawn=drawn,
            payable=as_shares(total_by_pocket(drawn)),
            approved_by=command.by,
        )
    ]


def refuse(command: RefuseAdvance, agreement: Agreement) -> list[AgreementEvent]:
    """Turn a request down, with the reason."""
    advance = _requested(command.advance_id, agreement)
    if command.by == advance.requested_by:
        raise ApproverRequestedTheAdvance
    return [
        AdvanceRefused(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            advance_id=advance.advance_id,
            participant_id=advance.participant_id,
            reason=command.reason,
            refused_by=command.by,
        )
    ]


def withdraw(command: WithdrawAdvance, agreement: Agreement) -> list[AgreementEvent]:
    """Take a request back, by somebody of the participant's organisation."""
    whose = advance_of(command.advance_id, agreement).participant_id
    # First whose it is: others are not told what was decided.
    party_acted_for(agreement, whose, command.by_organisation_id)
    advance = _requested(command.advance_id, agreement)
    return [
        AdvanceWithdrawn(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            advance_id=advance.advance_id,
            participant_id=advance.participant_id,
            reason=command.reason,
            withdrawn_by=command.by,
        )
    ]


def mark_overdue(command: MarkAdvanceOverdue, agreement: Agreement) -> list[AgreementEvent]:
    """Note once that an advance was not accounted for in time; nothing where it was."""
    advance = advance_of(command.advance_id, agreement)
    if (
        not isinstance(advance, ApprovedAdvance)
        or advance.reconcile_by is None
        or advance.marked_overdue
        or not is_overdue(advance, command.on)
    ):
        return []
    return [
        AdvanceMarkedOverdue(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            advance_id=advance.advance_id,
            participant_id=advance.participant_id,
            outstanding=as_funding(advance.participant_id, advance.outstanding),
            reconcile_by=advance.reconcile_by,
        )
    ]


def cancel(command: CancelAdvance, agreement: Agreement) -> list[AgreementEvent]:
    """
    Give up what was granted and not paid: it is committed again, where it came from.

    Of an agreement that has ended nothing stays committed, so it is released at once.
    """
    advance = advance_of(command.advance_id, agreement)
    if not isinstance(advance, ApprovedAdvance) or not advance.payable or advance.paid:
        raise AdvanceNotUnpaid
    if any(payment.advance_id == advance.advance_id for payment in agreement.scheduled.values()):
        raise AdvanceNotUnpaid  # it is on its way
    cancelled: list[AgreementEvent] = [
        AdvanceCancelled(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            advance_id=advance.advance_id,
            participant_id=advance.participant_id,
            quarter=advance.quarter,
            drawn=advance.drawn,
            reason=command.reason,
            cancelled_by=command.by,
        )
    ]
    if agreement.standing is Standing.EXECUTED:
        return cancelled
    reason = "completion" if agreement.standing is Standing.COMPLETED else "termination"
    released = CommitmentReleased(
        effective_on=command.on,
        project_id=agreement.project_id,
        programme_code=agreement.programme_code,
        reason=reason,
        funding=advance.drawn,
        match=(),
    )
    return [*cancelled, released]


def advance_of(advance_id: UUID, agreement: Agreement) -> AnyAdvance:
    """The advance, whatever became of it."""
    advance = agreement.advances.get(advance_id)
    if advance is None:
        raise AdvanceUnknown
    return advance


def _requested(advance_id: UUID, agreement: Agreement) -> RequestedAdvance:
    advance = advance_of(advance_id, agreement)
    if not isinstance(advance, RequestedAdvance):
        raise AdvanceAlreadyDecided
    return advance
