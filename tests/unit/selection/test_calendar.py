"""On which days a committee meets: by its rule, moved, cancelled, extraordinary, in writing."""

import calendar as months
from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.selection.domain import committee, scheduling
from services.selection.domain.calendar import (
    CalendarRule,
    MeetingKind,
    first_of,
    months_after,
)
from services.selection.domain.committee import (
    ApplicationDocketed,
    ApplicationPlaced,
    CalendarExtended,
    MeetingCancelled,
    MeetingMoved,
    MeetingScheduled,
    ScheduleMeeting,
)
from services.selection.domain.membership import BallotRule
from services.selection.domain.scheduling import (
    CancelMeeting,
    ExtendCalendar,
    MoveMeeting,
    meeting_of_month,
)
from services.selection.use_cases import streams
from services.selection.use_cases.timers import MONTH_BEGINS, timers_of
from shared.eventstore.store import Actor, Context, Recorded
from shared.kernel.identifiers import derived_id
from shared.kernel.periods import TORONTO
from shared.kernel.refusals import NotFound
from shared.timers.timer import Arm, fires_at
from tests.unit.selection.examples import (
    APRIL_3,
    CLINIC,
    COMMITTEE,
    ESTABLISHED,
    MARCH_1,
    MARCH_15,
    MEETING,
    ROBOTS,
    scenario,
)

SECOND_THURSDAY = CalendarRule(week=2, weekday=4)
MONTHLY = replace(ESTABLISHED, calendar=SECOND_THURSDAY)
OTHER = derived_id("meeting", "other")
RULES = st.builds(CalendarRule, week=st.integers(1, 4), weekday=st.integers(1, 7))
DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


def scheduled(on: date = MARCH_1) -> list[committee.Event]:
    """What a committee with a calendar has after a month began."""
    state = committee.DECIDER.fold([MONTHLY])
    return list(scheduling.decide(ExtendCalendar(committee_id=COMMITTEE, on=on), state))


@given(RULES, DAYS)
def test_a_rule_finds_its_day_in_every_month(rule: CalendarRule, day: date) -> None:
    """The day is the nth such weekday of the month, in leap years and all other years."""
    found = rule.day_in(day)
    weeks = months.Calendar().monthdayscalendar(day.year, day.month)
    numbers = [week[rule.weekday - 1] for week in weeks if week[rule.weekday - 1]]
    assert found == day.replace(day=numbers[rule.week - 1])


@given(RULES, DAYS, st.lists(st.integers(0, 45), max_size=30))
def test_every_month_has_exactly_one_regular_meeting(
    rule: CalendarRule, start: date, steps: list[int]
) -> None:
    """
    Whenever the calendar is looked at, no month gets a second meeting and none is left out.

    Only the month in which it begins may have none, when its day had passed.
    """
    events: list[committee.Event] = [replace(MONTHLY, calendar=rule)]
    events += extend(events, start)
    day, month = start, first_of(start)
    for step in steps:
        day += timedelta(days=step)
        # However late the timers are, each first day of a month has its own, in order.
        while months_after(month, 1) <= day:
            month = months_after(month, 1)
            events += extend(events, month)
        events += extend(events, day)
    held = [each.held_on for each in events if isinstance(each, MeetingScheduled)]
    in_months = [first_of(each) for each in held]
    assert len(set(in_months)) == len(in_months)
    assert all(each.isoweekday() == rule.weekday for each in held)
    begins = first_of(start) if rule.day_in(start) >= start else months_after(start, 1)
    wanted = [begins]
    while wanted[-1] < months_after(day, 6):
        wanted.append(months_after(wanted[-1], 1))
    assert sorted(in_months) == wanted


def extend(events: list[committee.Event], on: date) -> list[committee.Event]:
    state = committee.DECIDER.fold(events)
    return list(scheduling.decide(ExtendCalendar(committee_id=COMMITTEE, on=on), state))


@given(DAYS)
def test_each_month_has_its_timer_once(day: date) -> None:
    """A year of months begins twelve timers, each once, at 00:05 in Toronto whatever the season."""
    armed: list[Arm] = []
    on = first_of(day)
    for _ in range(12):
        extended = CalendarExtended(through=months_after(on, 6), effective_on=on)
        [arm] = timers_of(recorded(extended))
        assert isinstance(arm, Arm)
        assert (arm.kind, arm.fires_on) == (MONTH_BEGINS, months_after(on, 1))
        armed.append(arm)
        on = arm.fires_on
    assert len({each.timer_id for each in armed}) == 12
    for each in armed:
        at = fires_at(each.fires_on)
        assert at.tzinfo is UTC
        assert at.astimezone(TORONTO).strftime("%d %H:%M") == "01 00:05"


def recorded(event: committee.Event) -> Recorded:
    cause = derived_id("cause")
    return Recorded(
        position=1,
        event_id=cause,
        stream=streams.committee(COMMITTEE),
        version=1,
        type="committee",
        event=event,
        context=Context(
            command_id=cause, actor=Actor(id="x"), correlation_id=cause, causation_id=cause
        ),
        recorded_at=fires_at(MARCH_1),
    )


