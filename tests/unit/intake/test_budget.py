"""The budget grid, and how what is asked for is split over pockets."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.budget import Budget, Cost, Request
from services.intake.domain.definition import PocketTerms
from services.intake.domain.funding import (
    FundingNotPossible,
    GivenCell,
    checked_funding,
    split_over_pockets,
)
from services.intake.domain.rules import reasons_for_refusal
from shared.kernel.money import Money, total
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, total_by_pocket
from tests.unit.intake.examples import (
    T1,
    T2,
    adopter,
    budget,
    consortium,
    cost,
    definition,
    lead,
    provider,
    request,
    submission,
)

cents = st.integers(0, 10**12).map(Money)
keys = st.tuples(st.sampled_from(consortium), st.sampled_from(Quarter.all_of(2024)))
budgets = st.builds(
    lambda costs, requests: Budget(
        costs=tuple(
            Cost(
                participant_id=who.participant_id,
                category=category,
                quarter=quarter,
                cash=cash,
                in_kind=in_kind,
            )
            for (who, quarter, category), (cash, in_kind) in costs.items()
        ),
        requests=tuple(
            Request(participant_id=who.participant_id, quarter=quarter, amount=amount)
            for (who, quarter), amount in requests.items()
        ),
    ),
    st.dictionaries(
        st.tuples(
            st.sampled_from(consortium),
            st.sampled_from(Quarter.all_of(2024)),
            st.sampled_from(["labour", "equipment"]),
        ),
        st.tuples(cents, cents),
        max_size=24,
    ),
    st.dictionaries(keys, cents, max_size=12),
)
pocket_lists = st.lists(
    st.builds(
        PocketTerms,
        code=st.sampled_from(["A", "B", "C", "D"]),
        provinces=st.sampled_from([None, ("QC",), ("ON", "QC")]),
        share_bp=st.one_of(st.none(), st.integers(1, 2_500)),
    ),
    max_size=4,
    unique_by=lambda pocket: pocket.code,
).map(lambda pockets: (*pockets, PocketTerms(code="REST")))


class TestTheGrid:
    @given(budgets)
    def test_totals_per_participant_add_up(self, budget: Budget) -> None:
        """What the participants spend and ask for adds up to what the application does."""
        whose = [participant.participant_id for participant in consortium]
        assert total(map(budget.cash_of, whose)) == budget.cash
        assert total(map(budget.in_kind_of, whose)) == budget.in_kind
        assert total(map(budget.requested_by, whose)) == budget.requested

    @given(budgets)
    def test_public_money_and_match_are_the_costs(self, budget: Budget) -> None:
        """Request and cash match add up to the cash costs, match in kind to the costs in kind."""
        match = budget.match()
        assert total(cell.cash for cell in match) + budget.requested == budget.cash
        assert total(cell.in_kind for cell in match) == budget.in_kind
        assert len({(cell.participant_id, cell.quarter) for cell in match}) == len(match)

    @given(budgets)
    def test_match_is_never_negative(self, budget: Budget) -> None:
        """A budget that no rule objects to has no negative match."""
        reasons = reasons_for_refusal(replace(submission, budget=budget), [])
        negative = [cell for cell in budget.match() if cell.cash.cents < 0]
        assert len(reasons) == len(negative)

    def test_whoever_leaves_takes_their_lines_along(self) -> None:
        """A budget without a participant has no line of theirs."""
        left = budget.only_of({lead.participant_id})
        assert left.cash == Money(500_000_00)
        assert left.requested == Money(175_000_00)


class TestSplittingOverPockets:
    @given(budgets, pocket_lists)
    def test_it_adds_up(self, budget: Budget, pockets: tuple[PocketTerms, ...]) -> None:
        """Every request is split exactly, in positive cells, over pockets that may pay it."""
        cells = split_over_pockets(budget, consortium, pockets)
        given: dict[object, int] = {}
        for cell in cells:
            key = cell.participant_id, cell.quarter
            given[key] = given.get(key, 0) + cell.amount.cents
        assert given == {
            (each.participant_id, each.quarter): each.amount.cents
            for each in budget.requests
            if each.amount
        }
        provinces = {each.participant_id: each.profile.province for each in consortium}
        terms = {pocket.code: pocket for pocket in pockets}
        assert all(terms[cell.pocket].takes(provinces[cell.participant_id]) for cell in cells)
        assert all(cell.amount.cents > 0 for cell in cells)

    @given(budgets, pocket_lists)
    def test_the_programmes_own_split_is_accepted(
        self, budget: Budget, pockets: tuple[PocketTerms, ...]
    ) -> None:
        """What the programme would split itself may also be given by hand."""
        cells = split_over_pockets(budget, consortium, pockets)
        assert checked_funding(given_cells(cells), budget, consortium, pockets) == cells

    def test_quebec_pays_its_share_of_its_own(self) -> None:
        """The MEIE pays 20 % of Québec participants, ISED the rest and all of the others."""
        cells = split_over_pockets(budget, consortium, definition.pockets)
        assert total_by_pocket(cells) == {
            "ISED-P1-PROJECTS": Money((140_000 + 100_000 + 60_000) * 100),
            "MEIE-P1-PROJECTS": Money((35_000 + 15_000) * 100),
        }
        assert {cell.pocket for cell in cells if cell.participant_id == adopter.participant_id} == {
            "ISED-P1-PROJECTS"
        }

    def test_pockets_in_order(self) -> None:
        """Without shares, the first pocket that may pay a participant pays all of it."""
        pockets = (PocketTerms(code="QC-ONLY", provinces=("QC",)), PocketTerms(code="ALL"))
        cells = split_over_pockets(budget, consortium, pockets)
        assert {(cell.participant_id, cell.pocket) for cell in cells} == {
            (lead.participant_id, "QC-ONLY"),
            (adopter.participant_id, "ALL"),
            (provider.participant_id, "QC-ONLY"),
        }

    def test_nobody_pays_ontario(self) -> None:
        """A participant that no pocket may pay is named."""
        with pytest.raises(FundingNotPossible) as refused:
            split_over_pockets(
                budget, consortium, (PocketTerms(code="QC-ONLY", provinces=("QC",)),)
            )
        [reason] = refused.value.reasons
        assert reason.code == "no-pocket-for-participant"
        assert "Big Adopter" in reason.en


class TestFundingByHand:
    def test_every_reason_at_once(self) -> None:
        """A split by hand hears everything that is wrong with it."""
        asked = Budget(costs=(cost(adopter, T1, 100),), requests=(request(adopter, T1, 10),))
        given = (
            GivenCell(
                participant_id=adopter.participant_id,
                pocket="MEIE-P1-PROJECTS",
                quarter=T1,
                amount=Money(9_00),
            ),
            GivenCell(
                participant_id=adopter.participant_id,
                pocket="OTHER",
                quarter=T2,
                amount=Money(0),
            ),
            GivenCell(
                participant_id=request(lead, T1, 1).participant_id,
                pocket="ISED-P1-PROJECTS",
                quarter=T1,
                amount=Money(1, "USD"),
            ),
        )
        with pytest.raises(FundingNotPossible) as refused:
            checked_funding(given, asked, (adopter,), definition.pockets)
        assert [(reason.code, reason.field) for reason in refused.value.reasons] == [
            ("pocket-not-for-province", "funding[0].pocket"),
            ("pocket-not-of-programme", "funding[1].pocket"),
            ("funding-cell-not-positive", "funding[1].amount"),
            ("not-in-consortium", "funding[2].organisation_id"),
            ("funding-cell-not-positive", "funding[2].amount"),
            ("funding-does-not-add-up", "funding"),
        ]

    def test_twice_the_same_cell(self) -> None:
        """An amount per participant, pocket and quarter is given once."""
        asked = Budget(requests=(request(lead, T1, 2),))
        half = GivenCell(
            participant_id=lead.participant_id,
            pocket="ISED-P1-PROJECTS",
            quarter=T1,
            amount=Money(1_00),
        )
        with pytest.raises(FundingNotPossible) as refused:
            checked_funding((half, half), asked, consortium, definition.pockets)
        assert [reason.code for reason in refused.value.reasons] == ["funding-cell-twice"]


def given_cells(cells: tuple[FundingCell, ...]) -> tuple[GivenCell, ...]:
    """The same cells, as an officer would write them."""
    return tuple(
        GivenCell(
            participant_id=cell.participant_id,
            pocket=cell.pocket,
            quarter=cell.quarter,
            amount=cell.amount,
        )
        for cell in cells
    )
