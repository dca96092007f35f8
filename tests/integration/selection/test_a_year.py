"""A year of a committee under a simulated clock, on PostgreSQL: nothing is lost on the way."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

import pytest

from services.selection.domain import application, award, meeting, waitlist
from services.selection.domain.committee import EstablishCommittee
from services.selection.domain.deliberation import DecideItem
from services.selection.domain.granting import AskedCondition, WhenShort
from services.selection.domain.meeting import CallMeeting, Outcome
from services.selection.domain.scheduling import CancelMeeting
from services.selection.projections import decisions, statistics
from services.selection.use_cases import streams
from services.selection.use_cases.calendars import Rescheduling
from services.selection.use_cases.committees import Establishing, Scheduling
from services.selection.use_cases.meetings import Deciding, Opening, Sealing
from shared.contracts.claims import AgreementExecuted
from shared.contracts.finance import PocketChanged, YearlyCeiling
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money, total
from tests.integration.selection.facts import forwarded
from tests.integration.selection.house import House
from tests.unit.selection.examples import COMMITTEE, ISED, MEIE, MEMBERS, PROPOSAL, votes

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

MONTHS = [date(2023 + (3 + n) // 12, (3 + n) % 12 + 1, 1) for n in range(12)]
"""April 2023 to March 2024."""
QUORUM = ("insider", "professor", "dean")
SIX_MONTHS = timedelta(days=182)


def thursday(month: date) -> date:
    """The third Thursday of a month: the day on which the committee meets."""
    return month + timedelta(days=(3 - month.weekday()) % 7 + 14)


@dataclass
class Year:
    """What happened so far, as someone who watched would tell it."""

    house: House
    forwarded: list[UUID] = field(default_factory=list)
    awards: dict[UUID, UUID] = field(default_factory=dict)
    """Per award, its application."""
    outcomes: Counter[str] = field(default_factory=Counter)

    def meeting_id(self, month: date) -> UUID:
        """The meeting of a month."""
        return derived_id("meeting", str(month))

    def comes_in(self, number: int) -> None:
        """One more application, submitted 45 days ago."""
        application_id = derived_id("application", "year", number)
        today = self.house.clock.now().date()
        fact = forwarded(application_id).model_copy(
            update={"submitted_on": today - timedelta(days=45)}
        )
        self.house.hears(fact)
        self.forwarded.append(application_id)

    def sits(self, month: date, present: Sequence[str] = QUORUM) -> list[UUID]:
        """The committee meets; what is before it, in order."""
        self.house.goes_to(thursday(month))
        meeting_id = self.meeting_id(month)
        opening = Opening(meeting_id=meeting_id, present=tuple(present), on=thursday(month))
        self.house.does(opening, streams.meeting(meeting_id))
        sitting = self.house.meeting(meeting_id)
        assert isinstance(sitting, meeting.Opened)
        return list(sitting.conflicted)

    def cancels(self, month: date) -> list[UUID]:
        """The meeting of a month is cancelled in its week; what was on its agenda."""
        self.house.goes_to(thursday(month) - timedelta(days=3))
        meeting_id = self.meeting_id(month)
        agenda = list(self.house.committee(COMMITTEE).scheduled[meeting_id].items)
        cancel = CancelMeeting(
            meeting_id=meeting_id,
            reason="nobody can come",
            on=thursday(month) - timedelta(days=3),
        )
        rescheduling = Rescheduling(command=cancel)
        self.house.does(rescheduling, streams.meeting(meeting_id))
        return agenda

    def finds_no_quorum(self, month: date) -> list[UUID]:
        """The meeting of a month cannot decide; what was before it."""
        before = self.sits(month, present=("insider",))
        self.ends(month)
        return before

    def decides(
        self,
        month: date,
        application_id: UUID,
        outcome: Outcome,
        *,
        conditions: tuple[AskedCondition, ...] = (),
    ) -> Outcome:
        """One decision; what it came to."""
        day, meeting_id = thursday(month), self.meeting_id(month)
        funds = outcome is Outcome.FUND
        command = DecideItem(
            meeting_id=meeting_id,
            application_id=application_id,
            outcome=outcome,
            votes={
                Outcome.FUND: votes(insider="for", professor="for"),
                Outcome.DECLINE: votes(insider="against", professor="against"),
            }.get(outcome, ()),
            reasons=("too early",) if outcome is Outcome.DECLINE else (),
            lapses_on=day + SIX_MONTHS if funds else None,
            conditions=conditions,
            when_short=WhenShort.WAITLIST if funds else WhenShort.REFUSE,
            on=day,
        )
        answer = self.house.does(Deciding(command=command), streams.meeting(meeting_id))
        [decided] = [each for each in answer.events if isinstance(each, meeting.ItemDecided)]
        if decided.award_id is not None:
            self.awards[decided.award_id] = application_id
        self.outcomes[decided.outcome.value] += 1
        return decided.outcome

    def ends(self, month: date) -> None:
        """The meeting is sealed."""
        sealing = Sealing(meeting_id=self.meeting_id(month), on=thursday(month))
        self.house.does(sealing, streams.meeting(self.meeting_id(month)))

    def executes(self, award_id: UUID) -> None:
        """The agreement of an award is signed as it was awarded."""
        made = award.approved(self.award(award_id))
        self.house.hears(
            AgreementExecuted(
                effective_on=self.house.clock.now().date(),
                project_id=made.terms.application_id,
                agreement_id=derived_id("agreement", award_id),
                programme_code="IND-P2",
                award_id=award_id,
                participants=(),
                starts_on=PROPOSAL.starts_on,
                ends_on=PROPOSAL.ends_on,
                funding=made.terms.funding,
                match=(),
            )
        )

    def award(self, award_id: UUID) -> award.Award:
        """An award as it is now."""
        return award.DECIDER.fold(self.house.events(streams.award(award_id)))

    def waiting_list(self) -> waitlist.Waitlist:
        """The waiting list as it is now."""
        return waitlist.DECIDER.fold(self.house.events(streams.waitlist()))


@pytest.fixture
def year(house: House) -> Year:
    """A committee with twelve meetings ahead, and money for six projects, four of them in 2024."""
    year = Year(house)
    on = MONTHS[0]
    house.goes_to(on)
    establish = EstablishCommittee(
        committee_id=COMMITTEE,
        name="Projects",
        programmes=("IND-P2",),
        quorum=2,
        members=MEMBERS,
        chair="professor",
        agenda_closes_days=10,
        on=on,
    )
    house.does(Establishing(command=establish), streams.committee(COMMITTEE))
    for month in MONTHS:
        call = CallMeeting(
            meeting_id=year.meeting_id(month),
            committee_id=COMMITTEE,
            held_on=thursday(month),
            on=on,
        )
        house.does(Scheduling(call=call), streams.meeting(call.meeting_id))
    for code, per_project in ((ISED, 40_000_00), (MEIE, 20_000_00)):
        house.hears(
            PocketChanged(
                effective_on=on,
                pocket=code,
                funder=code[:4],
                funder_agreement=code[:7],
                authority=Money(6 * per_project),
                yearly=(YearlyCeiling(fiscal_year=2024, ceiling=Money(4 * per_project)),),
            )
        )
    return year


def test_a_year_of_meetings(year: Year) -> None:
    """
    Month after month: funded, declined, put off, cancelled, waiting for money that returns.

    An application that was forwarded is always in one place: before the committee, on its waiting
    list, or decided for good; and the pockets hold exactly what stands.
    """
    house = year.house
    insurance = AskedCondition(
        text_en="Proof of insurance.",
        text_fr="Preuve d’assurance.",
        due_on=thursday(MONTHS[3]),
        confirmed_by="agreement-officer",
    )
    deferred: list[UUID] = []
    put_off: list[UUID] = []
    for index, month in enumerate(MONTHS):
        house.goes_to(max(month, MONTHS[0]))
        if index < 10:
            year.comes_in(index)
        if index == 4:
            year.executes(next(iter(year.awards)))
        if index in {3, 7}:
            put_off = year.cancels(month) if index == 3 else year.finds_no_quorum(month)
            assert put_off
            _all_are_somewhere(year)
            continue
        before = year.sits(month)
        if index in {4, 8}:
            assert set(put_off) <= set(before), "what one meeting put off comes before the next"
        for number, application_id in enumerate(before):
            if application_id in deferred or number % 4 != 1:
                if index == 9 and number == 0:
                    year.decides(month, application_id, Outcome.DECLINE)
                else:
                    asked = (insurance,) if index == 1 else ()
                    year.decides(month, application_id, Outcome.FUND, conditions=asked)
            else:
                deferred.append(application_id)
                year.decides(month, application_id, Outcome.DEFER)
        year.ends(month)
        _all_are_somewhere(year)
        _pockets_hold_what_stands(year)

    assert year.outcomes["defer"] == len(deferred) > 0
    assert year.outcomes["waitlist"] > 0
    ended = [made for made in map(year.award, year.awards) if isinstance(made, award.Lapsed)]
    reasons = Counter(each.reason for each in ended)
    assert reasons["condition-not-met"] == 1, "May's condition was never confirmed"
    assert reasons["not-executed-in-time"] >= 1, "nobody signed for half a year"
    _the_register_says_so(year)


def _all_are_somewhere(year: Year) -> None:
    seated = year.house.committee(COMMITTEE)
    listed = {each.application_id: each for each in year.waiting_list().entries}
    for application_id in year.forwarded:
        state = year.house.application(application_id)
        places = [
            seated.waits(application_id),
            application_id in listed and listed[application_id].offered_on is None,
            isinstance(state, application.Funded | application.Declined),
        ]
        assert places.count(True) == 1, (application_id, state, places)


def _pockets_hold_what_stands(year: Year) -> None:
    made = {award_id: year.award(award_id) for award_id in year.awards}
    for code in (ISED, MEIE):
        held = year.house.pocket(code)
        standing = {
            award_id: total(cell.amount for cell in each.terms.funding if cell.pocket == code)
            for award_id, each in made.items()
            if isinstance(each, award.Approved)
        }
        assert dict(held.reserved_for) == standing
        assert held.available >= ZERO
        left = held.left_in(2024)
        assert left is not None
        assert left >= ZERO


def _the_register_says_so(year: Year) -> None:
    year.house.catches_up()
    with year.house.read_models.reading(decisions.PROJECTION) as connection:
        lines = decisions.decisions(connection, decisions.Wanted(), before=None, limit=1_000)
        [times] = statistics.waiting_times(connection, decisions.Wanted(), after=None, limit=9)
        [rates] = statistics.success_rates(connection, decisions.Wanted(), after=None, limit=9)
    assert Counter(each.outcome.value for each in lines) == year.outcomes
    final = {
        each.application_id for each in lines if each.outcome in {Outcome.FUND, Outcome.DECLINE}
    }
    waited = {each.application_id for each in lines if each.outcome is Outcome.WAITLIST}
    assert waited & final, "money that returned was offered, and decided about"
    assert (times.measured, times.not_measured) == (len(final), 0)
    assert times.median_days is not None
    assert times.p90_days is not None
    assert 45 <= times.median_days <= times.p90_days
    assert (rates.decided, rates.declined) == (len(final), year.outcomes["decline"])
