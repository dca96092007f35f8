"""After the response: drafts before it, questions and corrections after it, four eyes on it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from services.impact.domain import survey
from services.impact.domain.question import Asked, Bilingual, Question
from services.impact.domain.receipt import receipt_of
from services.impact.domain.survey_answering import (
    ResponseNotAcceptable,
    SurveyAlreadyAnswered,
    SurveyIsExcused,
    SurveyNotYetOpen,
)
from services.impact.domain.survey_commands import (
    AnswerQuery,
    Command,
    CorrectResponse,
    ExcuseSurvey,
    LapseSurvey,
    QueryResponse,
    ReassignSurvey,
    SaveDraft,
    SubmitResponse,
    ValidateResponse,
)
from services.impact.domain.survey_events import (
    Answer,
    Correction,
    Event,
    IndicatorsReported,
    Reply,
    ResponseSubmitted,
    SurveyCorrected,
    SurveyExcused,
    SurveyLapsed,
    SurveyOpened,
    SurveyPlanned,
    SurveyQueryAnswered,
    SurveyReassigned,
    SurveyValidated,
)
from services.impact.domain.survey_review import (
    AnswererDoesNotValidate,
    NoQueryToAnswer,
    NothingToCorrect,
    SurveyAlreadyValidated,
    SurveyNotAnswered,
    SurveyUnderQuery,
)
from services.impact.domain.survey_state import Status, Survey
from shared.kernel.refusals import Refusal

ORGANISATION, DUE = UUID(int=11), date(2026, 6, 30)
WORDS = Bilingual(en="Effects", fr="Effets")
ASKED = Asked(
    questions=(
        Question(code="JOBS-CREATED", kind="indicator", titles=WORDS, required=True),
        Question(code="IN-USE", kind="yes-no", titles=WORDS),
    )
)
ABOUT: dict[str, Any] = {
    "survey_id": UUID(int=3),
    "project_id": UUID(int=7),
    "programme_code": "IND-P2",
    "participant_id": UUID(int=1),
    "organisation_id": ORGANISATION,
    "year": 1,
    "due_on": DUE,
}
planned = SurveyPlanned(effective_on=date(2025, 6, 30), opens_on=date(2026, 5, 1), **ABOUT)
opened = SurveyOpened(effective_on=date(2026, 5, 1), questionnaire_version=1, **ABOUT)
lapsed = SurveyLapsed(effective_on=date(2026, 12, 27), **ABOUT)
JOBS = Answer(indicator="JOBS-CREATED", value=4)
answered = ResponseSubmitted(
    effective_on=DUE,
    answers=(JOBS,),
    replies=(Reply(question="IN-USE", value=True),),
    by="p-5",
    late=False,
    submitted_at=datetime(2026, 6, 30, 14, tzinfo=UTC),
    **ABOUT,
)
validated = SurveyValidated(effective_on=DUE, by="officer", **ABOUT)


def state(*events: Event) -> Survey:
    return survey.DECIDER.fold(events)


def decided(command: Command, *history: Event) -> Sequence[Event]:
    return survey.decide(command, state(*history))


def refused(command: Command, why: type[Refusal], *history: Event) -> None:
    with pytest.raises(why):
        decided(command, *history)


def draft(**values: Any) -> SaveDraft:
    replies = tuple(Reply(question=code.replace("_", "-"), value=values[code]) for code in values)
    return SaveDraft(
        answers=(), replies=replies, organisation_id=ORGANISATION, by="p-5", on=DUE, asked=ASKED
    )


def submit(on: date = DUE, **values: Any) -> SubmitResponse:
    replies = tuple(Reply(question=code.replace("_", "-"), value=values[code]) for code in values)
    return SubmitResponse(
        answers=(),
        replies=replies,
        certified=True,
        organisation_id=ORGANISATION,
        by="p-5",
        on=on,
        asked=ASKED,
    )


def query(*codes: str) -> QueryResponse:
    return QueryResponse(codes=codes, text="Really?", by="officer", on=DUE, asked=ASKED)


def correction(by: str = "p-5", **changes: Any) -> CorrectResponse:
    return CorrectResponse(
        changes={code.replace("_", "-"): changes[code] for code in changes},
        reason="slip",
        organisation_id=ORGANISATION,
        by=by,
        on=DUE,
        asked=ASKED,
    )


def validate(by: str = "officer") -> ValidateResponse:
    return ValidateResponse(by=by, on=DUE)


class TestADraft:
    def test_need_not_be_complete(self) -> None:
        """What is known so far is kept; the same again changes nothing."""
        (event,) = decided(draft(IN_USE=True), planned, opened)
        assert decided(draft(IN_USE=True), planned, opened, event) == []
        assert state(planned, opened, event).draft == event

    def test_holds_only_what_could_be_answered(self) -> None:
        """A draft has no answer that could never be taken."""
        refused(draft(IN_USE=7), ResponseNotAcceptable, planned, opened)
        refused(draft(HAPPINESS=7), ResponseNotAcceptable, planned, opened)

    def test_comes_between_opening_and_answering(self) -> None:
        """There is nothing to draft before a survey opens or after it was answered."""
        refused(draft(IN_USE=True), SurveyNotYetOpen, planned)
        refused(draft(IN_USE=True), SurveyAlreadyAnswered, planned, opened, answered)


class TestAResponse:
    def test_parts_indicators_from_the_rest(self) -> None:
        """Indicators are reported as facts; what else is asked stays beside them."""
        event, report = decided(submit(JOBS_CREATED=4, IN_USE=True), planned, opened)
        assert isinstance(event, ResponseSubmitted)
        assert (event.answers, event.replies) == (answered.answers, answered.replies)
        assert isinstance(report, IndicatorsReported)
        assert (report.values, report.validated) == ((JOBS,), False)

    def test_is_complete(self) -> None:
        """What is required is answered, and a survey without an answer is none."""
        refused(submit(IN_USE=True), ResponseNotAcceptable, planned, opened)
        refused(submit(), ResponseNotAcceptable, planned, opened)

    def test_after_the_lapse_is_taken_and_marked(self) -> None:
        """A late answer is better than none, however late."""
        event, _ = decided(submit(date(2027, 3, 1), JOBS_CREATED=1), planned, opened, lapsed)
        assert isinstance(event, ResponseSubmitted)
        assert (event.late, event.lapsed) == (True, True)

    def test_has_a_receipt_that_never_changes(self) -> None:
        """The same response gives the same text and digest, whatever is corrected later."""
        receipt = receipt_of(answered)
        assert receipt.content == (
            '{"answers":{"JOBS-CREATED":4},"replies":{"IN-USE":true},"submitted_at":'
            '"2026-06-30T14:00:00+00:00","submitted_on":"2026-06-30","surprises":{},'
            '"survey_id":"00000000-0000-0000-0000-000000000003"}'
        )
        assert receipt.sha256 == (
            "1e13f91cc9733021fc0b5124e5af70947178efca6040aae36f9f00d119347eab"
        )


class TestAQuery:
    def test_is_answered_with_corrections(self) -> None:
        """The participant answers the officer, and corrects what was wrong at the same time."""
        (asked,) = decided(query("JOBS-CREATED"), planned, opened, answered)
        history = (planned, opened, answered, asked)
        assert state(*history).status is Status.QUERIED
        event, report = decided(
            AnswerQuery(
                text="Four were meant for last year.",
                changes={"JOBS-CREATED": 0, "IN-USE": True},
                organisation_id=ORGANISATION,
                by="p-6",
                on=DUE,
                asked=ASKED,
            ),
            *history,
        )
        assert isinstance(event, SurveyQueryAnswered)
        assert event.corrections == (Correction(code="JOBS-CREATED", old=4, new=0),)
        assert isinstance(report, IndicatorsReported)
        assert state(*history, event).status is Status.ANSWERED
        assert state(*history, event).answers == (Answer(indicator="JOBS-CREATED", value=0),)

    def test_comes_one_at_a_time(self) -> None:
        """While a question waits, nobody asks another, corrects or validates."""
        (asked,) = decided(query(), planned, opened, answered)
        for command in (query(), validate(), correction(JOBS_CREATED=5)):
            refused(command, SurveyUnderQuery, planned, opened, answered, asked)

    def test_is_asked_before_it_is_answered(self) -> None:
        """Without an officer's question there is nothing to answer; nor a question without both."""
        answer = AnswerQuery(
            text="?", changes={}, organisation_id=ORGANISATION, by="p-5", on=DUE, asked=ASKED
        )
        refused(answer, NoQueryToAnswer, planned, opened, answered)
        refused(query(), SurveyNotAnswered, planned, opened)
        refused(query(), SurveyAlreadyValidated, planned, opened, answered, validated)


