"""Committees over months, under a clock that is moved: timers, packs, other days."""

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from services.selection.domain.calendar import CalendarRule, first_of, months_after
from services.selection.domain.committee import EstablishCommittee, MeetingScheduled
from services.selection.domain.meeting import Called, CallMeeting, Cancelled
from services.selection.domain.membership import ChangeRules
from services.selection.domain.proceedings import PackFrozen
from services.selection.domain.scheduling import CancelMeeting, MoveMeeting, meeting_of_month
from services.selection.use_cases import streams
from services.selection.use_cases.calendars import Changing, Rescheduling
from services.selection.use_cases.committees import Establishing, Scheduling
from services.selection.use_cases.meetings import Opening
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from shared.timers.tables import TIMER
from tests.integration.selection.facts import forwarded, granted
from tests.integration.selection.house import House
from tests.unit.selection.examples import (
    APRIL_3,
    CLINIC,
    COMMITTEE,
    ISED,
    MEETING,
    MEIE,
    MEMBERS,
    ROBOTS,
)

pytestmark = pytest.mark.postgres

APRIL = meeting_of_month(COMMITTEE, date(2023, 4, 1))
MAY = meeting_of_month(COMMITTEE, date(2023, 5, 1))
JUNE = meeting_of_month(COMMITTEE, date(2023, 6, 1))
APRIL_4 = date(2023, 4, 4)
MAY_11 = date(2023, 5, 11)
MAY_CLOSES = MAY_11 - timedelta(days=10)


def establish(house: House, *, calendar: CalendarRule | None) -> None:
    command = EstablishCommittee(
        committee_id=COMMITTEE,
        name="Projects",
        programmes=("IND-P2",),
        quorum=2,
        members=MEMBERS,
        chair="professor",
        agenda_closes_days=10,
        calendar=calendar,
        on=APRIL_3,
    )
    house.does(Establishing(command=command), streams.committee(COMMITTEE))


def monthly(house: House) -> None:
    """A committee that meets every second Thursday; the agenda of April has just closed."""
    establish(house, calendar=CalendarRule(week=2, weekday=4))
    house.goes_to(APRIL_4)


def held(house: House) -> list[date]:
    return [
        event.held_on
        for event in house.events(streams.committee(COMMITTEE))
        if isinstance(event, MeetingScheduled)
    ]


def packs(house: House, meeting_id: object) -> list[PackFrozen]:
    events = house.events(streams.meeting(meeting_id))  # type: ignore[arg-type]
    return [event for event in events if isinstance(event, PackFrozen)]


class TestCalendar:
    def test_two_years_of_months(self, house: House) -> None:
        """
        Through a leap year and every change of the clocks: one meeting a month, six months ahead.

        Each timer has fired once, on its day, however irregularly anybody looked.
        """
        monthly(house)
        day = APRIL_4
        for step in (1, 27, 3, 60, 31, 45, 92, 7, 150, 29, 120, 90, 76):
            day += timedelta(days=step)
            house.goes_to(day)
            months = Counter(first_of(each) for each in held(house))
            assert set(months.values()) == {1}
            assert max(months) == months_after(day, 6)
            assert len(months) == len(held(house))
        assert all(each.isoweekday() == 4 and 8 <= each.day <= 14 for each in held(house))
        assert date(2024, 2, 8) in held(house)
        with house.database.engine.connect() as connection:
            timers = connection.execute(
                select(TIMER.c.fires_on).where(TIMER.c.kind == "month-begins")
            ).scalars()
            fires_on = sorted(timers)
        assert fires_on == [months_after(date(2023, 5, 1), n) for n in range(len(fires_on))]

    def test_not_for_a_committee_without_a_rule(self, house: House) -> None:
        """A committee without a calendar has no meeting that nobody called."""
        establish(house, calendar=None)
        house.goes_to(APRIL_3 + timedelta(days=200))
        assert held(house) == []

    def test_a_rule_given_later(self, house: House) -> None:
        """With a new calendar come its meetings, and what waited goes on the first open agenda."""
        establish(house, calendar=None)
        house.hears(forwarded())
        command = ChangeRules(
            quorum=2,
            agenda_closes_days=10,
            calendar=CalendarRule(week=2, weekday=4),
            ballot=house.committee(COMMITTEE).ballot,
            scores_visible=house.committee(COMMITTEE).scores_visible,
            on=APRIL_3,
        )
        house.does(Changing(committee_id=COMMITTEE, command=command), streams.committee(COMMITTEE))
        assert len(held(house)) == 7
        assert house.committee(COMMITTEE).scheduled[APRIL].items == (ROBOTS,)
        assert isinstance(house.meeting(MAY), Called)


