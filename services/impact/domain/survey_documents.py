"""
Documents that show what is answered: attached by whoever answers, and taken off again.

They are attached while the survey waits for its response, or for the answer to an officer. What
was handed in with either stays, and from then on officers see it. Where another organisation
takes the participant's place, documents stay with the survey, as its draft does.
"""

from collections.abc import Sequence
from uuid import UUID

from services.impact.domain.survey_answering import (
    NotYourSurvey,
    SurveyAlreadyAnswered,
    SurveyIsExcused,
    SurveyNotYetOpen,
)
from services.impact.domain.survey_commands import AttachDocument, DetachDocument
from services.impact.domain.survey_events import (
    Event,
    SurveyDocumentAttached,
    SurveyDocumentDetached,
    SurveyPlanned,
    about,
)
from services.impact.domain.survey_state import AWAITS_RESPONSE, Status, Survey
from shared.kernel.refusals import Invalid, NotFound, RuleBroken

MOST_DOCUMENTS = 10
"""Per survey."""
LONGEST_TITLE = 200
"""Characters."""

_TAKES_DOCUMENTS = AWAITS_RESPONSE | {Status.QUERIED}


class DocumentTitleMissing(Invalid):
    """A document has a title."""

    en = "A title of 1 to {most} characters is needed."
    fr = "Un titre de 1 à {most} caractères est requis."


class TooManyDocuments(RuleBroken):
    """A survey has a limited number of documents."""

    en = "A survey has at most {most} documents."
    fr = "Un sondage compte au plus {most} documents."


class DocumentAlreadyAttached(RuleBroken):
    """The same content is attached once."""

    en = "This document is attached already: {title}."
    fr = "Ce document est déjà joint : {title}."


class DocumentHandedIn(RuleBroken):
    """What officers may have seen is not taken off any more."""

    en = "This document was handed in and stays."
    fr = "Ce document a été remis et reste au dossier."


class DocumentUnknown(NotFound):
    """There is no such document, or it is not yours to see."""

    en = "There is no such document."
    fr = "Ce document n’existe pas."


def attach(command: AttachDocument, state: Survey, planned: SurveyPlanned) -> Sequence[Event]:
    """Attach a document. Raises why it cannot be."""
    _must_take_documents(command.organisation_id, state, planned)
    title = command.title.strip()
    if not 1 <= len(title) <= LONGEST_TITLE:
        accepted = {"at_least": 1, "at_most": LONGEST_TITLE}
        raise DocumentTitleMissing(most=LONGEST_TITLE, field="title", accepted=accepted)
    for known in state.documents:
        if known.sha256 == command.sha256:
            raise DocumentAlreadyAttached(title=known.title)
    if len(state.documents) >= MOST_DOCUMENTS:
        raise TooManyDocuments(most=MOST_DOCUMENTS, accepted={"at_most": MOST_DOCUMENTS})
    return [
        SurveyDocumentAttached(
            effective_on=command.on,
            document_id=command.document_id,
            sha256=command.sha256,
            title=title,
            size=command.size,
            media_type=command.media_type,
            scan=command.scan,
            by=command.by,
            **about(planned),
        )
    ]


def detach(command: DetachDocument, state: Survey, planned: SurveyPlanned) -> Sequence[Event]:
    """Take a document off that nobody has handed in. Raises why it cannot be."""
    if command.organisation_id != planned.organisation_id:
        raise NotYourSurvey
    if all(each.document_id != command.document_id for each in state.documents):
        raise DocumentUnknown
    if command.document_id in state.handed_in:
        raise DocumentHandedIn
    return [
        SurveyDocumentDetached(
            effective_on=command.on,
            document_id=command.document_id,
            by=command.by,
            **about(planned),
        )
    ]


def seen(state: Survey, organisation_id: UUID | None) -> tuple[SurveyDocumentAttached, ...]:
    """All of them for whoever answers; for staff (None), those that were handed in."""
    if organisation_id is not None:
        return state.documents
    return tuple(each for each in state.documents if each.document_id in state.handed_in)


def _must_take_documents(
    organisation_id: UUID | None, state: Survey, planned: SurveyPlanned
) -> None:
    if organisation_id != planned.organisation_id:
        raise NotYourSurvey
    if state.status in _TAKES_DOCUMENTS:
        return
    if state.response is not None:
        raise SurveyAlreadyAnswered(answered_on=state.response.effective_on)
    if state.status is Status.EXCUSED:
        raise SurveyIsExcused
    raise SurveyNotYetOpen(opens_on=planned.opens_on)