class TestValidation:
    def test_by_another_person(self) -> None:
        """Whoever submitted does not validate; another does, and it is told as validated."""
        refused(validate("p-5"), AnswererDoesNotValidate, planned, opened, answered)
        event, report = decided(validate(), planned, opened, answered)
        assert event == validated
        assert isinstance(report, IndicatorsReported)
        assert report.validated

    def test_once(self) -> None:
        """What was taken is taken, and what was not answered cannot be."""
        refused(validate(), SurveyAlreadyValidated, planned, opened, answered, validated)
        refused(validate(), SurveyNotAnswered, planned, opened)


class TestACorrection:
    def test_keeps_both_values_and_needs_validation_again(self) -> None:
        """What stood before stays beside what stands now, and an officer looks again."""
        history = (planned, opened, answered, validated)
        event, report = decided(correction(JOBS_CREATED=6, IN_USE=None), *history)
        assert isinstance(event, SurveyCorrected)
        assert event.corrections == (
            Correction(code="JOBS-CREATED", old=4, new=6),
            Correction(code="IN-USE", old=True, new=None),
        )
        assert isinstance(report, IndicatorsReported)
        assert (report.values[0].value, report.validated) == (6, False)
        now = state(*history, event)
        assert (now.status, now.validated_on, now.replies) == (Status.SUBMITTED, None, ())

    def test_by_an_officer_is_validated_by_another(self) -> None:
        """Whoever corrected does not validate either."""
        event, _ = decided(correction("officer", JOBS_CREATED=6), planned, opened, answered)
        refused(validate("officer"), AnswererDoesNotValidate, planned, opened, answered, event)

    def test_changes_something_into_something_possible(self) -> None:
        """A correction leaves a response that could have been submitted."""
        refused(correction(JOBS_CREATED=4), NothingToCorrect, planned, opened, answered)
        refused(correction(JOBS_CREATED=None), ResponseNotAcceptable, planned, opened, answered)


