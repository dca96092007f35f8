"""What a funder allows for a fiscal year, and what is promised of it."""

from collections.abc import Mapping
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
    CommitmentReprofiled,
    NotEnoughInPocket,
    NotEnoughInYear,
    ReprofileCommitment,
    ReservationCommitted,
    ReservationReturned,
    Reserve,
    ReturnReservation,
    SetAuthority,
)
from services.selection.domain.years import (
    ByYear,
    YearAmount,
    by_year,
    difference,
    negative,
    years_by_pocket,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money, total
from shared.kernel.refusals import Refusal
from tests.unit.selection.examples import (
    ADOPTER,
    APRIL_3,
    AWARD,
    ISED,
    MARCH_1,
    MEIE,
    ROBOTS,
    cell,
    scenario,
)

CHANGE = derived_id("change", 1)


def years(**dollars: int) -> ByYear:
    """Amounts per fiscal year: ``years(y2024=60)``."""
    return by_year((int(year[1:]), Money(amount * 100)) for year, amount in dollars.items())


granted = AuthoritySet(
    pocket=ISED,
    funder="ISED",
    funder_agreement="ISED-P2",
    authority=Money(100_00),
    effective_on=MARCH_1,
    yearly=years(y2024=60, y2025=30),
)
reserved = AmountReserved(
    pocket=ISED,
    award_id=AWARD,
    amount=Money(50_00),
    effective_on=APRIL_3,
    by_year=years(y2024=40, y2025=10),
)
committed = ReservationCommitted(
    pocket=ISED,
    award_id=AWARD,
    project_id=ROBOTS,
    reserved=Money(50_00),
    committed=Money(50_00),
    effective_on=APRIL_3,
    reserved_by_year=reserved.by_year,
    committed_by_year=reserved.by_year,
)


def reserve(planned: ByYear, number: int = 2) -> Reserve:
    return Reserve(
        pocket=ISED,
        award_id=derived_id("award", number),
        amount=total(each.amount for each in planned),
        by_year=planned,
        on=APRIL_3,
    )


def adjust(planned: ByYear) -> AdjustCommitment:
    return AdjustCommitment(
        pocket=ISED,
        project_id=ROBOTS,
        change_id=CHANGE,
        difference=total(each.amount for each in planned),
        by_year=planned,
        on=APRIL_3,
    )


class TestAmounts:
    def test_add_up_per_pocket_and_year(self) -> None:
        """A schedule is planned per pocket and fiscal year; what adds up to nothing is left out."""
        planned = years_by_pocket(
            [
                cell(ADOPTER, ISED, "2024-T4", 3),
                cell(ADOPTER, MEIE, "2024-T4", 5),
                cell(ADOPTER, ISED, "2025-T1", 4),
                cell(ADOPTER, ISED, "2024-T1", -3),
            ]
        )
        assert planned == {ISED: years(y2025=4), MEIE: years(y2024=5)}

    def test_differ(self) -> None:
        """The difference of two plans is what has to be added to the one to make the other."""
        assert difference(years(y2024=3, y2025=1), years(y2024=5, y2026=2)) == (
            YearAmount(fiscal_year=2024, amount=Money(-2_00)),
            YearAmount(fiscal_year=2025, amount=Money(1_00)),
            YearAmount(fiscal_year=2026, amount=Money(-2_00)),
        )
        assert negative(years(y2024=3)) == difference((), years(y2024=3))


class TestCeilings:
    setting = SetAuthority(
        pocket=ISED,
        funder="ISED",
        funder_agreement="ISED-P2",
        authority=Money(100_00),
        yearly=granted.yearly,
        on=MARCH_1,
    )

    def test_set_and_set_again(self) -> None:
        """Ceilings are taken note of; hearing the same again is no news, another ceiling is."""
        scenario(pocket.DECIDER, given=[], when=self.setting, then=[granted])
        scenario(pocket.DECIDER, given=[granted], when=self.setting, then=[])
        scenario(
            pocket.DECIDER,
            given=[granted],
            when=replace(self.setting, yearly=years(y2024=60)),
            then=[replace(granted, yearly=years(y2024=60))],
        )

    def test_that_are_not_set(self) -> None:
        """A year without a ceiling, and a pocket without any, are bounded by the authority."""
        planned = years(y2026=100)
        for opened in (granted, replace(granted, yearly=())):
            state = pocket.DECIDER.fold([opened])
            assert state.left_in(2026) is None
            assert pocket.decide(reserve(planned), state)


class TestReserving:
    def test_to_the_cent(self) -> None:
        """A year can be promised to its last cent, and not a cent more."""
        state = pocket.DECIDER.fold([granted, reserved])
        assert (state.left_in(2024), state.left_in(2025)) == (Money(20_00), Money(20_00))
        assert pocket.decide(reserve(years(y2024=20)), state)
        refusal = scenario(
            pocket.DECIDER,
            given=[granted, reserved],
            when=reserve(by_year([(2024, Money(20_01))])),
            then=NotEnoughInYear,
        )
        assert refusal is not None
        assert refusal.parameters == {
            "pocket": ISED,
            "left": Money(20_00),
            "asked": Money(20_01),
            "fiscal_year": "2024",
        }
        assert refusal.accepted == {"at_most": Money(20_00), "fiscal_year": 2024}

    def test_names_everything_that_is_short(self) -> None:
        """Whatever is short is named at once: the pocket, and each of its years."""
        refusal = scenario(
            pocket.DECIDER,
            given=[granted],
            when=reserve(years(y2024=61, y2025=31, y2026=9)),
            then=NotEnoughInPocket,
        )
        assert refusal is not None
        assert [reason.code for reason in refusal.reasons] == [
            "not-enough-in-pocket",
            "not-enough-in-year",
            "not-enough-in-year",
        ]

    def test_what_returns(self) -> None:
        """What was reserved for an award that fell can be promised again for its years."""
        returned = ReservationReturned(
            pocket=ISED,
            award_id=AWARD,
            amount=Money(50_00),
            effective_on=APRIL_3,
            by_year=reserved.by_year,
        )
        scenario(
            pocket.DECIDER,
            given=[granted, reserved],
            when=ReturnReservation(pocket=ISED, award_id=AWARD, on=APRIL_3),
            then=[returned],
        )
        state = pocket.DECIDER.fold([granted, reserved, returned])
        assert (state.left_in(2024), state.left_in(2025)) == (Money(60_00), Money(30_00))


class TestCommitting:
    commit = Commit(
        pocket=ISED,
        award_id=AWARD,
        project_id=ROBOTS,
        committed=Money(50_00),
        by_year=reserved.by_year,
        on=APRIL_3,
    )

    def test_as_reserved(self) -> None:
        """What an agreement commits as it was reserved leaves every year as it was."""
        scenario(pocket.DECIDER, given=[granted, reserved], when=self.commit, then=[committed])
        state = pocket.DECIDER.fold([granted, reserved, committed])
        assert (state.left_in(2024), state.left_in(2025)) == (Money(20_00), Money(20_00))

    @pytest.mark.parametrize(
        ("planned", "refused"),
        [
            (years(y2024=20, y2025=30), False),
            (years(y2024=19, y2025=31), True),
        ],
    )
    def test_in_other_years(self, planned: ByYear, refused: bool) -> None:
        """An agreement may plan other years than its award, where these have room."""
        command = replace(self.commit, by_year=planned)
        state = pocket.DECIDER.fold([granted, reserved])
        if refused:
            with pytest.raises(NotEnoughInYear):
                pocket.decide(command, state)
        else:
            assert pocket.decide(command, state)


class TestAdjusting:
    history = (granted, reserved, committed)

    @pytest.mark.parametrize("planned", [years(y2025=20), years(y2024=-40), years(y2024=20)])
    def test_within_the_years(self, planned: ByYear) -> None:
        """An amendment takes what its years have left, and gives back to them."""
        [event] = pocket.decide(adjust(planned), pocket.DECIDER.fold(self.history))
        before = pocket.DECIDER.fold(self.history)
        after = pocket.evolve(before, event)
        [moved] = planned
        left, was = after.left_in(moved.fiscal_year), before.left_in(moved.fiscal_year)
        assert left is not None
        assert was is not None
        assert left + moved.amount == was

    def test_beyond_a_year(self) -> None:
        """An amendment cannot take more than a year has left, even of money that it moves."""
        for planned in (years(y2025=21), years(y2024=-21, y2025=21)):
            scenario(pocket.DECIDER, given=self.history, when=adjust(planned), then=NotEnoughInYear)

    def test_a_forecast(self) -> None:
        """When money will be spent is recorded as it is, once; a year over its ceiling is shut."""
        moved = years(y2024=-40, y2025=40)
        command = ReprofileCommitment(
            pocket=ISED, project_id=ROBOTS, change_id=CHANGE, by_year=moved, on=APRIL_3
        )
        reprofiled = CommitmentReprofiled(
            pocket=ISED,
            project_id=ROBOTS,
            change_id=CHANGE,
            by_year=moved,
            effective_on=APRIL_3,
        )
        scenario(pocket.DECIDER, given=self.history, when=command, then=[reprofiled])
        scenario(pocket.DECIDER, given=[*self.history, reprofiled], when=command, then=[])
        scenario(pocket.DECIDER, given=self.history, when=replace(command, by_year=()), then=[])
        state = pocket.DECIDER.fold([*self.history, reprofiled])
        assert (state.left_in(2024), state.left_in(2025)) == (Money(60_00), Money(-20_00))
        with pytest.raises(NotEnoughInYear):
            pocket.decide(reserve(by_year([(2025, Money(1))])), state)


CEILINGS: Mapping[int, Money] = {2024: Money(70), 2025: Money(90)}


@st.composite
def commands(draw: st.DrawFn) -> pocket.Command:
    """Any promise, return, commitment or change of a few awards, planned for three years."""
    which = draw(st.integers(1, 4))
    award_id, project_id = derived_id("award", which), derived_id("project", which)
    kind = draw(st.integers(1, 4))
    low = -60 if kind == 4 else 0
    planned = by_year((year, Money(draw(st.integers(low, 60)))) for year in (2024, 2025, 2026))
    amount = total(each.amount for each in planned)
    match kind:
        case 1:
            return Reserve(
                pocket=ISED, award_id=award_id, amount=amount, by_year=planned, on=APRIL_3
            )
        case 2:
            return ReturnReservation(pocket=ISED, award_id=award_id, on=APRIL_3)
        case 3:
            return Commit(
                pocket=ISED,
                award_id=award_id,
                project_id=project_id,
                committed=amount,
                by_year=planned,
                on=APRIL_3,
            )
        case _:
            return AdjustCommitment(
                pocket=ISED,
                project_id=project_id,
                change_id=derived_id("change", draw(st.integers(1, 20))),
                difference=amount,
                by_year=planned,
                on=APRIL_3,
            )


@given(st.lists(commands(), max_size=40))
def test_never_a_cent_over_in_any_year(asked: list[pocket.Command]) -> None:
    """
    Whatever is asked, in any order, no year is promised more than its ceiling.

    The years always add up to what is promised in all.
    """
    yearly = tuple(YearAmount(fiscal_year=y, amount=most) for y, most in CEILINGS.items())
    state = pocket.DECIDER.fold([replace(granted, authority=Money(200), yearly=yearly)])
    for command in asked:
        try:
            events = pocket.decide(command, state)
        except Refusal:
            continue
        for event in events:
            state = pocket.evolve(state, event)
        assert state.available >= ZERO
        for year, ceiling in CEILINGS.items():
            assert state.promised_in.get(year, ZERO) <= ceiling
        assert total(state.promised_in.values()) == state.reserved + state.committed
        for award_id, amount in state.reserved_for.items():
            assert total(each.amount for each in state.reserved_in[award_id]) == amount
