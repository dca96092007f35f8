"""What a decision comes to: in full, over other pockets, later, at another meeting, or again."""

from dataclasses import replace

import pytest

from services.selection.domain import application, award, committee, meeting, pocket, waitlist
from services.selection.domain.committee import AgendaIsClosed, ApplicationPlaced, MeetingScheduled
from services.selection.domain.deliberation import DECLINED, decide_item, pockets_asked
from services.selection.domain.granting import AskedCondition, MoneyIsThere, WhenShort
from services.selection.domain.meeting import Outcome
from services.selection.domain.programme import PocketTerms
from services.selection.domain.promises import Consequences
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money
from shared.kernel.schedule import total_by_pocket
from tests.unit.selection.examples import (
    ADOPTER,
    APRIL_3,
    AWARD,
    COMMITTEE,
    ESTABLISHED,
    FUNDING,
    ISED,
    MARCH_1,
    MEIE,
    PROPOSAL,
    ROBOTS,
    SEPTEMBER_30,
    cell,
    codes,
    votes,
)
from tests.unit.selection.test_award import approved
from tests.unit.selection.test_deliberation import (
    ENOUGH,
    ROBOTS_WAITING,
    SEATED,
    SITTING,
    fund,
    holding,
)

TERMS = (PocketTerms(code=ISED), PocketTerms(code=MEIE, provinces=("QC",)))
OLD = derived_id("award", "old")
SHORT = holding({ISED: 60_000, MEIE: 10_000})
MAY = derived_id("meeting", "may")


RESERVED = {
    code: pocket.evolve(
        each,
        pocket.AmountReserved(
            pocket=code,
            award_id=OLD,
            amount=total_by_pocket(FUNDING)[code],
            effective_on=APRIL_3,
        ),
    )
    for code, each in ENOUGH.items()
}


def decided(command: object, **changes: object) -> Consequences:
    known: dict[str, object] = {
        "seated": SEATED,
        "promised": award.NotApproved(),
        "pockets": ENOUGH,
        "terms": TERMS,
    }
    before = changes.pop("before", ROBOTS_WAITING)
    return decide_item(command, SITTING, before, **known | changes)  # type: ignore[arg-type]


class TestWhenAPocketIsShort:
    def test_others_stand_in(self) -> None:
        """Asked to, other pockets of the programme stand in, and the award says which."""
        consequences = decided(replace(fund, when_short=WhenShort.SPREAD), pockets=SHORT)
        [made] = consequences.award
        assert isinstance(made, award.AwardApproved)
        assert total_by_pocket(made.funding) == {ISED: Money(50_000_00), MEIE: Money(10_000_00)}
        assert set(consequences.pockets) == {ISED, MEIE}

    def test_only_when_asked_to(self) -> None:
        """Who pays is not changed in silence."""
        with pytest.raises(pocket.NotEnoughInPocket):
            decided(fund, pockets=SHORT)

    def test_nobody_can_stand_in(self) -> None:
        """Where no other pocket may, the decision is refused, saying what is short."""
        command = replace(fund, when_short=WhenShort.SPREAD)
        with pytest.raises(pocket.NotEnoughInPocket) as refused:
            decided(command, pockets=holding({ISED: 49_999, MEIE: 10_000}))
        assert refused.value.parameters["pocket"] == MEIE

    def test_it_waits(self) -> None:
        """Or else the item goes on the waiting list, and the meeting has decided it so."""
        command = replace(fund, when_short=WhenShort.WAITLIST, rank=1)
        consequences = decided(command, pockets=holding({ISED: 49_999, MEIE: 10_000}))
        [item] = consequences.meeting
        assert isinstance(item, meeting.ItemDecided)
        assert (item.outcome, item.granted, item.award_id) == (Outcome.WAITLIST, ZERO, None)
        [waits] = consequences.waitlist
        assert isinstance(waits, waitlist.ApplicationWaitlisted)
        assert (waits.funding, waits.committee_id, waits.rank) == (FUNDING, COMMITTEE, 1)
        assert (consequences.award, consequences.application) == ((), ())

    def test_there_is_enough(self) -> None:
        """Where the pockets hold it, everything is as it was asked."""
        for when_short in WhenShort:
            consequences = decided(replace(fund, when_short=when_short))
            [made] = consequences.award
            assert isinstance(made, award.AwardApproved)
            assert made.funding == FUNDING

    def test_which_pockets_are_asked(self) -> None:
        """Only a decision that may spread depends on the programme's other pockets."""
        proposal = replace(PROPOSAL, funding=FUNDING[:1])
        waiting = application.Waiting(proposal=proposal)
        assert pockets_asked(fund, waiting, TERMS) == (ISED,)
        spreading = replace(fund, when_short=WhenShort.SPREAD)
        assert pockets_asked(spreading, waiting, TERMS) == (ISED, MEIE)
        declining = replace(fund, outcome=Outcome.DECLINE)
        assert pockets_asked(declining, waiting, TERMS) == ()


