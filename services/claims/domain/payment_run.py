"""
A payment run: payments that leave together, proposed by one person and approved by another.

The run says what leaves, where to (by opaque account ids) and what came of each payment. That
each payable is in one run only, and who had a hand in it, is decided on its agreement, together
with the run and all or nothing.
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import Any, TypeVar, assert_never
from uuid import UUID

from services.claims.domain.payment_run_life import (
    ApprovedRun,
    ApproveRun,
    ClosedRun,
    ConfirmRun,
    Disbursed,
    ExportedRun,
    ExportRun,
    Failed,
    ItemResult,
    NotProposed,
    PaymentRun,
    PaymentRunApproved,
    PaymentRunClosed,
    PaymentRunCommand,
    PaymentRunConfirmed,
    PaymentRunEvent,
    PaymentRunExported,
    PaymentRunProposed,
    PaymentRunRejected,
    ProposedRun,
    ProposeRun,
    RejectedRun,
    RejectRun,
    Run,
    stage_of,
)
from shared.kernel.decider import Decider
from shared.kernel.frozen import replace
from shared.kernel.money import total
from shared.kernel.refusals import Invalid, NotAllowed, NotFound, Reason, RuleBroken

MOST_ITEMS = 200
"""Payments in one run: a person can still look through them before approving."""

R = TypeVar("R", bound=Run)


class RunUnknown(NotFound):
    """There is no such payment run."""

    en = "There is no such payment run."
    fr = "Ce lot de paiements n’existe pas."


class RunEmpty(Invalid):
    """A payment run pays something."""

    en = "The payment run has no item."
    fr = "Le lot de paiements est vide."


class RunTooLong(Invalid):
    """A payment run has at most 200 items."""

    en = "A payment run has at most {most} items."
    fr = "Un lot de paiements compte au plus {most} éléments."


class ExecutionInThePast(RuleBroken):
    """The bank is asked to pay today or later."""

    en = "{day} has passed; ask for today or a later day."
    fr = "Le {day} est passé; demandez aujourd’hui ou une date ultérieure."


class RunNotInOrder(RuleBroken):
    """Something stands in the way of a payment run; everything is named, item by item."""

    en = "The payment run is not in order; see the reasons."
    fr = "Le lot de paiements n’est pas en règle; voir les motifs."


class RunNoLongerProposed(RuleBroken):
    """Only a proposed run is approved."""

    en = "The payment run does not await approval: it is {stage}."
    fr = "Le lot de paiements n’attend pas d’approbation : il est à l’état « {stage} »."


class RunAlreadyLeft(RuleBroken):
    """A run is rejected before its file is made."""

    en = "The payment run can no longer be rejected: it is {stage}."
    fr = "Le lot de paiements ne peut plus être refusé : il est à l’état « {stage} »."


class RunNotApproved(RuleBroken):
    """The file of an approved run is made, once."""

    en = "The file is made of an approved payment run: this one is {stage}."
    fr = "Le fichier est produit pour un lot approuvé : celui-ci est à l’état « {stage} »."


class RunNotExported(RuleBroken):
    """What came of payments is recorded once their file is made."""

    en = "No payment of this run awaits confirmation: it is {stage}."
    fr = "Aucun paiement de ce lot n’attend de confirmation : il est à l’état « {stage} »."


class ApproverProposedTheRun(NotAllowed):
    """Whoever proposed a payment run does not approve it."""

    en = "You proposed this payment run; another person approves it."
    fr = "Vous avez proposé ce lot de paiements; une autre personne doit l’approuver."


class ApproverHandledAClaim(NotAllowed):
    """Whoever had a hand in one of its claims does not approve a payment run."""

    en = "You handled a claim in this payment run; another person approves it."
    fr = "Vous avez traité une réclamation de ce lot; une autre personne doit l’approuver."


class ItemUnknown(Invalid):
    """A result is about a payment of the run that awaits one, each once."""

    en = "No such payment of this run awaits a result, or it is named twice."
    fr = "Aucun paiement de ce lot n’attend ce résultat, ou il est nommé deux fois."


class PaidBeforeExport(RuleBroken):
    """A payment leaves on or after the day its file was made."""

    en = "The file was made on {exported_on}; nothing left before."
    fr = "Le fichier a été produit le {exported_on}; rien n’est parti avant."


def decide(command: PaymentRunCommand, run: PaymentRun) -> Sequence[PaymentRunEvent]:
    """What follows from a command; refuses what the rules do not allow."""
    match command:
        case ProposeRun():
            return _propose(command, run)
        case ApproveRun():
            return _approve(command, proposed(run))
        case RejectRun():
            return _reject(command, proposed(run))
        case ExportRun():
            return _export(command, proposed(run))
        case ConfirmRun():
            return _confirm(command, proposed(run))
        case unreachable:
            assert_never(unreachable)


def proposed(run: PaymentRun) -> Run:
    """The run, where there is one. Raises ``RunUnknown``."""
    if isinstance(run, NotProposed):
        raise RunUnknown
    return run


def must_be_possible(*, items: int, execution_on: date, on: date) -> None:
    """Refuse a run that could not be proposed whatever it pays."""
    if not items:
        raise RunEmpty(field="items")
    if items > MOST_ITEMS:
        raise RunTooLong(field="items", accepted=MOST_ITEMS, most=MOST_ITEMS)
    if execution_on < on:
        raise ExecutionInThePast(field="execution_on", accepted=on.isoformat(), day=execution_on)


def _propose(command: ProposeRun, run: PaymentRun) -> list[PaymentRunEvent]:
    if not isinstance(run, NotProposed):
        return []
    must_be_possible(items=len(command.items), execution_on=command.execution_on, on=command.on)
    return [
        PaymentRunProposed(
            effective_on=command.on,
            run_id=command.run_id,
            execution_on=command.execution_on,
            items=command.items,
            amount=total(item.amount for item in command.items),
            proposed_by=command.by,
        )
    ]


def _approve(command: ApproveRun, run: Run) -> list[PaymentRunEvent]:
    if not isinstance(run, ProposedRun):
        raise RunNoLongerProposed(stage=stage_of(run))
    if command.by == run.proposed_by:
        raise ApproverProposedTheRun
    if command.by in command.handlers:
        raise ApproverHandledAClaim
    return [PaymentRunApproved(effective_on=command.on, run_id=run.run_id, approved_by=command.by)]


def _reject(command: RejectRun, run: Run) -> list[PaymentRunEvent]:
    """Reject a run, also after its approval: something may have come up before its file is made."""
    if isinstance(run, ExportedRun | RejectedRun):
        raise RunAlreadyLeft(stage=stage_of(run))
    return [
        PaymentRunRejected(
            effective_on=command.on,
            run_id=run.run_id,
            reason=command.reason,
            rejected_by=command.by,
        )
    ]


def _export(command: ExportRun, run: Run) -> list[PaymentRunEvent]:
    approved = must_be_approved(run)
    return [
        PaymentRunExported(
            effective_on=command.on,
            run_id=approved.run_id,
            paying_account_id=command.paying_account_id,
            files=command.files,
            written_at=command.written_at,
            exported_by=command.by,
        )
    ]


def must_be_approved(run: Run) -> ApprovedRun:
    """The run, where its file is still to be made. Raises ``RunNotApproved``."""
    if not isinstance(run, ApprovedRun) or isinstance(run, ExportedRun):
        raise RunNotApproved(stage=stage_of(run))
    return run


def _confirm(command: ConfirmRun, run: Run) -> list[PaymentRunEvent]:
    if not isinstance(run, ExportedRun) or isinstance(run, ClosedRun):
        raise RunNotExported(stage=stage_of(run))
    reasons = _wrong_results(command, run)
    if reasons:
        raise RunNotInOrder(reasons=reasons)
    confirmed = PaymentRunConfirmed(
        effective_on=command.on,
        run_id=run.run_id,
        disbursed=tuple(each for each in command.results if isinstance(each, Disbursed)),
        failed=tuple(each for each in command.results if isinstance(each, Failed)),
        confirmed_by=command.by,
    )
    results = _with_results(run, confirmed)
    if len(results) < len(run.items):
        return [confirmed]
    left = total(
        item.amount for item in run.items if isinstance(results[item.payment_id], Disbursed)
    )
    return [
        confirmed,
        PaymentRunClosed(
            effective_on=command.on, run_id=run.run_id, disbursed=left, failed=run.amount - left
        ),
    ]


def _wrong_results(command: ConfirmRun, run: ExportedRun) -> list[Reason]:
    awaited = {item.payment_id for item in run.items} - run.results.keys()
    reasons = []
    for index, result in enumerate(command.results):
        if result.payment_id not in awaited:
            reasons.append(ItemUnknown(field=f"results[{index}].payment_id").as_reason())
        awaited.discard(result.payment_id)
        if isinstance(result, Disbursed) and result.paid_on < run.exported_on:
            refusal = PaidBeforeExport(
                field=f"results[{index}].paid_on",
                accepted={"from": run.exported_on.isoformat()},
                exported_on=run.exported_on,
            )
            reasons.append(refusal.as_reason())
    if not command.results:
        reasons.append(RunEmpty(field="results").as_reason())
    return reasons


def _with_results(run: ExportedRun, event: PaymentRunConfirmed) -> dict[UUID, ItemResult]:
    news: tuple[ItemResult, ...] = (*event.disbursed, *event.failed)
    return {**run.results, **{each.payment_id: each for each in news}}


def evolve(run: PaymentRun, event: PaymentRunEvent) -> PaymentRun:
    """The state after an event."""
    if isinstance(event, PaymentRunProposed):
        return ProposedRun(
            run_id=event.run_id,
            execution_on=event.execution_on,
            items=event.items,
            proposed_by=event.proposed_by,
            proposed_on=event.effective_on,
        )
    before = proposed(run)
    match event:
        case PaymentRunApproved():
            return _further(
                ApprovedRun, before, approved_by=event.approved_by, approved_on=event.effective_on
            )
        case PaymentRunRejected():
            return RejectedRun(
                run_id=before.run_id,
                execution_on=before.execution_on,
                items=before.items,
                proposed_by=before.proposed_by,
                proposed_on=before.proposed_on,
                rejected_by=event.rejected_by,
                rejected_on=event.effective_on,
                reason=event.reason,
            )
        case PaymentRunExported():
            return _further(
                ExportedRun,
                before,
                paying_account_id=event.paying_account_id,
                files=event.files,
                written_at=event.written_at,
                exported_by=event.exported_by,
                exported_on=event.effective_on,
            )
        case PaymentRunConfirmed():
            if not isinstance(before, ExportedRun):
                raise TypeError(f"payments of run {event.run_id} were confirmed before they left")
            return replace(before, results=_with_results(before, event))
        case PaymentRunClosed():
            return _further(ClosedRun, before, closed_on=event.effective_on)
        case unreachable:
            assert_never(unreachable)


def _further(cls: type[R], run: Run, **more: Any) -> R:
    """The run at a later stage: all that it had, and more."""
    return cls(**{each.name: getattr(run, each.name) for each in fields(run)}, **more)


DECIDER: Decider[PaymentRunCommand, PaymentRun, PaymentRunEvent] = Decider(
    initial=NotProposed(), decide=decide, evolve=evolve
)
