"""A survey's life: planned, open, perhaps late, answered once."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.impact.domain import survey
from services.impact.domain.follow_up_dates import PlannedSurvey
from services.impact.domain.survey_answering import (
    NotYourSurvey,
    ResponseNotAcceptable,
    SurveyAlreadyAnswered,
    SurveyNotYetOpen,
)
from services.impact.domain.survey_calendar import late_on
from services.impact.domain.survey_commands import (
    Command,
    MarkSurveyLate,
    OpenSurvey,
    PlanSurvey,
    SubmitResponse,
)
from services.impact.domain.survey_events import (
    Answer,
    Event,
    IndicatorsReported,
    ResponseSubmitted,
    SurveyMarkedLate,
    SurveyOpened,
    SurveyPlanned,
)
from services.impact.domain.survey_state import Status, SurveyNotForeseen
from shared.kernel.refusals import Refusal

OPENS, DUE, AFTER = date(2026, 5, 1), date(2026, 6, 30), date(2026, 7, 1)
ORGANISATION = UUID(int=11)
ABOUT: dict[str, Any] = {
    "survey_id": UUID(int=3),
    "project_id": UUID(int=7),
    "programme_code": "IND-P2",
    "participant_id": UUID(int=1),
    "organisation_id": ORGANISATION,
    "year": 1,
    "due_on": DUE,
}
plan_it = PlanSurvey(
    project_id=UUID(int=7),
    programme_code="IND-P2",
    survey=PlannedSurvey(
        survey_id=UUID(int=3),
        participant_id=UUID(int=1),
        organisation_id=ORGANISATION,
        year=1,
        opens_on=OPENS,
        due_on=DUE,
    ),
    on=date(2025, 6, 30),
)
planned = SurveyPlanned(effective_on=date(2025, 6, 30), opens_on=OPENS, **ABOUT)
opened = SurveyOpened(effective_on=OPENS, **ABOUT)
marked_late = SurveyMarkedLate(effective_on=AFTER, **ABOUT)
JOBS = Answer(indicator="JOBS-CREATED", value=4)


def submit(
    *answers: Answer,
    on: date = DUE,
    certified: bool = True,
    organisation_id: UUID | None = ORGANISATION,
) -> SubmitResponse:
    return SubmitResponse(
        answers=answers or (JOBS,),
        certified=certified,
        organisation_id=organisation_id,
        by="p-5",
        on=on,
    )


def submitted(*, on: date, late: bool) -> ResponseSubmitted:
    return ResponseSubmitted(effective_on=on, answers=(JOBS,), by="p-5", late=late, **ABOUT)


def reported(*, on: date, validated: bool = False) -> IndicatorsReported:
    return IndicatorsReported(effective_on=on, values=(JOBS,), validated=validated, **ABOUT)


def scenario(
    *, given: Sequence[Event], when: Command, then: Sequence[Event] | type[Refusal]
) -> None:
    state = survey.DECIDER.fold(given)
    if isinstance(then, type):
        with pytest.raises(then):
            survey.decide(when, state)
    else:
        assert survey.decide(when, state) == then


class TestPlanning:
    def test_it_is_foreseen(self) -> None:
        """A survey begins when its follow-up plans it."""
        scenario(given=[], when=plan_it, then=[planned])

    def test_twice(self) -> None:
        """Planning again changes nothing."""
        scenario(given=[planned, opened], when=plan_it, then=[])


class TestOpening:
    def test_a_planned_survey(self) -> None:
        """A survey opens on its day."""
        scenario(given=[planned], when=OpenSurvey(on=OPENS), then=[opened])

    def test_twice(self) -> None:
        """A survey that is open, late or answered does not open again."""
        answered = submitted(on=DUE, late=False)
        for history in ([opened], [opened, marked_late], [opened, answered]):
            scenario(given=[planned, *history], when=OpenSurvey(on=OPENS), then=[])

    def test_one_that_is_not_foreseen(self) -> None:
        """Nothing opens that was not planned."""
        scenario(given=[], when=OpenSurvey(on=OPENS), then=SurveyNotForeseen)


class TestBecomingLate:
    def test_without_an_answer(self) -> None:
        """The day after it was due, a survey without an answer is late."""
        scenario(given=[planned, opened], when=MarkSurveyLate(on=AFTER), then=[marked_late])
        assert late_on(planned) == AFTER

    def test_with_an_answer(self) -> None:
        """A survey that was answered is never late afterwards."""
        history: list[Event] = [planned, opened, submitted(on=DUE, late=False)]
        scenario(given=history, when=MarkSurveyLate(on=AFTER), then=[])

    def test_twice(self) -> None:
        """Late is late."""
        scenario(given=[planned, opened, marked_late], when=MarkSurveyLate(on=AFTER), then=[])


class TestAnswering:
    def test_on_the_due_date(self) -> None:
        """The due date is still in time."""
        answered = submitted(on=DUE, late=False)
        scenario(given=[planned, opened], when=submit(), then=[answered, reported(on=DUE)])

    def test_late(self) -> None:
        """A late answer is accepted, and marked, whether or not the calendar has marked it yet."""
        histories: list[list[Event]] = [[planned, opened], [planned, opened, marked_late]]
        for history in histories:
            answered = submitted(on=AFTER, late=True)
            scenario(given=history, when=submit(on=AFTER), then=[answered, reported(on=AFTER)])

    def test_before_it_opens(self) -> None:
        """Before it opens, the year it asks about is not nearly over."""
        scenario(given=[planned], when=submit(on=date(2026, 4, 30)), then=SurveyNotYetOpen)

    def test_twice(self) -> None:
        """An answer is not replaced by another."""
        history: list[Event] = [planned, opened, submitted(on=DUE, late=False)]
        scenario(given=history, when=submit(), then=SurveyAlreadyAnswered)

    def test_for_another_organisation(self) -> None:
        """Only the organisation that is asked can answer."""
        elsewhere = submit(organisation_id=UUID(int=99))
        scenario(given=[planned, opened], when=elsewhere, then=NotYourSurvey)
        scenario(given=[planned, opened], when=submit(organisation_id=None), then=NotYourSurvey)

    def test_every_reason_at_once(self) -> None:
        """Someone who fills a form learns everything that is wrong with it."""
        command = submit(
            Answer(indicator="HAPPINESS", value=1),
            JOBS,
            JOBS,
            Answer(indicator="IP-REUSED", value=-1),
            certified=False,
        )
        with pytest.raises(ResponseNotAcceptable) as refused:
            survey.decide(command, survey.DECIDER.fold([planned, opened]))
        assert [(reason.code, reason.field) for reason in refused.value.reasons] == [
            ("not-certified", "certified"),
            ("unknown-indicator", "answers[0].indicator"),
            ("answered-twice", "answers[2].indicator"),
            ("value-out-of-bounds", "answers[3].value"),
        ]
        assert all(reason.en and reason.fr for reason in refused.value.reasons)

    def test_without_any_answer(self) -> None:
        """A response that says nothing is not one."""
        command = SubmitResponse(
            answers=(), certified=True, organisation_id=ORGANISATION, by="p-5", on=DUE
        )
        scenario(given=[planned, opened], when=command, then=ResponseNotAcceptable)

    def test_revenue_may_shrink(self) -> None:
        """An indicator that can fall takes negative answers; a count does not."""
        shrunk = Answer(indicator="REVENUE-GROWTH", value=-5_000_00)
        state = survey.DECIDER.fold([planned, opened])
        event, _ = survey.decide(submit(shrunk), state)
        assert isinstance(event, ResponseSubmitted)
        assert event.answers == (shrunk,)


def test_the_state_follows_the_events() -> None:
    """Each event moves the survey to the status it is named for."""
    answered = submitted(on=AFTER, late=True)
    history: list[Event] = [planned, opened, marked_late, answered]
    statuses = [survey.DECIDER.fold(history[:count]).status for count in range(5)]
    assert statuses == [
        Status.UNKNOWN,
        Status.PLANNED,
        Status.OPEN,
        Status.LATE,
        Status.SUBMITTED,
    ]
    assert survey.DECIDER.fold(history).response == answered