class TestWaitingForMoney:
    wait = replace(fund, outcome=Outcome.WAITLIST, lapses_on=None)

    def test_when_there_is_none(self) -> None:
        """The committee may put what the pockets cannot hold on the waiting list."""
        consequences = decided(self.wait, pockets=SHORT)
        assert [type(event) for event in consequences.waitlist] == [waitlist.ApplicationWaitlisted]

    def test_when_there_is_some(self) -> None:
        """What the pockets hold is funded or declined: it does not wait for money."""
        with pytest.raises(MoneyIsThere):
            decided(self.wait)

    def test_needs_the_same_votes(self) -> None:
        """What the majority is against does not wait for money."""
        with pytest.raises(meeting.DecisionNotValid) as refused:
            decided(
                replace(self.wait, votes=votes(insider="against", professor="against")),
                pockets=SHORT,
            )
        assert codes(refused.value) == {"no-majority"}

    def test_for_what_could_not_be_granted(self) -> None:
        """Nobody waits for more than was asked."""
        more = (cell(ADOPTER, ISED, "2024-T1", 90_000),)
        with pytest.raises(award.AwardNotValid) as refused:
            decided(replace(self.wait, funding=more), pockets=SHORT)
        assert codes(refused.value) == {"more-than-asked"}

    @pytest.mark.parametrize("outcome", [Outcome.FUND, Outcome.DECLINE])
    def test_ends_with_a_decision(self, outcome: Outcome) -> None:
        """What is funded or declined is on the list no more; what is deferred still is."""
        listed = waitlist.DECIDER.fold(decided(self.wait, pockets=SHORT).waitlist)
        against = votes(insider="against", professor="against")
        command = replace(
            fund,
            outcome=outcome,
            votes=fund.votes if outcome is Outcome.FUND else against,
            reasons=("too early",),
        )
        [left] = decided(command, waiting_list=listed).waitlist
        assert isinstance(left, waitlist.ApplicationRemoved)
        deferring = replace(fund, outcome=Outcome.DEFER, votes=())
        assert decided(deferring, waiting_list=listed).waitlist == ()

    def test_deferred_with_its_money(self) -> None:
        """What money was offered to comes first at the next meeting too, when it is deferred."""
        listed = waitlist.DECIDER.fold(
            [
                *decided(self.wait, pockets=SHORT).waitlist,
                waitlist.MoneyOffered(application_id=ROBOTS, effective_on=APRIL_3),
            ]
        )
        deferring = replace(fund, outcome=Outcome.DEFER, votes=())
        [placed] = decided(deferring, waiting_list=listed).committee
        assert isinstance(placed, committee.ApplicationDocketed)
        assert placed.money_available


class TestDeferring:
    scheduled = MeetingScheduled(
        meeting_id=MAY, held_on=SEPTEMBER_30, agenda_closes_on=APRIL_3, effective_on=MARCH_1
    )
    later = replace(scheduled, meeting_id=derived_id("meeting", "june"))
    to_may = replace(fund, outcome=Outcome.DEFER, votes=(), defer_to=MAY)

    def test_to_a_named_meeting(self) -> None:
        """An item goes on the agenda of the meeting that was named, which the register keeps."""
        seated = committee.DECIDER.fold([ESTABLISHED, self.later, self.scheduled])
        consequences = decided(self.to_may, seated=seated)
        assert consequences.committee == [
            ApplicationPlaced(application_id=ROBOTS, meeting_id=MAY, effective_on=APRIL_3)
        ]
        [item] = consequences.meeting
        assert isinstance(item, meeting.ItemDecided)
        assert item.deferred_to == MAY

    def test_to_one_that_is_closed(self) -> None:
        """An agenda that has closed takes no item; the refusal says which are open."""
        closed = replace(self.scheduled, agenda_closes_on=MARCH_1)
        seated = committee.DECIDER.fold([ESTABLISHED, closed, self.later])
        with pytest.raises(AgendaIsClosed) as refused:
            decided(self.to_may, seated=seated)
        assert refused.value.accepted == [str(self.later.meeting_id)]

    def test_to_one_that_is_not_ahead(self) -> None:
        """A meeting that the committee has not scheduled takes no item."""
        with pytest.raises(committee.MeetingNotScheduled):
            decided(self.to_may)


