"""
Approval: a claim as it was assessed becomes a debt, by another person of the level it needs.

What it is worth is computed here and not at the assessment, because what remains under the caps
may have changed since. Financial Administration Act s. 34 is the model: whoever certifies that the
costs are in order is not who requests the payment (s. 33).
"""

from uuid import UUID

from services.claims.domain.assessment import ClaimAlreadyApproved, ClaimNotCertified, QueryOpen
from services.claims.domain.calculation import Calculation, worth_of
from services.claims.domain.claim import claim_of, stage_of, with_claim
from services.claims.domain.commands import ApproveClaim, SendBackClaim
from services.claims.domain.document_request import must_all_be_supplied
from services.claims.domain.duplicates import within_the_agreement
from services.claims.domain.events import (
    AgreementEvent,
    ClaimApproved,
    ClaimSentBack,
    ForecastRevised,
)
from services.claims.domain.reimbursement import spread_over_forecast
from services.claims.domain.set_off import after_set_offs, paid_by_set_off
from services.claims.domain.state import (
    Agreement,
    ApprovedClaim,
    AssessedClaim,
    CertifiedClaim,
    DraftedClaim,
    QueriedClaim,
    SentBack,
    SubmittedClaim,
    added,
    as_funding,
    become,
    cells_by_participant,
    match_after,
)
from services.claims.domain.values import ApprovalLevel, DuplicateOf, Match
from shared.kernel.frozen import replace
from shared.kernel.money import Money, total
from shared.kernel.refusals import NotAllowed, RuleBroken
from shared.kernel.schedule import MatchCell

ANY_AMOUNT = (ApprovalLevel(role="claims-approver"),)
"""Who approves where the programme names no levels."""


class ClaimNotAssessed(RuleBroken):
    """Only an assessed claim is approved or sent back."""

    en = "The claim is not assessed yet."
    fr = "La réclamation n’est pas encore évaluée."


class ApproverHandledTheClaim(NotAllowed):
    """Whoever prepared, certified, queried or assessed a claim may not approve it."""

    en = "You prepared, certified, queried or assessed this claim; another person approves it."
    fr = "Vous avez préparé, attesté, questionné ou évalué cette réclamation; une autre personne doit l’approuver."  # noqa: E501  # one sentence


class AmountAboveYourLevel(NotAllowed):
    """A claim, or an advance, is approved at the level that its amount needs."""

    en = "{amount} is approved by: {roles}."
    fr = "{amount} est approuvé par : {roles}."


class DuplicateFoundSinceAssessment(RuleBroken):
    """What may be a duplicate and was not known at the assessment is assessed first."""

    en = "Line {line} resembles a cost of a claim that the assessor did not know; send it back."
    fr = "La ligne {line} ressemble à un coût d’une réclamation que l’évaluateur ne connaissait pas; renvoyez-la."  # noqa: E501  # one sentence


def send_back(command: SendBackClaim, agreement: Agreement) -> list[AgreementEvent]:
    """Have an assessed claim assessed again, saying why."""
    claim = _assessed(command.claim_id, agreement)
    _must_be_new_to_the_claim(command.by, claim)
    return [
        ClaimSentBack(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=claim.claim_id,
            reason=command.reason,
            sent_back_by=command.by,
        )
    ]


def approve(command: ApproveClaim, agreement: Agreement) -> list[AgreementEvent]:
    """
    Put what an assessed claim is worth in payable and holdback.

    Its own part of the cash costs, and the accepted costs in kind, are the participant's match.
    A forecast that came with the claim then moves what remains.
    """
    claim = _assessed(command.claim_id, agreement)
    _must_be_new_to_the_claim(command.by, claim)
    _must_know_its_duplicates(claim, agreement, command.suspected)
    must_all_be_supplied(claim.claim_id, agreement)
    form = claim.form
    worth = worth_of(form, claim.accepted, agreement)
    must_reach(worth.reimbursed, command.by_roles, agreement)
    approved = ClaimApproved(
        effective_on=command.on,
        project_id=agreement.project_id,
        programme_code=agreement.programme_code,
        claim_id=claim.claim_id,
        participant_id=form.participant_id,
        quarter=form.quarter,
        period_starts_on=form.period_starts_on,
        period_ends_on=form.period_ends_on,
        accepted=claim.accepted,
        reimbursable=worth.reimbursable,
        drawn=as_funding(form.participant_id, worth.drawn),
        payable=worth.payable,
        held_back=worth.held_back,
        match_cash=worth.match_cash,
        match_in_kind=total(line.in_kind for line in claim.accepted),
        approved_by=command.by,
        advance_set_off=worth.advance_set_off,
        recovery_set_off=worth.recovery_set_off,
        steps=worth.steps,
    )
    return [approved, *_forecast(claim, worth, command, agreement)]


