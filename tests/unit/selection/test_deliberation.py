"""What a meeting does to its committee, its applications, awards and pockets."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from services.selection.domain import (
    application,
    award,
    committee,
    deliberation,
    meeting,
    pocket,
    promises,
)
from services.selection.domain.application import ApplicationNotBeforeCommittee
from services.selection.domain.committee import ApplicationDocketed, ApplicationPlaced
from services.selection.domain.deliberation import DecideItem, decide_item
from services.selection.domain.meeting import DeclareConflict, Outcome
from services.selection.domain.promises import Consequences
from services.selection.domain.years import YearAmount
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money
from tests.unit.selection.examples import (
    ADOPTER,
    APRIL_3,
    AWARD,
    CALLED,
    CLINIC,
    CLINIC_PROPOSAL,
    ESTABLISHED,
    FUNDING,
    ISED,
    MARCH_1,
    MEETING,
    MEIE,
    OPENED,
    PROPOSAL,
    ROBOTS,
    SEPTEMBER_30,
    cell,
    codes,
    votes,
)

ROBOTS_WAITING = application.Waiting(proposal=PROPOSAL)
SEATED = committee.DECIDER.fold([ESTABLISHED])
SITTING = meeting.DECIDER.fold([CALLED, OPENED])

fund = DecideItem(
    meeting_id=MEETING,
    application_id=ROBOTS,
    outcome=Outcome.FUND,
    votes=votes(insider="for", professor="for"),
    lapses_on=SEPTEMBER_30,
    on=APRIL_3,
)


def holding(dollars_by_pocket: Mapping[str, int]) -> dict[str, pocket.Pocket]:
    return {
        code: pocket.Pocket(funder="F", funder_agreement="F-1", authority=Money(dollars * 100))
        for code, dollars in dollars_by_pocket.items()
    }


ENOUGH = holding({ISED: 40_000, MEIE: 20_000})


def decided(
    command: DecideItem,
    *,
    before: application.Application = ROBOTS_WAITING,
    sitting: meeting.Meeting = SITTING,
    pockets: Mapping[str, pocket.Pocket] = ENOUGH,
) -> Consequences:
    return decide_item(
        command,
        sitting,
        before,
        seated=SEATED,
        promised=award.NotApproved(),
        pockets=pockets,
    )


class TestFunding:
    def test_as_asked(self) -> None:
        """Funding decides the item, closes the application, makes the award and reserves."""
        consequences = decided(fund)
        assert [type(event) for event in consequences.meeting] == [meeting.ItemDecided]
        assert [type(event) for event in consequences.application] == [
            application.ApplicationFunded
        ]
        assert [type(event) for event in consequences.award] == [award.AwardApproved]
        assert consequences.pockets == {
            ISED: [
                pocket.AmountReserved(
                    pocket=ISED,
                    award_id=AWARD,
                    amount=Money(40_000_00),
                    effective_on=APRIL_3,
                    by_year=(YearAmount(fiscal_year=2024, amount=Money(40_000_00)),),
                )
            ],
            MEIE: [
                pocket.AmountReserved(
                    pocket=MEIE,
                    award_id=AWARD,
                    amount=Money(20_000_00),
                    effective_on=APRIL_3,
                    by_year=(YearAmount(fiscal_year=2024, amount=Money(20_000_00)),),
                )
            ],
        }
        assert consequences.committee == ()

    def test_less(self) -> None:
        """Funding less reserves less, and the register says what was asked and what was given."""
        consequences = decided(replace(fund, funding=(cell(ADOPTER, ISED, "2024-T1", 10_000),)))
        [item] = consequences.meeting
        assert isinstance(item, meeting.ItemDecided)
        assert (item.asked, item.granted) == (Money(60_000_00), Money(10_000_00))
        assert list(consequences.pockets) == [ISED]

    def test_cells_of_nothing(self) -> None:
        """A cell of zero dollars in an application promises nothing and asks no pocket."""
        with_nothing = replace(PROPOSAL, funding=(FUNDING[0], cell(ADOPTER, "EMPTY", "2024-T1", 0)))
        waiting = application.Waiting(proposal=with_nothing)
        assert deliberation.pockets_asked(fund, waiting) == (ISED,)
        [approved] = decided(fund, before=waiting).award
        assert isinstance(approved, award.AwardApproved)
        assert approved.funding == FUNDING[:1]

    def test_when_every_pocket_is_short(self) -> None:
        """Every pocket that is short is named, with what is asked of it and what it has left."""
        with pytest.raises(pocket.NotEnoughInPocket) as refused:
            decided(fund, pockets=holding({ISED: 39_999, MEIE: 0}))
        assert [reason.field for reason in refused.value.reasons] == [
            f"funding[{ISED}]",
            f"funding[{MEIE}]",
        ]
        assert refused.value.parameters == {
            "pocket": ISED,
            "asked": Money(40_000_00),
            "left": Money(39_999_00),
        }

    def test_without_a_day_to_lapse(self) -> None:
        """An award needs the day on which it lapses."""
        with pytest.raises(award.AwardNotValid) as refused:
            decided(replace(fund, lapses_on=None))
        assert codes(refused.value) == {"lapses-on-missing"}

    def test_what_was_withdrawn(self) -> None:
        """An application that was taken back is not funded."""
        withdrawn = application.Withdrawn(proposal=PROPOSAL, conflicted=frozenset())
        with pytest.raises(ApplicationNotBeforeCommittee):
            decided(fund, before=withdrawn)


class TestNotFunding:
    @pytest.mark.parametrize("outcome", [Outcome.DECLINE, Outcome.DEFER])
    def test_with_amounts(self, outcome: Outcome) -> None:
        """Who gives amounts means to fund: they are not passed over in silence."""
        with pytest.raises(award.AwardNotValid) as refused:
            decided(replace(fund, outcome=outcome, funding=FUNDING))
        assert codes(refused.value) == {"funding-without-award"}

    def test_declining(self) -> None:
        """Declining closes the application with its reasons and touches no money."""
        consequences = decided(
            replace(
                fund,
                outcome=Outcome.DECLINE,
                votes=votes(insider="against", professor="against"),
                reasons=("too early",),
            )
        )
        assert consequences.application == [
            application.ApplicationDeclined(
                application_id=ROBOTS,
                meeting_id=MEETING,
                reasons=("too early",),
                effective_on=APRIL_3,
            )
        ]
        assert (consequences.award, dict(consequences.pockets)) == ((), {})

    def test_deferring(self) -> None:
        """A deferred item waits for the committee again, and its application stays open."""
        consequences = decided(replace(fund, outcome=Outcome.DEFER, votes=()))
        assert consequences.committee == [
            ApplicationDocketed(application_id=ROBOTS, effective_on=APRIL_3)
        ]
        assert consequences.application == ()

    def test_deferring_to_a_scheduled_meeting(self) -> None:
        """A deferred item goes on the next agenda that is open."""
        may = derived_id("meeting", "may")
        scheduled = committee.MeetingScheduled(
            meeting_id=may,
            held_on=SEPTEMBER_30,
            agenda_closes_on=APRIL_3,
            effective_on=MARCH_1,
        )
        consequences = decide_item(
            replace(fund, outcome=Outcome.DEFER, votes=()),
            SITTING,
            ROBOTS_WAITING,
            seated=committee.DECIDER.fold([ESTABLISHED, scheduled]),
            promised=award.NotApproved(),
            pockets={},
        )
        assert consequences.committee == [
            ApplicationPlaced(application_id=ROBOTS, meeting_id=may, effective_on=APRIL_3)
        ]


AHEAD = meeting.DECIDER.fold([CALLED])
WITH_AGENDA = committee.DECIDER.fold(
    [
        ESTABLISHED,
        committee.MeetingScheduled(
            meeting_id=MEETING, held_on=APRIL_3, agenda_closes_on=MARCH_1, effective_on=MARCH_1
        ),
        ApplicationPlaced(application_id=ROBOTS, meeting_id=MEETING, effective_on=MARCH_1),
    ]
)


class TestOpening:
    def test_takes_the_agenda_and_the_conflicts(self) -> None:
        """Members of a participating organisation, and those who said so, have no part in it."""
        before = replace(ROBOTS_WAITING, conflicted=frozenset({"insider"}))
        consequences = deliberation.open_meeting(
            AHEAD, WITH_AGENDA, {ROBOTS: before}, present=("professor",), on=APRIL_3
        )
        [opened] = consequences.meeting
        assert isinstance(opened, meeting.MeetingOpened)
        assert opened.items == (
            meeting.AgendaItem(application_id=ROBOTS, conflicted=("insider", "investor")),
        )
        assert consequences.committee == [
            committee.AgendaHandedOver(meeting_id=MEETING, effective_on=APRIL_3)
        ]

    def test_again(self) -> None:
        """A meeting opens once."""
        with pytest.raises(meeting.MeetingAlreadyOpened):
            deliberation.open_meeting(SITTING, SEATED, {}, present=("professor",), on=APRIL_3)


class TestDeclaring:
    declare = DeclareConflict(application_id=ROBOTS, person_id="insider", on=MARCH_1)

    def test_before_the_meeting(self) -> None:
        """A conflict declared ahead is kept with the application; saying it again is no news."""
        consequences = deliberation.declare_conflict(
            self.declare, AHEAD, WITH_AGENDA, ROBOTS_WAITING
        )
        noted = application.ConflictNoted(
            application_id=ROBOTS, person_id="insider", effective_on=MARCH_1
        )
        assert consequences.application == [noted]
        after = application.evolve(ROBOTS_WAITING, noted)
        assert deliberation.declare_conflict(self.declare, AHEAD, WITH_AGENDA, after) == (
            Consequences()
        )

    def test_about_what_is_not_on_the_agenda(self) -> None:
        """A conflict is about an item on the agenda, and of a member."""
        with pytest.raises(meeting.NotOnTheAgenda):
            deliberation.declare_conflict(self.declare, AHEAD, SEATED, ROBOTS_WAITING)
        with pytest.raises(meeting.NotMembers):
            deliberation.declare_conflict(
                replace(self.declare, person_id="stranger"), AHEAD, WITH_AGENDA, ROBOTS_WAITING
            )


class TestSealing:
    def test_what_is_left_goes_back(self) -> None:
        """What was not decided waits again, unless it was withdrawn meanwhile."""
        withdrawn = application.Withdrawn(proposal=CLINIC_PROPOSAL, conflicted=frozenset())
        consequences = deliberation.seal(
            SITTING, SEATED, {ROBOTS: ROBOTS_WAITING, CLINIC: withdrawn}, on=APRIL_3
        )
        assert consequences.committee == [
            ApplicationDocketed(application_id=ROBOTS, effective_on=APRIL_3)
        ]
        [sealed] = consequences.meeting
        assert isinstance(sealed, meeting.MeetingSealed)
        assert set(sealed.undecided) == {ROBOTS, CLINIC}


def promised() -> tuple[award.Award, dict[str, pocket.Pocket]]:
    consequences = decided(fund)
    pockets = {
        code: pocket.evolve(ENOUGH[code], event) for code, [event] in consequences.pockets.items()
    }
    return award.DECIDER.fold(consequences.award), pockets


class TestPromises:
    def test_lapsing_returns_everything(self) -> None:
        """When an award falls, each pocket has again what was reserved; a second fall is none."""
        approved, pockets = promised()
        consequences = promises.lapse(approved, pockets, reason="late", on=SEPTEMBER_30)
        for code, [event] in consequences.pockets.items():
            assert pocket.evolve(pockets[code], event).available == ENOUGH[code].authority
        fallen = award.evolve(approved, consequences.award[0])
        assert promises.lapse(fallen, pockets, reason="late", on=SEPTEMBER_30) == Consequences()

    def test_committing_touches_both_sets_of_pockets(self) -> None:
        """A pocket of the award that the agreement leaves out gets its reservation back."""
        approved, pockets = promised()
        consequences = promises.commit(
            approved,
            pockets,
            award_id=AWARD,
            project_id=ROBOTS,
            agreement_id=derived_id("agreement", AWARD),
            executed=FUNDING[:1],
            on=SEPTEMBER_30,
        )
        after = {
            code: pocket.evolve(pockets[code], event)
            for code, [event] in consequences.pockets.items()
        }
        assert {code: each.committed for code, each in after.items()} == {
            ISED: Money(30_000_00),
            MEIE: ZERO,
        }
        assert {code: each.available for code, each in after.items()} == {
            ISED: Money(10_000_00),
            MEIE: Money(20_000_00),
        }
