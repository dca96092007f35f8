"""Who may vote, when there is a quorum, what the votes allow."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.selection.domain import meeting
from services.selection.domain.meeting import (
    AgendaItem,
    CallMeeting,
    ConflictDeclared,
    DeclareConflict,
    ItemDecided,
    MeetingOpened,
    MeetingSealed,
    OpenMeeting,
    Outcome,
    RecordDecision,
    SealMeeting,
    Vote,
)
from services.selection.domain.membership import Member, MemberKind
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money
from shared.kernel.refusals import NotFound
from tests.unit.selection.examples import (
    APRIL_3,
    AWARD,
    CALLED,
    CLINIC,
    COMMITTEE,
    MARCH_1,
    MEETING,
    MEMBERS,
    OPENED,
    ROBOTS,
    codes,
    scenario,
    votes,
)

fund_robots = RecordDecision(
    application_id=ROBOTS,
    programme_code="IND-P2",
    title="Robots that sort",
    outcome=Outcome.FUND,
    votes=votes(insider="for", professor="for"),
    reasons=(),
    asked=Money(60_000_00),
    granted=Money(60_000_00),
    award_id=AWARD,
    on=APRIL_3,
)
robots_funded = ItemDecided(
    meeting_id=MEETING,
    application_id=ROBOTS,
    programme_code="IND-P2",
    title="Robots that sort",
    outcome=Outcome.FUND,
    votes=votes(insider="for", professor="for"),
    reasons=(),
    asked=Money(60_000_00),
    granted=Money(60_000_00),
    award_id=AWARD,
    effective_on=APRIL_3,
)
decline_robots = replace(
    fund_robots,
    outcome=Outcome.DECLINE,
    votes=votes(insider="against", professor="against"),
    reasons=("too early",),
    granted=ZERO,
    award_id=None,
)
defer_robots = replace(fund_robots, outcome=Outcome.DEFER, votes=(), granted=ZERO, award_id=None)
sealed = MeetingSealed(meeting_id=MEETING, undecided=(CLINIC,), effective_on=APRIL_3)
OPEN = [CALLED, OPENED]


class TestOpening:
    opening = OpenMeeting(
        members=MEMBERS,
        quorum=2,
        chair="professor",
        present=("professor", "insider", "colleague", "investor", "dean"),
        items=OPENED.items,
        on=APRIL_3,
    )

    def test_on_its_day(self) -> None:
        """A meeting opens with the members present and the agenda as it is."""
        scenario(meeting.DECIDER, given=[CALLED], when=self.opening, then=[OPENED])

    def test_before_its_day(self) -> None:
        """A meeting is not opened before the day for which it was called."""
        scenario(
            meeting.DECIDER,
            given=[CALLED],
            when=replace(self.opening, on=APRIL_3 - timedelta(days=1)),
            then=meeting.MeetingNotYetHeld,
        )

    def test_with_a_stranger(self) -> None:
        """Only members of the committee are present."""
        scenario(
            meeting.DECIDER,
            given=[CALLED],
            when=replace(self.opening, present=("professor", "stranger")),
            then=meeting.NotMembers,
        )

    def test_twice(self) -> None:
        """A meeting opens once."""
        scenario(meeting.DECIDER, given=OPEN, when=self.opening, then=meeting.MeetingAlreadyOpened)

    def test_that_was_never_called(self) -> None:
        """What was not called cannot be opened."""
        scenario(meeting.DECIDER, given=[], when=self.opening, then=NotFound)

    def test_calling_twice(self) -> None:
        """Calling a meeting again changes nothing."""
        call = CallMeeting(meeting_id=MEETING, committee_id=COMMITTEE, held_on=APRIL_3, on=MARCH_1)
        scenario(meeting.DECIDER, given=[], when=call, then=[CALLED])
        scenario(meeting.DECIDER, given=[CALLED], when=call, then=[])


class TestConflicts:
    declare = DeclareConflict(application_id=ROBOTS, person_id="insider", on=APRIL_3)
    declared = ConflictDeclared(
        meeting_id=MEETING, application_id=ROBOTS, person_id="insider", effective_on=APRIL_3
    )

    def test_declared(self) -> None:
        """A member can declare a conflict; doing it again changes nothing."""
        scenario(meeting.DECIDER, given=OPEN, when=self.declare, then=[self.declared])
        scenario(meeting.DECIDER, given=[*OPEN, self.declared], when=self.declare, then=[])

    def test_takes_the_vote(self) -> None:
        """From the moment it is declared, the member has no vote on the item."""
        scenario(meeting.DECIDER, given=OPEN, when=fund_robots, then=[robots_funded])
        refusal = scenario(
            meeting.DECIDER,
            given=[*OPEN, self.declared],
            when=fund_robots,
            then=meeting.DecisionNotValid,
        )
        assert "conflicted-member-has-no-vote" in codes(refusal)

    def test_on_one_item_only(self) -> None:
        """A conflict on one item leaves the member's vote on the others."""
        state = meeting.DECIDER.fold([*OPEN, self.declared])
        assert isinstance(state, meeting.Opened)
        assert "insider" not in {member.person_id for member in state.counted(ROBOTS)}
        assert "insider" in {member.person_id for member in state.counted(CLINIC)}

    def test_of_a_stranger(self) -> None:
        """Only a member can have a conflict."""
        scenario(
            meeting.DECIDER,
            given=OPEN,
            when=replace(self.declare, person_id="stranger"),
            then=meeting.NotMembers,
        )

    def test_on_something_else(self) -> None:
        """A conflict is about an item on the agenda."""
        scenario(
            meeting.DECIDER,
            given=OPEN,
            when=replace(self.declare, application_id=derived_id("application", "other")),
            then=meeting.NotOnTheAgenda,
        )

    def test_after_the_decision(self) -> None:
        """A conflict is declared before the item is decided, not after."""
        scenario(
            meeting.DECIDER,
            given=[*OPEN, robots_funded],
            when=self.declare,
            then=meeting.ItemAlreadyDecided,
        )


