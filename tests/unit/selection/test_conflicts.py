"""Links the system finds, and conflicts that were declared wrongly."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.selection.domain import application, committee, conflicts, meeting
from services.selection.domain.application import ConflictDropped, ConflictNoted, Waiting
from services.selection.domain.committee import ApplicationPlaced, MeetingScheduled
from services.selection.domain.conflicts import Found, Link, WithdrawConflict, links
from services.selection.domain.meeting import ConflictDeclared
from services.selection.domain.membership import InterestDeclared, Member, MemberKind
from services.selection.domain.proceedings import ConflictWithdrawn
from shared.kernel.identifiers import derived_id
from shared.kernel.refusals import Refusal
from tests.unit.selection.examples import (
    APRIL_3,
    CALLED,
    CLINIC,
    DEAN,
    ESTABLISHED,
    HYDRO,
    INVESTOR,
    LAB,
    MARCH_1,
    MEETING,
    MEMBERS,
    OPENED,
    PROPOSAL,
    ROBOTS,
)
from tests.unit.selection.test_meeting import robots_funded

SEATED = committee.DECIDER.fold([ESTABLISHED])
assert isinstance(SEATED, committee.Established)
DEAN_DECLARED = ConflictDeclared(
    meeting_id=MEETING, application_id=ROBOTS, person_id="dean", effective_on=APRIL_3
)
WAITING = Waiting(proposal=PROPOSAL, conflicted=frozenset({"dean"}))
withdraw = WithdrawConflict(
    application_id=ROBOTS, person_id="dean", reason="another company", on=APRIL_3
)


def refusal(command: WithdrawConflict, history: list[object], before: Waiting) -> Refusal:
    with pytest.raises(Refusal) as found:
        conflicts.withdraw(command, meeting.DECIDER.fold(history), SEATED, before)
    return found.value


class TestLinks:
    def test_of_the_same_organisation(self) -> None:
        """A member of a participating organisation is linked to its application."""
        assert links(MEMBERS, PROPOSAL) == (
            Found(person_id="investor", organisation_id=LAB, link=Link.SAME_ORGANISATION),
        )

    def test_of_a_declared_interest(self) -> None:
        """An organisation in which a member declared an interest links them as well."""
        interested = replace(DEAN, interests=(HYDRO,))
        assert links([interested], PROPOSAL) == (
            Found(person_id="dean", organisation_id=HYDRO, link=Link.DECLARED_INTEREST),
        )
        elsewhere = replace(DEAN, interests=(derived_id("organisation", "elsewhere"),))
        assert links([elsewhere], PROPOSAL) == ()

    def test_take_the_part_in_the_item(self) -> None:
        """Who is linked has a conflict, declared or not."""
        interested = replace(DEAN, interests=(HYDRO,))
        known = Waiting(proposal=PROPOSAL, conflicted=frozenset({"insider"}))
        assert conflicts.conflicted_members([interested, INVESTOR], known) == {
            "dean",
            "investor",
            "insider",
        }

    def test_found_after_the_opening(self) -> None:
        """An interest declared while the meeting sits takes the vote from then on."""
        opened = meeting.DECIDER.fold([CALLED, OPENED])
        assert isinstance(opened, meeting.Opened)
        declared = InterestDeclared(person_id="dean", organisation_id=HYDRO, effective_on=APRIL_3)
        seated = committee.evolve(SEATED, declared)
        assert isinstance(seated, committee.Established)
        before = Waiting(proposal=PROPOSAL)
        for state, in_conflict in ((SEATED, {"investor"}), (seated, {"investor", "dean"})):
            now = conflicts.with_present_links(opened, ROBOTS, before, state)
            assert now.conflicted[ROBOTS] == in_conflict
            assert now.conflicted[CLINIC] == frozenset()


class TestWithdrawing:
    def test_gives_the_vote_back(self) -> None:
        """A conflict declared wrongly can be withdrawn: the member has a part in the item again."""
        opened = meeting.DECIDER.fold([CALLED, OPENED, DEAN_DECLARED])
        consequences = conflicts.withdraw(withdraw, opened, SEATED, WAITING)
        withdrawn = ConflictWithdrawn(
            meeting_id=MEETING,
            application_id=ROBOTS,
            person_id="dean",
            reason="another company",
            effective_on=APRIL_3,
        )
        dropped = ConflictDropped(application_id=ROBOTS, person_id="dean", effective_on=APRIL_3)
        assert (consequences.meeting, consequences.application) == ([withdrawn], [dropped])
        state = meeting.evolve(opened, withdrawn)
        assert isinstance(state, meeting.Opened)
        assert "dean" in {each.person_id for each in state.counted(ROBOTS)}
        assert application.evolve(WAITING, dropped) == replace(WAITING, conflicted=frozenset())

    def test_before_the_meeting(self) -> None:
        """It can be withdrawn before the meeting too, when the item is on its agenda."""
        called = meeting.DECIDER.fold([CALLED])
        scheduled = MeetingScheduled(
            meeting_id=MEETING, held_on=APRIL_3, agenda_closes_on=MARCH_1, effective_on=MARCH_1
        )
        placed = ApplicationPlaced(application_id=ROBOTS, meeting_id=MEETING, effective_on=MARCH_1)
        on_agenda = committee.DECIDER.fold([ESTABLISHED, scheduled, placed])
        assert isinstance(on_agenda, committee.Established)
        assert conflicts.withdraw(withdraw, called, on_agenda, WAITING).application
        with pytest.raises(meeting.NotOnTheAgenda):
            conflicts.withdraw(withdraw, called, SEATED, WAITING)

    def test_after_the_decision(self) -> None:
        """After the decision no conflict is withdrawn."""
        history = [CALLED, OPENED, DEAN_DECLARED, robots_funded]
        assert isinstance(refusal(withdraw, history, WAITING), meeting.ItemAlreadyDecided)

    def test_what_was_not_declared(self) -> None:
        """There is nothing to withdraw where nothing was declared."""
        found = refusal(withdraw, [CALLED, OPENED], Waiting(proposal=PROPOSAL))
        assert isinstance(found, conflicts.ConflictNotDeclared)

    def test_what_the_system_found(self) -> None:
        """The conflict of a member whose organisation takes part stands."""
        both = replace(WAITING, conflicted=frozenset({"investor"}))
        found = refusal(replace(withdraw, person_id="investor"), [CALLED, OPENED], both)
        assert isinstance(found, conflicts.LinkStands)


def test_a_dropped_conflict_can_be_noted_again() -> None:
    """Dropping what was not noted is no change; what was dropped can be noted again."""
    drop = application.DropConflict(application_id=ROBOTS, person_id="dean", on=APRIL_3)
    noted = ConflictNoted(application_id=ROBOTS, person_id="dean", effective_on=APRIL_3)
    assert list(application.decide(drop, Waiting(proposal=PROPOSAL))) == []
    [dropped] = application.decide(drop, WAITING)
    assert application.evolve(application.evolve(WAITING, dropped), noted) == WAITING


ORGANISATIONS = [HYDRO, LAB, derived_id("organisation", "elsewhere")]


@given(
    st.lists(
        st.builds(
            Member,
            person_id=st.sampled_from("abcdef"),
            kind=st.sampled_from(MemberKind),
            organisation_id=st.none() | st.sampled_from(ORGANISATIONS),
            interests=st.lists(st.sampled_from(ORGANISATIONS), unique=True).map(tuple),
        ),
        max_size=8,
    )
)
def test_whoever_has_an_organisation_in_it_is_found(members: list[Member]) -> None:
    """Linked are exactly the members with an organisation or an interest in the application."""
    expected = {
        each.person_id
        for each in members
        if PROPOSAL.organisations & {each.organisation_id, *each.interests}
    }
    assert {each.person_id for each in links(members, PROPOSAL)} == expected