class TestWhatIsMisplaced:
    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"outcome": Outcome.DECLINE, "rank": 1}, "rank-without-waiting"),
            ({"outcome": Outcome.FUND, "defer_to": MAY}, "meeting-without-deferral"),
            (
                {
                    "outcome": Outcome.DEFER,
                    "conditions": (
                        AskedCondition(
                            text_en="a",
                            text_fr="b",
                            due_on=SEPTEMBER_30,
                            confirmed_by="finance-officer",
                        ),
                    ),
                },
                "conditions-without-award",
            ),
            ({"outcome": Outcome.DEFER, "funding": FUNDING}, "funding-without-award"),
        ],
    )
    def test_is_not_passed_over(self, change: dict[str, object], code: str) -> None:
        """What an outcome has no use for is refused, not passed over in silence."""
        with pytest.raises(award.AwardNotValid) as refused:
            decided(replace(fund, **change))  # type: ignore[arg-type]
        assert codes(refused.value) == {code}


class TestDecidingAgain:
    old = award.DECIDER.fold([replace(approved, award_id=OLD)])
    again = application.Waiting(proposal=PROPOSAL, standing_award=OLD)

    def test_replaces_the_award(self) -> None:
        """The award that stood gives back its money before the new one takes its own."""
        consequences = decided(fund, before=self.again, standing=self.old, pockets=RESERVED)
        [ended], [made] = consequences.replaced, consequences.award
        assert isinstance(ended, award.AwardReplaced)
        assert isinstance(made, award.AwardApproved)
        assert (ended.award_id, ended.by_award_id, made.award_id) == (OLD, AWARD, AWARD)
        for events in consequences.pockets.values():
            assert [type(event) for event in events] == [
                pocket.ReservationReturned,
                pocket.AmountReserved,
            ]

    def test_declines(self) -> None:
        """When the committee declines what it had funded, the award falls."""
        command = replace(
            fund,
            outcome=Outcome.DECLINE,
            votes=votes(insider="against", professor="against"),
            reasons=("changed",),
        )
        consequences = decided(command, before=self.again, standing=self.old, pockets=RESERVED)
        [ended] = consequences.replaced
        assert isinstance(ended, award.AwardLapsed)
        assert ended.reason == DECLINED
        assert set(consequences.pockets) == {ISED, MEIE}

    def test_leaves_what_fell_alone(self) -> None:
        """An award that lapsed meanwhile has given back its money: the new one is just another."""
        lapsed = award.evolve(
            self.old,
            award.AwardLapsed(
                award_id=OLD,
                application_id=ROBOTS,
                programme_code="IND-P2",
                funding=FUNDING,
                reason="late",
                effective_on=APRIL_3,
            ),
        )
        consequences = decided(fund, before=self.again, standing=lapsed)
        assert consequences.replaced == ()
        assert len(consequences.award) == 1

    def test_what_was_executed(self) -> None:
        """An award whose agreement was executed meanwhile is not replaced: that is an amendment."""
        executed = award.evolve(
            self.old, award.AwardCommitted(award_id=OLD, agreement_id=OLD, effective_on=APRIL_3)
        )
        with pytest.raises(award.AwardNoLongerStands):
            decided(fund, before=self.again, standing=executed)

    def test_what_was_funded_only(self) -> None:
        """Only what was funded comes before the committee again."""
        reopen = application.ReopenApplication(application_id=ROBOTS, reason="budget", on=APRIL_3)
        funded = application.Funded(proposal=PROPOSAL, conflicted=frozenset({"dean"}), award_id=OLD)
        [reopened] = application.decide(reopen, funded)
        again = application.evolve(funded, reopened)
        assert again == replace(self.again, conflicted=frozenset({"dean"}))
        for other in (
            ROBOTS_WAITING,
            application.Declined(proposal=PROPOSAL, conflicted=frozenset()),
        ):
            with pytest.raises(application.ApplicationNotFunded):
                application.decide(reopen, other)

    def test_a_withdrawal_meanwhile(self) -> None:
        """Who takes an application back that is decided again is remembered with its award."""
        [withdrawn] = application.decide(
            application.WithdrawApplication(application_id=ROBOTS, on=APRIL_3), self.again
        )
        state = application.evolve(self.again, withdrawn)
        assert isinstance(state, application.Withdrawn)
        assert state.award_id == OLD
