"""A portfolio played on paper leaves what an independent sum leaves, and what the rules say."""

import json
from collections import defaultdict
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.demo.checks import parse
from deploy.demo.paper import Paper, draw, reimbursable, spread, window_of
from shared.kernel.periods import Quarter
from tests.unit.demo.oracle import projects_on
from tests.unit.demo.portfolios import random_portfolio, small

Q1, Q2, Q3 = Quarter(2024, 1), Quarter(2024, 2), Quarter(2024, 3)
END = date(2099, 12, 31)


class TestAgainstAnIndependentSum:
    @settings(max_examples=60, deadline=None)
    @given(st.integers(min_value=0, max_value=10**6))
    def test_every_cent_of_every_project(self, seed: int) -> None:
        """What stays committed, and what was owed or paid, is the same to the cent."""
        document = random_portfolio(seed)
        paper = Paper(parse(json.dumps(document))).play()
        codes = [project["code"] for project in document["projects"]]
        for project, sums in projects_on(document, END):
            ours = paper.projects[codes.index(project["code"])]
            assert {
                (name, str(quarter), pocket): cents
                for name, holding in ours.holdings.items()
                for (quarter, pocket), cents in holding.cells.items()
                if cents
            } == {key: cents for key, cents in sums.committed.items() if cents}
            spent: dict[str, int] = defaultdict(int)
            for claim in ours.claims:
                for part in (claim.payable, claim.held_back, claim.paid):
                    for pocket, cents in part.items():
                        spent[pocket] += cents
            expected: dict[str, int] = defaultdict(int)
            for (pocket, _), cents in sums.spent.items():
                expected[pocket] += cents
            assert {k: v for k, v in spent.items() if v} == {k: v for k, v in expected.items() if v}

    @settings(max_examples=30, deadline=None)
    @given(st.integers(min_value=0, max_value=10**6))
    def test_pockets_never_give_more_than_they_hold(self, seed: int) -> None:
        """What is promised of a pocket stays between nothing and what was granted."""
        paper = Paper(parse(json.dumps(random_portfolio(seed)))).play()
        for pocket, promised in paper.promised.items():
            assert 0 <= promised <= paper.authority[pocket]


class TestReimbursement:
    def test_the_contracted_share(self) -> None:
        """A third of the contract in public money reimburses a third of the costs."""
        assert reimbursable(100, public=1, match=2, ceiling_bp=10_000) == 33

    def test_never_above_the_ceiling(self) -> None:
        """A participant contracted above the programme's rate is reimbursed at that rate."""
        assert reimbursable(100, public=9, match=1, ceiling_bp=5_000) == 50

    @pytest.mark.parametrize(("cash", "public", "match"), [(0, 1, 1), (100, 0, 1), (100, 0, 0)])
    def test_nothing_comes_of_nothing(self, cash: int, public: int, match: int) -> None:
        """No costs, or no public money, is no reimbursement."""
        assert reimbursable(cash, public=public, match=match, ceiling_bp=10_000) == 0


class TestDrawing:
    def test_the_order_of_quarters(self) -> None:
        """A claim draws on its own quarter, then on earlier ones, then on later ones."""
        cells = {(Q1, "A"): 10, (Q2, "A"): 10, (Q3, "A"): 10}
        assert draw(cells, Q2, 25) == {"A": 25}
        assert cells == {(Q1, "A"): 0, (Q2, "A"): 0, (Q3, "A"): 5}

    def test_pockets_share(self) -> None:
        """Within a quarter pockets give by what they hold, the odd cent to the first code."""
        cells = {(Q1, "B"): 50, (Q1, "A"): 50}
        assert draw(cells, Q1, 3) == {"A": 2, "B": 1}

    def test_a_forecast_plans_again(self) -> None:
        """What remains of each pocket follows the forecast; an empty one changes nothing."""
        cells = {(Q1, "A"): 10, (Q2, "B"): 30}
        spread(cells, {Q2: 1, Q3: 3})
        assert cells == {(Q2, "A"): 3, (Q3, "A"): 7, (Q2, "B"): 8, (Q3, "B"): 22}
        spread(cells, {Q3: 0})
        assert cells[Q2, "A"] == 3


@pytest.mark.parametrize(
    ("frequency", "together", "apart"),
    [
        ("monthly", date(2023, 4, 30), date(2023, 5, 1)),
        ("quarterly", date(2023, 6, 30), date(2023, 7, 1)),
        ("semi-annual", date(2023, 9, 30), date(2023, 10, 1)),
    ],
)
def test_how_long_a_period_may_be(frequency: str, together: date, apart: date) -> None:
    """A period stays within one month, fiscal quarter or fiscal half-year."""
    first = window_of(date(2023, 4, 1), frequency)
    assert window_of(together, frequency) == first
    assert window_of(apart, frequency) != first


class TestPayments:
    def test_a_returned_payment_is_payable_again(self) -> None:
        """What came back is paid once more, and counts once."""
        document = small()
        claim = document["projects"][0]["claims"][0]
        claim["payments"] = [
            {"paid_on": "2023-03-20", "returned_on": "2023-03-25"},
            {"paid_on": "2023-03-28"},
        ]
        paper = Paper(parse(json.dumps(document))).play()
        moved = [cents for _, _, cents in paper.paid]
        assert sum(moved) == sum(paper.projects[0].claims[0].paid.values())
        assert min(moved) < 0

    def test_the_holdback_is_paid_after_completion(self) -> None:
        """A tenth is held back until the project completes, and takes a payment of its own."""
        document = small()
        project = document["projects"][0]
        project["claims"] = project["claims"][:1]
        before = Paper(parse(json.dumps(document))).play().projects[0].claims[0]
        project["completed_on"] = "2024-01-15"
        project["claims"][0]["payments"].append({"paid_on": "2024-01-15"})
        after = Paper(parse(json.dumps(document))).play().projects[0].claims[0]
        assert sum(before.held_back.values()) * 9 == sum(before.paid.values())
        assert sum(after.paid.values()) == sum(before.paid.values()) * 10 // 9
