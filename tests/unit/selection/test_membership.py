"""Who sits, from when until when, and what keeps a committee sound."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.selection.domain import committee, deliberation, meeting, membership
from services.selection.domain.calendar import CalendarRule
from services.selection.domain.meeting import NotMembers
from services.selection.domain.membership import (
    BallotRule,
    ChairChanged,
    ChangeChair,
    ChangeRules,
    CommitteeNotSound,
    DeclareInterest,
    EndInterest,
    InterestDeclared,
    InterestEnded,
    JoinCommittee,
    LeaveCommittee,
    Member,
    MemberJoined,
    MemberKind,
    MemberLeft,
    MemberReplaced,
    ReplaceMember,
    RulesChanged,
    ScoresVisible,
    Seats,
)
from shared.kernel.refusals import Refusal
from tests.unit.selection.examples import (
    APRIL_3,
    CALLED,
    COLLEAGUE,
    COMMITTEE,
    ESTABLISHED,
    HYDRO,
    INSIDER,
    LAB,
    MARCH_1,
    MARCH_15,
    MEETING,
    PROFESSOR,
    codes,
)

SEATS = Seats(members=ESTABLISHED.members, chair="professor", quorum=2)
EVEN = Seats(members=(INSIDER, COLLEAGUE, PROFESSOR, replace(PROFESSOR, person_id="dean")),
             chair="professor", quorum=2)  # fmt: skip
NEWCOMER = Member(person_id="newcomer", kind=MemberKind.INDEPENDENT)


def refused(command: membership.Command, seats: Seats) -> Refusal:
    with pytest.raises(Refusal) as found:
        membership.decide(command, seats)
    return found.value


def after(seats: Seats, *events: membership.SeatEvent) -> Seats:
    for event in events:
        seats = membership.evolve(seats, event)
    return seats


class TestJoining:
    def test_a_newcomer(self) -> None:
        """Someone can be given a seat; giving it again is no change."""
        joined = MemberJoined(member=NEWCOMER, effective_on=MARCH_1)
        join = JoinCommittee(member=NEWCOMER, on=MARCH_1)
        assert list(membership.decide(join, SEATS)) == [joined]
        assert list(membership.decide(join, after(SEATS, joined))) == []

    def test_one_employee_too_many(self) -> None:
        """A seat that leaves fewer than half independent is refused."""
        employee = replace(NEWCOMER, kind=MemberKind.EMPLOYEE)
        assert len(membership.decide(JoinCommittee(member=employee, on=MARCH_1), SEATS)) == 1
        refusal = refused(JoinCommittee(member=employee, on=MARCH_1), EVEN)
        assert isinstance(refusal, CommitteeNotSound)
        assert codes(refusal) == {"too-few-independents"}

    def test_twice_at_a_time(self) -> None:
        """A person has one seat at a time, and may have another term after the first."""
        first = replace(NEWCOMER, until=date(2024, 3, 31))
        again = replace(NEWCOMER, since=date(2024, 4, 1))
        seats = after(SEATS, MemberJoined(member=first, effective_on=MARCH_1))
        assert len(membership.decide(JoinCommittee(member=again, on=MARCH_15), seats)) == 1
        too_soon = replace(again, since=date(2024, 3, 31))
        assert codes(refused(JoinCommittee(member=too_soon, on=MARCH_15), seats)) == {
            "member-twice"
        }

    def test_a_term_that_ends_before_it_begins(self) -> None:
        """A term ends on the day it begins at the earliest."""
        day = replace(NEWCOMER, since=MARCH_15, until=MARCH_15)
        assert len(membership.decide(JoinCommittee(member=day, on=MARCH_1), SEATS)) == 1
        none = replace(day, until=MARCH_15 - timedelta(days=1))
        assert codes(refused(JoinCommittee(member=none, on=MARCH_1), SEATS)) == {
            "term-ends-before-it-begins"
        }

    def test_keeps_interests(self) -> None:
        """Whoever gets another term keeps the interests they declared."""
        seats = after(
            SEATS,
            InterestDeclared(person_id="dean", organisation_id=HYDRO, effective_on=MARCH_1),
            MemberLeft(person_id="nobody", reason="", effective_on=MARCH_1),
            MemberJoined(
                member=Member(person_id="dean", kind=MemberKind.INDEPENDENT, since=APRIL_3),
                effective_on=MARCH_1,
            ),
        )
        assert [each.interests for each in seats.members if each.person_id == "dean"] == [
            (HYDRO,),
            (HYDRO,),
        ]


class TestLeaving:
    def test_from_that_day_on(self) -> None:
        """Who leaves is not a member from that day on; a term that was over stays as it was."""
        leave = LeaveCommittee(person_id="insider", reason="retired", on=MARCH_15)
        left = MemberLeft(person_id="insider", reason="retired", effective_on=MARCH_15)
        assert list(membership.decide(leave, SEATS)) == [left]
        old = replace(INSIDER, until=MARCH_1)
        seats = replace(SEATS, members=(old, *SEATS.members[1:], replace(INSIDER, since=MARCH_15)))
        assert [each for each in after(seats, left).members if each.person_id == "insider"] == [old]

    def test_who_is_no_member(self) -> None:
        """Only a member leaves."""
        leave = LeaveCommittee(person_id="stranger", reason="retired", on=MARCH_15)
        assert isinstance(refused(leave, SEATS), membership.NotAMember)

    @pytest.mark.parametrize(
        ("person", "seats", "code"),
        [
            ("dean", EVEN, "too-few-independents"),
            ("professor", SEATS, "chair-not-a-member"),
            ("insider", replace(SEATS, quorum=5), "quorum-out-of-reach"),
        ],
    )
    def test_that_would_leave_it_unsound(self, person: str, seats: Seats, code: str) -> None:
        """Nobody leaves whom the committee needs to be sound."""
        leave = LeaveCommittee(person_id=person, reason="retired", on=MARCH_15)
        assert code in codes(refused(leave, seats))

    def test_the_chair_names_who_follows(self) -> None:
        """The chair can leave when another member presides from then on."""
        leave = LeaveCommittee(person_id="professor", reason="retired", chair="dean", on=MARCH_15)
        assert list(membership.decide(leave, SEATS))[1:] == [
            ChairChanged(chair="dean", effective_on=MARCH_15)
        ]
        gone = replace(leave, chair="professor")
        assert codes(refused(gone, SEATS)) == {"chair-not-a-member"}


class TestReplacing:
    def test_one_of_the_same_kind(self) -> None:
        """A seat can go to somebody else, who brings the committee no further from sound."""
        command = ReplaceMember(person_id="dean", member=NEWCOMER, reason="retired", on=MARCH_15)
        replaced = MemberReplaced(
            person_id="dean", member=NEWCOMER, reason="retired", effective_on=MARCH_15
        )
        assert list(membership.decide(command, EVEN)) == [replaced]
        people = [each.person_id for each in after(EVEN, replaced).members]
        assert people == ["insider", "colleague", "professor", "newcomer"]
        employee = replace(command, member=replace(NEWCOMER, kind=MemberKind.EMPLOYEE))
        assert codes(refused(employee, EVEN)) == {"too-few-independents"}

    def test_when_time_has_made_it_unsound(self) -> None:
        """After terms have ended, a change that mends part of it is allowed; a worse one is not."""
        *others, dean = EVEN.members
        seats = replace(EVEN, members=(*others, replace(dean, until=MARCH_1)), quorum=4)
        assert len(membership.decide(JoinCommittee(member=NEWCOMER, on=MARCH_15), seats)) == 1
        leave = LeaveCommittee(person_id="insider", reason="retired", on=MARCH_15)
        assert codes(refused(leave, seats)) == {"quorum-out-of-reach"}


class TestChair:
    def test_another_member(self) -> None:
        """Any member may preside, and nobody else."""
        change = ChangeChair(chair="dean", on=MARCH_15)
        assert list(membership.decide(change, SEATS)) == [
            ChairChanged(chair="dean", effective_on=MARCH_15)
        ]
        assert list(membership.decide(replace(change, chair="professor"), SEATS)) == []
        assert codes(refused(replace(change, chair="stranger"), SEATS)) == {"chair-not-a-member"}


class TestRules:
    change = ChangeRules(
        quorum=3,
        agenda_closes_days=5,
        calendar=CalendarRule(week=2, weekday=4),
        ballot=BallotRule.SECRET,
        scores_visible=ScoresVisible.AT_MEETING,
        on=MARCH_15,
    )

    def test_are_changed_together(self) -> None:
        """The rules are what was said last."""
        [changed] = membership.decide(self.change, SEATS)
        assert isinstance(changed, RulesChanged)
        state = committee.evolve(committee.DECIDER.fold([ESTABLISHED]), changed)
        assert isinstance(state, committee.Established)
        assert (state.quorum, state.agenda_closes_days, state.ballot) == (3, 5, BallotRule.SECRET)
        assert state.calendar == CalendarRule(week=2, weekday=4)

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"quorum": 6}, "quorum-out-of-reach"),
            ({"quorum": 0}, "quorum-out-of-reach"),
            ({"agenda_closes_days": -1}, "agenda-closes-after-meeting"),
            ({"calendar": CalendarRule(week=5, weekday=4)}, "no-such-week"),
            ({"calendar": CalendarRule(week=1, weekday=0)}, "no-such-weekday"),
        ],
    )
    def test_that_cannot_be(self, change: dict[str, object], code: str) -> None:
        """A quorum can be reached, and days exist."""
        assert codes(refused(replace(self.change, **change), SEATS)) == {code}  # type: ignore[arg-type]


class TestInterests:
    def test_declared_and_ended(self) -> None:
        """A member has an interest from its declaration until it is ended; twice is no news."""
        declare = DeclareInterest(person_id="dean", organisation_id=LAB, on=MARCH_1)
        declared = InterestDeclared(person_id="dean", organisation_id=LAB, effective_on=MARCH_1)
        end = EndInterest(person_id="dean", organisation_id=LAB, reason="sold", on=MARCH_15)
        ended = InterestEnded(
            person_id="dean", organisation_id=LAB, reason="sold", effective_on=MARCH_15
        )
        assert list(membership.decide(declare, SEATS)) == [declared]
        seats = after(SEATS, declared)
        assert list(membership.decide(declare, seats)) == []
        assert list(membership.decide(end, seats)) == [ended]
        assert list(membership.decide(end, after(seats, ended))) == []

    def test_of_a_stranger(self) -> None:
        """Only members have interests here."""
        declare = DeclareInterest(person_id="stranger", organisation_id=LAB, on=MARCH_1)
        assert isinstance(refused(declare, SEATS), membership.NotAMember)


@st.composite
def committees(draw: st.DrawFn) -> tuple[Member, ...]:
    """Members whose terms begin and end around the day of a meeting."""
    days = st.none() | st.integers(-3, 3).map(lambda days: APRIL_3 + timedelta(days=days))
    return tuple(
        Member(
            person_id=f"m{number}",
            kind=draw(st.sampled_from(MemberKind)),
            since=draw(days),
            until=draw(days),
        )
        for number in range(draw(st.integers(1, 8)))
    )


@given(committees(), st.integers(1, 4))
def test_only_those_whose_term_runs_are_at_a_meeting(
    members: tuple[Member, ...], quorum: int
) -> None:
    """
    A meeting opens with exactly those members whose term runs on its day.

    Nobody else can be present, and the quorum is the one of those who serve.
    """
    established = replace(ESTABLISHED, members=members, quorum=quorum)
    scheduled = committee.MeetingScheduled(
        meeting_id=MEETING, held_on=APRIL_3, agenda_closes_on=MARCH_15, effective_on=MARCH_1
    )
    seated = committee.DECIDER.fold([established, scheduled])
    called = meeting.DECIDER.fold([CALLED])
    assert called == meeting.Called(meeting_id=MEETING, committee_id=COMMITTEE, held_on=APRIL_3)
    serving = [
        each.person_id
        for each in members
        if (each.since is None or each.since <= APRIL_3)
        and (each.until is None or each.until >= APRIL_3)
    ]
    others = {each.person_id for each in members} - set(serving)
    if serving:
        opened = deliberation.open_meeting(
            called, seated, {}, present=tuple(serving), on=APRIL_3
        ).meeting[0]
        assert isinstance(opened, meeting.MeetingOpened)
        assert [each.person_id for each in opened.members] == serving
    for other in others:
        with pytest.raises(NotMembers):
            deliberation.open_meeting(called, seated, {}, present=(*serving, other), on=APRIL_3)