class TestWithoutAnswer:
    def test_it_lapses(self) -> None:
        """Long after it was due it is given up, unless it was answered."""
        assert decided(LapseSurvey(on=lapsed.effective_on), planned, opened) == [lapsed]
        assert decided(LapseSurvey(on=lapsed.effective_on), planned, opened, answered) == []

    def test_it_may_be_excused(self) -> None:
        """An officer excuses with a known reason; what was answered is not excused."""
        excuse = ExcuseSurvey(reason="closed", by="officer", on=DUE)
        (event,) = decided(excuse, planned, opened)
        assert isinstance(event, SurveyExcused)
        refused(submit(JOBS_CREATED=1), SurveyIsExcused, planned, opened, event)
        refused(excuse, SurveyAlreadyAnswered, planned, opened, answered)

    def test_another_organisation_may_take_it_over(self) -> None:
        """After a merger the new organisation answers what was not answered yet."""
        reassign = ReassignSurvey(organisation_id=UUID(int=99), reason="merged", on=DUE)
        (event,) = decided(reassign, planned, opened)
        assert isinstance(event, SurveyReassigned)
        assert (event.organisation_id, event.old_organisation_id) == (UUID(int=99), ORGANISATION)
        assert decided(reassign, planned, opened, event) == []
        assert decided(reassign, planned, opened, answered) == []
