"""Questions to the applicant, with a date by which to answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.intake.domain.application import DECIDER
from services.intake.domain.application_commands import Command
from services.intake.domain.application_events import Event
from services.intake.domain.information_requests import (
    AnswersNotValid,
    InformationAlreadySupplied,
    InformationRequestAlreadyClosed,
    InformationRequestNotValid,
)
from services.intake.domain.review_events import Answer, Question
from services.intake.domain.stages import (
    ApplicationNotUnderReview,
    ReasonMissing,
    SubmitterCannotDecide,
)
from services.intake.use_cases import streams
from services.intake.use_cases.calendar import timers_of
from shared.eventstore.store import Actor, Context, Recorded
from shared.kernel.refusals import NotFound
from shared.timers.timer import Arm, Disarm
from tests.unit.intake.examples import APPLICATION, TODAY, scenario
from tests.unit.intake.review_examples import (
    APPLICANT,
    DUE_ON,
    REQUEST,
    ask,
    asked,
    at_desk,
    close,
    closed,
    eligible,
    mark_overdue,
    overdue,
    sent,
    supplied,
    supply,
)
from tests.unit.intake.test_application import (
    before_committee,
    draft,
    reasons,
    refused,
    withdrawn,
)

waiting: list[Event] = [*at_desk, asked]
answered: list[Event] = [*waiting, supplied]


class TestAsking:
    @pytest.mark.parametrize("given", [at_desk, eligible])
    def test_while_it_is_reviewed(self, given: list[Event]) -> None:
        """An officer asks, about a part of the application, and says by when."""
        scenario(DECIDER, given=given, when=ask, then=[asked])

    @pytest.mark.parametrize("given", [draft, [*at_desk, refused], before_committee])
    def test_when_it_is_not_reviewed(self, given: list[Event]) -> None:
        """Nothing is asked before the submission, or once others decide."""
        scenario(DECIDER, given=given, when=ask, then=ApplicationNotUnderReview)

    def test_by_whoever_submitted_it(self) -> None:
        """Nobody asks themselves."""
        scenario(
            DECIDER, given=at_desk, when=replace(ask, by=APPLICANT), then=SubmitterCannotDecide
        )

    def test_every_problem_at_once(self) -> None:
        """A request asks something about a part there is, and leaves time to answer."""
        bad = replace(
            ask,
            questions=(Question(text=" "), Question(text="Why?", section="weather")),
            due_on=TODAY,
        )
        assert reasons(at_desk, bad, InformationRequestNotValid) == [
            ("text-missing", "questions[0].text"),
            ("not-among-these", "questions[1].section"),
            ("due-date-not-possible", "due_on"),
        ]
        late = replace(ask, questions=(), due_on=TODAY + timedelta(days=367))
        assert reasons(at_desk, late, InformationRequestNotValid) == [
            ("nothing-listed", "questions"),
            ("due-date-not-possible", "due_on"),
        ]


class TestAnswering:
    def test_in_time(self) -> None:
        """On the day it is due an answer is in time."""
        on = {"on": DUE_ON}
        scenario(
            DECIDER,
            given=waiting,
            when=replace(supply, **on),
            then=[replace(supplied, effective_on=DUE_ON)],
        )

    def test_late(self) -> None:
        """A late answer is still wanted, and marked."""
        day = DUE_ON + timedelta(days=1)
        scenario(
            DECIDER,
            given=[*waiting, overdue],
            when=replace(supply, on=day),
            then=[replace(supplied, effective_on=day, late=True)],
        )

    def test_every_problem_at_once(self) -> None:
        """Every question has one answer, and every answer a question."""
        blank = replace(supply, answers=(Answer(text="Yes"), Answer(text=" "), Answer(text="No")))
        assert reasons(waiting, blank, AnswersNotValid) == [
            ("text-missing", "answers[1].text"),
            ("answer-without-question", "answers[2]"),
        ]
        assert reasons(waiting, replace(supply, answers=()), AnswersNotValid) == [
            ("text-missing", "answers[0].text"),
            ("text-missing", "answers[1].text"),
        ]

    @pytest.mark.parametrize(
        ("given", "then"),
        [
            (at_desk, NotFound),
            (answered, InformationAlreadySupplied),
            ([*waiting, closed], InformationRequestAlreadyClosed),
            ([*waiting, withdrawn], ApplicationNotUnderReview),
        ],
    )
    def test_what_is_not_asked(self, given: list[Event], then: Any) -> None:
        """Only what is asked and still open is answered, once."""
        scenario(DECIDER, given=given, when=supply, then=then)


class TestClosing:
    def test_an_answer_that_was_read(self) -> None:
        """An officer who has read the answer closes the request."""
        scenario(DECIDER, given=answered, when=close, then=[closed])

    def test_without_an_answer(self) -> None:
        """Whoever does without an answer says why."""
        scenario(DECIDER, given=waiting, when=close, then=ReasonMissing)
        why = "Found in the annex."
        scenario(
            DECIDER,
            given=waiting,
            when=replace(close, reason=why),
            then=[replace(closed, reason=why)],
        )

    @pytest.mark.parametrize(
        ("given", "when", "then"),
        [
            (at_desk, close, NotFound),
            ([*answered, closed], close, InformationRequestAlreadyClosed),
            (answered, replace(close, by=APPLICANT), SubmitterCannotDecide),
        ],
    )
    def test_when_it_cannot_be(self, given: list[Event], when: Command, then: Any) -> None:
        """A request that was made is closed once, by an officer."""
        scenario(DECIDER, given=given, when=when, then=then)


class TestBeingOverdue:
    def test_when_nobody_answered(self) -> None:
        """The day after it was due, the request is overdue."""
        scenario(DECIDER, given=waiting, when=mark_overdue, then=[overdue])

    @pytest.mark.parametrize(
        "given",
        [at_desk, answered, [*waiting, closed], [*waiting, overdue], [*waiting, withdrawn]],
    )
    def test_when_nothing_is_waited_for(self, given: list[Event]) -> None:
        """What was answered, closed, marked or withdrawn is not overdue."""
        scenario(DECIDER, given=given, when=mark_overdue, then=[])


def told(event: Event) -> list[Arm | Disarm]:
    """What the calendar does about an event."""
    cause = UUID(int=1)
    recorded = Recorded(
        position=1,
        event_id=cause,
        stream=streams.application(APPLICATION),
        version=1,
        type="",
        event=event,
        context=Context(
            command_id=cause, actor=Actor(id="o1"), correlation_id=cause, causation_id=cause
        ),
        recorded_at=datetime(2023, 4, 3, tzinfo=UTC),
    )
    return list(timers_of(recorded))


class TestTheCalendar:
    def test_what_arms_and_disarms(self) -> None:
        """A timer waits for the day after the due date, unless an answer or a closing comes."""
        [armed] = told(asked)
        assert isinstance(armed, Arm)
        assert armed.fires_on == DUE_ON + timedelta(days=1)
        assert armed.payload == {"request_id": str(REQUEST)}
        assert told(supplied) == told(closed) == [Disarm(armed.timer_id)]
        assert told(sent) == []
