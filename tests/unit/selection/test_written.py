"""Voting in writing: who, until when, and what counts."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.selection.domain import meeting, written
from services.selection.domain.calendar import MeetingKind
from services.selection.domain.meeting import BallotCast, MeetingOpened, Outcome, Vote
from services.selection.domain.written import CastBallot
from shared.kernel.refusals import Refusal
from tests.unit.selection.examples import (
    APRIL_3,
    CALLED,
    CLINIC,
    MEETING,
    MEMBERS,
    OPENED,
    ROBOTS,
    codes,
    votes,
)
from tests.unit.selection.test_meeting import defer_robots, fund_robots, robots_funded

APRIL_7 = date(2023, 4, 7)
WRITTEN = replace(CALLED, kind=MeetingKind.WRITTEN, closes_on=APRIL_7)
NOBODY = replace(OPENED, present=())
OPEN = [WRITTEN, NOBODY]
ballot = CastBallot(application_id=ROBOTS, person_id="dean", vote=Vote.FOR, on=APRIL_3)
fund = replace(fund_robots, votes=())


def cast(person: str, vote: str, on: date = APRIL_3) -> BallotCast:
    return BallotCast(
        meeting_id=MEETING,
        application_id=ROBOTS,
        person_id=person,
        vote=Vote(vote),
        effective_on=on,
    )


def refused(command: CastBallot, history: list[object]) -> Refusal:
    with pytest.raises(Refusal) as found:
        written.cast(command, meeting.DECIDER.fold(history))
    return found.value


class TestCasting:
    def test_until_the_closing_day(self) -> None:
        """A member votes until the end of the closing day, and not after."""
        for on in (APRIL_3, APRIL_7):
            command = replace(ballot, on=on)
            state = meeting.DECIDER.fold(OPEN)
            assert list(written.cast(command, state)) == [cast("dean", "for", on)]
        late = replace(ballot, on=APRIL_7 + timedelta(days=1))
        assert isinstance(refused(late, OPEN), written.VotingClosed)

    def test_again(self) -> None:
        """The last vote counts; the same again is no news."""
        state = meeting.DECIDER.fold([*OPEN, cast("dean", "for")])
        assert list(written.cast(ballot, state)) == []
        changed = replace(ballot, vote=Vote.AGAINST)
        assert list(written.cast(changed, state)) == [cast("dean", "against")]
        after = meeting.evolve(state, cast("dean", "against"))
        assert isinstance(after, meeting.Opened)
        assert after.cast_on(ROBOTS) == votes(dean="against")

    @pytest.mark.parametrize(
        ("change", "history", "refusal"),
        [
            ({"person_id": "stranger"}, OPEN, meeting.NotMembers),
            ({"person_id": "investor"}, OPEN, meeting.NotOnTheAgenda),
            ({"application_id": MEETING}, OPEN, meeting.NotOnTheAgenda),
            ({}, [WRITTEN], meeting.MeetingNotOpen),
            ({}, [CALLED, OPENED], written.NotWritten),
            ({}, [*OPEN, robots_funded], meeting.ItemAlreadyDecided),
        ],
    )
    def test_by_whom_and_on_what(
        self, change: dict[str, object], history: list[object], refusal: type[Refusal]
    ) -> None:
        """Members without a conflict vote on undecided items of an open written meeting."""
        assert type(refused(replace(ballot, **change), history)) is refusal  # type: ignore[arg-type]

    def test_after_the_term(self) -> None:
        """A member whose term ends while votes come in has no vote afterwards."""
        ends = tuple(
            replace(each, until=APRIL_3) if each.person_id == "dean" else each for each in MEMBERS
        )
        history = [WRITTEN, replace(NOBODY, members=ends)]
        assert len(written.cast(ballot, meeting.DECIDER.fold(history))) == 1
        next_day = replace(ballot, on=APRIL_3 + timedelta(days=1))
        assert isinstance(refused(next_day, history), meeting.NotMembers)


class TestDeciding:
    came_in = (*OPEN, cast("insider", "for"), cast("professor", "for"), cast("dean", "abstain"))

    def test_by_the_votes_that_came_in(self) -> None:
        """After the closing day the item is decided by the votes that were cast."""
        state = meeting.DECIDER.fold(self.came_in)
        after = replace(fund, on=APRIL_7 + timedelta(days=1))
        [decided] = meeting.decide(after, state)
        assert isinstance(decided, meeting.ItemDecided)
        assert decided.votes == votes(dean="abstain", insider="for", professor="for")

    def test_not_while_votes_come_in(self) -> None:
        """Until then it is decided only when everybody who may has voted; it can be put off."""
        state = meeting.DECIDER.fold(self.came_in)
        with pytest.raises(meeting.DecisionNotValid) as found:
            meeting.decide(fund, state)
        assert codes(found.value) == {"votes-still-come-in"}
        everybody = meeting.evolve(state, cast("colleague", "for"))
        assert len(meeting.decide(fund, everybody)) == 1
        assert len(meeting.decide(replace(defer_robots, votes=()), state)) == 1

    def test_not_by_votes_told_otherwise(self) -> None:
        """The secretary does not record other votes."""
        after = replace(fund_robots, on=APRIL_7 + timedelta(days=1))
        with pytest.raises(meeting.DecisionNotValid) as found:
            meeting.decide(after, meeting.DECIDER.fold(self.came_in))
        assert codes(found.value) == {"votes-came-in-writing"}

    def test_who_was_silent_is_not_counted(self) -> None:
        """The quorum counts those who voted."""
        after = replace(fund, on=APRIL_7 + timedelta(days=1))
        alone = meeting.DECIDER.fold([*OPEN, cast("professor", "for")])
        with pytest.raises(meeting.DecisionNotValid) as found:
            meeting.decide(after, alone)
        assert codes(found.value) == {"no-quorum"}

    def test_a_conflict_declared_after_voting(self) -> None:
        """The vote of a member who declares a conflict afterwards does not count."""
        declared = meeting.ConflictDeclared(
            meeting_id=MEETING, application_id=ROBOTS, person_id="dean", effective_on=APRIL_3
        )
        state = meeting.DECIDER.fold([*self.came_in, declared])
        assert isinstance(state, meeting.Opened)
        assert state.cast_on(ROBOTS) == votes(insider="for", professor="for")
        assert [each.person_id for each in state.counted(ROBOTS)] == ["insider", "professor"]


class TestPresence:
    def test_nobody_is_present_at_a_written_meeting(self) -> None:
        """A written meeting opens without anybody present; no other does."""
        opening = meeting.OpenMeeting(
            members=MEMBERS, quorum=2, chair="professor", present=(), items=(), on=APRIL_3
        )
        assert len(meeting.decide(opening, meeting.DECIDER.fold([WRITTEN]))) == 1
        with pytest.raises(meeting.NobodyPresent):
            meeting.decide(opening, meeting.DECIDER.fold([CALLED]))


def reasons_against(command: meeting.RecordDecision, state: meeting.Opened) -> set[str]:
    try:
        meeting.decide(command, state)
    except meeting.DecisionNotValid as refusal:
        return codes(refusal)
    return set()


@given(
    st.lists(st.tuples(st.sampled_from([each.person_id for each in MEMBERS]),
                       st.sampled_from(Vote)), max_size=12),
    st.sets(st.sampled_from([each.person_id for each in MEMBERS])),
    st.integers(1, 5),
)  # fmt: skip
def test_quorum_in_writing(
    ballots: list[tuple[str, Vote]], conflicted: set[str], quorum: int
) -> None:
    """Counted are exactly those who voted and have no conflict; the quorum is theirs."""
    item = meeting.AgendaItem(application_id=ROBOTS, conflicted=tuple(sorted(conflicted)))
    opened: MeetingOpened = replace(NOBODY, items=(item,), quorum=quorum)
    history = [WRITTEN, opened, *(cast(person, vote.value) for person, vote in ballots)]
    state = meeting.DECIDER.fold(history)
    assert isinstance(state, meeting.Opened)
    voters = {person for person, _ in ballots} - conflicted
    assert {each.person_id for each in state.counted(ROBOTS)} == voters
    last = dict(ballots)
    assert {each.person_id: each.vote for each in state.cast_on(ROBOTS)} == {
        person: last[person] for person in voters
    }
    assert CLINIC not in state.conflicted
    independents = voters - {"insider", "colleague"}
    enough = len(voters) >= quorum and 2 * len(independents) >= len(voters)
    outcome = replace(fund, outcome=Outcome.FUND, on=APRIL_7 + timedelta(days=1))
    assert ("no-quorum" in reasons_against(outcome, state)) is not enough
