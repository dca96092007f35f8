"""The objectives of the corporate plan, measured at the end of each quarter."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from sqlalchemy import Connection

from services.impact.domain import scorecard
from services.impact.domain.scorecard import TARGETS_BP, Objective
from services.impact.projections import ip_register, outcome_facts, outcome_figures
from services.impact.projections.outcome_figures import Figure, Scope
from services.impact.use_cases import streams
from shared.kernel.periods import Quarter
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_desk
from shared.web.paging import AskedPage, Page
from shared.web.schemas import Request

router = APIRouter(prefix="/v1/scorecards", tags=["scorecard"])

ManagersDesk = Annotated[Desk, Depends(at_desk("programme-manager"))]
StaffCounter = Annotated[
    Reader,
    Depends(
        at_counter(
            "programme-manager",
            "intake-officer",
            "agreement-officer",
            "committee-secretary",
            "finance-officer",
        )
    ),
]


class MeasureIn(Request):
    """Which quarter to measure."""

    quarter: Quarter


class ObjectiveOut(BaseModel):
    """How far one objective is reached."""

    code: str
    numerator: int
    base: int
    unit: str
    target_bp: int | None
    """The share of the base that the plan aims for; null: it names none."""
    rate_bp: int | None
    """The numerator of the base, in basis points, half up; null without a base."""


class ChangeOut(BaseModel):
    """What was measured before, where it differs."""

    code: str
    old_numerator: int
    old_base: int
    new_numerator: int
    new_base: int


class ScorecardOut(BaseModel):
    """One measurement of one quarter."""

    quarter: str
    as_of: date
    measured_on: date
    objectives: list[ObjectiveOut]
    changes: list[ChangeOut]
    """Against the measurement of the same quarter before."""


@router.post("", status_code=201)
def measure(body: MeasureIn, desk: ManagersDesk) -> CommandAnswer:
    """
    Measure the objectives as of the last day of a quarter that is over.

    Measuring again keeps what was measured before, and says what changed.
    """
    as_of = body.quarter.ends_on
    with desk.view(outcome_facts.PROJECTION) as connection:
        objectives = _of_surveys(connection, Scope(as_of=as_of))
    with desk.view(ip_register.PROJECTION) as connection:
        objectives = (*_of_property(connection, as_of), *objectives)
    command = scorecard.MeasureScorecard(
        quarter=body.quarter, objectives=objectives, on=desk.today, by=desk.caller.id
    )
    return desk.carry_out(scorecard.DECIDER, streams.scorecard(body.quarter), command)


@router.get("")
def list_scorecards(
    reader: StaffCounter,
    paging: AskedPage,
    quarter: Annotated[str | None, Query(max_length=7, examples=["2026-T2"])] = None,
) -> Page[ScorecardOut]:
    """All measurements, newest first."""
    after = paging.after(int)
    with reader.view(outcome_facts.PROJECTION) as connection:
        rows = outcome_figures.scorecards(
            connection, quarter=quarter, before=after[0] if after else None, fetch=paging.fetch
        )
    return paging.page(
        rows,
        key=lambda row: (row.position,),
        item=lambda row: ScorecardOut.model_validate(row, from_attributes=True),
    )


def _of_property(connection: Connection, as_of: date) -> tuple[Objective, ...]:
    rates = ip_register.rates(connection, as_of=as_of)
    base = sum(each.base for each in rates)
    return (
        _objective(
            scorecard.COMMERCIALISATION, sum(each.commercialised for each in rates), base, "pieces"
        ),
        _objective(scorecard.REUSE, sum(each.reuse_allowed for each in rates), base, "pieces"),
    )


def _of_surveys(connection: Connection, scope: Scope) -> tuple[Objective, ...]:
    responses = outcome_figures.responses(connection, scope)
    reported = outcome_figures.reported(connection, scope, None)
    expected = outcome_figures.expected(connection, scope, None)
    money, jobs = ("REVENUE-GROWTH", "COSTS-REDUCED"), ("JOBS-CREATED",)
    return (
        _objective(
            scorecard.RESPONSE_RATE,
            sum(each.answered for each in responses),
            sum(each.opened for each in responses),
            "surveys",
        ),
        _objective(
            scorecard.REVENUE_AND_SAVINGS,
            _sum(reported, money),
            _sum(expected, money),
            "cad-cents",
        ),
        _objective(scorecard.JOBS_CREATED, _sum(reported, jobs), _sum(expected, jobs), "count"),
    )


def _sum(figures: list[Figure], indicators: tuple[str, ...]) -> int:
    return sum(each.total for each in figures if each.indicator in indicators)


def _objective(code: str, numerator: int, base: int, unit: str) -> Objective:
    return Objective(
        code=code, numerator=numerator, base=base, unit=unit, target_bp=TARGETS_BP[code]
    )
