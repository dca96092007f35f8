"""What the service does about what others say, on PostgreSQL, and what it says itself."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from services.selection.domain import application, award
from services.selection.domain.award import AwardLapsed
from services.selection.domain.committee import EstablishCommittee
from services.selection.domain.deliberation import DecideItem
from services.selection.domain.meeting import CallMeeting, Opened
from services.selection.domain.meeting import Outcome as Decision
from services.selection.domain.pocket import CommitmentBelowZero, NotEnoughInPocket
from services.selection.projections import decisions
from services.selection.projections import pockets as balances
from services.selection.use_cases import streams
from services.selection.use_cases.committees import Establishing, Scheduling
from services.selection.use_cases.meetings import Deciding, Opening, Sealing
from services.selection.use_cases.publishing import to_contract
from shared.contracts import selection as contracts
from shared.contracts.claims import (
    ClaimApproved,
    CommitmentReleased,
    HoldbackForfeited,
    PocketShare,
    RecoveryReceived,
    SetOff,
)
from shared.contracts.intake import ApplicationWithdrawn
from shared.eventstore.commands import Outcome
from shared.eventstore.store import CommandIdReused
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money
from shared.kernel.refusals import StaleVersion
from tests.integration.selection.facts import (
    AGREEMENT,
    AMENDMENT,
    JULY_3,
    MAY_1,
    MAY_MEETING,
    amended,
    executed,
    forwarded,
    granted,
    increase_proposed,
    increase_withdrawn,
)
from tests.integration.selection.house import House
from tests.unit.selection.examples import (
    APRIL_3,
    AWARD,
    CLINIC,
    COMMITTEE,
    FUNDING,
    ISED,
    MEETING,
    MEIE,
    MEMBERS,
    ROBOTS,
    SEPTEMBER_30,
    votes,
)

pytestmark = pytest.mark.postgres


def establish(house: House) -> Outcome:
    command = EstablishCommittee(
        committee_id=COMMITTEE,
        name="Projects",
        programmes=("IND-P2",),
        quorum=2,
        members=MEMBERS,
        chair="professor",
        agenda_closes_days=10,
        on=APRIL_3,
    )
    return house.does(Establishing(command=command), streams.committee(COMMITTEE))


def schedule(house: House, meeting_id: UUID, held_on: date) -> Outcome:
    call = CallMeeting(meeting_id=meeting_id, committee_id=COMMITTEE, held_on=held_on, on=APRIL_3)
    return house.does(Scheduling(call=call), streams.meeting(meeting_id))


def decide(outcome: Decision, application_id: UUID = ROBOTS) -> Deciding:
    ballots = {
        Decision.FUND: votes(insider="for", professor="for", dean="for"),
        Decision.DECLINE: votes(insider="against", professor="against"),
        Decision.DEFER: (),
    }[outcome]
    return Deciding(
        command=DecideItem(
            meeting_id=MEETING,
            application_id=application_id,
            outcome=outcome,
            votes=ballots,
            reasons=("too early",) if outcome is Decision.DECLINE else (),
            lapses_on=SEPTEMBER_30,
            on=APRIL_3,
        )
    )


def sit(house: House) -> None:
    """A committee sits on 3 April with the robots before it, and enough money."""
    establish(house)
    house.hears(granted(ISED, 100_000))
    house.hears(granted(MEIE, 50_000))
    house.hears(forwarded())
    schedule(house, MEETING, APRIL_3)
    opening = Opening(meeting_id=MEETING, present=("insider", "professor", "dean"), on=APRIL_3)
    house.does(opening, streams.meeting(MEETING))


def fund(house: House) -> None:
    sit(house)
    house.does(decide(Decision.FUND), streams.meeting(MEETING))


def held(house: House) -> dict[str, tuple[int, int, int]]:
    """Dollars reserved, committed and available per pocket, from streams and view alike."""
    house.catches_up()
    with house.read_models.reading(balances.PROJECTION) as connection:
        rows = balances.pocket_balances(connection, after=None, limit=10)
    for row in rows:
        state = house.pocket(row.code)
        assert (row.reserved, row.committed, row.available) == (
            state.reserved,
            state.committed,
            state.available,
        )
    return {
        row.code: tuple(  # type: ignore[misc]
            amount.cents // 100 for amount in (row.reserved, row.committed, row.available)
        )
        for row in rows
    }


class TestForwarded:
    def test_before_there_is_a_committee(self, house: House) -> None:
        """An application waits for the committee that will decide for its programme."""
        house.hears(forwarded())
        assert isinstance(house.application(ROBOTS), application.Waiting)
        establish(house)
        assert house.committee(COMMITTEE).docket == (ROBOTS,)

    def test_onto_the_docket_then_an_agenda(self, house: House) -> None:
        """Without a meeting ahead it waits on the docket; scheduling one takes it from there."""
        establish(house)
        house.hears(forwarded())
        assert house.committee(COMMITTEE).docket == (ROBOTS,)
        schedule(house, MAY_MEETING, MAY_1)
        seated = house.committee(COMMITTEE)
        assert seated.docket == ()
        assert seated.scheduled[MAY_MEETING].items == (ROBOTS,)

    def test_onto_the_next_open_agenda(self, house: House) -> None:
        """It goes on the next agenda that is open on the day it is heard of."""
        establish(house)
        june = derived_id("meeting", "june")
        schedule(house, june, MAY_1 + timedelta(days=31))
        schedule(house, MAY_MEETING, MAY_1)
        house.hears(forwarded())
        house.goes_to(MAY_1 - timedelta(days=9))
        house.hears(forwarded(CLINIC))
        scheduled = house.committee(COMMITTEE).scheduled
        assert scheduled[MAY_MEETING].items == (ROBOTS,)
        assert scheduled[june].items == (CLINIC,)

    def test_twice(self, house: House) -> None:
        """Hearing it again changes nothing, wherever it waits by then."""
        sit(house)
        head = house.store.head()
        house.hears(forwarded())
        assert house.store.head() == head

    def test_for_another_programme(self, house: House) -> None:
        """A committee decides for its own programmes only."""
        establish(house)
        house.hears(forwarded(programme_code="HEALTH"))
        assert not house.committee(COMMITTEE).waits(ROBOTS)


class TestWithdrawn:
    fact = ApplicationWithdrawn(effective_on=APRIL_3, project_id=ROBOTS)

    def test_before_there_is_a_committee(self, house: House) -> None:
        """What is withdrawn is not handed to the committee that comes later."""
        house.hears(forwarded())
        house.hears(self.fact)
        establish(house)
        assert house.committee(COMMITTEE).docket == ()

    def test_from_the_docket(self, house: House) -> None:
        """What is withdrawn leaves the docket."""
        establish(house)
        house.hears(forwarded())
        house.hears(self.fact)
        assert not house.committee(COMMITTEE).waits(ROBOTS)

    def test_during_the_meeting(self, house: House) -> None:
        """What is withdrawn is not decided, and does not come back when the meeting is sealed."""
        sit(house)
        house.hears(self.fact)
        with pytest.raises(application.ApplicationNotBeforeCommittee):
            house.does(decide(Decision.FUND), streams.meeting(MEETING))
        house.does(Sealing(meeting_id=MEETING, on=APRIL_3), streams.meeting(MEETING))
        assert not house.committee(COMMITTEE).waits(ROBOTS)

    def test_after_the_award(self, house: House) -> None:
        """An award whose application is withdrawn falls, and its money returns."""
        fund(house)
        assert held(house) == {ISED: (40_000, 0, 60_000), MEIE: (20_000, 0, 30_000)}
        house.hears(self.fact)
        assert held(house) == {ISED: (0, 0, 100_000), MEIE: (0, 0, 50_000)}
        assert house.events(streams.award(AWARD))[-1].reason == "withdrawn"

    def test_of_what_was_never_forwarded(self, house: House) -> None:
        """An application withdrawn before it was forwarded is none of our business."""
        house.hears(self.fact)
        assert house.store.head() == 0


class TestDeciding:
    def test_asked_twice(self, house: House) -> None:
        """The same command asked again is carried out once and answers the same."""
        sit(house)
        command_id = uuid4()
        about = streams.meeting(MEETING)
        first = house.does(decide(Decision.FUND), about, command_id=command_id)
        again = house.does(decide(Decision.FUND), about, command_id=command_id)
        assert (again.version, again.position) == (first.version, first.position)
        assert held(house)[ISED] == (40_000, 0, 60_000)

    def test_another_command_with_the_same_id(self, house: House) -> None:
        """A command id stands for one request."""
        sit(house)
        command_id = uuid4()
        about = streams.meeting(MEETING)
        house.does(decide(Decision.DEFER), about, command_id=command_id)
        with pytest.raises(CommandIdReused):
            house.does(decide(Decision.FUND), about, command_id=command_id, request_hash=b"another")

    def test_on_what_has_moved(self, house: House) -> None:
        """Who saw an older version of the meeting is told so, and nothing happens."""
        sit(house)
        with pytest.raises(StaleVersion):
            house.does(decide(Decision.FUND), streams.meeting(MEETING), expected_version=1)
        house.does(decide(Decision.FUND), streams.meeting(MEETING), expected_version=3)
        assert held(house)[ISED] == (40_000, 0, 60_000)

    def test_when_money_is_short(self, house: House) -> None:
        """When one pocket is short nothing at all is appended."""
        sit(house)
        house.hears(granted(MEIE, 19_999))
        head = house.store.head()
        with pytest.raises(NotEnoughInPocket):
            house.does(decide(Decision.FUND), streams.meeting(MEETING))
        assert house.store.head() == head

    def test_deferred_and_left_over(self, house: House) -> None:
        """What is deferred goes to the next agenda, and so does what was left undecided."""
        establish(house)
        house.hears(forwarded())
        house.hears(forwarded(CLINIC))
        schedule(house, MEETING, APRIL_3)
        schedule(house, MAY_MEETING, MAY_1)
        opening = Opening(meeting_id=MEETING, present=("professor",), on=APRIL_3)
        house.does(opening, streams.meeting(MEETING))
        house.does(decide(Decision.DEFER), streams.meeting(MEETING))
        house.does(Sealing(meeting_id=MEETING, on=APRIL_3), streams.meeting(MEETING))
        assert house.committee(COMMITTEE).scheduled[MAY_MEETING].items == (ROBOTS, CLINIC)

    def test_a_conflict_follows_the_application(self, house: House) -> None:
        """Members of a participating organisation are in conflict from the opening on."""
        sit(house)
        sitting = house.meeting(MEETING)
        assert isinstance(sitting, Opened)
        assert sitting.conflicted[ROBOTS] == frozenset({"investor"})


class TestMoney:
    def test_pockets_change(self, house: House) -> None:
        """The authority of a pocket is what the funder said last; saying it again is no news."""
        house.hears(granted(ISED, 100_000))
        house.hears(granted(ISED, 120_000))
        head = house.store.head()
        house.hears(granted(ISED, 120_000))
        assert house.store.head() == head
        assert held(house) == {ISED: (0, 0, 120_000)}

    def test_executed(self, house: House) -> None:
        """The reservation becomes the commitment, once."""
        fund(house)
        house.hears(executed())
        house.hears(executed())
        assert held(house) == {ISED: (0, 40_000, 60_000), MEIE: (0, 20_000, 30_000)}
        assert isinstance(award.DECIDER.fold(house.events(streams.award(AWARD))), award.Committed)

    def test_executed_while_the_funder_changes_the_pocket(self, house: House) -> None:
        """A reaction that others got in the way of is decided again in its own transaction."""
        fund(house)
        house.hears(executed(), while_others=lambda: house.hears(granted(ISED, 90_000)))
        assert held(house) == {ISED: (0, 40_000, 50_000), MEIE: (0, 20_000, 30_000)}
        assert len(house.events(streams.award(AWARD))) == 2

    def test_executed_for_more(self, house: House) -> None:
        """What an agreement commits beyond its reservation is taken from what is available."""
        fund(house)
        house.hears(executed(more=60_000))
        assert held(house)[ISED] == (0, 100_000, 0)

    def test_executed_for_more_than_there_is(self, house: House) -> None:
        """A commitment that the pocket cannot hold is refused whole: its message waits."""
        fund(house)
        head = house.store.head()
        with pytest.raises(NotEnoughInPocket):
            house.hears(executed(more=60_001))
        assert house.store.head() == head
        house.hears(granted(ISED, 100_001))
        house.hears(executed(more=60_001))
        assert held(house)[ISED] == (0, 100_001, 0)

    def test_amended(self, house: House) -> None:
        """An amendment moves the difference, once per message."""
        fund(house)
        house.hears(executed())
        message_id = uuid4()
        more = amended(10_000)
        house.hears(more, message_id=message_id)
        house.hears(more, message_id=message_id)
        assert held(house)[ISED] == (0, 50_000, 50_000)
        house.hears(amended(-25_000))
        assert held(house)[ISED] == (0, 25_000, 75_000)
        with pytest.raises(NotEnoughInPocket):
            house.hears(amended(75_001))
        with pytest.raises(CommitmentBelowZero):
            house.hears(amended(-25_001))

    def test_released(self, house: House) -> None:
        """What will not be used is available again."""
        fund(house)
        house.hears(executed())
        house.hears(
            CommitmentReleased(
                effective_on=JULY_3,
                project_id=ROBOTS,
                agreement_id=AGREEMENT,
                programme_code="IND-P2",
                reason="termination",
                funding=(FUNDING[1],),
                match=(),
            )
        )
        assert held(house) == {ISED: (0, 40_000, 60_000), MEIE: (0, 0, 50_000)}

    def test_recovered(self, house: House) -> None:
        """What came back is available again in its pocket, once per message."""
        fund(house)
        house.hears(executed())
        before = held(house)
        came = RecoveryReceived(
            effective_on=JULY_3,
            project_id=ROBOTS,
            agreement_id=AGREEMENT,
            programme_code="IND-P2",
            recovery_id=derived_id("recovery"),
            participant_id=FUNDING[0].participant_id,
            received=(replace(FUNDING[0], amount=Money(1_000_00)),),
        )
        message_id = uuid4()
        house.hears(came, message_id=message_id)
        house.hears(came, message_id=message_id)
        pocket = FUNDING[0].pocket
        _, committed, available = before[pocket]
        assert held(house) == before | {pocket: (0, committed - 1_000, available + 1_000)}

    def test_kept_from_a_claim(self, house: House) -> None:
        """What a claim keeps against a recovery is available again; another claim moves nothing."""
        fund(house)
        house.hears(executed())
        before = held(house)
        pocket, quarter = FUNDING[0].pocket, FUNDING[0].quarter
        claim = ClaimApproved(
            effective_on=JULY_3,
            project_id=ROBOTS,
            agreement_id=AGREEMENT,
            programme_code="IND-P2",
            claim_id=derived_id("claim"),
            participant_id=FUNDING[0].participant_id,
            quarter=quarter,
            period_starts_on=quarter.starts_on,
            period_ends_on=quarter.ends_on,
            drawn=(replace(FUNDING[0], amount=Money(700_00)),),
            payable=(PocketShare(pocket=pocket, amount=Money(700_00)),),
            held_back=(),
            match_cash=ZERO,
            match_in_kind=ZERO,
        )
        house.hears(claim)
        assert held(house) == before
        kept = SetOff(
            of=derived_id("recovery"), pocket=pocket, quarter=quarter, amount=Money(300_00)
        )
        share = PocketShare(pocket=pocket, amount=Money(400_00))
        house.hears(claim.model_copy(update={"payable": (share,), "recovery_set_off": (kept,)}))
        _, committed, available = before[pocket]
        assert held(house) == before | {pocket: (0, committed - 300, available + 300)}


class TestAnIncrease:
    """Of ISED 40 000 dollars are committed and 60 000 available; of MEIE 20 000 and 30 000."""

    def answers(self, house: House) -> list[contracts.IncreaseReserved | contracts.IncreaseRefused]:
        """What was said of increases."""
        told = (to_contract(each) for each in house.store.tail(0, 1_000))
        answer = contracts.IncreaseReserved | contracts.IncreaseRefused
        return [each for each in told if isinstance(each, answer)]

    def executed(self, house: House) -> None:
        """The agreement is in force."""
        fund(house)
        house.hears(executed())
        assert held(house) == {ISED: (0, 40_000, 60_000), MEIE: (0, 20_000, 30_000)}

    def test_is_kept_until_it_is_approved(self, house: House) -> None:
        """What is reserved becomes committed when the amended agreement is heard."""
        self.executed(house)
        house.hears(increase_proposed(60_000))
        assert held(house)[ISED] == (60_000, 40_000, 0)
        (answer,) = self.answers(house)
        assert isinstance(answer, contracts.IncreaseReserved)
        assert (answer.amendment_id, answer.agreement_id) == (AMENDMENT, AGREEMENT)
        house.hears(amended(60_000, AMENDMENT))
        assert held(house)[ISED] == (0, 100_000, 0)

    def test_is_given_back_when_it_falls(self, house: House) -> None:
        """A rejected or withdrawn increase is available again."""
        self.executed(house)
        house.hears(increase_proposed(60_000))
        house.hears(increase_withdrawn(60_000))
        assert held(house)[ISED] == (0, 40_000, 60_000)
        house.hears(increase_withdrawn(60_000))
        house.hears(increase_proposed(60_000))
        assert held(house)[ISED] == (0, 40_000, 60_000)

    def test_is_reserved_in_all_pockets_or_none(self, house: House) -> None:
        """One pocket that is short refuses for all, and is named."""
        self.executed(house)
        house.hears(increase_proposed(1, meie=30_001))
        assert held(house) == {ISED: (0, 40_000, 60_000), MEIE: (0, 20_000, 30_000)}
        (answer,) = self.answers(house)
        assert isinstance(answer, contracts.IncreaseRefused)
        assert answer.pockets == (MEIE,)
        house.hears(increase_withdrawn(1))
        assert len(self.answers(house)) == 1

    def test_is_asked_for_once(self, house: House) -> None:
        """The same amendment reserves once, however often it is heard."""
        self.executed(house)
        house.hears(increase_proposed(10_000))
        head = house.store.head()
        house.hears(increase_proposed(10_000))
        assert house.store.head() == head
        assert held(house)[ISED] == (10_000, 40_000, 50_000)

    def test_of_which_less_is_available_than_is_kept(self, house: House) -> None:
        """A funder's cut does not take what is kept for an amendment."""
        self.executed(house)
        house.hears(increase_proposed(60_000))
        house.hears(granted(ISED, 50_000))
        house.hears(amended(60_000, AMENDMENT))
        assert held(house)[ISED] == (0, 100_000, -50_000)

    def test_forfeited_holdback(self, house: House) -> None:
        """What was held back and is given up is available again."""
        self.executed(house)
        house.hears(
            HoldbackForfeited(
                effective_on=JULY_3,
                project_id=ROBOTS,
                agreement_id=AGREEMENT,
                programme_code="IND-P2",
                claim_id=uuid4(),
                participant_id=uuid4(),
                quarter=FUNDING[0].quarter,
                forfeited=(PocketShare(pocket=ISED, amount=Money(5_000_00)),),
            )
        )
        assert held(house)[ISED] == (0, 35_000, 65_000)