class TestDeciding:
    def test_before_the_meeting_opens(self) -> None:
        """Nothing is decided before the meeting opens."""
        scenario(meeting.DECIDER, given=[CALLED], when=fund_robots, then=meeting.MeetingNotOpen)

    def test_what_is_not_on_the_agenda(self) -> None:
        """Only what is on the agenda is decided."""
        scenario(
            meeting.DECIDER,
            given=OPEN,
            when=replace(fund_robots, application_id=derived_id("application", "other")),
            then=meeting.NotOnTheAgenda,
        )

    def test_twice(self) -> None:
        """An item is decided once."""
        scenario(
            meeting.DECIDER,
            given=[*OPEN, robots_funded],
            when=fund_robots,
            then=meeting.ItemAlreadyDecided,
        )

    @pytest.mark.parametrize(
        ("ballots", "code"),
        [
            (votes(insider="for", investor="for"), "conflicted-member-has-no-vote"),
            (votes(insider="for", stranger="for"), "voter-not-present"),
            (votes(insider="for") * 2, "voted-twice"),
        ],
    )
    def test_by_those_who_have_no_vote(
        self, ballots: tuple[meeting.Ballot, ...], code: str
    ) -> None:
        """A vote is cast once, by a member who is present and has no conflict on the item."""
        refusal = scenario(
            meeting.DECIDER,
            given=OPEN,
            when=replace(fund_robots, votes=ballots),
            then=meeting.DecisionNotValid,
        )
        assert codes(refusal) == {code}

    @pytest.mark.parametrize(
        ("ballots", "carried"),
        [
            (votes(insider="for", colleague="for", professor="against"), True),
            (votes(insider="against", colleague="against", professor="for"), False),
            (votes(insider="for", colleague="abstain", professor="abstain"), True),
            (votes(insider="against", professor="for"), True),
            (votes(insider="for", professor="against"), False),
            (votes(insider="for", colleague="against", professor="abstain"), False),
            (votes(insider="for", colleague="against"), False),
        ],
    )
    def test_the_votes_and_the_outcome_agree(
        self, ballots: tuple[meeting.Ballot, ...], *, carried: bool
    ) -> None:
        """The majority of the votes cast decides; the chair's vote breaks a tie; else it fails."""
        fund = replace(fund_robots, votes=ballots)
        decline = replace(decline_robots, votes=ballots)
        right, wrong = (fund, decline) if carried else (decline, fund)
        state = meeting.DECIDER.fold(OPEN)
        assert len(meeting.decide(right, state)) == 1
        refusal = scenario(meeting.DECIDER, given=OPEN, when=wrong, then=meeting.DecisionNotValid)
        assert codes(refusal) == {"majority-is-for" if carried else "no-majority"}

    @pytest.mark.parametrize("decision", [fund_robots, decline_robots])
    def test_by_nobody(self, decision: RecordDecision) -> None:
        """Without a vote for or against nothing is decided."""
        refusal = scenario(
            meeting.DECIDER,
            given=OPEN,
            when=replace(decision, votes=votes(insider="abstain")),
            then=meeting.DecisionNotValid,
        )
        assert codes(refusal) == {"nobody-voted"}

    @pytest.mark.parametrize("reasons", [(), ("  ",)])
    def test_declining_without_a_reason(self, reasons: tuple[str, ...]) -> None:
        """An applicant who is declined is told why."""
        refusal = scenario(
            meeting.DECIDER,
            given=OPEN,
            when=replace(decline_robots, reasons=reasons),
            then=meeting.DecisionNotValid,
        )
        assert codes(refusal) == {"reasons-missing"}

    def test_deferring_without_a_quorum(self) -> None:
        """An item can be put off by those who are there, without a quorum or a vote."""
        alone = replace(OPENED, present=("insider",))
        state = meeting.DECIDER.fold([CALLED, alone])
        assert len(meeting.decide(defer_robots, state)) == 1
        refusal = scenario(
            meeting.DECIDER,
            given=[CALLED, alone],
            when=replace(fund_robots, votes=votes(insider="for")),
            then=meeting.DecisionNotValid,
        )
        assert codes(refusal) == {"no-quorum"}


