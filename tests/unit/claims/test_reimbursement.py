from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.claims.domain.reimbursement import (
    Outstanding,
    contracted_rate,
    draw,
    reimbursable,
    set_off,
    spread_over_forecast,
    taken_from,
    without,
)
from services.claims.domain.values import ForecastLine, SetOff
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter

T1, T2, T3, T4 = Quarter.all_of(2024)
WHO = uuid4()

quarters = st.sampled_from([*Quarter.all_of(2024), *Quarter.all_of(2025)])
cells = st.dictionaries(
    st.tuples(quarters, st.sampled_from(["A", "B", "C"])),
    st.integers(1, 10_000_00).map(Money),
    max_size=12,
)


class TestTheRate:
    def test_is_the_contracted_share_of_cash_costs(self) -> None:
        """A participant with 1 public dollar to 2 of its own gets exactly a third back."""
        rate = contracted_rate(WHO, public=Money(100), cash_match=Money(200), ceiling_bp=4_000)
        assert (rate.public, rate.costs) == (100, 300)

    def test_is_never_above_the_programme(self) -> None:
        """A share above the programme's ceiling is cut to the ceiling."""
        rate = contracted_rate(WHO, public=Money(50), cash_match=Money(50), ceiling_bp=4_000)
        assert (rate.public, rate.costs) == (4_000, 10_000)

    def test_is_the_ceiling_for_a_participant_without_cash_of_its_own(self) -> None:
        """Public money without any cash match is reimbursed at the ceiling."""
        rate = contracted_rate(WHO, public=Money(50), cash_match=ZERO, ceiling_bp=4_000)
        assert reimbursable(Money(100_00), rate) == Money(40_00)

    def test_is_nil_without_public_money(self) -> None:
        """A participant that was contracted no public money gets nothing back."""
        rate = contracted_rate(WHO, public=ZERO, cash_match=Money(50), ceiling_bp=4_000)
        assert reimbursable(Money(100_00), rate) == ZERO

    def test_is_nil_for_a_participant_without_any_cash(self) -> None:
        """A participant that only contributes in kind gets nothing back."""
        rate = contracted_rate(WHO, public=ZERO, cash_match=ZERO, ceiling_bp=4_000)
        assert reimbursable(Money(100_00), rate) == ZERO

    @given(
        public=st.integers(0, 10**9),
        match=st.integers(0, 10**9),
        costs=st.integers(0, 10**10),
        ceiling=st.integers(0, 10_000),
    )
    def test_stays_within_a_cent_of_its_exact_share(
        self, public: int, match: int, costs: int, ceiling: int
    ) -> None:
        """The reimbursement differs by less than a cent from the exact share, never over costs."""
        rate = contracted_rate(
            WHO, public=Money(public), cash_match=Money(match), ceiling_bp=ceiling
        )
        back = reimbursable(Money(costs), rate).cents
        assert 0 <= back <= costs
        assert abs(back * rate.costs - costs * rate.public) < rate.costs
        assert rate.public * 10_000 <= ceiling * rate.costs


