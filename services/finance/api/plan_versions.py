"""The history of a plan: drafts, approvals, reforecasts, and what changed between two of them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, assert_never

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from services.finance.api.doors import OfficersCounter, OfficersDesk
from services.finance.api.schemas import PlanLineOut, PlanLinesIn
from services.finance.domain import plan
from services.finance.domain.events import (
    MATCH_SOURCE,
    LineKind,
    PlanApproved,
    PlanLine,
    PlanLinesSet,
    PlanReforecasted,
)
from services.finance.domain.plan_versions import LineChange, differences
from services.finance.use_cases import opening, streams
from shared.eventstore.store import Recorded
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer, Reader
from shared.web.schemas import FiscalYear

router = APIRouter(prefix="/v1", tags=["plan"])

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Since = Annotated[int, Query(ge=1, le=2**31 - 1, description="The number of the earlier version.")]


class VersionKind(StrEnum):
    """What became of the lines."""

    DRAFT = "draft"
    APPROVED = "approved"
    REFORECAST = "reforecast"


class VersionOut(BaseModel):
    """One version of a plan: the lines as they were written, approved or reforecast."""

    number: int
    """From 1, in the order in which they were recorded."""
    kind: VersionKind
    approval: int | None
    """Which approval it is, or is a reforecast of; none of a draft."""
    effective_on: date
    recorded_at: datetime
    lines: int


class VersionsOut(BaseModel):
    """All versions of a year's plan, oldest first."""

    items: list[VersionOut]


class VersionWithLinesOut(BaseModel):
    """One version, and what it says."""

    version: VersionOut
    lines: list[PlanLineOut]


class LineChangeOut(BaseModel):
    """One line that is not the same in both."""

    kind: LineKind
    code: str
    programme: str | None
    quarter: Quarter
    before: Money
    after: Money
    difference: Money


class DifferencesOut(BaseModel):
    """What changed from version ``since`` to version ``number``."""

    number: int
    since: int
    items: list[LineChangeOut]


@router.put("/plans/{fiscal_year}/reforecast")
def reforecast_plan(
    fiscal_year: FiscalYear, body: PlanLinesIn, desk: OfficersDesk
) -> CommandAnswer:
    """Write anew what is still expected of an approved plan, from today on; the plan stays."""
    lines = tuple(line.to_domain() for line in body.lines)
    named = [line.code for line in lines if line.kind is LineKind.NEW_BUSINESS]
    return desk.carry_out(
        plan.DECIDER,
        streams.plan(fiscal_year),
        plan.Reforecast(
            fiscal_year=fiscal_year,
            lines=lines,
            sources=opening.sources(desk.store, named) | {MATCH_SOURCE},
            on=desk.today,
        ),
    )


@router.get("/plans/{fiscal_year}/versions")
def all_versions(fiscal_year: FiscalYear, reader: OfficersCounter) -> VersionsOut:
    """Everything that the plan ever was."""
    history = reader.store.load(streams.plan(fiscal_year))
    return VersionsOut(items=[_version(recorded) for recorded in history])


@router.get("/plans/{fiscal_year}/versions/{number}")
def one_version(
    fiscal_year: FiscalYear, number: Number, reader: OfficersCounter
) -> VersionWithLinesOut:
    """One version with its lines."""
    recorded = _found(reader, fiscal_year, number)
    return VersionWithLinesOut(
        version=_version(recorded),
        lines=[
            PlanLineOut(
                kind=line.kind,
                code=line.code,
                programme=line.programme,
                quarter=line.quarter,
                amount=line.amount,
            )
            for line in _lines(recorded)
        ],
    )


@router.get("/plans/{fiscal_year}/versions/{number}/differences")
def differences_between(
    fiscal_year: FiscalYear, number: Number, since: Since, reader: OfficersCounter
) -> DifferencesOut:
    """What changed since another version, line by line."""
    return DifferencesOut(
        number=number,
        since=since,
        items=[
            LineChangeOut(
                kind=change.kind,
                code=change.code,
                programme=change.programme,
                quarter=change.quarter,
                before=change.before,
                after=change.after,
                difference=change.difference,
            )
            for change in changes_between(reader, fiscal_year, since=since, number=number)
        ],
    )


def changes_between(
    reader: Reader, fiscal_year: int, *, since: int, number: int
) -> tuple[LineChange, ...]:
    """What changed from one version to another. Raises ``NotFound`` where one is not there."""
    return differences(
        _lines(_found(reader, fiscal_year, since)), _lines(_found(reader, fiscal_year, number))
    )


def _found(reader: Reader, fiscal_year: int, number: int) -> Recorded:
    history = reader.store.load(streams.plan(fiscal_year))
    if number > len(history):
        raise NotFound(kind="version of the plan")
    return history[number - 1]


def _event(recorded: Recorded) -> plan.Event:
    event: plan.Event = recorded.event
    return event


def _lines(recorded: Recorded) -> tuple[PlanLine, ...]:
    return _event(recorded).lines


def _version(recorded: Recorded) -> VersionOut:
    event = _event(recorded)
    match event:
        case PlanLinesSet():
            kind, approval = VersionKind.DRAFT, None
        case PlanApproved():
            kind, approval = VersionKind.APPROVED, event.version
        case PlanReforecasted():
            kind, approval = VersionKind.REFORECAST, event.version
        case _:
            assert_never(event)
    return VersionOut(
        number=recorded.version,
        kind=kind,
        approval=approval,
        effective_on=event.effective_on,
        recorded_at=recorded.recorded_at,
        lines=len(event.lines),
    )