class TestAhead:
    def test_six_months(self) -> None:
        """The month it is and the six after it get their meeting, each with its agenda's end."""
        *ahead, extended = scheduled()
        held = [each.held_on for each in ahead if isinstance(each, MeetingScheduled)]
        assert held == [date(2023, 3, 9), date(2023, 4, 13), date(2023, 5, 11), date(2023, 6, 8),
                        date(2023, 7, 13), date(2023, 8, 10), date(2023, 9, 14)]  # fmt: skip
        first = ahead[0]
        assert isinstance(first, MeetingScheduled)
        assert first.agenda_closes_on == date(2023, 2, 27)
        assert first.meeting_id == meeting_of_month(COMMITTEE, MARCH_1)
        assert extended == CalendarExtended(through=date(2023, 9, 1), effective_on=MARCH_1)

    def test_a_month_later(self) -> None:
        """When the next month begins there is one meeting more."""
        april_1 = date(2023, 4, 1)
        state = committee.DECIDER.fold([MONTHLY, *scheduled()])
        [only, _] = scheduling.decide(ExtendCalendar(committee_id=COMMITTEE, on=april_1), state)
        assert isinstance(only, MeetingScheduled)
        assert only.held_on == date(2023, 10, 12)

    def test_not_what_has_passed(self) -> None:
        """A day that is over is not scheduled any more."""
        first = scheduled(MARCH_15)[0]
        assert isinstance(first, MeetingScheduled)
        assert first.held_on == date(2023, 4, 13)

    def test_without_a_calendar(self) -> None:
        """A committee without a rule has its meetings scheduled by hand."""
        command = ExtendCalendar(committee_id=COMMITTEE, on=MARCH_1)
        scenario(scheduling.DECIDER, given=[ESTABLISHED], when=command, then=[])

    def test_takes_the_docket(self) -> None:
        """What waited goes on the first agenda that is open, not on one that has closed."""
        docketed = ApplicationDocketed(application_id=ROBOTS, effective_on=MARCH_1)
        events = extend([MONTHLY, docketed], MARCH_1)
        assert events[-1] == ApplicationPlaced(
            application_id=ROBOTS,
            meeting_id=meeting_of_month(COMMITTEE, date(2023, 4, 1)),
            effective_on=MARCH_1,
        )

    def test_another_regular_one_by_hand(self) -> None:
        """A month that has its regular meeting gets extraordinary ones only."""
        command = ScheduleMeeting(meeting_id=OTHER, held_on=date(2023, 4, 20), on=MARCH_1)
        given_ = [MONTHLY, *scheduled()]
        scenario(committee.DECIDER, given=given_, when=command, then=committee.MonthHasItsMeeting)
        state = committee.DECIDER.fold(given_)
        extraordinary = replace(command, kind=MeetingKind.EXTRAORDINARY)
        assert len(committee.decide(extraordinary, state)) == 1
        free = replace(command, held_on=date(2023, 11, 3))
        [by_hand] = committee.decide(free, state)
        assert isinstance(by_hand, MeetingScheduled)
        assert by_hand.month == date(2023, 11, 1)


april = MeetingScheduled(
    meeting_id=MEETING,
    held_on=APRIL_3,
    agenda_closes_on=date(2023, 3, 24),
    effective_on=MARCH_1,
)
placed = [
    ApplicationPlaced(application_id=each, meeting_id=MEETING, effective_on=MARCH_1)
    for each in (ROBOTS, CLINIC)
]


class TestMoving:
    move = MoveMeeting(meeting_id=MEETING, held_on=date(2023, 4, 6), reason="no room", on=MARCH_15)

    def test_to_another_day(self) -> None:
        """The agenda of a meeting that is moved closes as many days before its new day."""
        moved = MeetingMoved(
            meeting_id=MEETING,
            held_on=date(2023, 4, 6),
            agenda_closes_on=date(2023, 3, 27),
            reason="no room",
            effective_on=MARCH_15,
        )
        given_ = [ESTABLISHED, april, *placed]
        scenario(scheduling.DECIDER, given=given_, when=self.move, then=[moved])
        state = committee.DECIDER.fold([*given_, moved])
        assert isinstance(state, committee.Established)
        assert state.scheduled[MEETING].items == (ROBOTS, CLINIC)
        same = replace(self.move, held_on=APRIL_3)
        scenario(scheduling.DECIDER, given=given_, when=same, then=[])

    def test_after_its_agenda_closed(self) -> None:
        """An agenda that has closed does not open again."""
        late = replace(self.move, held_on=date(2023, 4, 28), on=date(2023, 3, 25))
        state = committee.DECIDER.fold([ESTABLISHED, april])
        [moved] = scheduling.decide(late, state)
        assert isinstance(moved, MeetingMoved)
        assert moved.agenda_closes_on == april.agenda_closes_on

    def test_into_the_past(self) -> None:
        """A meeting is not moved to a day that is over."""
        back = replace(self.move, held_on=MARCH_1)
        scenario(
            scheduling.DECIDER,
            given=[ESTABLISHED, april],
            when=back,
            then=committee.MeetingInThePast,
        )

    def test_out_of_its_month(self) -> None:
        """The regular meeting of a month stays in its month; another may go anywhere."""
        regular = replace(april, month=date(2023, 4, 1))
        into_may = replace(self.move, held_on=date(2023, 5, 2))
        scenario(
            scheduling.DECIDER,
            given=[ESTABLISHED, regular],
            when=into_may,
            then=scheduling.MovedOutOfItsMonth,
        )
        state = committee.DECIDER.fold([ESTABLISHED, april])
        assert len(scheduling.decide(into_may, state)) == 1

    def test_what_is_not_ahead(self) -> None:
        """Only a meeting ahead is moved."""
        scenario(
            scheduling.DECIDER,
            given=[ESTABLISHED],
            when=self.move,
            then=committee.MeetingNotScheduled,
        )
        scenario(scheduling.DECIDER, given=[], when=self.move, then=NotFound)

    def test_a_written_one_with_its_closing(self) -> None:
        """The closing day of a written meeting moves with it."""
        written = replace(april, kind=MeetingKind.WRITTEN, closes_on=date(2023, 4, 7))
        [moved] = scheduling.decide(self.move, committee.DECIDER.fold([ESTABLISHED, written]))
        assert isinstance(moved, MeetingMoved)
        assert moved.closes_on == date(2023, 4, 10)


