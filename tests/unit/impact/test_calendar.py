"""Every completion date over thirty years: five surveys on the right days, each timer once."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from services.impact.domain import follow_up, survey
from services.impact.domain.follow_up_dates import Participant
from services.impact.domain.survey_commands import LapseSurvey, MarkSurveyLate, OpenSurvey
from services.impact.domain.survey_events import Event
from services.impact.domain.survey_state import Status
from services.impact.use_cases import calendar, policies, streams
from services.impact.use_cases.event_types import EVENT_TYPES
from shared.eventstore.store import Actor, Context, Recorded
from shared.timers.timer import Arm, fires_at

TORONTO = ZoneInfo("America/Toronto")
FIRST_YEAR, YEARS = 2011, 30


def recorded(event: Event) -> Recorded:
    cause = UUID(int=1)
    return Recorded(
        position=1,
        event_id=cause,
        stream=streams.survey(event.survey_id),
        version=1,
        type=EVENT_TYPES.encode(event)[0],
        event=event,
        context=Context(
            command_id=cause, actor=Actor(id="t"), correlation_id=cause, causation_id=cause
        ),
        recorded_at=datetime(2026, 6, 1, tzinfo=UTC),
    )


def expected_due(completed_on: date, years: int) -> date:
    """Written apart from the code: the last day of February where the 29th is missing."""
    month, day = completed_on.month, completed_on.day
    year = completed_on.year + years
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return date(year, month, 28 if (month, day) == (2, 29) and not leap else day)


@pytest.mark.parametrize("year", range(FIRST_YEAR, FIRST_YEAR + YEARS))
def test_every_completion_date_of_a_year(year: int) -> None:
    """Five surveys; each opens, is late and lapses once, at 00:05 in Toronto on its day."""
    day = date(year, 1, 1)
    while day.year == year:
        _one_completion(day)
        day += timedelta(days=1)


def _one_completion(completed_on: date) -> None:
    (plan,) = follow_up.decide(
        follow_up.PlanFollowUp(
            project_id=UUID(int=7),
            programme_code="IND-P2",
            title="Predictive yards",
            completed_on=completed_on,
            participants=(Participant(participant_id=UUID(int=1), organisation_id=UUID(int=2)),),
            survey_years=5,
        ),
        follow_up.DECIDER.initial,
    )
    assert isinstance(plan, follow_up.FollowUpPlanned)
    commands = policies.whenever_a_follow_up_is_planned_plan_its_surveys(plan, completed_on)
    assert [each.survey.due_on for each in commands] == [
        expected_due(completed_on, years) for years in range(1, 6)
    ]
    timers: list[Arm] = []
    for command in commands:
        timers += _one_life(list(survey.decide(command, survey.DECIDER.initial)))
    assert len({each.timer_id for each in timers}) == len(timers) == 15


def _one_life(history: list[Event]) -> list[Arm]:
    """Fire every timer of a survey in order, and give the timers that were armed."""
    armed: list[Arm] = []
    waiting = [each for event in history for each in calendar.timers_of(recorded(event))]
    kinds: dict[str, type[OpenSurvey | MarkSurveyLate | LapseSurvey]] = {
        calendar.OPENS: OpenSurvey,
        calendar.LATE: MarkSurveyLate,
        calendar.LAPSES: LapseSurvey,
    }
    while waiting:
        arms = [each for each in waiting if isinstance(each, Arm)]
        timer = min(arms, key=lambda each: fires_at(each.fires_on))
        waiting.remove(timer)
        local = fires_at(timer.fires_on).astimezone(TORONTO)
        assert (local.date(), local.hour, local.minute) == (timer.fires_on, 0, 5)
        state = survey.DECIDER.fold(history)
        command = kinds[timer.kind](on=timer.fires_on)
        news = survey.decide(command, state)
        assert len(news) == 1, "each timer does one thing"
        assert survey.decide(command, survey.DECIDER.fold([*history, *news])) == []
        history = [*history, *news]
        waiting += [each for event in news for each in calendar.timers_of(recorded(event))]
        armed.append(timer)
    state = survey.DECIDER.fold(history)
    assert state.status is Status.LAPSED
    assert state.planned is not None
    due_on = state.planned.due_on
    assert [(each.kind, (each.fires_on - due_on).days) for each in armed] == [
        ("survey-opens", -60),
        ("survey-late", 1),
        ("survey-lapses", 180),
    ]
    return armed
