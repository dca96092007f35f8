"""Who sits, when it meets, what waits."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.selection.domain import committee, mandate
from services.selection.domain.committee import (
    AgendaHandedOver,
    ApplicationDocketed,
    ApplicationPlaced,
    ApplicationRemoved,
    EstablishCommittee,
    HandOverAgenda,
    MeetingScheduled,
    PlaceApplication,
    RemoveApplication,
    ScheduleMeeting,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.refusals import NotFound
from tests.unit.selection.examples import (
    APRIL_3,
    CLINIC,
    COLLEAGUE,
    COMMITTEE,
    ESTABLISHED,
    INSIDER,
    MARCH_1,
    MARCH_15,
    MEETING,
    MEMBERS,
    PROFESSOR,
    ROBOTS,
    codes,
    scenario,
)

MAY_MEETING = derived_id("meeting", "may")
MAY_1 = APRIL_3 + timedelta(days=28)
CLOSES = APRIL_3 - timedelta(days=10)

april = MeetingScheduled(
    meeting_id=MEETING, held_on=APRIL_3, agenda_closes_on=CLOSES, effective_on=MARCH_1
)
may = MeetingScheduled(
    meeting_id=MAY_MEETING,
    held_on=MAY_1,
    agenda_closes_on=MAY_1 - timedelta(days=10),
    effective_on=MARCH_1,
)
robots_docketed = ApplicationDocketed(application_id=ROBOTS, effective_on=MARCH_1)
robots_on_april = ApplicationPlaced(application_id=ROBOTS, meeting_id=MEETING, effective_on=MARCH_1)

establish = EstablishCommittee(
    committee_id=COMMITTEE,
    name="Projects",
    programmes=("IND-P2",),
    quorum=2,
    members=MEMBERS,
    chair="professor",
    agenda_closes_days=10,
    on=MARCH_1,
)


class TestEstablishing:
    def test_a_sound_committee(self) -> None:
        """A committee of which half are independent, with its chair among them, can be set up."""
        scenario(committee.DECIDER, given=[], when=establish, then=[ESTABLISHED])

    def test_it_takes_what_waited_for_it(self) -> None:
        """Applications forwarded before there was a committee are on its docket at once."""
        scenario(
            committee.DECIDER,
            given=[],
            when=replace(establish, waiting=(ROBOTS,)),
            then=[ESTABLISHED, robots_docketed],
        )

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"members": (INSIDER, COLLEAGUE, PROFESSOR)}, "too-few-independents"),
            ({"members": (*MEMBERS, PROFESSOR)}, "member-twice"),
            ({"chair": "stranger"}, "chair-not-a-member"),
            ({"quorum": 0}, "quorum-out-of-reach"),
            ({"quorum": 6}, "quorum-out-of-reach"),
            ({"agenda_closes_days": -1}, "agenda-closes-after-meeting"),
            ({"programmes": ()}, "programmes-not-distinct"),
            ({"programmes": ("IND-P2", "IND-P2")}, "programmes-not-distinct"),
        ],
    )
    def test_an_unsound_one(self, change: dict[str, object], code: str) -> None:
        """Each thing that is wrong with a committee is named by its own reason."""
        refusal = scenario(
            committee.DECIDER,
            given=[],
            when=replace(establish, **change),
            then=committee.CommitteeNotSound,
        )
        assert codes(refusal) == {code}

    def test_everything_wrong_at_once(self) -> None:
        """All reasons are given at once."""
        refusal = scenario(
            committee.DECIDER,
            given=[],
            when=replace(establish, chair="stranger", quorum=9, agenda_closes_days=-3),
            then=committee.CommitteeNotSound,
        )
        assert codes(refusal) == {
            "chair-not-a-member",
            "quorum-out-of-reach",
            "agenda-closes-after-meeting",
        }

    def test_twice(self) -> None:
        """A committee is established once."""
        scenario(
            committee.DECIDER,
            given=[ESTABLISHED],
            when=establish,
            then=committee.CommitteeExists,
        )


class TestScheduling:
    def test_a_meeting_ahead(self) -> None:
        """The agenda closes the committee's number of days before the meeting."""
        scenario(
            committee.DECIDER,
            given=[ESTABLISHED],
            when=ScheduleMeeting(meeting_id=MEETING, held_on=APRIL_3, on=MARCH_1),
            then=[april],
        )

    def test_it_takes_the_docket(self) -> None:
        """What waits on the docket goes on the agenda of a meeting that is scheduled."""
        scenario(
            committee.DECIDER,
            given=[ESTABLISHED, robots_docketed],
            when=ScheduleMeeting(meeting_id=MEETING, held_on=APRIL_3, on=MARCH_1),
            then=[april, robots_on_april],
        )

    def test_in_the_past(self) -> None:
        """A meeting is not scheduled for a day that is over."""
        scenario(
            committee.DECIDER,
            given=[ESTABLISHED],
            when=ScheduleMeeting(meeting_id=MEETING, held_on=MARCH_1, on=MARCH_15),
            then=committee.MeetingInThePast,
        )

    def test_today(self) -> None:
        """A meeting can be called for the same day."""
        state = committee.DECIDER.fold([ESTABLISHED])
        events = committee.decide(
            ScheduleMeeting(meeting_id=MEETING, held_on=MARCH_1, on=MARCH_1), state
        )
        assert len(events) == 1

    def test_by_a_committee_that_does_not_exist(self) -> None:
        """There is nothing to schedule for a committee that was never established."""
        scenario(
            committee.DECIDER,
            given=[],
            when=ScheduleMeeting(meeting_id=MEETING, held_on=APRIL_3, on=MARCH_1),
            then=NotFound,
        )