class TestCancelling:
    cancel = CancelMeeting(meeting_id=MEETING, reason="nobody can come", on=MARCH_15)
    cancelled = MeetingCancelled(
        meeting_id=MEETING, reason="nobody can come", effective_on=MARCH_15
    )

    def test_sends_its_items_on(self) -> None:
        """What was on the agenda goes to the next that is open, in order, first things first."""
        may = replace(
            april,
            meeting_id=OTHER,
            held_on=date(2023, 5, 1),
            agenda_closes_on=date(2023, 4, 21),
        )
        first = replace(placed[0], money_available=True)
        moved_on = [
            replace(each, meeting_id=OTHER, effective_on=MARCH_15) for each in (first, placed[1])
        ]
        given_ = [ESTABLISHED, april, may, first, placed[1]]
        scenario(
            scheduling.DECIDER, given=given_, when=self.cancel, then=[self.cancelled, *moved_on]
        )
        state = committee.DECIDER.fold([*given_, self.cancelled, *moved_on])
        assert isinstance(state, committee.Established)
        assert state.money_available == frozenset({ROBOTS})
        assert MEETING not in state.scheduled

    def test_or_to_the_docket(self) -> None:
        """Without an open agenda they wait on the docket."""
        docketed = [
            ApplicationDocketed(application_id=each, effective_on=MARCH_15)
            for each in (ROBOTS, CLINIC)
        ]
        scenario(
            scheduling.DECIDER,
            given=[ESTABLISHED, april, *placed],
            when=self.cancel,
            then=[self.cancelled, *docketed],
        )

    def test_is_not_undone_by_the_calendar(self) -> None:
        """The month of a cancelled regular meeting is not scheduled again."""
        given_ = [MONTHLY, *scheduled()]
        regular = meeting_of_month(COMMITTEE, date(2023, 4, 1))
        state = committee.DECIDER.fold(given_)
        gone = scheduling.decide(replace(self.cancel, meeting_id=regular), state)
        again = extend([*given_, *gone], MARCH_15)
        assert [type(each) for each in again] == [CalendarExtended]

    def test_what_is_not_ahead(self) -> None:
        """A meeting that has opened, or was cancelled, is not cancelled."""
        scenario(
            scheduling.DECIDER,
            given=[ESTABLISHED, april, self.cancelled],
            when=self.cancel,
            then=committee.MeetingNotScheduled,
        )


class TestWritten:
    command = ScheduleMeeting(
        meeting_id=MEETING,
        held_on=APRIL_3,
        kind=MeetingKind.WRITTEN,
        closes_on=date(2023, 4, 7),
        on=MARCH_1,
    )

    def test_has_a_closing_day(self) -> None:
        """A written meeting has a last day for votes, on its opening or later; others have none."""
        state = committee.DECIDER.fold([ESTABLISHED])
        for closes_on in (APRIL_3, date(2023, 4, 7)):
            assert len(committee.decide(replace(self.command, closes_on=closes_on), state)) == 1
        for change in (
            {"closes_on": None},
            {"closes_on": APRIL_3 - timedelta(days=1)},
            {"kind": MeetingKind.EXTRAORDINARY},
        ):
            with pytest.raises(committee.VotingNeedsDays):
                committee.decide(replace(self.command, **change), state)  # type: ignore[arg-type]

    def test_is_by_name(self) -> None:
        """A committee that votes in secret does not vote in writing."""
        secret = replace(ESTABLISHED, ballot=BallotRule.SECRET)
        scenario(
            committee.DECIDER,
            given=[secret],
            when=self.command,
            then=committee.WrittenVotesHaveNames,
        )
