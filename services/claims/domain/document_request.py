"""
Documents asked for: an analyst samples costs, and the participant shows what is behind them.

Where a programme takes documents on request, the recipient keeps them and supplies those that are
sampled (Directive on Transfer Payments, TBS 14208: monitoring in proportion to risk). What the
documents are is kept beside the events; here is only which one shows which cost.
"""

from uuid import UUID

from services.claims.domain.claim import claim_of, party_acted_for
from services.claims.domain.commands import RequestDocument, SupplyDocument
from services.claims.domain.events import AgreementEvent, DocumentRequested, DocumentSupplied
from services.claims.domain.state import (
    Agreement,
    ApprovedClaim,
    DocumentRequest,
    DraftedClaim,
)
from shared.kernel.frozen import replace
from shared.kernel.refusals import Invalid, NotAllowed, NotFound, RuleBroken


class ClaimNotUnderAssessment(RuleBroken):
    """Documents are asked for between the certification of a claim and its approval."""

    en = "Documents are asked for while a claim is assessed: after its certification, before its approval."  # noqa: E501  # one sentence
    fr = "Des documents sont demandés pendant l’évaluation d’une réclamation : après son attestation, avant son approbation."  # noqa: E501  # one sentence


class SamplerPreparedOrCertifiedTheClaim(NotAllowed):
    """Whoever prepared or certified a claim does not sample it."""

    en = "You prepared or certified this claim; another person asks for its documents."
    fr = "Vous avez préparé ou attesté cette réclamation; une autre personne en demande les documents."  # noqa: E501  # one sentence


class CostUnknown(Invalid):
    """A document shows a line of the claim."""

    en = "The claim has no line {line}."
    fr = "La réclamation n’a pas de ligne {line}."


class DocumentNotRequested(NotFound):
    """A document is supplied where one was asked for."""

    en = "No document was asked for line {line}."
    fr = "Aucun document n’a été demandé pour la ligne {line}."


class DocumentsMissing(RuleBroken):
    """A claim is approved once every document that was asked for is supplied."""

    en = "{count} documents that were asked for are not supplied yet."
    fr = "{count} documents demandés n’ont pas encore été fournis."


def request(command: RequestDocument, agreement: Agreement) -> list[AgreementEvent]:
    """Ask for the document of a line of a claim under assessment; once until it is supplied."""
    claim = claim_of(command.claim_id, agreement)
    if isinstance(claim, DraftedClaim | ApprovedClaim):
        raise ClaimNotUnderAssessment
    if command.by in claim.prepared_by | claim.certifiers:
        raise SamplerPreparedOrCertifiedTheClaim
    if command.line >= len(claim.form.lines):
        raise CostUnknown(
            field="line", line=command.line, accepted={"below": len(claim.form.lines)}
        )
    if command.line in agreement.documents_missing(command.claim_id):
        return []
    return [
        DocumentRequested(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=command.claim_id,
            participant_id=claim.form.participant_id,
            line=command.line,
            note=command.note,
            requested_by=command.by,
        )
    ]


def supply(command: SupplyDocument, agreement: Agreement) -> list[AgreementEvent]:
    """Show the document of a line, by somebody of the participant's organisation."""
    claim = claim_of(command.claim_id, agreement)
    party_acted_for(agreement, claim.form.participant_id, command.by_organisation_id)
    asked = agreement.document_requests.get((command.claim_id, command.line))
    if asked is None:
        raise DocumentNotRequested(line=command.line)
    if isinstance(claim, ApprovedClaim):
        raise ClaimNotUnderAssessment
    if asked.supplied == command.document_sha256:
        return []
    return [
        DocumentSupplied(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            claim_id=command.claim_id,
            participant_id=claim.form.participant_id,
            line=command.line,
            document_sha256=command.document_sha256,
            supplied_by=command.by,
        )
    ]


def must_all_be_supplied(claim_id: UUID, agreement: Agreement) -> None:
    """Refuse to go on with a claim whose documents were asked for and are not there."""
    missing = agreement.documents_missing(claim_id)
    if missing:
        raise DocumentsMissing(
            reasons=[
                DocumentsMissing(field=f"lines[{line}].document_sha256", count=1).as_reason()
                for line in missing
            ],
            count=len(missing),
        )


# What it leaves behind.


def after_request(agreement: Agreement, event: DocumentRequested) -> Agreement:
    """A line waits for its document."""
    cost = agreement.claims[event.claim_id].form.lines[event.line]
    return _with(agreement, event, DocumentRequest(cost=cost, supplied=None))


def after_supply(agreement: Agreement, event: DocumentSupplied) -> Agreement:
    """It has one."""
    before = agreement.document_requests[event.claim_id, event.line]
    return _with(agreement, event, replace(before, supplied=event.document_sha256))


def _with(
    agreement: Agreement, event: DocumentRequested | DocumentSupplied, asked: DocumentRequest
) -> Agreement:
    requests = {**agreement.document_requests, (event.claim_id, event.line): asked}
    return replace(agreement, document_requests=requests)