class TestPlacing:
    def test_on_the_last_day_of_an_agenda(self) -> None:
        """An agenda is open until the end of its last day."""
        scenario(
            committee.DECIDER,
            given=[ESTABLISHED, may, april],
            when=PlaceApplication(application_id=ROBOTS, on=CLOSES),
            then=[
                ApplicationPlaced(application_id=ROBOTS, meeting_id=MEETING, effective_on=CLOSES)
            ],
        )

    def test_on_the_day_after(self) -> None:
        """An application that comes after the agenda closed goes to the meeting after."""
        late = CLOSES + timedelta(days=1)
        scenario(
            committee.DECIDER,
            given=[ESTABLISHED, may, april],
            when=PlaceApplication(application_id=ROBOTS, on=late),
            then=[
                ApplicationPlaced(application_id=ROBOTS, meeting_id=MAY_MEETING, effective_on=late)
            ],
        )

    def test_when_no_agenda_is_open(self) -> None:
        """Without an open agenda an application waits on the docket."""
        scenario(
            committee.DECIDER,
            given=[ESTABLISHED],
            when=PlaceApplication(application_id=ROBOTS, on=MARCH_1),
            then=[robots_docketed],
        )

    @pytest.mark.parametrize("waits", [[robots_docketed], [april, robots_on_april]])
    def test_what_waits_already(self, waits: list[object]) -> None:
        """Placing an application twice places it once."""
        scenario(
            committee.DECIDER,
            given=[ESTABLISHED, *waits],
            when=PlaceApplication(application_id=ROBOTS, on=MARCH_1),
            then=[],
        )


class TestRemoving:
    @pytest.mark.parametrize("waits", [[robots_docketed], [april, robots_on_april]])
    def test_what_waits(self, waits: list[object]) -> None:
        """A withdrawn application leaves the docket or the agenda it was on."""
        removed = ApplicationRemoved(application_id=ROBOTS, effective_on=MARCH_15)
        scenario(
            committee.DECIDER,
            given=[ESTABLISHED, *waits],
            when=RemoveApplication(application_id=ROBOTS, on=MARCH_15),
            then=[removed],
        )
        state = committee.DECIDER.fold([ESTABLISHED, *waits, removed])
        assert isinstance(state, committee.Established)
        assert not state.waits(ROBOTS)

    def test_what_does_not_wait(self) -> None:
        """Removing what does not wait changes nothing."""
        scenario(
            committee.DECIDER,
            given=[ESTABLISHED],
            when=RemoveApplication(application_id=CLINIC, on=MARCH_15),
            then=[],
        )


class TestHandingOver:
    def test_the_agenda_of_a_scheduled_meeting(self) -> None:
        """An agenda that was handed over is no longer the committee's, so nothing joins it."""
        handed_over = AgendaHandedOver(meeting_id=MEETING, effective_on=APRIL_3)
        scenario(
            committee.DECIDER,
            given=[ESTABLISHED, april, robots_on_april],
            when=HandOverAgenda(meeting_id=MEETING, on=APRIL_3),
            then=[handed_over],
        )
        state = committee.DECIDER.fold([ESTABLISHED, april, robots_on_april, handed_over])
        assert isinstance(state, committee.Established)
        assert not state.waits(ROBOTS)
        assert state.next_with_open_agenda(MARCH_1) is None

    def test_of_another_meeting(self) -> None:
        """There is no agenda to hand over for a meeting that was not scheduled."""
        scenario(
            committee.DECIDER,
            given=[ESTABLISHED],
            when=HandOverAgenda(meeting_id=MEETING, on=APRIL_3),
            then=committee.MeetingNotScheduled,
        )


class TestMandate:
    given = mandate.MandateGiven(
        programme_code="IND-P2", committee_id=COMMITTEE, effective_on=MARCH_1
    )
    held = mandate.ApplicationHeld(
        programme_code="IND-P2", application_id=ROBOTS, effective_on=MARCH_1
    )

    def test_is_given_once(self) -> None:
        """One committee decides for a programme: another is refused, the same is no change."""
        give = mandate.GiveMandate(programme_code="IND-P2", committee_id=COMMITTEE, on=MARCH_1)
        scenario(mandate.DECIDER, given=[self.held], when=give, then=[self.given])
        scenario(mandate.DECIDER, given=[self.given], when=give, then=[])
        scenario(
            mandate.DECIDER,
            given=[self.given],
            when=replace(give, committee_id=derived_id("committee", "other")),
            then=mandate.ProgrammeHasCommittee,
        )

    def test_holds_what_comes_before_a_committee(self) -> None:
        """An application waits while no committee decides for its programme, and only once."""
        hold = mandate.HoldApplication(programme_code="IND-P2", application_id=ROBOTS, on=MARCH_1)
        scenario(mandate.DECIDER, given=[], when=hold, then=[self.held])
        scenario(mandate.DECIDER, given=[self.held], when=hold, then=[])
        scenario(mandate.DECIDER, given=[self.given], when=hold, then=[])

    def test_drops_what_is_withdrawn(self) -> None:
        """A withdrawn application is not handed to the committee that comes later."""
        drop = mandate.DropApplication(programme_code="IND-P2", application_id=ROBOTS, on=MARCH_15)
        dropped = mandate.ApplicationDropped(
            programme_code="IND-P2", application_id=ROBOTS, effective_on=MARCH_15
        )
        scenario(mandate.DECIDER, given=[self.held], when=drop, then=[dropped])
        scenario(mandate.DECIDER, given=[self.held, dropped], when=drop, then=[])
        assert mandate.DECIDER.fold([self.held, dropped]) == mandate.Vacant()
