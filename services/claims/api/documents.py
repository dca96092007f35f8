"""Documents that show costs: brought by recipients, asked for by analysts, read by both."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, Field

from services.claims.api.claim_schemas import MOST_LINES, Reason, Sha256
from services.claims.api.doors import (
    AnalystDesk,
    AnyReader,
    RecipientDesk,
    about,
    agreement_seen_by,
)
from services.claims.domain import commands
from services.claims.domain.agreement import DECIDER, AgreementUnknown
from services.claims.domain.claim import NotYourOrganisation
from services.claims.domain.state import NotDrafted
from services.claims.gateways import document_store
from services.claims.use_cases import documents, streams
from shared.documents.contents import EXTENSIONS, MOST_BYTES, document_of
from shared.documents.scanning import Scan
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer, Desk, at_file_desk
from shared.web.files import TheScanner, attachment
from shared.web.schemas import Request

router = APIRouter(prefix="/v1", tags=["documents"])

DocumentDesk = Annotated[Desk, Depends(at_file_desk("recipient", body_bytes=MOST_BYTES))]
Line = Annotated[int, Path(ge=0, lt=MOST_LINES)]
"""Index of the line in the claim, from 0."""


class DocumentNotHere(NotFound):
    """There is no such document, or it is not yours to see."""

    en = "There is no such document."
    fr = "Ce document n’existe pas."


class DocumentOut(BaseModel):
    """A document that is kept."""

    sha256: str
    """By this a line of a claim names it."""
    size: int
    """In bytes."""
    media_type: str
    """By its content."""
    scan: Scan
    """Whether a scanner found no virus in it, or nobody looked."""


class DocumentRequestIn(Request):
    """Which document is asked for, and what is to be seen in it."""

    line: Annotated[int, Field(ge=0, lt=MOST_LINES)]
    """Index of the line in the claim, from 0."""
    note: Reason | None = None
    """No personal data."""


class DocumentSupplyIn(Request):
    """Which document shows the line."""

    document_sha256: Sha256


@router.post("/agreements/{agreement_id}/documents", status_code=201)
def keep_document(agreement_id: UUID, desk: DocumentDesk, scanner: TheScanner) -> DocumentOut:
    """
    Keep a document of the caller's organisation: PDF, PNG, JPEG, XLSX, DOCX or plain text.

    The body is the file, of at most 25 MB; its type is decided by its content. The same content
    twice is one document. One that carries a virus is refused.
    """
    agreement = desk.state(DECIDER, streams.agreement(agreement_id))
    if isinstance(agreement, NotDrafted):
        raise AgreementUnknown
    ours = desk.caller.organisation_id
    if ours is None or all(
        each.organisation_id != ours for each in agreement.participants.values()
    ):
        raise NotYourOrganisation
    document = document_of(desk.body)
    scan = scanner.scan(desk.body)
    with desk.transaction() as connection:
        document_store.keep(
            connection,
            desk.body,
            document,
            agreement_id=agreement_id,
            organisation_id=ours,
            received_on=desk.today,
        )
    desk.created_at(f"/v1/agreements/{agreement_id}/documents/{document.sha256}")
    return DocumentOut(
        sha256=document.sha256, size=document.size, media_type=document.media_type, scan=scan
    )


@router.get("/agreements/{agreement_id}/documents/{sha256}", response_class=Response)
def read_document(agreement_id: UUID, sha256: Sha256, reader: AnyReader) -> Response:
    """One document; a recipient reads those that its own organisation brought."""
    agreement_seen_by(reader, agreement_id)
    with reader.tables() as connection:
        found = document_store.content_of(
            connection,
            sha256,
            agreement_id=agreement_id,
            organisation_id=reader.caller.only_organisation,
        )
    if found is None:
        raise DocumentNotHere
    content, media_type = found
    return attachment(content, media_type, name=f"{sha256}.{EXTENSIONS[media_type]}")


@router.post("/agreements/{agreement_id}/claims/{claim_id}/document-requests")
def request_document(
    agreement_id: UUID, claim_id: UUID, body: DocumentRequestIn, desk: AnalystDesk
) -> CommandAnswer:
    """Ask for the document behind a line; the claim is not approved before it is supplied."""
    command = commands.RequestDocument(
        claim_id=claim_id, line=body.line, note=body.note, by=desk.caller.id, on=desk.today
    )
    return about(claim_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.put("/agreements/{agreement_id}/claims/{claim_id}/lines/{line}/document")
def supply_document(
    agreement_id: UUID, claim_id: UUID, line: Line, body: DocumentSupplyIn, desk: RecipientDesk
) -> CommandAnswer:
    """Show a document that was asked for; it is brought before."""
    with desk.transaction() as connection:
        documents.must_be_there(
            connection,
            body.document_sha256,
            agreement_id=agreement_id,
            organisation_id=desk.caller.organisation_id,
        )
    command = commands.SupplyDocument(
        claim_id=claim_id,
        line=line,
        document_sha256=body.document_sha256,
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    return about(claim_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))
