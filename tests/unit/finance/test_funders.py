"""The terms of funder agreements: what may be claimed, and what lapses when a year ends."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.finance.domain import funder_agreement, pocket
from services.finance.domain.ceilings import CeilingBelowZero, ceiling_of
from services.finance.domain.events import (
    AuthorityChanged,
    AuthorityLapsed,
    ClaimFrequency,
    DrawdownCounted,
    FunderAgreementOpened,
    FunderTerms,
    FunderTermsSet,
    FunderYearEnded,
    PocketOpened,
    PocketYearEnd,
    YearlyCeiling,
)
from services.finance.domain.funder_terms import (
    AboveTheCeilingOfTheYear,
    NotAPeriodOfTheAgreement,
    PeriodAlreadyClaimed,
    PeriodNeeded,
    TermsNotValid,
    fiscal_year_claimed,
    frequency_of,
    months_of,
    periods_of,
)
from services.finance.domain.funder_years import FunderYear, reports, years_of
from services.finance.domain.year_end import MoreLapsesThanIsAvailable, PocketYear, end_of
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from shared.kernel.refusals import NotFound

TODAY = date(2024, 4, 10)
DECIDER = funder_agreement.DECIDER


def ceilings(**cents: int) -> tuple[YearlyCeiling, ...]:
    """Ceilings out of ``y2024=5``."""
    return tuple(
        YearlyCeiling(fiscal_year=int(year[1:]), ceiling=Money(each))
        for year, each in cents.items()
    )


TERMS = FunderTerms(
    claim_frequency=ClaimFrequency.QUARTERLY,
    share_bp=7_500,
    carry_over_bp=2_500,
    yearly=ceilings(y2024=1_000, y2025=2_000),
)
OPENED = FunderAgreementOpened(
    code="ISED-P1",
    funder="ISED",
    name_en="Phase 1",
    name_fr="Phase 1",
    pockets=("P", "Q"),
    effective_on=date(2023, 4, 1),
    terms=TERMS,
)


def count(
    period: str | None, cents: int, on: date = date(2023, 8, 1)
) -> funder_agreement.CountDrawdown:
    """Ask to count a drawdown."""
    return funder_agreement.CountDrawdown(
        drawdown_id=derived_id("drawdown", period, cents),
        period=period,
        submitted_on=on,
        amount=Money(cents),
    )


def after(*commands: funder_agreement.Command) -> funder_agreement.FunderAgreement:
    """The agreement after these commands."""
    state = DECIDER.fold([OPENED])
    for command in commands:
        for event in DECIDER.decide(command, state):
            state = DECIDER.evolve(state, event)
    return state


class TestPeriods:
    @pytest.mark.parametrize(
        ("period", "frequency", "fiscal_year", "first", "months"),
        [
            ("2023-04", ClaimFrequency.MONTHLY, 2024, (2023, 4), 1),
            ("2024-03", ClaimFrequency.MONTHLY, 2024, (2024, 3), 1),
            ("2024-T1", ClaimFrequency.QUARTERLY, 2024, (2023, 4), 3),
            ("2024-T4", ClaimFrequency.QUARTERLY, 2024, (2024, 1), 3),
            ("2024-H2", ClaimFrequency.SEMI_ANNUAL, 2024, (2023, 10), 6),
            ("2024", ClaimFrequency.ANNUAL, 2024, (2023, 4), 12),
        ],
    )
    def test_are_months_of_a_fiscal_year(
        self,
        period: str,
        frequency: ClaimFrequency,
        fiscal_year: int,
        first: tuple[int, int],
        months: int,
    ) -> None:
        """A label says how long its period is, where it begins and in which fiscal year it is."""
        assert frequency_of(period) is frequency
        assert fiscal_year_claimed(period, TODAY) == fiscal_year
        assert (min(months_of(period)), len(months_of(period))) == (first, months)

    @pytest.mark.parametrize("frequency", list(ClaimFrequency))
    def test_make_up_the_year(self, frequency: ClaimFrequency) -> None:
        """The periods of a year are its twelve months, each once."""
        months = [
            month for period in periods_of(frequency, 2024) for month in sorted(months_of(period))
        ]
        assert months == sorted(months_of("2024"))
        assert len(months) == 12

    def test_are_not_needed(self) -> None:
        """Without a period, the day of the claim says which fiscal year it is for."""
        assert fiscal_year_claimed(None, date(2024, 3, 31)) == 2024
        assert fiscal_year_claimed(None, date(2024, 4, 1)) == 2025


class TestTerms:
    def set(self, terms: FunderTerms, on: date = TODAY) -> funder_agreement.SetTerms:
        """Ask to set them."""
        return funder_agreement.SetTerms(terms=terms, effective_on=on, on=TODAY)

    def test_replace_those_before(self) -> None:
        """They are written as a whole, and once."""
        terms = FunderTerms(share_bp=5_000)
        state = DECIDER.fold([OPENED])
        assert DECIDER.decide(self.set(terms), state) == [
            FunderTermsSet(code="ISED-P1", terms=terms, effective_on=TODAY)
        ]
        assert DECIDER.decide(self.set(terms), after(self.set(terms))) == []

    def test_are_of_an_agreement(self) -> None:
        """There are none without it."""
        with pytest.raises(NotFound):
            DECIDER.decide(self.set(TERMS), DECIDER.initial)

    def test_are_not_written_ahead(self) -> None:
        """Drawdowns are held against them at once, so they are in force."""
        with pytest.raises(funder_agreement.TermsNotYetInForce):
            DECIDER.decide(self.set(TERMS, date(2024, 4, 11)), DECIDER.fold([OPENED]))

    def test_make_sense(self) -> None:
        """All that is wrong with the ceilings is said, with its place."""
        wrong = FunderTerms(yearly=(*ceilings(y2024=-1), *ceilings(y2024=1)))
        with pytest.raises(TermsNotValid) as refused:
            DECIDER.decide(self.set(wrong), DECIDER.fold([OPENED]))
        assert [(reason.code, reason.field) for reason in refused.value.reasons] == [
            ("ceiling-below-zero", "terms.yearly[0].ceiling"),
            ("year-named-twice", "terms.yearly[1].fiscal_year"),
        ]
        assert CeilingBelowZero.fr


class TestCountingDrawdowns:
    def test_within_the_terms(self) -> None:
        """A drawdown counts in the fiscal year of its period, whenever it is submitted."""
        (counted,) = DECIDER.decide(count("2024-T4", 1_000, TODAY), after())
        assert counted == DrawdownCounted(
            code="ISED-P1",
            drawdown_id=derived_id("drawdown", "2024-T4", 1_000),
            period="2024-T4",
            fiscal_year=2024,
            amount=Money(1_000),
            effective_on=TODAY,
        )

    def test_up_to_the_ceiling_of_each_year(self) -> None:
        """400 + 600 are the ceiling of 1,000; one cent more is refused, and not in another year."""
        state = after(count("2024-T1", 400), count("2024-T2", 600))
        with pytest.raises(AboveTheCeilingOfTheYear) as refused:
            DECIDER.decide(count("2024-T3", 1), state)
        assert refused.value.field == "pockets"
        assert DECIDER.decide(count("2025-T1", 2_000), state)

    def test_in_a_year_without_a_ceiling(self) -> None:
        """What the terms do not bound is not bounded."""
        assert DECIDER.decide(count("2026-T1", 10**12), after())

    def test_once_for_a_period(self) -> None:
        """A month is claimed for once, even when the frequency has changed meanwhile."""
        state = after(count("2024-T1", 1))
        with pytest.raises(PeriodAlreadyClaimed):
            DECIDER.decide(count("2024-T1", 1), state)
        monthly = funder_agreement.SetTerms(
            terms=FunderTerms(claim_frequency=ClaimFrequency.MONTHLY), effective_on=TODAY, on=TODAY
        )
        state = after(count("2024-T1", 1), monthly)
        with pytest.raises(PeriodAlreadyClaimed):
            DECIDER.decide(count("2023-06", 1), state)
        assert DECIDER.decide(count("2023-07", 1), state)

    @pytest.mark.parametrize(
        ("period", "refusal"), [(None, PeriodNeeded), ("2023-06", NotAPeriodOfTheAgreement)]
    )
    def test_for_a_period_of_the_agreement(
        self, period: str | None, refusal: type[PeriodNeeded | NotAPeriodOfTheAgreement]
    ) -> None:
        """The terms say how long a period is; those of the year are named."""
        with pytest.raises(refusal) as refused:
            DECIDER.decide(count(period, 1), after())
        assert refused.value.accepted == ["2024-T1", "2024-T2", "2024-T3", "2024-T4"]

    def test_without_terms(self) -> None:
        """An agreement that says nothing is claimed from as often as one likes."""
        nothing = funder_agreement.SetTerms(terms=FunderTerms(), effective_on=TODAY, on=TODAY)
        state = after(nothing, count("2024-T1", 1))
        assert DECIDER.decide(count("2024-T1", 10**9), state)
        assert DECIDER.decide(count(None, 10**9), state)

    @given(cents=st.lists(st.integers(min_value=1, max_value=600), max_size=8))
    def test_never_above_the_ceiling(self, cents: list[int]) -> None:
        """Whatever is asked, what is counted for a year stays below its ceiling."""
        state = after()
        for index, each in enumerate(cents):
            period = periods_of(ClaimFrequency.QUARTERLY, 2024 + index // 4)[index % 4]
            try:
                events = DECIDER.decide(count(period, each), state)
            except AboveTheCeilingOfTheYear:
                continue
            for event in events:
                state = DECIDER.evolve(state, event)
        assert isinstance(state, funder_agreement.Opened)
        for year, ceiling in ((2024, 1_000), (2025, 2_000)):
            assert (
                sum(each.amount.cents for each in state.counted if each.fiscal_year == year)
                <= ceiling
            )


class TestTheEndOfAYear:
    year = PocketYear(pocket="P", ceiling=Money(600), used=Money(400), available=Money(600))

    def end(self, *pockets: PocketYear, fiscal_year: int = 2024) -> funder_agreement.EndYear:
        """Ask to end it."""
        return funder_agreement.EndYear(fiscal_year=fiscal_year, pockets=pockets, on=TODAY)

    def test_carries_over_and_lapses(self) -> None:
        """Of 600, 400 are used: a quarter of the other 200 is carried over, 150 lapse."""
        assert DECIDER.decide(self.end(self.year), after()) == [
            FunderYearEnded(
                code="ISED-P1",
                fiscal_year=2024,
                carry_over_bp=2_500,
                pockets=(
                    PocketYearEnd(
                        pocket="P",
                        ceiling=Money(600),
                        used=Money(400),
                        carried=Money(50),
                        lapsed=Money(150),
                    ),
                ),
                effective_on=date(2024, 3, 31),
            )
        ]

    def test_does_not_touch_what_is_promised(self) -> None:
        """What lapses is available; 150 of 149 cannot."""
        with pytest.raises(MoreLapsesThanIsAvailable):
            DECIDER.decide(self.end(replace(self.year, available=Money(149))), after())

    @pytest.mark.parametrize(
        ("fiscal_year", "refusal"),
        [(2025, funder_agreement.YearNotOver), (2023, funder_agreement.YearAlreadyEnded)],
    )
    def test_is_over_and_in_order(self, fiscal_year: int, refusal: type[Exception]) -> None:
        """A year ends once, after its last day and before the next."""
        state = after(self.end(self.year))
        with pytest.raises(refusal):
            DECIDER.decide(self.end(self.year, fiscal_year=fiscal_year), state)
        with pytest.raises(funder_agreement.YearAlreadyEnded):
            DECIDER.decide(self.end(self.year), state)

    def test_needs_terms_and_a_ceiling(self) -> None:
        """Nothing lapses that nobody agreed to."""
        with pytest.raises(funder_agreement.NothingToEnd):
            DECIDER.decide(self.end(), after())
        nothing = funder_agreement.SetTerms(terms=FunderTerms(), effective_on=TODAY, on=TODAY)
        with pytest.raises(funder_agreement.CarryOverNotSaid):
            DECIDER.decide(self.end(self.year), after(nothing))

    @given(
        ceiling=st.integers(min_value=0, max_value=10**12),
        used=st.integers(min_value=-(10**6), max_value=2 * 10**12),
        carry_over_bp=st.integers(min_value=0, max_value=10_000),
    )
    def test_loses_no_cent(self, ceiling: int, used: int, carry_over_bp: int) -> None:
        """Used, carried and lapsed are the ceiling; nothing is when it was exceeded."""
        end = end_of(
            PocketYear(
                pocket="P", ceiling=Money(ceiling), used=Money(used), available=Money(10**13)
            ),
            carry_over_bp,
        )
        assert min(end.carried.cents, end.lapsed.cents) >= 0
        unused = end.carried.cents + end.lapsed.cents
        assert unused == max(ceiling - used, 0)


class TestAPocketAtTheEndOfAYear:
    opened = PocketOpened(
        pocket="P",
        funder="ISED",
        funder_agreement="ISED-P1",
        name_en="",
        name_fr="",
        authority=Money(1_000),
        effective_on=date(2023, 4, 1),
        yearly=ceilings(y2024=600, y2025=300),
    )

    def end(self, carried: int, lapsed: int) -> pocket.EndYear:
        """Ask to end it, 400 used."""
        return pocket.EndYear(
            fiscal_year=2024,
            end=PocketYearEnd(
                pocket="P",
                ceiling=Money(600),
                used=Money(400),
                carried=Money(carried),
                lapsed=Money(lapsed),
            ),
            effective_on=date(2024, 3, 31),
        )

    def test_holds_less(self) -> None:
        """What lapses leaves its authority; what is carried over goes on top of the next year."""
        state = pocket.DECIDER.fold([self.opened])
        (lapsed,) = pocket.DECIDER.decide(self.end(50, 150), state)
        assert lapsed == AuthorityLapsed(
            pocket="P",
            funder="ISED",
            funder_agreement="ISED-P1",
            fiscal_year=2024,
            lapsed=Money(150),
            authority=Money(850),
            effective_on=date(2024, 3, 31),
            yearly=ceilings(y2024=400, y2025=350),
        )
        state = pocket.DECIDER.evolve(state, lapsed)
        assert isinstance(state, pocket.Opened)
        assert (state.authority, ceiling_of(state.yearly, 2025)) == (Money(850), Money(350))

    def test_that_may_carry_everything(self) -> None:
        """Only its ceilings move."""
        state = pocket.DECIDER.fold([self.opened])
        (changed,) = pocket.DECIDER.decide(self.end(200, 0), state)
        assert isinstance(changed, AuthorityChanged)
        assert (changed.previous, changed.authority) == (Money(1_000), Money(1_000))
        assert changed.yearly == ceilings(y2024=400, y2025=500)

    def test_whose_next_year_has_no_ceiling(self) -> None:
        """A year that is not bounded stays so: a ceiling of what is carried would bound it."""
        state = pocket.DECIDER.fold([replace(self.opened, yearly=ceilings(y2024=600))])
        (lapsed,) = pocket.DECIDER.decide(self.end(50, 150), state)
        assert lapsed.yearly == ceilings(y2024=400)

    def test_that_used_everything(self) -> None:
        """Nothing happens to it."""
        assert pocket.DECIDER.decide(self.end(0, 0), pocket.DECIDER.fold([self.opened])) == []


def test_years_of_an_agreement() -> None:
    """Room is ceiling less claimed; claimable is the share of what was spent less claimed."""
    end = funder_agreement.EndYear(fiscal_year=2024, pockets=(TestTheEndOfAYear.year,), on=TODAY)
    state = after(count("2024-T1", 300), count("2024-T2", 300), end)
    assert isinstance(state, funder_agreement.Opened)
    years = years_of(state, {2024: 1_001, 2026: -4})
    common = {"carried": None, "lapsed": None}
    assert years == [
        FunderYear(
            fiscal_year=2024,
            ceiling=1_000,
            claimed=600,
            room=400,
            spent=1_001,
            share=751,
            claimable=151,
            carried=50,
            lapsed=150,
        ),
        FunderYear(
            fiscal_year=2025,
            ceiling=2_000,
            claimed=0,
            room=2_000,
            spent=0,
            share=0,
            claimable=0,
            **common,
        ),
        FunderYear(
            fiscal_year=2026,
            ceiling=None,
            claimed=0,
            room=None,
            spent=-4,
            share=-3,
            claimable=-3,
            **common,
        ),
    ]
    (report,) = reports(state, years)
    assert report.rows[0] == ("2024", 1_000, 600, 400, 1_001, 751, 151, 50, 150)
    assert report.total is not None
    assert report.total[1:] == (None, 600, None, 997, None, None, None, None)
    assert len(report.columns) == len(report.rows[0]) == len(report.total)
