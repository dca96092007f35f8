"""
Claims: what one participant asks back for one period, until it is submitted.

A claim is drafted by one person, or by several, and certified by another of the same organisation,
which submits it. What follows is in ``assessment`` and ``approval``; its form in ``claim_form``.
Five different people act on one claim: preparer, certifier, assessor, approver and payer.
"""

from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from services.claims.domain.claim_form import must_be_in_order
from services.claims.domain.claim_rule import Asked
from services.claims.domain.commands import (
    CertifyClaim,
    DraftClaim,
    RedraftClaim,
    WithdrawClaim,
)
from services.claims.domain.events import (
    AgreementEvent,
    ClaimCertified,
    ClaimDrafted,
    ClaimRedrafted,
    ClaimWithdrawn,
)
from services.claims.domain.state import (
    Agreement,
    AnyClaim,
    CertifiedClaim,
    Claim,
    DraftedClaim,
    ReopenedClaim,
    Standing,
    become,
)
from services.claims.domain.values import ClaimForm, Party
from shared.kernel.frozen import replace
from shared.kernel.refusals import NotAllowed, NotFound, RuleBroken

C = TypeVar("C", bound=Claim)


class ClaimsNotOpen(RuleBroken):
    """Costs can be claimed from the execution of the agreement until the project is completed."""

    en = "Claims are not open: the agreement is {standing}."
    fr = "Aucune réclamation possible : l’entente est à l’état « {standing} »."


class ParticipantUnknown(NotFound):
    """The agreement has no such participant."""

    en = "The agreement has no such participant."
    fr = "L’entente ne compte pas ce participant."


class ClaimUnknown(NotFound):
    """The agreement has no such claim."""

    en = "The agreement has no such claim."
    fr = "L’entente ne compte pas cette réclamation."


class NotYourOrganisation(NotAllowed):
    """Only people of the participant's organisation may act for it."""

    en = "You do not act for the organisation of this participant."
    fr = "Vous n’agissez pas pour l’organisation de ce participant."


class ClaimAlreadyCertified(RuleBroken):
    """A certified claim is submitted: its draft can no longer change."""

    en = "The claim is certified; it can no longer be changed."
    fr = "La réclamation est attestée; elle ne peut plus être modifiée."


class CertifierPreparedTheClaim(NotAllowed):
    """Whoever prepared a claim may not certify it."""

    en = "You prepared this claim; another person of your organisation certifies it."
    fr = (
        "Vous avez préparé cette réclamation; "
        "une autre personne de votre organisation doit l’attester."
    )


class ClaimOfAnotherParticipant(RuleBroken):
    """A draft stays with its participant."""

    en = "The claim belongs to another participant."
    fr = "La réclamation appartient à un autre participant."


class PeriodNotOver(RuleBroken):
    """A claim is certified once its period is over."""

    en = "The period ends on {ends_on}; certify the claim then."
    fr = "La période se termine le {ends_on}; attestez la réclamation à ce moment."


def draft(command: DraftClaim, agreement: Agreement) -> list[AgreementEvent]:
    """Write down costs for a participant, by somebody of its organisation."""
    if command.claim_id in agreement.claims:
        return []
    claims_must_be_open(agreement)
    party = party_acted_for(agreement, command.form.participant_id, command.by_organisation_id)
    must_be_in_order(
        Asked(claim_id=command.claim_id, form=command.form, agreement=agreement, on=command.on)
    )
    return [
        ClaimDrafted(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=command.claim_id,
            organisation_id=party.organisation_id,
            form=command.form,
            prepared_by=command.by,
        )
    ]


def redraft(command: RedraftClaim, agreement: Agreement) -> list[AgreementEvent]:
    """Replace a draft; its new author may not certify it either."""
    claim = _own_draft(command, agreement)
    claims_must_be_open(agreement)
    if command.form.participant_id != claim.form.participant_id:
        raise ClaimOfAnotherParticipant(field="participant_id")
    must_be_in_order(
        Asked(claim_id=command.claim_id, form=command.form, agreement=agreement, on=command.on)
    )
    return [
        ClaimRedrafted(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=command.claim_id,
            form=command.form,
            prepared_by=command.by,
        )
    ]


def withdraw(command: WithdrawClaim, agreement: Agreement) -> list[AgreementEvent]:
    """
    Take a draft back: an abandoned draft would keep the project open.

    What was submitted once is decided, even while an answer makes it a draft again.
    """
    claim = _own_draft(command, agreement)
    if isinstance(claim, ReopenedClaim):
        raise ClaimAlreadyCertified
    return [
        ClaimWithdrawn(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=command.claim_id,
            reason=command.reason,
            withdrawn_by=command.by,
        )
    ]