@st.composite
def meetings(draw: st.DrawFn) -> MeetingOpened:
    """Meetings of any committee, with anybody present and anybody in conflict."""
    kinds = draw(st.lists(st.sampled_from(MemberKind), min_size=1, max_size=9))
    members = tuple(Member(person_id=f"m{n}", kind=kind) for n, kind in enumerate(kinds))
    some = st.sets(st.sampled_from([member.person_id for member in members]))
    return MeetingOpened(
        meeting_id=MEETING,
        members=members,
        quorum=draw(st.integers(1, len(members))),
        chair="m0",
        present=tuple(sorted(draw(some))),
        items=(AgendaItem(application_id=ROBOTS, conflicted=tuple(sorted(draw(some)))),),
        effective_on=APRIL_3,
    )


@given(meetings())
def test_quorum_with_conflicts(opened: MeetingOpened) -> None:
    """
    All who are present without a conflict vote for: it passes exactly when they are the quorum.

    At least half of them must be independent. Those in conflict count for nothing at all.
    """
    conflicted = set(opened.items[0].conflicted)
    voters = [
        member
        for member in opened.members
        if member.person_id in opened.present and member.person_id not in conflicted
    ]
    independents = [member for member in voters if member.kind is MemberKind.INDEPENDENT]
    enough = len(voters) >= opened.quorum and len(independents) >= len(voters) - len(independents)
    command = replace(
        fund_robots,
        votes=tuple(meeting.Ballot(person_id=member.person_id, vote=Vote.FOR) for member in voters),
    )
    state = meeting.DECIDER.fold([CALLED, opened])
    if enough:
        assert len(meeting.decide(command, state)) == 1
        return
    with pytest.raises(meeting.DecisionNotValid) as refused:
        meeting.decide(command, state)
    assert "no-quorum" in codes(refused.value)


class TestSealing:
    def test_names_what_was_not_decided(self) -> None:
        """What was on the agenda and not decided is named in the minutes."""
        scenario(
            meeting.DECIDER,
            given=[*OPEN, robots_funded],
            when=SealMeeting(on=APRIL_3),
            then=[sealed],
        )

    def test_before_opening(self) -> None:
        """A meeting that was not opened has nothing to seal."""
        scenario(
            meeting.DECIDER,
            given=[CALLED],
            when=SealMeeting(on=APRIL_3),
            then=meeting.MeetingNotOpen,
        )

    @pytest.mark.parametrize(
        "command",
        [
            replace(fund_robots, application_id=CLINIC),
            DeclareConflict(application_id=CLINIC, person_id="insider", on=APRIL_3),
            SealMeeting(on=APRIL_3),
            TestOpening.opening,
        ],
    )
    def test_nothing_changes_afterwards(self, command: meeting.Command) -> None:
        """After sealing every command is refused."""
        scenario(
            meeting.DECIDER,
            given=[*OPEN, robots_funded, sealed],
            when=command,
            then=meeting.MeetingIsSealed,
        )
