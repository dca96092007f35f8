"""What an envelope holds, and what may be promised of it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.selection.domain import pocket
from services.selection.domain.pocket import (
    AdjustCommitment,
    AmountReserved,
    AuthoritySet,
    Commit,
    CommitmentAdjusted,
    PocketIncreaseReserved,
    PocketIncreaseReturned,
    ReservationCommitted,
    ReservationReturned,
    Reserve,
    ReserveIncrease,
    ReturnIncrease,
    ReturnReservation,
    SetAuthority,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money
from shared.kernel.refusals import Refusal
from tests.unit.selection.examples import APRIL_3, AWARD, ISED, MARCH_1, ROBOTS, scenario

CHANGE = derived_id("change", 1)
AMENDMENT = derived_id("amendment", 1)

granted = AuthoritySet(
    pocket=ISED,
    funder="ISED",
    funder_agreement="ISED-P2",
    authority=Money(100_00),
    effective_on=MARCH_1,
)
reserved = AmountReserved(pocket=ISED, award_id=AWARD, amount=Money(60_00), effective_on=APRIL_3)
committed = ReservationCommitted(
    pocket=ISED,
    award_id=AWARD,
    project_id=ROBOTS,
    reserved=Money(60_00),
    committed=Money(60_00),
    effective_on=APRIL_3,
)


def reserve(cents: int) -> Reserve:
    return Reserve(pocket=ISED, award_id=AWARD, amount=Money(cents), on=APRIL_3)


def commit(cents: int) -> Commit:
    return Commit(
        pocket=ISED, award_id=AWARD, project_id=ROBOTS, committed=Money(cents), on=APRIL_3
    )


def adjust(cents: int) -> AdjustCommitment:
    return AdjustCommitment(
        pocket=ISED, project_id=ROBOTS, change_id=CHANGE, difference=Money(cents), on=APRIL_3
    )


class TestAuthority:
    setting = SetAuthority(
        pocket=ISED,
        funder="ISED",
        funder_agreement="ISED-P2",
        authority=Money(100_00),
        on=MARCH_1,
    )

    def test_set_and_set_again(self) -> None:
        """What the funder grants is taken note of; hearing it again changes nothing."""
        scenario(pocket.DECIDER, given=[], when=self.setting, then=[granted])
        scenario(pocket.DECIDER, given=[granted], when=self.setting, then=[])

    def test_cut_below_what_was_promised(self) -> None:
        """A cut below what is promised is recorded as it is, and then nothing can be reserved."""
        cut = replace(granted, authority=Money(50_00), effective_on=APRIL_3)
        scenario(
            pocket.DECIDER,
            given=[granted, reserved],
            when=replace(self.setting, authority=Money(50_00), on=APRIL_3),
            then=[cut],
        )
        state = pocket.DECIDER.fold([granted, reserved, cut])
        assert state.available == Money(-10_00)
        scenario(
            pocket.DECIDER,
            given=[granted, reserved, cut],
            when=replace(reserve(1), award_id=derived_id("award", 2)),
            then=pocket.NotEnoughInPocket,
        )


class TestReserving:
    def test_all_that_is_available(self) -> None:
        """The last cent can be promised."""
        scenario(
            pocket.DECIDER,
            given=[granted],
            when=reserve(100_00),
            then=[replace(reserved, amount=Money(100_00))],
        )

    def test_a_cent_more(self) -> None:
        """Not a cent more than is available can be promised; the refusal says what is left."""
        refusal = scenario(
            pocket.DECIDER,
            given=[granted],
            when=reserve(100_01),
            then=pocket.NotEnoughInPocket,
        )
        assert refusal is not None
        assert refusal.parameters == {
            "pocket": ISED,
            "asked": Money(100_01),
            "left": Money(100_00),
        }

    def test_of_a_pocket_never_opened(self) -> None:
        """A pocket that no funder has opened holds nothing."""
        scenario(pocket.DECIDER, given=[], when=reserve(1), then=pocket.NotEnoughInPocket)

    @pytest.mark.parametrize("cents", [0, -1])
    def test_nothing(self, cents: int) -> None:
        """A promise is of a positive amount."""
        scenario(pocket.DECIDER, given=[granted], when=reserve(cents), then=pocket.NothingToReserve)

    def test_twice(self) -> None:
        """Money is reserved for an award once."""
        scenario(pocket.DECIDER, given=[granted, reserved], when=reserve(60_00), then=[])


class TestReturning:
    returned = ReservationReturned(
        pocket=ISED, award_id=AWARD, amount=Money(60_00), effective_on=APRIL_3
    )
    give_back = ReturnReservation(pocket=ISED, award_id=AWARD, on=APRIL_3)

    def test_a_reservation(self) -> None:
        """What was reserved for an award that fell is available again."""
        scenario(
            pocket.DECIDER, given=[granted, reserved], when=self.give_back, then=[self.returned]
        )
        state = pocket.DECIDER.fold([granted, reserved, self.returned])
        assert (state.reserved, state.available) == (ZERO, Money(100_00))

    def test_what_is_not_reserved(self) -> None:
        """Nothing returns twice, and nothing returns of what was committed."""
        for history in ([granted, reserved, self.returned], [granted, reserved, committed]):
            scenario(pocket.DECIDER, given=history, when=self.give_back, then=[])


class TestCommitting:
    @pytest.mark.parametrize(("cents", "left"), [(60_00, 40_00), (45_00, 55_00), (100_00, 0)])
    def test_with_a_difference(self, cents: int, left: int) -> None:
        """The reservation becomes the commitment; the difference is from or to available."""
        event = replace(committed, committed=Money(cents))
        scenario(pocket.DECIDER, given=[granted, reserved], when=commit(cents), then=[event])
        state = pocket.DECIDER.fold([granted, reserved, event])
        assert (state.reserved, state.committed, state.available) == (
            ZERO,
            Money(cents),
            Money(left),
        )

    def test_more_than_there_is(self) -> None:
        """The difference cannot be more than what is available."""
        scenario(
            pocket.DECIDER,
            given=[granted, reserved],
            when=commit(100_01),
            then=pocket.NotEnoughInPocket,
        )

    def test_without_a_reservation(self) -> None:
        """An agreement whose award has lapsed takes all of its money from what is available."""
        scenario(
            pocket.DECIDER,
            given=[granted],
            when=commit(60_00),
            then=[replace(committed, reserved=ZERO)],
        )

    def test_twice_and_nothing(self) -> None:
        """A commitment is made once, and a commitment of nothing is none."""
        scenario(pocket.DECIDER, given=[granted, reserved, committed], when=commit(60_00), then=[])
        scenario(pocket.DECIDER, given=[granted], when=commit(0), then=[])


class TestAdjusting:
    adjusted = CommitmentAdjusted(
        pocket=ISED,
        project_id=ROBOTS,
        change_id=CHANGE,
        difference=Money(40_00),
        effective_on=APRIL_3,
    )
    history = (granted, reserved, committed)

    @pytest.mark.parametrize("cents", [40_00, -60_00])
    def test_within_bounds(self, cents: int) -> None:
        """A commitment can grow by what is available and shrink to nothing."""
        event = replace(self.adjusted, difference=Money(cents))
        scenario(pocket.DECIDER, given=self.history, when=adjust(cents), then=[event])
        state = pocket.DECIDER.fold([*self.history, event])
        assert state.committed + state.available == Money(100_00)

    @pytest.mark.parametrize(
        ("cents", "refusal"),
        [(40_01, pocket.NotEnoughInPocket), (-60_01, pocket.CommitmentBelowZero)],
    )
    def test_out_of_bounds(self, cents: int, refusal: type[Refusal]) -> None:
        """A commitment takes no more than is available and gives back no more than it holds."""
        scenario(pocket.DECIDER, given=self.history, when=adjust(cents), then=refusal)

    def test_twice_and_nothing(self) -> None:
        """The same change is made once, and a change of nothing is none."""
        scenario(pocket.DECIDER, given=[*self.history, self.adjusted], when=adjust(40_00), then=[])
        scenario(pocket.DECIDER, given=self.history, when=adjust(0), then=[])


class TestKeepingAnIncrease:
    kept = PocketIncreaseReserved(
        pocket=ISED, amendment_id=AMENDMENT, amount=Money(30_00), effective_on=APRIL_3
    )
    returned = PocketIncreaseReturned(
        pocket=ISED, amendment_id=AMENDMENT, amount=Money(30_00), effective_on=APRIL_3
    )
    give_back = ReturnIncrease(pocket=ISED, amendment_id=AMENDMENT, on=APRIL_3)
    history = (granted, reserved, committed)
    """60 of 100 dollars are committed."""

    def keep(self, cents: int) -> ReserveIncrease:
        """Keep so much for the amendment."""
        return ReserveIncrease(pocket=ISED, amendment_id=AMENDMENT, amount=Money(cents), on=APRIL_3)

    def test_of_what_is_available(self) -> None:
        """As much as is available is kept, and not a cent more; once."""
        scenario(pocket.DECIDER, given=self.history, when=self.keep(30_00), then=[self.kept])
        scenario(
            pocket.DECIDER,
            given=self.history,
            when=self.keep(40_01),
            then=pocket.NotEnoughInPocket,
        )
        again = [*self.history, self.kept]
        scenario(pocket.DECIDER, given=again, when=self.keep(30_00), then=[])
        assert pocket.DECIDER.fold(again).available == Money(10_00)

    def test_of_nothing(self) -> None:
        """What is kept is a positive amount."""
        scenario(
            pocket.DECIDER, given=self.history, when=self.keep(0), then=pocket.NothingToReserve
        )

    def test_until_it_is_given_back(self) -> None:
        """What is kept for an amendment that falls is available again, once."""
        given_back = [*self.history, self.kept, self.returned]
        scenario(pocket.DECIDER, given=given_back[:-1], when=self.give_back, then=[self.returned])
        scenario(pocket.DECIDER, given=given_back, when=self.give_back, then=[])
        assert pocket.DECIDER.fold(given_back).available == Money(40_00)

    @pytest.mark.parametrize(("cents", "left"), [(30_00, 10_00), (20_00, 20_00), (40_00, 0)])
    def test_until_it_is_committed(self, cents: int, left: int) -> None:
        """The amendment uses what is kept for it first, and the rest is as without it."""
        amending = replace(adjust(cents), amendment_id=AMENDMENT)
        adjusted = CommitmentAdjusted(
            pocket=ISED,
            project_id=ROBOTS,
            change_id=CHANGE,
            difference=Money(cents),
            effective_on=APRIL_3,
            amendment_id=AMENDMENT,
            reserved=Money(30_00),
        )
        kept = [*self.history, self.kept]
        scenario(pocket.DECIDER, given=kept, when=amending, then=[adjusted])
        state = pocket.DECIDER.fold([*kept, adjusted])
        assert (state.reserved, state.available) == (ZERO, Money(left))

    def test_from_everybody_else(self) -> None:
        """What is kept for one amendment is nobody else's, and its own even after a cut."""
        kept = [*self.history, self.kept]
        scenario(pocket.DECIDER, given=kept, when=adjust(10_01), then=pocket.NotEnoughInPocket)
        cut = replace(granted, authority=Money(60_00))
        amending = replace(adjust(30_00), amendment_id=AMENDMENT)
        assert pocket.decide(amending, pocket.DECIDER.fold([*kept, cut]))