class TestDrawing:
    def test_takes_the_quarter_of_the_claim_first(self) -> None:
        """A claim that fits its own quarter touches no other."""
        held = {(T1, "A"): Money(100), (T2, "A"): Money(100), (T3, "A"): Money(100)}
        assert draw(held, quarter=T2, amount=Money(100)) == {(T2, "A"): Money(100)}

    def test_then_earlier_quarters_oldest_first_then_later_ones_nearest_first(self) -> None:
        """After its own quarter: the oldest earlier ones, then the nearest later ones."""
        held = {(quarter, "A"): Money(100) for quarter in (T1, T2, T3, T4)}
        late = Quarter(2025, 1)
        held[late, "A"] = Money(100)
        drawn = draw(held, quarter=T3, amount=Money(420))
        assert list(drawn) == [(T3, "A"), (T1, "A"), (T2, "A"), (T4, "A"), (late, "A")]
        assert drawn[late, "A"] == Money(20)

    def test_splits_a_quarter_over_its_pockets_by_what_they_hold(self) -> None:
        """Two pockets share an odd cent by largest remainder, ties to the earlier code."""
        held = {(T1, "B"): Money(300), (T1, "A"): Money(300)}
        assert draw(held, quarter=T1, amount=Money(101)) == {
            (T1, "A"): Money(51),
            (T1, "B"): Money(50),
        }

    def test_of_nothing_takes_nothing(self) -> None:
        """A claim that is worth nothing draws nothing."""
        assert draw({(T1, "A"): Money(1)}, quarter=T1, amount=ZERO) == {}

    @given(cells=cells, quarter=quarters, share=st.integers(0, 1_000))
    def test_adds_up_and_never_overdraws(
        self, cells: dict[tuple[Quarter, str], Money], quarter: Quarter, share: int
    ) -> None:
        """Drawn cells add up to the amount, and no cell gives more than it holds."""
        amount = Money(total(cells.values()).cents * share // 1_000)
        drawn = draw(cells, quarter=quarter, amount=amount)
        assert total(drawn.values()) == amount
        assert all(ZERO < taken <= cells[cell] for cell, taken in drawn.items())


class TestTakingFromPockets:
    def test_follows_what_they_hold(self) -> None:
        """An odd cent goes to the largest remainder, pockets in the order of their codes."""
        held = {"B": Money(445), "A": Money(889)}
        assert taken_from(held, Money(133)) == {"A": Money(89), "B": Money(44)}
        assert without(held, {"A": Money(889)}) == {"B": Money(445)}

    def test_takes_nothing_of_nothing(self) -> None:
        """No pocket is named where nothing is taken."""
        assert taken_from({}, ZERO) == taken_from({"A": Money(1)}, ZERO) == {}

    @given(
        held=st.dictionaries(st.sampled_from("ABC"), st.integers(1, 10**7).map(Money)),
        share=st.integers(0, 1_000),
    )
    def test_adds_up_and_never_takes_more_than_a_pocket_holds(
        self, held: dict[str, Money], share: int
    ) -> None:
        """The parts add up to the amount, and each pocket gives at most what it holds."""
        amount = Money(total(held.values()).cents * share // 1_000)
        taken = taken_from(held, amount)
        assert total(taken.values()) == amount
        assert all(ZERO < part <= held[pocket] for pocket, part in taken.items())


class TestSettingOff:
    def test_settles_the_oldest_quarter_first(self) -> None:
        """Within a quarter it is split by what each cell holds; later quarters wait."""
        old = [Outstanding(T1, "A", WHO, Money(2)), Outstanding(T1, "B", WHO, Money(1))]
        late = Outstanding(T2, "A", WHO, Money(10))
        assert set_off([late, *old], Money(2)) == (
            SetOff(of=WHO, pocket="A", quarter=T1, amount=Money(1)),
            SetOff(of=WHO, pocket="B", quarter=T1, amount=Money(1)),
        )
        assert total(part.amount for part in set_off([late, *old], Money(13))) == Money(13)
        assert set_off([late, *old], Money(4))[-1] == SetOff(
            of=WHO, pocket="A", quarter=T2, amount=Money(1)
        )

    def test_of_nothing_settles_nothing(self) -> None:
        """No cell is named where nothing is set off."""
        assert set_off([Outstanding(T1, "A", WHO, Money(2))], ZERO) == ()


class TestTheForecast:
    def test_spreads_each_pocket_over_its_quarters(self) -> None:
        """All that remains of each pocket moves to the forecast's quarters, in its proportions."""
        remains = {(T1, "A"): Money(3_00), (T3, "A"): Money(1_00), (T3, "B"): Money(1_01)}
        forecast = [
            ForecastLine(quarter=T4, amount=Money(2_50)),
            ForecastLine(quarter=T3, amount=Money(2_51)),
        ]
        moved = spread_over_forecast(remains, forecast)
        assert moved == {
            (T1, "A"): Money(-3_00),
            (T3, "A"): Money(1_00),
            (T4, "A"): Money(2_00),
            (T3, "B"): Money(-50),
            (T4, "B"): Money(50),
        }

    def test_of_nothing_moves_nothing(self) -> None:
        """A forecast of nil says that nothing is expected, not where the rest belongs."""
        nil = [ForecastLine(quarter=T4, amount=ZERO)]
        assert spread_over_forecast({(T1, "A"): Money(1)}, nil) == {}

    @given(cells=cells, weights=st.dictionaries(quarters, st.integers(0, 10**6), min_size=1))
    def test_moves_money_within_its_pocket(
        self, cells: dict[tuple[Quarter, str], Money], weights: dict[Quarter, int]
    ) -> None:
        """Differences add up to zero per pocket, and no cell becomes negative."""
        forecast = [
            ForecastLine(quarter=quarter, amount=Money(weight))
            for quarter, weight in weights.items()
        ]
        moved = spread_over_forecast(cells, forecast)
        for pocket in ("A", "B", "C"):
            assert total(amount for (_, of), amount in moved.items() if of == pocket) == ZERO
        assert all(
            cells.get(cell, ZERO) + moved.get(cell, ZERO) >= ZERO for cell in {*cells, *moved}
        )