class TestLapsing:
    def test_on_its_day(self, house: House) -> None:
        """An award lapses at 00:05 of its day, and its reservation returns."""
        fund(house)
        house.goes_to(SEPTEMBER_30 - timedelta(days=1))
        assert held(house)[ISED] == (40_000, 0, 60_000)
        house.goes_to(SEPTEMBER_30)
        assert held(house) == {ISED: (0, 0, 100_000), MEIE: (0, 0, 50_000)}
        house.goes_to(SEPTEMBER_30 + timedelta(days=1))
        lapsed = [
            each for each in house.events(streams.award(AWARD)) if isinstance(each, AwardLapsed)
        ]
        assert [each.effective_on for each in lapsed] == [SEPTEMBER_30]

    def test_however_late(self, house: House) -> None:
        """A timer that fires late lets the award lapse as of its day."""
        fund(house)
        house.goes_to(SEPTEMBER_30 + timedelta(days=40))
        assert house.events(streams.award(AWARD))[-1].effective_on == SEPTEMBER_30

    def test_not_once_executed(self, house: House) -> None:
        """An award whose agreement is executed does not lapse."""
        fund(house)
        house.hears(executed())
        house.goes_to(SEPTEMBER_30)
        assert held(house)[ISED] == (0, 40_000, 60_000)
        assert not isinstance(house.events(streams.award(AWARD))[-1], AwardLapsed)

    def test_executed_in_time_and_heard_of_late(self, house: House) -> None:
        """An agreement heard of after the lapse takes its money from what is available."""
        fund(house)
        house.goes_to(SEPTEMBER_30)
        house.hears(executed())
        assert held(house)[ISED] == (0, 40_000, 60_000)


