"""Documents of a survey: attached with an account or with a link, read by officers."""

from dataclasses import replace
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel

from services.impact.api.doors import OFFICERS, RecipientAtTheDesk, survey_at, survey_seen
from services.impact.api.link_door import LinkDesk, LinkFileDesk, LinkReader, OpenedHere
from services.impact.domain import survey, survey_documents
from services.impact.domain.survey_commands import AttachDocument, DetachDocument
from services.impact.domain.survey_documents import DocumentUnknown
from services.impact.domain.survey_events import SurveyDocumentAttached
from services.impact.domain.survey_state import Survey
from services.impact.gateways import document_store
from services.impact.use_cases import streams
from shared.documents.contents import EXTENSIONS, MOST_BYTES, document_of
from shared.documents.scanning import Scan, Scanner
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_file_desk
from shared.web.files import TheScanner, attachment

router = APIRouter(prefix="/v1", tags=["documents"])

DocumentDesk = Annotated[Desk, Depends(at_file_desk("recipient", body_bytes=MOST_BYTES))]
DocumentReader = Annotated[Reader, Depends(at_counter("recipient", *OFFICERS))]
Title = Annotated[
    str,
    Query(max_length=survey_documents.LONGEST_TITLE, description="What it is; no personal data."),
]
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
    """A document of a survey."""

    document_id: UUID
    sha256: str
    """By this its content is read."""
    title: str
    size: int
    """In bytes."""
    media_type: str
    scan: Scan
    """Whether a scanner found no virus in it, or nobody looked."""
    attached_on: date
    handed_in: bool
    """With the response or the answer to an officer: it is not taken off any more."""


class DocumentsOut(BaseModel):
    """The documents of a survey, in the order in which they were attached: at most 10."""

    items: list[DocumentOut]


@router.post("/surveys/{survey_id}/documents", status_code=201)
def attach(
    survey_id: UUID, title: Title, desk: DocumentDesk, scanner: TheScanner
) -> AttachedAnswer:
    """
    Attach a document to what you answer: PDF, PNG, JPEG, XLSX, DOCX or plain text.

    The body is the file, of at most 25 MB; its type is decided by its content. One that carries a
    virus is refused. It can be taken off until the survey, or the answer to an officer, is sent.
    """
    survey_at(desk, survey_id)
    ours = desk.caller.organisation_id
    answer = _attach(desk, scanner, survey_id, organisation_id=ours, title=title)
    desk.created_at(f"/v1/surveys/{survey_id}/documents/{answer.sha256}")
    return answer


@router.get("/surveys/{survey_id}/documents")
def list_documents(survey_id: UUID, reader: DocumentReader) -> DocumentsOut:
    """All of them for the organisation that is asked; officers see those that were handed in."""
    state, _ = survey_seen(reader, survey_id)
    return DocumentsOut(items=documents_out(state, reader.caller.only_organisation))


@router.get("/surveys/{survey_id}/documents/{sha256}", response_class=Response)
def read_document(survey_id: UUID, sha256: Sha256, reader: DocumentReader) -> Response:
    """One document, as a file to save."""
    state, _ = survey_seen(reader, survey_id)
    return _content(reader, survey_id, state, reader.caller.only_organisation, sha256)


@router.post("/surveys/{survey_id}/documents/{document_id}/removal")
def detach(survey_id: UUID, document_id: UUID, desk: RecipientAtTheDesk) -> CommandAnswer:
    """Take a document off that was not handed in; its content is deleted."""
    survey_at(desk, survey_id)
    return _detach(desk, survey_id, document_id, organisation_id=desk.caller.organisation_id)


@router.post("/my-survey/documents", status_code=201, tags=["my survey"])
def attach_to_mine(
    title: Title, desk: LinkFileDesk, opened: OpenedHere, scanner: TheScanner
) -> AttachedAnswer:
    """Attach a document to what you answer, with the same limits as for an account."""
    answer = _attach(
        desk, scanner, opened.survey_id, organisation_id=opened.organisation_id, title=title
    )
    desk.created_at(f"/v1/my-survey/documents/{answer.sha256}")
    return answer