class TestPack:
    def test_is_frozen_when_the_agenda_closes(self, house: House) -> None:
        """The pack is frozen at the end of the last day of the agenda; what comes later waits."""
        monthly(house)
        house.hears(granted(ISED, 100_000))
        house.hears(granted(MEIE, 50_000))
        house.hears(forwarded())
        house.goes_to(MAY_CLOSES)
        assert packs(house, MAY) == []
        house.goes_to(MAY_CLOSES + timedelta(days=1))
        [pack] = packs(house, MAY)
        assert pack.effective_on == MAY_CLOSES
        assert [each.application_id for each in pack.items] == [ROBOTS]
        assert [(each.pocket, each.available) for each in pack.pockets] == [
            (ISED, Money(100_000_00)),
            (MEIE, Money(50_000_00)),
        ]
        house.hears(forwarded(CLINIC))
        assert house.committee(COMMITTEE).scheduled[JUNE].items == (CLINIC,)
        house.goes_to(MAY_11)
        opening = Opening(meeting_id=MAY, present=("professor", "dean"), on=MAY_11)
        house.does(opening, streams.meeting(MAY))
        assert packs(house, MAY) == [pack]

    def test_or_at_the_opening(self, house: House) -> None:
        """A meeting called at short notice has its pack frozen when it opens."""
        establish(house, calendar=None)
        house.hears(forwarded())
        call = CallMeeting(meeting_id=MEETING, committee_id=COMMITTEE, held_on=APRIL_3, on=APRIL_3)
        house.does(Scheduling(call=call), streams.meeting(MEETING))
        house.goes_to(APRIL_3)
        assert packs(house, MEETING) == []
        opening = Opening(meeting_id=MEETING, present=("professor", "dean"), on=APRIL_3)
        house.does(opening, streams.meeting(MEETING))
        [pack] = packs(house, MEETING)
        assert (pack.effective_on, len(pack.items)) == (APRIL_3, 1)
        house.goes_to(APRIL_3 + timedelta(days=1))
        assert packs(house, MEETING) == [pack]

    def test_moves_with_its_meeting(self, house: House) -> None:
        """The agenda of a meeting that is moved closes before the new day, once."""
        monthly(house)
        house.hears(forwarded())
        later = MoveMeeting(meeting_id=MAY, held_on=date(2023, 5, 25), reason="no room", on=APRIL_3)
        house.does(Rescheduling(command=later), streams.meeting(MAY))
        house.goes_to(MAY_CLOSES + timedelta(days=1))
        assert packs(house, MAY) == []
        house.goes_to(date(2023, 5, 16))
        assert [each.effective_on for each in packs(house, MAY)] == [date(2023, 5, 15)]
        sitting = house.meeting(MAY)
        assert isinstance(sitting, Called)
        assert sitting.held_on == date(2023, 5, 25)


class TestCancelled:
    def test_its_items_go_to_the_next(self, house: House) -> None:
        """What was on a cancelled agenda is on that of the next meeting, also after its closing."""
        monthly(house)
        house.hears(forwarded())
        day = MAY_CLOSES + timedelta(days=2)
        house.goes_to(day)
        cancel = CancelMeeting(meeting_id=MAY, reason="nobody can come", on=day)
        house.does(Rescheduling(command=cancel), streams.meeting(MAY))
        assert house.committee(COMMITTEE).scheduled[JUNE].items == (ROBOTS,)
        assert isinstance(house.meeting(MAY), Cancelled)
        house.goes_to(date(2023, 6, 1))
        assert MAY not in house.committee(COMMITTEE).scheduled
        assert len([each for each in held(house) if first_of(each) == date(2023, 5, 1)]) == 1

    def test_by_its_id(self) -> None:
        """The regular meeting of a month has one id, whoever schedules it."""
        assert derived_id("meeting", COMMITTEE, date(2023, 5, 1)) == MAY
