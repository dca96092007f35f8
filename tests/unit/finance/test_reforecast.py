"""What is left of a plan, and what changed between its versions."""

from datetime import date

import pytest

from services.finance.domain import plan
from services.finance.domain.events import LineKind, PlanApproved, PlanLine, PlanReforecasted
from services.finance.domain.plan_versions import differences, reports
from shared.kernel.money import Money
from shared.kernel.periods import Quarter

TODAY = date(2023, 10, 20)
APPROVED = PlanApproved(fiscal_year=2024, version=1, lines=(), effective_on=date(2023, 3, 31))


def line(code: str, quarter: str, cents: int) -> PlanLine:
    """A line of operations."""
    return PlanLine(
        kind=LineKind.OPERATIONS,
        code=code,
        programme=None,
        quarter=Quarter.parse(quarter),
        amount=Money(cents),
    )


def reforecast(*lines: PlanLine) -> plan.Reforecast:
    """Ask for it in the third quarter."""
    return plan.Reforecast(fiscal_year=2024, lines=lines, sources=frozenset(), on=TODAY)


def test_an_approved_plan_is_reforecast_and_stays_as_it_was() -> None:
    """What is left is written anew; the plan, and the draft of the next one, do not change."""
    state = plan.DECIDER.fold([APPROVED])
    lines = (line("RENT", "2024-T3", 5_00), line("RENT", "2024-T4", 6_00))
    events = plan.DECIDER.decide(reforecast(*lines), state)
    assert events == [
        PlanReforecasted(fiscal_year=2024, version=1, lines=lines, effective_on=TODAY)
    ]
    assert plan.DECIDER.fold([APPROVED, *events]) == state


def test_a_plan_that_is_not_approved_is_not_reforecast() -> None:
    """Before the approval its lines are written."""
    with pytest.raises(plan.NothingToReforecast):
        plan.DECIDER.decide(reforecast(), plan.DECIDER.initial)


def test_nothing_is_left_in_a_quarter_that_is_over() -> None:
    """Lines are about the quarters that are not over, and right like those of a plan."""
    with pytest.raises(plan.PlanNotRight) as refused:
        plan.DECIDER.decide(
            reforecast(line("RENT", "2024-T2", 1_00), line("RENT", "2024-T3", -1)),
            plan.DECIDER.fold([APPROVED]),
        )
    assert [(each.code, each.field) for each in refused.value.reasons] == [
        ("quarter-is-over", "lines[0].quarter"),
        ("amount-below-zero", "lines[1].amount"),
    ]


def test_differences_are_line_by_line() -> None:
    """Lines that are new, gone or of another amount; the same lines are not named."""
    before = [line("A", "2024-T3", 1_00), line("B", "2024-T3", 2_00), line("C", "2024-T3", 3_00)]
    after = [line("A", "2024-T3", 1_00), line("C", "2024-T3", 5_00), line("D", "2024-T4", 4_00)]
    changes = differences(before, after)
    assert [(each.code, each.difference.cents) for each in changes] == [
        ("C", 2_00),
        ("D", 4_00),
        ("B", -2_00),
    ]
    (report,) = reports(changes)
    assert report.rows[0] == ("operations", None, "C", "2024-T3", 3_00, 5_00, 2_00)
