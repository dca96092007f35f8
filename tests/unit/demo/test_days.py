"""What happens when, and in which order within a day."""

import json
from datetime import date
from itertools import pairwise

import pytest

from deploy.demo.checks import parse
from deploy.demo.days import (
    Step,
    claim_period,
    first_day,
    happenings,
    lapses_on,
    straddles_a_year_end,
)
from deploy.demo.portfolio import Portfolio
from tests.unit.demo.portfolios import random_portfolio, small


@pytest.fixture
def portfolio() -> Portfolio:
    return parse(json.dumps(small()))


def test_days_follow_each_other() -> None:
    """Everything is in order of day, then of step, then of the file."""
    for seed in range(5):
        orders = [each.order for each in happenings(parse(json.dumps(random_portfolio(seed))))]
        assert all(before <= after for before, after in pairwise(orders))


def test_everything_happens_once(portfolio: Portfolio) -> None:
    """Each dated part of the file happens, at the place where it stands."""
    found = [(each.step, each.path) for each in happenings(portfolio)]
    assert len(set(found)) == len(found)
    assert (Step.PAY, "$.projects[0].claims[0].payments[0]") in found
    assert (Step.RECEIVE, "$.drawdowns[0].receipts[0]") in found
    assert sum(step is Step.APPROVE_CLAIM for step, _ in found) == 2


def test_the_plan_is_approved_last_of_its_day(portfolio: Portfolio) -> None:
    """What happens on the day of the approval is part of the plan."""
    todays = [each for each in happenings(portfolio) if each.on == portfolio.plan.approved_on]
    assert [each.step for each in todays] == [Step.DRAW_DOWN, Step.APPROVE_PLAN]


def test_a_declined_application_goes_no_further(portfolio: Portfolio) -> None:
    """After a decision not to fund, nothing happens to a project."""
    declined = portfolio.projects[0].model_copy(update={"decision": "decline"})
    steps = [
        each.step
        for each in happenings(portfolio.model_copy(update={"projects": (declined,)}))
        if each.path.startswith("$.projects")
    ]
    assert steps == [Step.APPLY, Step.DECIDE]


def test_the_first_day(portfolio: Portfolio) -> None:
    """The clock starts on the earliest date, whichever part of the file it is in."""
    assert first_day(portfolio) == date(2022, 1, 10)


def test_an_award_waits_a_year_unless_told(portfolio: Portfolio) -> None:
    """An award lapses a year after the decision, and never before the agreement is executed."""
    project = portfolio.projects[0]
    assert lapses_on(project) == date(2023, 9, 15)
    late = project.model_copy(update={"executed_on": date(2024, 5, 1)})
    assert lapses_on(late) == date(2024, 5, 2)


def test_a_claim_for_a_quarter_is_cut_to_the_project(portfolio: Portfolio) -> None:
    """A claim for a whole quarter covers the days on which the project ran."""
    claim = portfolio.projects[0].claims[0]
    assert claim_period(claim, date(2022, 11, 1), date(2022, 12, 15)) == (
        date(2022, 11, 1),
        date(2022, 12, 15),
    )


def test_what_runs_across_31_march() -> None:
    """31 March and 1 April are in different fiscal years."""
    assert straddles_a_year_end(date(2023, 3, 31), date(2023, 4, 1))
    assert not straddles_a_year_end(date(2023, 4, 1), date(2024, 3, 31))
