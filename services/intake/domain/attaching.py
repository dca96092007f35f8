"""Attaching documents to an application, and taking them off again."""

from uuid import UUID

from services.intake.domain.application_commands import AttachDocument, DetachDocument
from services.intake.domain.application_events import DocumentAttached, DocumentDetached, Event
from services.intake.domain.application_state import Draft, Started
from services.intake.domain.document import KINDS, MOST_DOCUMENTS, AttachedDocument
from services.intake.domain.stages import not_at_stage
from shared.kernel.refusals import Invalid, NotFound, RuleBroken


class DocumentKindUnknown(Invalid):
    """A document is of one of a few kinds."""

    en = "There is no kind of document called {kind}."
    fr = "Il n’y a pas de genre de document nommé {kind}."


class DocumentTitleMissing(Invalid):
    """A document has a title."""

    en = "A title is needed."
    fr = "Un titre est requis."


class TooManyDocuments(RuleBroken):
    """An application has a limited number of documents."""

    en = "An application has at most {most} documents."
    fr = "Une demande compte au plus {most} documents."


class DocumentAlreadyAttached(RuleBroken):
    """An organisation attaches the same content once."""

    en = "Your organisation has already attached this document: {title}."
    fr = "Votre organisation a déjà joint ce document : {title}."


class DocumentUnknown(NotFound):
    """There is no such document, or it is not yours to see."""

    en = "There is no such document."
    fr = "Ce document n’existe pas."


def takes_documents(state: Started) -> bool:
    """Documents are attached while the applicant is writing."""
    return isinstance(state, Draft)


def attach(command: AttachDocument, state: Started) -> list[Event]:
    """Attach a document of one of the participants' organisations."""
    if not takes_documents(state):
        raise not_at_stage(state, "draft")
    proposal = state.proposal
    if not proposal.concerns(command.organisation_id):
        raise NotFound(kind="application")
    if command.kind not in KINDS:
        raise DocumentKindUnknown(kind=command.kind, field="kind", accepted=list(KINDS))
    if not command.title.strip():
        raise DocumentTitleMissing(field="title")
    for known in proposal.documents:
        if (known.organisation_id, known.sha256) == (command.organisation_id, command.sha256):
            raise DocumentAlreadyAttached(title=known.title)
    if len(proposal.documents) >= MOST_DOCUMENTS:
        raise TooManyDocuments(most=MOST_DOCUMENTS, accepted={"at_most": MOST_DOCUMENTS})
    return [
        DocumentAttached(
            effective_on=command.on,
            application_id=proposal.application_id,
            document_id=command.document_id,
            organisation_id=command.organisation_id,
            sha256=command.sha256,
            kind=command.kind,
            title=command.title.strip(),
            size=command.size,
            media_type=command.media_type,
            scan=command.scan,
            by=command.by,
        )
    ]


def detach(command: DetachDocument, state: Started) -> list[Event]:
    """Take a document off; what was submitted with it stays readable."""
    document = document_seen_by(command.organisation_id, command.document_id, state)
    if not isinstance(state, Draft):
        raise not_at_stage(state, "draft")
    return [
        DocumentDetached(
            effective_on=command.on,
            application_id=state.proposal.application_id,
            document_id=document.document_id,
            by=command.by,
        )
    ]


def documents_seen_by(organisation_id: UUID | None, state: Started) -> tuple[AttachedDocument, ...]:
    """All of them for staff (None) and for the lead; for a participant, those it brought."""
    proposal = state.proposal
    if organisation_id in {None, proposal.lead_organisation_id}:
        return proposal.documents
    return tuple(each for each in proposal.documents if each.organisation_id == organisation_id)


def document_seen_by(
    organisation_id: UUID | None, document_id: UUID, state: Started
) -> AttachedDocument:
    """One of ``documents_seen_by``. Raises ``DocumentUnknown``."""
    for document in documents_seen_by(organisation_id, state):
        if document.document_id == document_id:
            return document
    raise DocumentUnknown
