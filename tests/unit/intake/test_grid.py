"""The budget grid, added up in every direction, and what pockets would pay of it."""

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.application_commands import SetConsortium
from services.intake.domain.application_events import BudgetSet
from services.intake.domain.application_state import Draft, Proposal
from services.intake.domain.budget import Budget
from services.intake.domain.consortium import Participant
from services.intake.domain.definition import PocketTerms
from services.intake.domain.drafting import set_consortium
from services.intake.domain.funding import split_over_pockets
from services.intake.domain.grid import Sum, grid_of, shares_by_pocket
from services.intake.domain.rules import AskedRule, reasons_for_refusal
from services.intake.domain.sources import GOVERNMENTS, STATUSES, GovernmentSource
from shared.kernel.money import Money
from tests.unit.intake.examples import (
    APPLICATION,
    CALL,
    TODAY,
    adopter,
    budget,
    consortium,
    definition,
    lead,
    submission,
)
from tests.unit.intake.test_budget import budgets, pocket_lists

sources = st.lists(
    st.builds(
        GovernmentSource,
        government=st.sampled_from(GOVERNMENTS),
        programme=st.text(min_size=1, max_size=5),
        amount=st.integers(0, 10**12).map(Money),
        status=st.sampled_from(STATUSES),
        is_tax_credit=st.booleans(),
    ),
    max_size=4,
).map(tuple)


def added(sums: list[Sum]) -> tuple[int, int, int]:
    """Cents in cash, in kind and asked for."""
    return (
        sum(each.cash.cents for each in sums),
        sum(each.in_kind.cents for each in sums),
        sum(each.requested.cents for each in sums),
    )


def whole_of(budget: Budget) -> tuple[int, int, int]:
    """The same, straight from the lines."""
    return (
        sum(cost.cash.cents for cost in budget.costs),
        sum(cost.in_kind.cents for cost in budget.costs),
        sum(request.amount.cents for request in budget.requests),
    )


def draft_of(participants: tuple[Participant, ...], budget: Budget) -> Draft:
    """A draft with this consortium and budget."""
    return Draft(
        proposal=Proposal(
            application_id=APPLICATION,
            call_id=CALL,
            programme_code="IND-P1",
            title="Robots",
            starts_on=submission.starts_on,
            ends_on=submission.ends_on,
            lead_organisation_id=lead.organisation_id,
            participants=participants,
            budget=budget,
        )
    )


class TestEveryDirection:
    @given(budgets)
    def test_adds_up_to_the_whole(self, budget: Budget) -> None:
        """Participants, quarters and fiscal years add up to the whole; categories to its costs."""
        grid, whole = grid_of(budget), whole_of(budget)
        for direction in (grid.by_participant, grid.by_quarter, grid.by_fiscal_year):
            assert added(list(direction.values())) == whole
        assert added(list(grid.by_category.values())) == (*whole[:2], 0)
        assert added([grid.whole]) == whole

    @given(budgets)
    def test_request_and_match_are_the_cash_costs(self, budget: Budget) -> None:
        """In every sum, what is asked for and what participants pay themselves are the costs."""
        grid = grid_of(budget)
        for each in (*grid.by_participant.values(), *grid.by_quarter.values(), grid.whole):
            assert each.requested + each.match_cash == each.cash

    @given(budgets)
    def test_one_quarter_is_its_lines(self, budget: Budget) -> None:
        """A quarter's sum is that of its own lines, in the order of time."""
        grid = grid_of(budget)
        assert list(grid.by_quarter) == sorted(grid.by_quarter)
        for quarter, each in grid.by_quarter.items():
            lines = [cost.cash.cents for cost in budget.costs if cost.quarter == quarter]
            assert each.cash.cents == sum(lines)


class TestSharesByPocket:
    @given(budgets, pocket_lists)
    def test_they_add_up_to_the_request(
        self, budget: Budget, pockets: tuple[PocketTerms, ...]
    ) -> None:
        """What the pockets would pay is what is asked for, and their years are what they pay."""
        shares = shares_by_pocket(budget, consortium, pockets)
        assert sum(share.amount.cents for share in shares) == budget.requested.cents
        for share in shares:
            years = share.by_fiscal_year.values()
            assert sum(amount.cents for amount in years) == share.amount.cents

    @given(budgets)
    def test_within_a_cent_of_the_exact_share(self, budget: Budget) -> None:
        """Québec pays a fifth of each of its participants' requests, to the cent."""
        cells = {
            (cell.participant_id, cell.quarter): cell.amount.cents
            for cell in split_over_pockets(budget, consortium, definition.pockets)
            if cell.pocket == "MEIE-P1-PROJECTS"
        }
        for request in budget.requests:
            given = cells.get((request.participant_id, request.quarter), 0)
            fifth = Fraction(request.amount.cents, 5)
            exact = 0 if request.participant_id == adopter.participant_id else fifth
            assert abs(given - exact) < 1