class TestTelling:
    def test_an_award_and_its_fall(self, house: House) -> None:
        """Others learn of an award with its terms, and of its fall with what returned."""
        fund(house)
        house.goes_to(SEPTEMBER_30)
        told = [to_contract(recorded) for recorded in house.store.tail(0, 1_000)]
        approved, lapsed = (each for each in told if each is not None)
        assert isinstance(approved, contracts.AwardApproved)
        assert approved.funding == FUNDING
        assert approved.participants == forwarded().participants
        assert (approved.award_id, approved.key) == (AWARD, str(ROBOTS))
        assert isinstance(lapsed, contracts.AwardLapsed)
        assert lapsed.funding == FUNDING
        assert (lapsed.effective_on, lapsed.reason) == (SEPTEMBER_30, "not-executed-in-time")

    def test_a_refusal(self, house: House) -> None:
        """Others learn that an application was declined, and why."""
        sit(house)
        house.does(decide(Decision.DECLINE), streams.meeting(MEETING))
        told = [to_contract(recorded) for recorded in house.store.tail(0, 1_000)]
        [declined] = (each for each in told if each is not None)
        assert isinstance(declined, contracts.ApplicationDeclined)
        assert (declined.project_id, declined.reasons) == (ROBOTS, ("too early",))


class TestRegister:
    def test_filters_and_pages(self, house: House) -> None:
        """The register shows the latest decision first and can be narrowed and paged."""
        establish(house)
        house.hears(granted(ISED, 100_000))
        house.hears(granted(MEIE, 50_000))
        house.hears(forwarded())
        house.hears(forwarded(CLINIC))
        schedule(house, MEETING, APRIL_3)
        opening = Opening(meeting_id=MEETING, present=("insider", "professor", "dean"), on=APRIL_3)
        house.does(opening, streams.meeting(MEETING))
        house.does(decide(Decision.FUND), streams.meeting(MEETING))
        house.does(decide(Decision.DECLINE, CLINIC), streams.meeting(MEETING))
        house.catches_up()

        def asked(wanted: decisions.Wanted, before: int | None = None) -> list[str]:
            with house.read_models.reading(decisions.PROJECTION) as connection:
                found = decisions.decisions(connection, wanted, before=before, limit=10)
            return [each.outcome.value for each in found]

        assert asked(decisions.Wanted()) == ["decline", "fund"]
        assert asked(decisions.Wanted(outcome=Decision.FUND)) == ["fund"]
        assert asked(decisions.Wanted(programme="HEALTH")) == []
        assert asked(decisions.Wanted(decided_from=APRIL_3, decided_until=APRIL_3)) == [
            "decline",
            "fund",
        ]
        assert asked(decisions.Wanted(decided_from=MAY_1)) == []
        with house.read_models.reading(decisions.PROJECTION) as connection:
            latest, earlier = decisions.decisions(
                connection, decisions.Wanted(), before=None, limit=10
            )
        assert asked(decisions.Wanted(), before=latest.position) == ["fund"]
        assert (earlier.asked, earlier.granted) == (Money(60_000_00), Money(60_000_00))
        assert (latest.granted, latest.reasons) == (ZERO, ("too early",))
        assert (earlier.votes_for, earlier.votes_against, earlier.abstained) == (3, 0, 0)
