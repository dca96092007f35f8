"""
What happens on which day, and in which order within a day.

The order within a day is fixed, so that a file has one meaning: money opens before it is promised,
an agreement is executed before it is claimed, and the plan is approved when all else of the day is
done. Within one step the order is that of the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Any

from deploy.demo.portfolio import Claim, Portfolio, Project
from shared.kernel.periods import Quarter, fiscal_year_ends_on, fiscal_year_of


class Step(IntEnum):
    """The steps of a day, in their order."""

    LAPSE = 0
    OPEN_POCKETS = 1
    CHANGE_POCKETS = 2
    PUBLISH = 3
    APPLY = 4
    DECIDE = 5
    EXECUTE = 6
    AMEND = 7
    SUBMIT_CLAIM = 8
    APPROVE_CLAIM = 9
    TERMINATE = 10
    COMPLETE = 11
    PAY = 12
    RETURN_PAYMENT = 13
    DRAW_DOWN = 14
    RECEIVE = 15
    RECORD_ACTUAL = 16
    APPROVE_PLAN = 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happens: where it stands in the file, and its indices there."""

    on: date
    step: Step
    path: str
    """JSON path of the part of the file that it comes from."""
    place: tuple[int, ...] = ()
    """Indices: project, then claim, then payment; or funder agreement, pocket, change; …"""

    @property
    def order(self) -> Any:
        """Sorts as things happen."""
        return (self.on, self.step, self.place)


def first_day(portfolio: Portfolio) -> date:
    """The earliest date in the file: when its clock starts."""
    return min(
        portfolio.plan.approved_on,
        *(agreement.opened_on for agreement in portfolio.funder_agreements),
        *(programme.published_on for programme in portfolio.programmes if programme.published_on),
        *(applied_on(project) for project in portfolio.projects),
        *(actual.happened_on for actual in portfolio.actuals),
    )


def forecast_day(portfolio: Portfolio) -> date:
    """The day as of which the forecast is made."""
    return portfolio.forecast_as_of or fiscal_year_ends_on(portfolio.fiscal_year)


def actual_day(portfolio: Portfolio) -> date:
    """The day as of which the actual tables are made."""
    return portfolio.actual_as_of or fiscal_year_ends_on(portfolio.fiscal_year)


def applied_on(project: Project) -> date:
    """The day its application is submitted."""
    return project.submitted_on or project.awarded_on


def lapses_on(project: Project) -> date:
    """The day on which its reservation returns unless the agreement was executed before."""
    if project.lapses_on is not None:
        return project.lapses_on
    year_later = project.awarded_on + timedelta(days=365)
    if project.executed_on is None:
        return year_later
    return max(year_later, project.executed_on + timedelta(days=1))


def claim_period(claim: Claim, starts_on: date, ends_on: date) -> tuple[date, date]:
    """First and last day of what is claimed, in a project that runs from one date to another."""
    if claim.quarter is not None:
        return max(claim.quarter.starts_on, starts_on), min(claim.quarter.ends_on, ends_on)
    if claim.period_starts_on is None or claim.period_ends_on is None:
        raise ValueError("a claim has a quarter or both dates of its period")
    return claim.period_starts_on, claim.period_ends_on


def straddles_a_year_end(starts_on: date, ends_on: date) -> bool:
    """Whether a period runs across 31 March."""
    return fiscal_year_of(starts_on) != fiscal_year_of(ends_on)


def quarters_between(starts_on: date, ends_on: date) -> list[Quarter]:
    """The quarters that a period touches."""
    quarters = [Quarter.of(starts_on)]
    while quarters[-1].ends_on < ends_on:
        quarters.append(quarters[-1].next())
    return quarters


def happenings(portfolio: Portfolio) -> list[Happening]:
    """All that happens in a portfolio up to its last recorded fact, in order (surveys follow)."""
    return sorted(_happenings(portfolio), key=lambda happening: happening.order)


def _happenings(portfolio: Portfolio) -> Iterator[Happening]:
    start = first_day(portfolio)
    for a, agreement in enumerate(portfolio.funder_agreements):
        path = f"$.funder_agreements[{a}]"
        yield Happening(on=agreement.opened_on, step=Step.OPEN_POCKETS, path=path, place=(a,))
        for p, pocket in enumerate(agreement.pockets):
            for c, change in enumerate(pocket.changes):
                yield Happening(
                    on=change.effective_on,
                    step=Step.CHANGE_POCKETS,
                    path=f"{path}.pockets[{p}].changes[{c}]",
                    place=(a, p, c),
                )
    for p, programme in enumerate(portfolio.programmes):
        yield Happening(
            on=programme.published_on or start,
            step=Step.PUBLISH,
            path=f"$.programmes[{p}]",
            place=(p,),
        )
    for p, project in enumerate(portfolio.projects):
        yield from _happenings_of(p, project)
    for d, drawdown in enumerate(portfolio.drawdowns):
        path = f"$.drawdowns[{d}]"
        yield Happening(on=drawdown.submitted_on, step=Step.DRAW_DOWN, path=path, place=(d,))
        for r, receipt in enumerate(drawdown.receipts):
            yield Happening(
                on=receipt.received_on,
                step=Step.RECEIVE,
                path=f"{path}.receipts[{r}]",
                place=(d, r),
            )
    for a, actual in enumerate(portfolio.actuals):
        yield Happening(
            on=actual.happened_on, step=Step.RECORD_ACTUAL, path=f"$.actuals[{a}]", place=(a,)
        )
    yield Happening(on=portfolio.plan.approved_on, step=Step.APPROVE_PLAN, path="$.plan")


def _happenings_of(p: int, project: Project) -> Iterator[Happening]:
    path = f"$.projects[{p}]"

    def at(on: date, step: Step, part: str = "", *place: int) -> Happening:
        return Happening(on=on, step=step, path=path + part, place=(p, *place))

    yield at(applied_on(project), Step.APPLY)
    yield at(project.awarded_on, Step.DECIDE)
    if project.decision == "decline":
        return
    if project.executed_on is None:
        yield at(lapses_on(project), Step.LAPSE)
        return
    yield at(project.executed_on, Step.EXECUTE)
    for a, amendment in enumerate(project.amendments):
        yield at(amendment.effective_on, Step.AMEND, f".amendments[{a}]", a)
    for c, claim in enumerate(project.claims):
        for on, step, part, place in _of_a_claim(claim):
            yield at(on, step, f".claims[{c}]{part}", c, *place)
    if project.termination is not None:
        yield at(project.termination.terminated_on, Step.TERMINATE, ".termination")
    if project.completed_on is not None:
        yield at(project.completed_on, Step.COMPLETE, ".completed_on")


def _of_a_claim(claim: Claim) -> Iterator[tuple[date, Step, str, tuple[int, ...]]]:
    yield claim.submitted_on, Step.SUBMIT_CLAIM, "", ()
    if claim.approved_on is not None:
        yield claim.approved_on, Step.APPROVE_CLAIM, "", ()
    for n, payment in enumerate(claim.payments):
        yield payment.paid_on, Step.PAY, f".payments[{n}]", (n,)
        if payment.returned_on is not None:
            yield payment.returned_on, Step.RETURN_PAYMENT, f".payments[{n}]", (n,)
