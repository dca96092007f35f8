"""What a pack holds: the order of items, the figures, and that it is kept as it was."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.selection.domain import application, meeting, pack
from services.selection.domain.application import Waiting
from services.selection.domain.pack import FreezePack, asks_of, cumulative, outlook
from services.selection.domain.pocket import Pocket
from services.selection.domain.proceedings import PackFrozen, PocketAsk, PocketFigures, YearFigures
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money
from tests.unit.selection.examples import (
    APRIL_3,
    CALLED,
    CLINIC,
    FUNDING,
    ISED,
    MARCH_1,
    MARCH_15,
    MEETING,
    MEIE,
    OPENED,
    PROPOSAL,
    ROBOTS,
)

THIRD = derived_id("application", "third")
POCKETS = {
    ISED: Pocket(funder="F", funder_agreement="F-1", authority=Money(100_000_00)),
    MEIE: Pocket(funder="F", funder_agreement="F-1", authority=Money(30_000_00)),
}
freeze = FreezePack(
    agenda=(CLINIC, ROBOTS),
    money_available=frozenset(),
    applications={
        ROBOTS: Waiting(proposal=PROPOSAL, received_on=MARCH_1),
        CLINIC: Waiting(proposal=PROPOSAL, received_on=MARCH_15),
    },
    versions={ROBOTS: 1, CLINIC: 3},
    pockets=POCKETS,
    on=MARCH_15,
)


class TestOrder:
    def test_by_arrival(self) -> None:
        """What came first is first, wherever it was on the agenda."""
        order = pack.in_order(freeze.agenda, freeze.applications, frozenset())
        assert list(order) == [ROBOTS, CLINIC]

    def test_then_by_id(self) -> None:
        """What came on the same day is in the order of its ids."""
        same = {each: Waiting(proposal=PROPOSAL, received_on=MARCH_1) for each in (ROBOTS, CLINIC)}
        for agenda in ((ROBOTS, CLINIC), (CLINIC, ROBOTS)):
            order = pack.in_order(agenda, same, frozenset())
            assert list(order) == sorted((ROBOTS, CLINIC), key=str)

    def test_where_money_is_available(self) -> None:
        """Items for which money has returned come before all others."""
        order = pack.in_order(freeze.agenda, freeze.applications, frozenset({CLINIC}))
        assert list(order) == [CLINIC, ROBOTS]

    def test_without_what_does_not_wait(self) -> None:
        """What was withdrawn or decided is not before the meeting."""
        states = {
            **freeze.applications,
            ROBOTS: application.Withdrawn(proposal=PROPOSAL, conflicted=frozenset()),
        }
        assert list(pack.in_order(freeze.agenda, states, frozenset())) == [CLINIC]


class TestFreezing:
    def test_keeps_items_and_figures(self) -> None:
        """A pack holds the items in order, what they ask per pocket and year, and what there is."""
        [frozen] = pack.freeze(freeze, meeting.DECIDER.fold([CALLED]))
        assert [(each.application_id, each.version) for each in frozen.items] == [
            (ROBOTS, 1),
            (CLINIC, 3),
        ]
        assert frozen.items[0].asks == (
            PocketAsk(pocket=ISED, fiscal_year=2024, amount=Money(40_000_00)),
            PocketAsk(pocket=MEIE, fiscal_year=2024, amount=Money(20_000_00)),
        )
        assert [(each.pocket, each.available) for each in frozen.pockets] == [
            (ISED, Money(100_000_00)),
            (MEIE, Money(30_000_00)),
        ]

    def test_once(self) -> None:
        """A pack that is frozen, or whose meeting has begun, stays as it is."""
        kept = PackFrozen(meeting_id=MEETING, items=(), pockets=(), effective_on=MARCH_1)
        for history in ([CALLED, kept], [CALLED, OPENED], []):
            assert list(pack.freeze(freeze, meeting.DECIDER.fold(history))) == []
        state = meeting.DECIDER.fold([CALLED, kept, OPENED])
        assert isinstance(state, meeting.Opened)
        assert state.pack == kept


class TestOutlook:
    figures = (
        PocketFigures(
            pocket=ISED,
            authority=Money(100_000_00),
            available=Money(70_000_00),
            years=(YearFigures(fiscal_year=2024, available=Money(50_000_00)),),
        ),
        PocketFigures(pocket=MEIE, authority=Money(30_000_00), available=Money(30_000_00)),
    )

    def test_if_all_were_funded(self) -> None:
        """What would remain of a pocket, and of its year where the year has a ceiling."""
        asks = asks_of(FUNDING)
        ised, meie = outlook(self.figures, [asks, asks])
        assert (ised.asked, ised.would_remain) == (Money(80_000_00), Money(-10_000_00))
        [year] = ised.years
        assert (year.asked, year.available, year.would_remain) == (
            Money(80_000_00),
            Money(50_000_00),
            Money(-30_000_00),
        )
        assert meie.would_remain == Money(-10_000_00)
        assert [(each.available, each.would_remain) for each in meie.years] == [(None, None)]

    def test_in_order(self) -> None:
        """Each item shows what would remain if it and everything before it were funded."""
        asks = asks_of(FUNDING)
        first, second = cumulative(self.figures, [asks, asks[:1]])
        assert [each.would_remain for each in first] == [Money(30_000_00), Money(10_000_00)]
        assert [(each.pocket, each.would_remain) for each in second] == [(ISED, Money(-10_000_00))]


AMOUNTS = st.integers(0, 10**9).map(Money)
ASKS = st.lists(
    st.builds(
        PocketAsk,
        pocket=st.sampled_from([ISED, MEIE]),
        fiscal_year=st.sampled_from([2024, 2025]),
        amount=AMOUNTS,
    ),
    max_size=6,
).map(tuple)


@given(st.lists(ASKS, max_size=6), AMOUNTS, AMOUNTS)
def test_the_last_item_leaves_what_all_would_leave(
    items: list[tuple[PocketAsk, ...]], one: Money, other: Money
) -> None:
    """Asked and remaining are what is available, to the cent, and the years add up to the whole."""
    figures = [
        PocketFigures(pocket=ISED, authority=one, available=one),
        PocketFigures(pocket=MEIE, authority=other, available=other),
    ]
    whole = {each.pocket: each for each in outlook(figures, items)}
    for each in whole.values():
        assert each.asked + each.would_remain == each.available
        assert sum((year.asked for year in each.years), ZERO) == each.asked
    for index, after in enumerate(cumulative(figures, items)):
        so_far = {each.pocket: each for each in outlook(figures, items[: index + 1])}
        for each in after:
            assert each.would_remain == so_far[each.pocket].would_remain
            assert each.would_remain >= whole[each.pocket].would_remain


def test_a_short_notice_meeting_opens_in_the_order_of_its_pack() -> None:
    """The items of a meeting are in the order of the pack."""
    [frozen] = pack.freeze(
        replace(freeze, money_available=frozenset({CLINIC}), on=date(2023, 4, 3)),
        meeting.DECIDER.fold([CALLED]),
    )
    assert frozen.effective_on == APRIL_3
    assert [each.money_available for each in frozen.items] == [True, False]
