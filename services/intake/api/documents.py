"""Documents of an application: attached by its organisations, read by them and by staff."""

from dataclasses import replace
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel

from services.intake.api.doors import (
    APPLICANTS,
    ApplicantsDesk,
    ReadersCounter,
    joined_application,
    readable_application,
)
from services.intake.domain import application_commands as commands
from services.intake.domain import attaching
from services.intake.domain.application import DECIDER
from services.intake.domain.application_events import DocumentAttached
from services.intake.domain.attaching import DocumentUnknown
from services.intake.domain.document import KINDS, AttachedDocument
from services.intake.gateways import document_store
from services.intake.use_cases import documents, streams
from shared.documents.contents import EXTENSIONS, MOST_BYTES, document_of
from shared.documents.scanning import Scan
from shared.web.desk import CommandAnswer, Desk, at_file_desk
from shared.web.files import TheScanner, attachment
from shared.web.refusals import OrganisationMissing

router = APIRouter(prefix="/v1", tags=["documents"])

DocumentDesk = Annotated[Desk, Depends(at_file_desk(*APPLICANTS, body_bytes=MOST_BYTES))]
Kind = Annotated[str, Query(max_length=50, description=" · ".join(KINDS))]
Title = Annotated[str, Query(max_length=200, description="What it is; no personal data.")]
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


class AttachedAnswer(CommandAnswer):
    """A document that was attached; ``id`` is the document's."""

    sha256: str
    """By this its content is read."""
    size: int
    """In bytes."""
    media_type: str
    """By its content."""
    scan: Scan
    """Whether a scanner found no virus in it, or nobody looked."""


class DocumentOut(BaseModel):
    """A document of an application."""

    document_id: UUID
    organisation_id: UUID
    sha256: str
    kind: str
    title: str
    size: int
    """In bytes."""
    media_type: str
    scan: Scan
    """Whether a scanner found no virus in it, or nobody looked."""
    attached_on: date

    @classmethod
    def of(cls, document: AttachedDocument) -> "DocumentOut":
        """As it is shown."""
        return cls(
            document_id=document.document_id,
            organisation_id=document.organisation_id,
            sha256=document.sha256,
            kind=document.kind,
            title=document.title,
            size=document.size,
            media_type=document.media_type,
            scan=document.scan,
            attached_on=document.attached_on,
        )


class DocumentsOut(BaseModel):
    """The documents of an application, in the order in which they were attached: at most 40."""

    items: list[DocumentOut]


@router.post("/applications/{application_id}/documents", status_code=201)
def attach(
    application_id: UUID, kind: Kind, title: Title, desk: DocumentDesk, scanner: TheScanner
) -> AttachedAnswer:
    """
    Attach a document of the caller's organisation: PDF, PNG, JPEG, XLSX, DOCX or plain text.

    The body is the file, of at most 25 MB; its type is decided by its content. One that carries a
    virus is refused.
    """
    state = joined_application(desk, application_id)
    document_id = desk.new_id("document")
    answer = desk.answered_before()
    if answer is None:
        command = _command(document_id, kind=kind, title=title, desk=desk)
        # What can be refused at once is, before the scanner is asked to read 25 MB.
        attaching.attach(command, state)
        command = replace(command, scan=scanner.scan(desk.body))
        with desk.transaction() as connection:
            document_store.keep(
                connection,
                desk.body,
                document_of(desk.body),
                application_id=application_id,
                organisation_id=command.organisation_id,
                scan=command.scan,
                received_on=desk.today,
            )
            answer = desk.carry_out(DECIDER, streams.application(application_id), command)
    history = desk.store.events(streams.application(application_id))
    attached = documents.attached_as(history, document_id)
    desk.created_at(f"/v1/applications/{application_id}/documents/{attached.sha256}")
    return _attached(answer, attached)


@router.get("/applications/{application_id}/documents")
def list_documents(application_id: UUID, reader: ReadersCounter) -> DocumentsOut:
    """All of them for staff and the lead; a participant sees those that it brought."""
    state, _ = readable_application(reader, application_id)
    seen = attaching.documents_seen_by(reader.caller.only_organisation, state)
    return DocumentsOut(items=[DocumentOut.of(each) for each in seen])


@router.get("/applications/{application_id}/documents/{sha256}", response_class=Response)
def read_document(application_id: UUID, sha256: Sha256, reader: ReadersCounter) -> Response:
    """One document, attached now or part of what was submitted once, as a file to save."""
    state, _ = readable_application(reader, application_id)
    ours = reader.caller.only_organisation
    leads = ours == state.proposal.lead_organisation_id
    with reader.tables() as connection:
        kept = document_store.found(
            connection,
            sha256,
            application_id=application_id,
            organisation_id=None if leads else ours,
        )
    if kept is None:
        raise DocumentUnknown
    name = f"{sha256}.{EXTENSIONS[kept.media_type]}"
    answer = attachment(bytes(kept.content), kept.media_type, name=name)
    answer.headers["X-Jalon-Scan"] = kept.scan
    return answer


@router.post("/applications/{application_id}/documents/{document_id}/removal")
def detach(application_id: UUID, document_id: UUID, desk: ApplicantsDesk) -> CommandAnswer:
    """Take a document off; unless it was submitted once, its content is deleted."""
    joined_application(desk, application_id)
    command = commands.DetachDocument(
        document_id=document_id,
        organisation_id=desk.caller.only_organisation,
        on=desk.today,
        by=desk.caller.id,
    )
    stream = streams.application(application_id)
    with desk.transaction() as connection:
        if (answer := desk.answered_before()) is None:
            answer = desk.carry_out(DECIDER, stream, command)
            history = desk.store.events(stream)
            gone = documents.attached_as(history, document_id)
            theirs, sha256 = gone.organisation_id, gone.sha256
            if not documents.was_submitted(history, organisation_id=theirs, sha256=sha256):
                document_store.forget(
                    connection, sha256, application_id=application_id, organisation_id=theirs
                )
    return answer.model_copy(update={"id": document_id})


def _command(document_id: UUID, *, kind: str, title: str, desk: Desk) -> commands.AttachDocument:
    """What is asked, before anybody has looked for viruses. Raises ``OrganisationMissing``."""
    if desk.caller.organisation_id is None:
        raise OrganisationMissing
    document = document_of(desk.body)
    return commands.AttachDocument(
        document_id=document_id,
        organisation_id=desk.caller.organisation_id,
        sha256=document.sha256,
        kind=kind,
        title=title,
        size=document.size,
        media_type=document.media_type,
        scan="not-scanned",
        on=desk.today,
        by=desk.caller.id,
    )


def _attached(answer: CommandAnswer, attached: DocumentAttached) -> AttachedAnswer:
    return AttachedAnswer(
        id=attached.document_id,
        version=answer.version,
        position=answer.position,
        sha256=attached.sha256,
        size=attached.size,
        media_type=attached.media_type,
        scan=attached.scan,
    )