@router.get("/my-survey/documents/{sha256}", response_class=Response, tags=["my survey"])
def read_mine(sha256: Sha256, reader: LinkReader, opened: OpenedHere) -> Response:
    """One document of the survey, as a file to save."""
    state, _ = reader.state(survey.DECIDER, streams.survey(opened.survey_id))
    return _content(reader, opened.survey_id, state, opened.organisation_id, sha256)


@router.post("/my-survey/documents/{document_id}/removal", tags=["my survey"])
def detach_from_mine(document_id: UUID, desk: LinkDesk, opened: OpenedHere) -> CommandAnswer:
    """Take a document off that was not handed in; its content is deleted."""
    return _detach(desk, opened.survey_id, document_id, organisation_id=opened.organisation_id)


def documents_out(state: Survey, organisation_id: UUID | None) -> list[DocumentOut]:
    """The documents that an organisation (None: staff) sees, as they are shown."""
    return [
        DocumentOut(
            document_id=each.document_id,
            sha256=each.sha256,
            title=each.title,
            size=each.size,
            media_type=each.media_type,
            scan=each.scan,
            attached_on=each.effective_on,
            handed_in=each.document_id in state.handed_in,
        )
        for each in survey_documents.seen(state, organisation_id)
    ]


def _attach(
    desk: Desk, scanner: Scanner, survey_id: UUID, *, organisation_id: UUID | None, title: str
) -> AttachedAnswer:
    stream = streams.survey(survey_id)
    document_id = desk.new_id("document")
    answer = desk.answered_before()
    if answer is None:
        document = document_of(desk.body)
        command = AttachDocument(
            document_id=document_id,
            sha256=document.sha256,
            title=title,
            size=document.size,
            media_type=document.media_type,
            scan="not-scanned",
            organisation_id=organisation_id,
            by=desk.caller.id,
            on=desk.today,
        )
        # What can be refused at once is, before the scanner is asked to read 25 MB.
        survey.decide(command, desk.state(survey.DECIDER, stream))
        command = replace(command, scan=scanner.scan(desk.body))
        with desk.transaction() as connection:
            answer = desk.carry_out(survey.DECIDER, stream, command)
            document_store.keep(
                connection,
                desk.body,
                document,
                survey_id=survey_id,
                scan=command.scan,
                received_on=desk.today,
            )
    attached = _attached_as(desk, survey_id, document_id)
    return AttachedAnswer(
        id=document_id,
        version=answer.version,
        position=answer.position,
        sha256=attached.sha256,
        size=attached.size,
        media_type=attached.media_type,
        scan=attached.scan,
    )


def _detach(
    desk: Desk, survey_id: UUID, document_id: UUID, *, organisation_id: UUID | None
) -> CommandAnswer:
    command = DetachDocument(
        document_id=document_id, organisation_id=organisation_id, by=desk.caller.id, on=desk.today
    )
    with desk.transaction() as connection:
        if (answer := desk.answered_before()) is None:
            answer = desk.carry_out(survey.DECIDER, streams.survey(survey_id), command)
            gone = _attached_as(desk, survey_id, document_id)
            document_store.forget(connection, gone.sha256, survey_id=survey_id)
    return answer.model_copy(update={"id": document_id})


def _attached_as(desk: Desk, survey_id: UUID, document_id: UUID) -> SurveyDocumentAttached:
    """How a document was attached, even if it has been detached since."""
    return next(
        event
        for event in desk.store.events(streams.survey(survey_id))
        if isinstance(event, SurveyDocumentAttached) and event.document_id == document_id
    )


def _content(
    reader: Reader, survey_id: UUID, state: Survey, organisation_id: UUID | None, sha256: str
) -> Response:
    if all(each.sha256 != sha256 for each in survey_documents.seen(state, organisation_id)):
        raise DocumentUnknown
    with reader.tables() as connection:
        kept = document_store.found(connection, sha256, survey_id=survey_id)
    if kept is None:
        raise DocumentUnknown
    name = f"{sha256}.{EXTENSIONS[kept.media_type]}"
    answer = attachment(bytes(kept.content), kept.media_type, name=name)
    answer.headers["X-Jalon-Scan"] = kept.scan
    return answer
