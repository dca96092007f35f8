"""
The two ends of an agreement: terminated before its time, or completed.

Both give back what will not be used. What is payable stays payable; what was held back is
released when the project is completed.
"""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from services.claims.domain.amendment import must_be_in_force
from services.claims.domain.commands import CompleteProject, TerminateAgreement
from services.claims.domain.events import (
    AgreementEvent,
    AgreementTerminated,
    CommitmentReleased,
    HoldbackReleased,
    ProjectCompleted,
)
from services.claims.domain.payment import must_not_be_in_the_future
from services.claims.domain.reimbursement import as_shares
from services.claims.domain.state import (
    Agreement,
    ApprovedClaim,
    Standing,
    added,
    cells_by_participant,
    match_after,
    shares_by_participant,
)
from shared.kernel.frozen import replace
from shared.kernel.refusals import RuleBroken


class EndedBeforeExecution(RuleBroken):
    """An agreement ends on or after the day it was executed."""

    en = "The agreement was executed on {executed_on}; it cannot have ended before."
    fr = "L’entente a été signée le {executed_on}; elle n’a pu se terminer avant."


class ClaimsAwaitDecision(RuleBroken):
    """Certified claims are decided before a termination gives back what they would draw."""

    en = "{count} certified claims await a decision; decide them first."
    fr = "{count} réclamations attestées attendent une décision; décidez-les d’abord."


class ClaimsStillOpen(RuleBroken):
    """A project is completed once every claim is decided or withdrawn."""

    en = "{count} claims are still open; they are decided or withdrawn first."
    fr = "{count} réclamations sont encore ouvertes; elles doivent être décidées ou retirées."


def terminate(command: TerminateAgreement, agreement: Agreement) -> list[AgreementEvent]:
    """End an agreement early: later costs are not eligible, the commitment is given back."""
    must_be_in_force(agreement)
    must_not_be_in_the_future(command.terminated_on, command.on, field="terminated_on")
    if agreement.executed_on is not None and command.terminated_on < agreement.executed_on:
        raise EndedBeforeExecution(field="terminated_on", executed_on=agreement.executed_on)
    undecided = agreement.undecided()
    if undecided:
        raise ClaimsAwaitDecision(count=len(undecided))
    return [
        AgreementTerminated(
            effective_on=command.terminated_on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            reason=command.reason,
            terminated_by=command.by,
        ),
        *_releases(command.terminated_on, agreement, reason="termination"),
    ]


def complete(command: CompleteProject, agreement: Agreement) -> list[AgreementEvent]:
    """
    Close a project: release what was held back, claim by claim, then what was never claimed.

    Both stay payable or return to their pockets; the order is that of the ledger's entries.
    """
    must_be_in_force(agreement)
    must_not_be_in_the_future(command.completed_on, command.on, field="completed_on")
    if agreement.executed_on is not None and command.completed_on < agreement.executed_on:
        raise EndedBeforeExecution(field="completed_on", executed_on=agreement.executed_on)
    still_open = [
        claim for claim in agreement.claims.values() if not isinstance(claim, ApprovedClaim)
    ]
    if still_open:
        raise ClaimsStillOpen(count=len(still_open))
    return [
        *(
            HoldbackReleased(
                effective_on=command.completed_on,
                project_id=agreement.project_id,
                programme_code=agreement.programme_code,
                claim_id=claim.claim_id,
                participant_id=claim.form.participant_id,
                quarter=claim.form.quarter,
                released=as_shares(claim.held_back),
            )
            for claim in agreement.claims.values()
            if isinstance(claim, ApprovedClaim) and claim.held_back
        ),
        *_releases(command.completed_on, agreement, reason="completion"),
        ProjectCompleted(
            effective_on=command.completed_on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            title=agreement.title,
            participants=tuple(agreement.participants.values()),
            completed_by=command.by,
        ),
    ]


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
    """Later costs are refused."""
    return replace(agreement, standing=Standing.TERMINATED, terminated_on=event.effective_on)


def after_holdback(agreement: Agreement, event: HoldbackReleased) -> Agreement:
    """Held back became payable."""
    claim = agreement.claims[event.claim_id]
    if not isinstance(claim, ApprovedClaim):
        raise TypeError(f"claim {event.claim_id} was never approved")
    claim = replace(
        claim,
        held_back=added(claim.held_back, ((each.pocket, -each.amount) for each in event.released)),
        payable=added(claim.payable, ((each.pocket, each.amount) for each in event.released)),
    )
    return replace(agreement, claims={**agreement.claims, event.claim_id: claim})


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
