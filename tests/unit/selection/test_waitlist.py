"""Who waits for money, in which order, and to whom it is offered when it returns."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.selection.domain import waitlist
from services.selection.domain.pocket import Pocket
from services.selection.domain.spreading import Room, Spread
from services.selection.domain.waitlist import (
    ApplicationRanked,
    ApplicationRemoved,
    ApplicationWaitlisted,
    MoneyOffered,
    OfferMoney,
    RankApplication,
    RemoveApplication,
    WaitlistApplication,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from shared.kernel.refusals import NotFound
from tests.unit.selection.examples import (
    ADOPTER,
    APRIL_3,
    CLINIC,
    COMMITTEE,
    ISED,
    MARCH_1,
    MEETING,
    ROBOTS,
    cell,
    scenario,
)

DRONES = derived_id("application", "drones")


def wait(application_id: UUID, dollars: int = 60, rank: int | None = None) -> WaitlistApplication:
    return WaitlistApplication(
        application_id=application_id,
        programme_code="IND-P2",
        committee_id=COMMITTEE,
        meeting_id=MEETING,
        funding=(cell(ADOPTER, ISED, "2024-T1", dollars),),
        rank=rank,
        on=MARCH_1,
    )


def waits(application_id: UUID, rank: int, dollars: int = 60) -> ApplicationWaitlisted:
    asked = wait(application_id, dollars)
    return ApplicationWaitlisted(
        application_id=application_id,
        programme_code="IND-P2",
        committee_id=COMMITTEE,
        meeting_id=MEETING,
        funding=asked.funding,
        rank=rank,
        effective_on=MARCH_1,
    )


offered = MoneyOffered(application_id=ROBOTS, effective_on=APRIL_3)


def order(*history: waitlist.Event) -> list[UUID]:
    listed = waitlist.DECIDER.fold(history)
    return [entry.application_id for entry in listed.of("IND-P2")]


def reached(dollars: int, *history: waitlist.Event) -> tuple[UUID, ...]:
    listed = waitlist.DECIDER.fold(history)
    room = Room({ISED: Pocket(authority=Money(dollars * 100))})
    nowhere = {each.application_id: Spread(provinces={}) for each in listed.entries}
    return waitlist.within_reach(listed, room, nowhere)


class TestRanks:
    def test_last_unless_said(self) -> None:
        """Who comes later waits behind, unless the committee gives a rank; none leaves a gap."""
        scenario(waitlist.DECIDER, given=[], when=wait(ROBOTS, rank=7), then=[waits(ROBOTS, 1)])
        first = waits(ROBOTS, 1)
        scenario(waitlist.DECIDER, given=[first], when=wait(CLINIC), then=[waits(CLINIC, 2)])
        scenario(
            waitlist.DECIDER, given=[first], when=wait(CLINIC, rank=1), then=[waits(CLINIC, 1)]
        )
        assert order(first, waits(CLINIC, 1)) == [CLINIC, ROBOTS]

    def test_of_each_programme(self) -> None:
        """Every programme has its own ranks."""
        other = replace(waits(CLINIC, 1), programme_code="HEALTH")
        listed = waitlist.DECIDER.fold([waits(ROBOTS, 1), other])
        assert [listed.rank(each) for each in listed.entries] == [1, 1]

    def test_change(self) -> None:
        """A rank is changed with a reason; to where it is already, nothing happens."""
        history = (waits(ROBOTS, 1), waits(CLINIC, 2), waits(DRONES, 3))
        rank = RankApplication(application_id=DRONES, rank=1, reason="urgent", on=APRIL_3)
        ranked = ApplicationRanked(
            application_id=DRONES, rank=1, reason="urgent", effective_on=APRIL_3
        )
        scenario(waitlist.DECIDER, given=history, when=rank, then=[ranked])
        assert order(*history, ranked) == [DRONES, ROBOTS, CLINIC]
        scenario(waitlist.DECIDER, given=[*history, ranked], when=rank, then=[])
        scenario(waitlist.DECIDER, given=[], when=rank, then=NotFound)

    def test_again(self) -> None:
        """Who is put on the list again takes the new place, and an offer made before is gone."""
        history = (waits(ROBOTS, 1), waits(CLINIC, 2), offered)
        scenario(waitlist.DECIDER, given=history, when=wait(ROBOTS), then=[waits(ROBOTS, 2)])
        listed = waitlist.DECIDER.fold([*history, waits(ROBOTS, 2)])
        assert order(*history, waits(ROBOTS, 2)) == [CLINIC, ROBOTS]
        assert all(entry.offered_on is None for entry in listed.entries)


class TestLeaving:
    remove = RemoveApplication(application_id=ROBOTS, reason="funded", on=APRIL_3)
    removed = ApplicationRemoved(application_id=ROBOTS, reason="funded", effective_on=APRIL_3)

    def test_once(self) -> None:
        """Who waits no more leaves the list; who was never on it leaves nothing."""
        scenario(waitlist.DECIDER, given=[waits(ROBOTS, 1)], when=self.remove, then=[self.removed])
        scenario(waitlist.DECIDER, given=[waits(CLINIC, 1)], when=self.remove, then=[])
        assert order(waits(ROBOTS, 1), waits(CLINIC, 2), self.removed) == [CLINIC]


class TestOffers:
    def test_are_made_once(self) -> None:
        """Money is offered once to who waits, and not to who does not."""
        offer = OfferMoney(application_id=ROBOTS, on=APRIL_3)
        scenario(waitlist.DECIDER, given=[waits(ROBOTS, 1)], when=offer, then=[offered])
        scenario(waitlist.DECIDER, given=[waits(ROBOTS, 1), offered], when=offer, then=[])
        scenario(waitlist.DECIDER, given=[], when=offer, then=[])

    @pytest.mark.parametrize(
        ("dollars", "expected"),
        [
            (59, (CLINIC,)),
            (60, (ROBOTS,)),
            (99, (ROBOTS,)),
            (100, (ROBOTS, CLINIC)),
            (39, ()),
            (40, (CLINIC,)),
        ],
    )
    def test_go_to_the_first_that_fits(self, dollars: int, expected: tuple[UUID, ...]) -> None:
        """By rank; a smaller request passes a larger one that the money does not reach."""
        assert reached(dollars, waits(ROBOTS, 1), waits(CLINIC, 2, dollars=40)) == expected

    def test_are_not_made_to_another(self) -> None:
        """What was offered is left for whom it was offered to."""
        history = (waits(ROBOTS, 1), waits(CLINIC, 2, dollars=40), offered)
        assert reached(60, *history) == ()
        assert reached(99, *history) == ()
        assert reached(100, *history) == (CLINIC,)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 50)), max_size=8),
    st.integers(0, 200),
)
def test_never_offers_more_than_there_is(asked: list[tuple[int, int]], dollars: int) -> None:
    """However many wait, what is offered together is never more than there is."""
    history = [
        waits(derived_id("application", number), rank=1 + number % (index + 1), dollars=amount)
        for index, (number, amount) in enumerate(asked)
    ]
    found = reached(dollars, *history)
    listed = waitlist.DECIDER.fold(history)
    assert sum(e.funding[0].amount.cents for e in listed.entries if e.application_id in found) <= (
        dollars * 100
    )
    assert [listed.rank(each) for each in listed.of("IND-P2")] == list(
        range(1, len(listed.entries) + 1)
    )