class TestWhoComesAndGoes:
    @given(budgets, sources, st.sets(st.sampled_from(consortium[1:])))
    def test_the_rest_is_kept(
        self, budget: Budget, sources: tuple[GovernmentSource, ...], leaving: set[Participant]
    ) -> None:
        """Whoever leaves takes only their own lines; other lines and sources stay as they were."""
        whole = replace(budget, sources=sources)
        staying = tuple(each for each in consortium if each not in leaving)
        command = SetConsortium(participants=staying, on=TODAY, by="p1")
        events = set_consortium(command, draft_of(consortium, whole))
        left = next((each.budget for each in events if isinstance(each, BudgetSet)), whole)
        gone = {each.participant_id for each in leaving}
        assert left.sources == sources
        assert left.costs == tuple(cost for cost in whole.costs if cost.participant_id not in gone)
        before, after = grid_of(whole).by_participant, grid_of(left).by_participant
        assert after == {who: sums for who, sums in before.items() if who not in gone}

    @given(budgets)
    def test_whoever_comes_changes_nothing(self, budget: Budget) -> None:
        """A participant that joins leaves every line as it was."""
        own = budget.only_of({lead.participant_id})
        command = SetConsortium(participants=consortium, on=TODAY, by="p1")
        events = set_consortium(command, draft_of((lead,), own))
        assert not [each for each in events if isinstance(each, BudgetSet)]


class TestRulesAgreeWithAnIndependentComputation:
    @given(budgets, sources, st.integers(1, 10_000))
    def test_stacking(
        self, budget: Budget, sources: tuple[GovernmentSource, ...], at_most_bp: int
    ) -> None:
        """All governments together are above the limit when their exact share of cash is."""
        whole = replace(budget, sources=sources, other_government=Money(1_00))
        cash, _, requested = whole_of(whole)
        public = requested + 1_00 + sum(source.amount.cents for source in sources)
        refused = public > Fraction(at_most_bp, 10_000) * cash
        case = replace(submission, budget=whole)
        asked = AskedRule(name="stacking-limit", parameters={"at_most_bp": at_most_bp})
        codes = [reason.code for reason in reasons_for_refusal(case, [asked])]
        assert ("governments-stack-too-high" in codes) is refused

    @given(budgets, st.integers(1, 10_000))
    def test_one_participants_share(self, budget: Budget, at_most_bp: int) -> None:
        """Exactly those participants are named whose exact share of the request is above."""
        by_participant: dict[UUID, int] = defaultdict(int)
        for request in budget.requests:
            by_participant[request.participant_id] += request.amount.cents
        whole = sum(by_participant.values())
        expected = [
            f"participants[{index}]"
            for index, each in enumerate(consortium)
            if by_participant[each.participant_id] > Fraction(at_most_bp, 10_000) * whole
        ]
        case = replace(submission, budget=budget)
        asked = AskedRule(name="one-participant-share", parameters={"at_most_bp": at_most_bp})
        found = [
            reason.field
            for reason in reasons_for_refusal(case, [asked])
            if reason.code == "one-participant-takes-too-much"
        ]
        assert found == expected

    @given(budgets)
    def test_what_is_accepted_is_accepted(self, budget: Budget) -> None:
        """The most that other governments may give, as a refusal says it, is not refused."""
        asked = AskedRule(name="stacking-limit", parameters={"at_most_bp": 5_000})
        above = replace(budget, other_government=Money(10**15))
        [reason, *_] = reasons_for_refusal(replace(submission, budget=above), [asked])
        assert isinstance(reason.accepted, dict)
        most = replace(budget, other_government=Money(reason.accepted["maximum_cents"]))
        codes = [
            each.code for each in reasons_for_refusal(replace(submission, budget=most), [asked])
        ]
        possible = 2 * budget.requested.cents <= budget.cash.cents
        assert ("governments-stack-too-high" not in codes) is possible


def test_the_example_in_dollars() -> None:
    """The worked example: one million in cash, 350 000 asked for, a fifth of Québec's its own."""
    grid = grid_of(budget)
    assert {str(quarter): each.cash for quarter, each in grid.by_quarter.items()} == {
        "2024-T1": Money(800_000_00),
        "2024-T2": Money(200_000_00),
    }
    assert grid.by_fiscal_year[2024].match_cash == Money(650_000_00)
    shares = shares_by_pocket(budget, consortium, definition.pockets)
    assert [(share.pocket, share.amount) for share in shares] == [
        ("ISED-P1-PROJECTS", Money(300_000_00)),
        ("MEIE-P1-PROJECTS", Money(50_000_00)),
    ]