def certify(command: CertifyClaim, agreement: Agreement) -> list[AgreementEvent]:
    """
    Certify a draft as an authorised signatory who did not prepare it, and so submit it.

    The rules are asked again: the agreement may have changed since the draft. A claim that is
    certified after the programme's due day is late: that is said, and does not refuse it.
    """
    claim = _own_draft(command, agreement)
    if command.by in claim.prepared_by:
        raise CertifierPreparedTheClaim
    claims_must_be_open(agreement)
    if claim.form.period_ends_on > command.on:
        raise PeriodNotOver(ends_on=claim.form.period_ends_on)
    must_be_in_order(
        Asked(claim_id=claim.claim_id, form=claim.form, agreement=agreement, on=command.on)
    )
    if isinstance(claim, ReopenedClaim):
        waiting_since = aged_on(claim.waiting_since, claim.queried_on, command.on)
        days_late = claim.days_late
    else:
        waiting_since = command.on
        days_late = _days_late(claim.form, agreement, command.on)
    return [
        ClaimCertified(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=command.claim_id,
            certified_by=command.by,
            waiting_since=waiting_since,
            days_late=days_late,
        )
    ]


def aged_on(waiting_since: date, stopped_on: date, resumed_on: date) -> date:
    """From when a claim's age counts after it was with its participant for some days."""
    return waiting_since + (resumed_on - stopped_on)


def _days_late(form: ClaimForm, agreement: Agreement, on: date) -> int:
    due_days = agreement.terms.claim_due_days
    if due_days is None:
        return 0
    return max(0, (on - form.period_ends_on - timedelta(days=due_days)).days)


# What a claim needs of the agreement.


def party_acted_for(
    agreement: Agreement, participant_id: UUID, by_organisation_id: UUID | None
) -> Party:
    """The participant, for somebody of its organisation; refuses everybody else."""
    party = agreement.participants.get(participant_id)
    if party is None:
        raise ParticipantUnknown(field="participant_id")
    if party.organisation_id != by_organisation_id:
        raise NotYourOrganisation
    return party


def claims_must_be_open(agreement: Agreement) -> None:
    """Refuse what is claimed before the execution of the agreement, or once it is completed."""
    # After a termination, costs incurred until then can still be reported.
    if agreement.standing not in {Standing.EXECUTED, Standing.TERMINATED}:
        raise ClaimsNotOpen(standing=agreement.standing.value)


def claim_of(claim_id: UUID, agreement: Agreement) -> AnyClaim:
    """The claim, at whatever stage."""
    claim = agreement.claims.get(claim_id)
    if claim is None:
        raise ClaimUnknown
    return claim


def _own_draft(
    command: RedraftClaim | WithdrawClaim | CertifyClaim, agreement: Agreement
) -> DraftedClaim:
    """The draft, for its own organisation; others do not even learn how far the claim is."""
    claim = claim_of(command.claim_id, agreement)
    party_acted_for(agreement, claim.form.participant_id, command.by_organisation_id)
    if not isinstance(claim, DraftedClaim):
        raise ClaimAlreadyCertified
    return claim


# What it leaves behind.


def with_claim(agreement: Agreement, claim: AnyClaim) -> Agreement:
    """The agreement with a claim at its new stage."""
    return replace(agreement, claims={**agreement.claims, claim.claim_id: claim})


def after_draft(agreement: Agreement, event: ClaimDrafted) -> Agreement:
    """A draft is added."""
    claim = DraftedClaim(
        claim_id=event.claim_id, form=event.form, prepared_by=frozenset({event.prepared_by})
    )
    return with_claim(agreement, claim)


def after_redraft(agreement: Agreement, event: ClaimRedrafted) -> Agreement:
    """The draft is another."""
    before = stage_of(agreement, event.claim_id, DraftedClaim)
    claim = replace(before, form=event.form, prepared_by=before.prepared_by | {event.prepared_by})
    return with_claim(agreement, claim)


def after_withdrawal(agreement: Agreement, event: ClaimWithdrawn) -> Agreement:
    """The draft is gone."""
    kept = {key: claim for key, claim in agreement.claims.items() if key != event.claim_id}
    return replace(agreement, claims=kept)


def after_certification(agreement: Agreement, event: ClaimCertified) -> Agreement:
    """The draft is submitted."""
    before = stage_of(agreement, event.claim_id, DraftedClaim)
    claim = become(
        CertifiedClaim,
        before,
        certifiers=before.certifiers | {event.certified_by},
        certified_by=event.certified_by,
        certified_on=event.effective_on,
        waiting_since=event.waiting_since or event.effective_on,
        days_late=event.days_late,
    )
    return with_claim(agreement, claim)


def stage_of(agreement: Agreement, claim_id: UUID, stage: type[C]) -> C:
    """A claim that is at a stage. Raises ``TypeError`` on a history that cannot be."""
    claim = agreement.claims[claim_id]
    if not isinstance(claim, stage):
        raise TypeError(f"claim {claim_id} is at the stage {type(claim).__name__}")
    return claim
