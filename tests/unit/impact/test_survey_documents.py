"""Documents of a survey: which are taken, until when, and who sees them."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from services.impact.domain import survey_documents
from services.impact.domain.receipt import receipt_of
from services.impact.domain.survey_answering import (
    NotYourSurvey,
    SurveyAlreadyAnswered,
    SurveyIsExcused,
    SurveyNotYetOpen,
)
from services.impact.domain.survey_commands import AnswerQuery, AttachDocument, DetachDocument
from services.impact.domain.survey_documents import (
    MOST_DOCUMENTS,
    DocumentAlreadyAttached,
    DocumentHandedIn,
    DocumentTitleMissing,
    DocumentUnknown,
    TooManyDocuments,
)
from services.impact.domain.survey_events import (
    Event,
    ResponseSubmitted,
    SurveyDocumentAttached,
    SurveyExcused,
)
from tests.unit.impact.test_review import (
    ABOUT,
    ASKED,
    DUE,
    ORGANISATION,
    answered,
    decided,
    lapsed,
    opened,
    planned,
    query,
    refused,
    state,
    submit,
)


def attach(number: int = 1, *, of: UUID = ORGANISATION, title: str = " Sales ") -> AttachDocument:
    return AttachDocument(
        document_id=UUID(int=number),
        sha256=f"{number:064x}",
        title=title,
        size=10,
        media_type="application/pdf",
        scan="clean",
        organisation_id=of,
        by="p-5",
        on=DUE,
    )


def detach(number: int = 1, *, of: UUID = ORGANISATION) -> DetachDocument:
    return DetachDocument(document_id=UUID(int=number), organisation_id=of, by="p-5", on=DUE)


def attached(*history: Event, number: int = 1) -> Event:
    (event,) = decided(attach(number), *history)
    return event


class TestAttaching:
    def test_while_somebody_is_to_answer(self) -> None:
        """A document is taken while its survey is open, late or lapsed, or an officer asks."""
        (asked,) = decided(query(), planned, opened, answered)
        for history in ((planned, opened), (planned, opened, lapsed), (planned, answered, asked)):
            event = attached(*history)
            assert isinstance(event, SurveyDocumentAttached)
            assert (event.title, event.scan) == ("Sales", "clean")

    def test_at_no_other_time(self) -> None:
        """Nothing is attached before a survey opens, or once nobody is to answer."""
        excused = SurveyExcused(effective_on=DUE, reason="closed", by="o", **ABOUT)
        refused(attach(), SurveyNotYetOpen, planned)
        refused(attach(), SurveyAlreadyAnswered, planned, opened, answered)
        refused(attach(), SurveyIsExcused, planned, opened, excused)

    def test_by_whom_it_asks(self) -> None:
        """Another organisation neither attaches nor takes off."""
        first = attached(planned, opened)
        refused(attach(of=UUID(int=99)), NotYourSurvey, planned, opened)
        refused(detach(of=UUID(int=99)), NotYourSurvey, planned, opened, first)

    def test_under_a_title(self) -> None:
        """A document has a title of reasonable length."""
        refused(attach(title=" "), DocumentTitleMissing, planned, opened)
        refused(attach(title="x" * 201), DocumentTitleMissing, planned, opened)

    def test_once_and_not_too_many(self) -> None:
        """The same content is attached once, and a survey has at most ten documents."""
        history: tuple[Event, ...] = (planned, opened)
        for number in range(1, MOST_DOCUMENTS + 1):
            history += (attached(*history, number=number),)
        refused(attach(3), DocumentAlreadyAttached, *history)
        refused(attach(11), TooManyDocuments, *history)
        (gone,) = decided(detach(3), *history)
        assert decided(attach(3), *history, gone)


class TestHandingIn:
    def test_comes_with_the_response(self) -> None:
        """The response names its documents; they stay, and officers see them from then on."""
        first = attached(planned, opened)
        before = state(planned, opened, first)
        assert survey_documents.seen(before, None) == ()
        assert survey_documents.seen(before, ORGANISATION) == (first,)
        response, _ = decided(submit(JOBS_CREATED=4), planned, opened, first)
        assert isinstance(response, ResponseSubmitted)
        assert response.documents == (f"{1:064x}",)
        after = state(planned, opened, first, response)
        assert survey_documents.seen(after, None) == (first,)
        refused(detach(), DocumentHandedIn, planned, opened, first, response)

    def test_comes_with_the_answer_to_an_officer(self) -> None:
        """What is attached to an answer can be taken off until the answer is given."""
        (asked,) = decided(query(), planned, opened, answered)
        history = (planned, opened, answered, asked)
        first = attached(*history)
        assert survey_documents.seen(state(*history, first), None) == ()
        assert decided(detach(), *history, first)
        reply = AnswerQuery(
            text="See the file.",
            changes={},
            organisation_id=ORGANISATION,
            by="p-5",
            on=date(2026, 7, 1),
            asked=ASKED,
        )
        (given,) = decided(reply, *history, first)
        assert survey_documents.seen(state(*history, first, given), None) == (first,)
        refused(detach(), DocumentHandedIn, *history, first, given)

    def test_is_on_the_receipt(self) -> None:
        """A receipt names the documents that came with the response, and no empty list of them."""
        assert '"documents"' not in receipt_of(answered).content
        assert '"documents":["ab"]' in receipt_of(replace(answered, documents=("ab",))).content


class TestTakingOff:
    def test_what_is_there(self) -> None:
        """Only a document of the survey is taken off, and only once."""
        first = attached(planned, opened)
        (gone,) = decided(detach(), planned, opened, first)
        assert state(planned, opened, first, gone).documents == ()
        refused(detach(), DocumentUnknown, planned, opened, first, gone)

    def test_even_when_nobody_answers_any_more(self) -> None:
        """What was never handed in can be taken back after an excuse, too."""
        excused = SurveyExcused(effective_on=DUE, reason="closed", by="o", **ABOUT)
        assert decided(detach(), planned, opened, attached(planned, opened), excused)