@st.composite
def commands(draw: st.DrawFn) -> pocket.Command:
    """Any promise, return, commitment or change of a few awards and projects."""
    which = draw(st.integers(1, 4))
    award_id, project_id = derived_id("award", which), derived_id("project", which)
    amount = Money(draw(st.integers(-50, 120)))
    amendment_id = derived_id("amendment", which)
    match draw(st.integers(1, 6)):
        case 1:
            return Reserve(pocket=ISED, award_id=award_id, amount=amount, on=APRIL_3)
        case 2:
            return ReturnReservation(pocket=ISED, award_id=award_id, on=APRIL_3)
        case 3:
            return Commit(
                pocket=ISED,
                award_id=award_id,
                project_id=project_id,
                committed=max(amount, ZERO),
                on=APRIL_3,
            )
        case 4:
            return ReserveIncrease(
                pocket=ISED, amendment_id=amendment_id, amount=amount, on=APRIL_3
            )
        case 5:
            return ReturnIncrease(pocket=ISED, amendment_id=amendment_id, on=APRIL_3)
        case _:
            return AdjustCommitment(
                pocket=ISED,
                project_id=project_id,
                change_id=derived_id("change", draw(st.integers(1, 20))),
                difference=amount,
                on=APRIL_3,
                amendment_id=draw(st.sampled_from([None, amendment_id])),
            )


@given(st.lists(commands(), max_size=40))
def test_never_a_cent_over(asked: list[pocket.Command]) -> None:
    """Whatever is asked, in any order: nothing is negative, and authority is never exceeded."""
    state = pocket.DECIDER.fold([replace(granted, authority=Money(150))])
    for command in asked:
        try:
            events = pocket.decide(command, state)
        except Refusal:
            continue
        for event in events:
            state = pocket.evolve(state, event)
        assert state.authority == state.available + state.reserved + state.committed
        assert state.available >= ZERO
        assert all(amount >= ZERO for amount in state.reserved_for.values())
        assert all(amount >= ZERO for amount in state.kept_for.values())
        assert all(amount >= ZERO for amount in state.committed_to.values())
