"""
The two ends of an agreement: terminated before its time, or completed.

Both give back what will not be used, and settle what was held back: it is owed, unless a
termination asks money back. What is payable stays payable.
"""

from collections.abc import Iterator
from datetime import date
from typing import Literal
from uuid import UUID

from services.claims.domain.amendment import withdrawn
from services.claims.domain.checklist import checklist
from services.claims.domain.commands import CompleteProject, TerminateAgreement
from services.claims.domain.events import (
    AgreementEvent,
    AgreementTerminated,
    CommitmentReleased,
    HoldbackForfeited,
    HoldbackReleased,
    ProjectCompleted,
)
from services.claims.domain.payment import must_not_be_in_the_future
from services.claims.domain.reimbursement import as_shares
from services.claims.domain.standing import must_be_in_force
from services.claims.domain.state import (
    Agreement,
    ApprovedClaim,
    Standing,
    added,
    cells_by_participant,
    match_after,
    shares_by_participant,
)
from services.claims.domain.values import ParticipantShare
from shared.kernel.frozen import replace
from shared.kernel.money import ZERO, Money
from shared.kernel.refusals import Refusal, RuleBroken
from shared.kernel.schedule import FundingCell


class EndedBeforeExecution(RuleBroken):
    """An agreement ends on or after the day it was executed."""

    en = "The agreement was executed on {executed_on}; it cannot have ended before."
    fr = "L’entente a été signée le {executed_on}; elle n’a pu se terminer avant."


class ClaimsAwaitDecision(RuleBroken):
    """Certified claims are decided before a termination gives back what they would draw."""

    en = "{count} certified claims await a decision; decide them first."
    fr = "{count} réclamations attestées attendent une décision; décidez-les d’abord."


class RecoveryDueNotInOrder(RuleBroken):
    """What is asked back breaks rules; every one is named."""

    en = "What is to be asked back is not in order; see the reasons."
    fr = "Ce qui est à recouvrer n’est pas en règle; voir les motifs."


class RecoveryDueMoreThanPaid(RuleBroken):
    """What is asked back was paid."""

    en = "{paid} was paid from {pocket} to the participant; more than nothing of it is asked back."
    fr = "{paid} a été versé de {pocket} au participant; on en recouvre plus que rien."


class ClosingIncomplete(RuleBroken):
    """A project is completed once everything on its checklist is done; what is not is named."""

    en = "The project cannot be completed yet; see the reasons."
    fr = "Le projet ne peut pas encore être terminé; voir les motifs."


def terminate(command: TerminateAgreement, agreement: Agreement) -> list[AgreementEvent]:
    """
    End an agreement early: later costs are not eligible, the commitment is given back.

    Without recovery what was held back is owed. With it the holdback goes back, and what is to
    be asked back is said: all that was paid, or a stated part (FAA s. 155 allows the set-off).
    """
    must_be_in_force(agreement)
    must_not_be_in_the_future(command.terminated_on, command.on, field="terminated_on")
    if agreement.executed_on is not None and command.terminated_on < agreement.executed_on:
        raise EndedBeforeExecution(field="terminated_on", executed_on=agreement.executed_on)
    undecided = agreement.undecided()
    if undecided:
        raise ClaimsAwaitDecision(count=len(undecided))
    settle = _holdbacks if command.recovery is None else _forfeits
    return [
        AgreementTerminated(
            effective_on=command.terminated_on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            reason=command.reason,
            terminated_by=command.by,
            recovery_due=_recovery_due(command, agreement),
        ),
        *(
            withdrawn(each, agreement, on=command.on, by=command.by, reason=command.reason)
            for each in agreement.open_proposals()
        ),
        *settle(command.terminated_on, agreement),
        *_releases(command.terminated_on, agreement, reason="termination"),
    ]


def _recovery_due(
    command: TerminateAgreement, agreement: Agreement
) -> tuple[ParticipantShare, ...]:
    paid = {
        (one, pocket): balance.paid
        for one in agreement.participants
        for pocket, balance in agreement.balances(one).items()
        if balance.paid
    }
    if command.recovery is None:
        return ()
    if command.recovery == "all":
        return tuple(
            ParticipantShare(participant_id=one, pocket=pocket, amount=amount)
            for (one, pocket), amount in paid.items()
        )
    refusals: list[Refusal] = []
    for index, part in enumerate(command.recovery):
        key = (part.participant_id, part.pocket)
        left = paid.get(key, ZERO)
        if not ZERO < part.amount <= left:
            refusals.append(
                RecoveryDueMoreThanPaid(
                    field=f"recovery.parts[{index}].amount",
                    accepted=left.cents,
                    paid=left,
                    pocket=part.pocket,
                )
            )
        paid[key] = left - part.amount
    if refusals:
        raise RecoveryDueNotInOrder(reasons=[refusal.as_reason() for refusal in refusals])
    return command.recovery


