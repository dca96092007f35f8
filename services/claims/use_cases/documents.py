"""A document that is named must be there: what events alone cannot know."""

from uuid import UUID

from sqlalchemy import Connection

from services.claims.domain.state import Agreement, AgreementState
from services.claims.gateways import document_store
from shared.kernel.refusals import RuleBroken


class DocumentUnknown(RuleBroken):
    """A document is brought before it is named."""

    en = "Your organisation brought no document with this SHA-256 to the agreement."
    fr = "Votre organisation n’a versé à l’entente aucun document portant ce SHA-256."


class DocumentsUnknown(RuleBroken):
    """A claim is certified once every document that its lines name is there; all are named."""

    en = "{count} lines name a document that is not there; see the reasons."
    fr = "{count} lignes nomment un document qui n’existe pas; voir les motifs."


def must_be_there(
    connection: Connection, sha256: str, *, agreement_id: UUID, organisation_id: UUID | None
) -> None:
    """Refuse to name a document that the organisation did not bring."""
    if document_store.unknown(
        connection, [sha256], agreement_id=agreement_id, organisation_id=organisation_id
    ):
        raise DocumentUnknown(field="document_sha256")


def must_all_be_there(
    connection: Connection,
    agreement: AgreementState,
    *,
    agreement_id: UUID,
    claim_id: UUID,
    by_organisation_id: UUID | None,
) -> None:
    """
    Refuse to certify a claim whose lines name documents that are not there.

    A claim that does not exist, or is another organisation's, is refused by the domain, in its
    own words: a stranger does not learn what is missing.
    """
    if not isinstance(agreement, Agreement) or claim_id not in agreement.claims:
        return
    form = agreement.claims[claim_id].form
    if agreement.participants[form.participant_id].organisation_id != by_organisation_id:
        return
    named = {
        index: line.document_sha256
        for index, line in enumerate(form.lines)
        if line.document_sha256 is not None
    }
    unknown = document_store.unknown(
        connection,
        named.values(),
        agreement_id=agreement_id,
        organisation_id=by_organisation_id,
    )
    reasons = [
        DocumentUnknown(field=f"lines[{index}].document_sha256").as_reason()
        for index, sha256 in named.items()
        if sha256 in unknown
    ]
    if reasons:
        raise DocumentsUnknown(count=len(reasons), reasons=reasons)