def _forecast(
    claim: AssessedClaim, worth: Calculation, command: ApproveClaim, agreement: Agreement
) -> list[ForecastRevised]:
    """What the claim's forecast moves of the commitment that remains."""
    participant_id = claim.form.participant_id
    remaining = added(
        agreement.committed.get(participant_id, {}),
        ((cell, -amount) for cell, amount in worth.drawn.items()),
    )
    moved = spread_over_forecast(remaining, claim.form.forecast or ())
    if not moved:
        return []
    return [
        ForecastRevised(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=claim.claim_id,
            funding=as_funding(participant_id, moved),
        )
    ]


def _must_be_new_to_the_claim(person: str, claim: AssessedClaim) -> None:
    if person in claim.prepared_by | claim.certifiers | claim.assessors:
        raise ApproverHandledTheClaim


def _must_know_its_duplicates(
    claim: AssessedClaim, agreement: Agreement, elsewhere: tuple[DuplicateOf, ...]
) -> None:
    """Refuse to accept a cost when a claim drafted since the assessment shows it too."""
    here = within_the_agreement(claim.claim_id, claim.form, agreement)
    known = {(each.line, each.claim_id) for each in claim.suspected}
    for found in (*here, *elsewhere):
        # What was found elsewhere was looked up before this decision, on lines that may be gone.
        accepted = claim.accepted[found.line : found.line + 1]
        if (found.line, found.claim_id) not in known and any(
            each.cash or each.in_kind for each in accepted
        ):
            raise DuplicateFoundSinceAssessment(line=found.line, accepted=[str(found.claim_id)])


def must_reach(amount: Money, roles: tuple[str, ...], agreement: Agreement) -> None:
    """Refuse an approver whose roles do not reach the amount."""
    levels = agreement.terms.approval_levels or ANY_AMOUNT
    reaching = [level.role for level in levels if level.up_to is None or amount <= level.up_to]
    if not set(roles) & set(reaching):
        raise AmountAboveYourLevel(accepted=reaching, amount=amount, roles=reaching)


def _assessed(claim_id: UUID, agreement: Agreement) -> AssessedClaim:
    claim = claim_of(claim_id, agreement)
    if isinstance(claim, AssessedClaim):
        return claim
    if isinstance(claim, ApprovedClaim):
        raise ClaimAlreadyApproved
    if isinstance(claim, QueriedClaim):
        raise QueryOpen(queried_on=claim.queried_on)
    raise ClaimNotCertified if isinstance(claim, DraftedClaim) else ClaimNotAssessed


# What it leaves behind.


def after_sending_back(agreement: Agreement, event: ClaimSentBack) -> Agreement:
    """The claim awaits its assessment again."""
    before = stage_of(agreement, event.claim_id, AssessedClaim)
    why = SentBack(
        reason=event.reason, sent_back_by=event.sent_back_by, sent_back_on=event.effective_on
    )
    return with_claim(agreement, become(CertifiedClaim, before, sent_back=(*before.sent_back, why)))


def after_approval(agreement: Agreement, event: ClaimApproved) -> Agreement:
    """Committed money became payable, held back or set off; match was reported."""
    before = stage_of(agreement, event.claim_id, SubmittedClaim)
    match = Match(event.match_cash, event.match_in_kind)
    claim = become(
        ApprovedClaim,
        before,
        approved_by=event.approved_by,
        approved_on=event.effective_on,
        accepted=event.accepted,
        drawn=event.drawn,
        advance_set_off=event.advance_set_off,
        recovery_set_off=event.recovery_set_off,
        steps=event.steps,
        match=match,
        payable={share.pocket: share.amount for share in event.payable},
        held_back={share.pocket: share.amount for share in event.held_back},
        paid=paid_by_set_off(event),
    )
    reported = MatchCell(
        participant_id=event.participant_id,
        quarter=event.quarter,
        cash=-match.cash,
        in_kind=-match.in_kind,
    )
    return replace(
        after_set_offs(agreement, event),
        claims={**agreement.claims, event.claim_id: claim},
        committed=cells_by_participant(agreement.committed, event.drawn, taken=True),
        match_to_report=match_after(agreement.match_to_report, (reported,)),
    )


def after_forecast(agreement: Agreement, event: ForecastRevised) -> Agreement:
    """Committed money is planned for other quarters."""
    return replace(agreement, committed=cells_by_participant(agreement.committed, event.funding))