def complete(command: CompleteProject, agreement: Agreement) -> list[AgreementEvent]:
    """
    Close a project: release what was held back, claim by claim, then what was never claimed.

    Both stay payable or return to their pockets; the order is that of the ledger's entries.
    """
    must_be_in_force(agreement)
    must_not_be_in_the_future(command.completed_on, command.on, field="completed_on")
    if agreement.executed_on is not None and command.completed_on < agreement.executed_on:
        raise EndedBeforeExecution(field="completed_on", executed_on=agreement.executed_on)
    missing = [item.missing for item in checklist(agreement) if item.missing is not None]
    if missing:
        raise ClosingIncomplete(reasons=[refusal.as_reason() for refusal in missing])
    return [
        *_holdbacks(command.completed_on, agreement),
        *_releases(command.completed_on, agreement, reason="completion"),
        ProjectCompleted(
            effective_on=command.completed_on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            title=agreement.title,
            participants=tuple(agreement.active_participants.values()),
            completed_by=command.by,
        ),
    ]


def _held_back(agreement: Agreement) -> Iterator[ApprovedClaim]:
    for claim in agreement.claims.values():
        if isinstance(claim, ApprovedClaim) and claim.held_back:
            yield claim


def _holdbacks(on: date, agreement: Agreement) -> Iterator[AgreementEvent]:
    """What was held back is owed, claim by claim."""
    for claim in _held_back(agreement):
        yield HoldbackReleased(
            effective_on=on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=claim.claim_id,
            participant_id=claim.form.participant_id,
            quarter=claim.form.quarter,
            released=as_shares(claim.held_back),
        )


def _forfeits(on: date, agreement: Agreement) -> Iterator[AgreementEvent]:
    """What was held back is given up, claim by claim."""
    for claim in _held_back(agreement):
        yield HoldbackForfeited(
            effective_on=on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=claim.claim_id,
            participant_id=claim.form.participant_id,
            quarter=claim.form.quarter,
            forfeited=as_shares(claim.held_back),
        )


def _releases(
    on: date, agreement: Agreement, *, reason: Literal["termination", "completion"]
) -> Iterator[CommitmentReleased]:
    """What goes back, when there is something."""
    funding, match = agreement.funding_left(), agreement.match_left()
    if funding or match:
        yield CommitmentReleased(
            effective_on=on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            reason=reason,
            funding=funding,
            match=match,
        )


def after_termination(agreement: Agreement, event: AgreementTerminated) -> Agreement:
    """Later costs are refused, and what is to be asked back is known."""
    due: dict[UUID, dict[str, Money]] = {}
    for share in event.recovery_due:
        of_participant = due.setdefault(share.participant_id, {})
        of_participant[share.pocket] = of_participant.get(share.pocket, ZERO) + share.amount
    return replace(
        agreement,
        standing=Standing.TERMINATED,
        terminated_on=event.effective_on,
        recovery_due=due,
    )


def after_holdback(agreement: Agreement, event: HoldbackReleased) -> Agreement:
    """Held back became payable."""
    claim = _approved(agreement, event)
    claim = replace(
        claim,
        held_back=added(claim.held_back, ((each.pocket, -each.amount) for each in event.released)),
        payable=added(claim.payable, ((each.pocket, each.amount) for each in event.released)),
    )
    return replace(agreement, claims={**agreement.claims, event.claim_id: claim})


def after_forfeit(agreement: Agreement, event: HoldbackForfeited) -> Agreement:
    """Held back became released."""
    claim = _approved(agreement, event)
    claim = replace(
        claim,
        held_back=added(claim.held_back, ((each.pocket, -each.amount) for each in event.forfeited)),
    )
    given_up = [
        FundingCell(
            participant_id=event.participant_id,
            pocket=each.pocket,
            quarter=event.quarter,
            amount=each.amount,
        )
        for each in event.forfeited
    ]
    return replace(
        agreement,
        claims={**agreement.claims, event.claim_id: claim},
        released=shares_by_participant(agreement.released, given_up),
    )


def _approved(agreement: Agreement, event: HoldbackReleased | HoldbackForfeited) -> ApprovedClaim:
    claim = agreement.claims[event.claim_id]
    if not isinstance(claim, ApprovedClaim):
        raise TypeError(f"claim {event.claim_id} was never approved")
    return claim


def after_release(agreement: Agreement, event: CommitmentReleased) -> Agreement:
    """Committed became released; no match is expected any more."""
    return replace(
        agreement,
        committed=cells_by_participant(agreement.committed, event.funding, taken=True),
        released=shares_by_participant(agreement.released, event.funding),
        match_to_report=match_after(
            agreement.match_to_report,
            (replace(cell, cash=-cell.cash, in_kind=-cell.in_kind) for cell in event.match),
        ),
    )


def after_completion(agreement: Agreement, event: ProjectCompleted) -> Agreement:
    """Only payments remain."""
    return replace(agreement, standing=Standing.COMPLETED, completed_on=event.effective_on)
