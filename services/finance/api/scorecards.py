"""The objectives of a year's plan: what they aim for, and how far they have come."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import Connection

from services.finance.api.doors import AsOf, OfficersCounter, OfficersDesk, Until
from services.finance.api.schemas import Code, Names, NamesOut
from services.finance.domain import scorecard
from services.finance.domain.events import MATCH_SOURCE, LineKind, Measure, Objective, Unit
from services.finance.domain.tables import Basis
from services.finance.projections import trail
from services.finance.projections.knowledge import Knowledge, Moment
from services.finance.projections.ledger import PROJECTION
from services.finance.projections.performance import contracted_in
from services.finance.projections.tables import tables_of
from services.finance.use_cases import streams
from shared.contracts.impact import ObjectiveMeasured, ScorecardMeasured
from shared.kernel.money import BASIS_POINTS
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer, Reader
from shared.web.schemas import FiscalYear, Request

router = APIRouter(prefix="/v1/scorecards/{fiscal_year}", tags=["scorecard"])

Value = Annotated[int, Field(ge=0, le=10**15)]


class Texts(Request):
    """A text in both languages."""

    en: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    fr: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class ObjectiveIn(Request):
    """One objective."""

    code: Code
    names: Names
    definition: Texts
    """What is counted, and against which base."""
    unit: Unit
    target: Value
    """In whole units: cents, pieces or basis points."""
    measure: Measure
    programmes: Annotated[list[Code], Field(max_length=50)] = Field(default_factory=list)
    """Whose agreements count, of contracted money."""
    with_match: bool = False
    """Contracted money counts the participants' own too."""
    impact_objective: Code | None = None
    """Impact's code of it."""

    def to_domain(self) -> Objective:
        """As the domain speaks of it."""
        return Objective(
            code=self.code,
            name_en=self.names.en,
            name_fr=self.names.fr,
            definition_en=self.definition.en,
            definition_fr=self.definition.fr,
            unit=self.unit,
            target=self.target,
            measure=self.measure,
            programmes=tuple(self.programmes),
            with_match=self.with_match,
            impact_objective=self.impact_objective,
        )


class TargetsIn(Request):
    """All objectives of a year."""

    objectives: Annotated[list[ObjectiveIn], Field(min_length=1, max_length=50)]


class MeasurementIn(Request):
    """How far an objective has come that no system measures."""

    value: Value
    forecast: Value | None = None
    """What it is expected to be when the year ends."""
    measured_on: date


class ObjectiveOut(BaseModel):
    """One objective: definition, base, target, actual and forecast, in its unit."""

    code: str
    names: NamesOut
    definition: NamesOut
    unit: Unit
    measure: Measure
    target: int
    actual: int | None
    """Null where nothing is measured yet; a missing value is never zero."""
    numerator: int | None
    """Of a rate: what stands above its base."""
    base: int | None
    """Of a rate."""
    forecast: int | None
    """What it is expected to be when the year ends; null where nobody says."""
    measured_on: date | None
    """The day that the actual value is of; null where it is of the day asked for."""
    reached: bool | None


class ScorecardOut(BaseModel):
    """The objectives of a fiscal year."""

    fiscal_year: int
    as_of: Moment
    until: date | None
    items: list[ObjectiveOut]


@router.put("")
def set_targets(fiscal_year: FiscalYear, body: TargetsIn, desk: OfficersDesk) -> CommandAnswer:
    """Write all objectives of a year, in place of those that were there."""
    return desk.carry_out(
        scorecard.DECIDER,
        streams.scorecard(fiscal_year),
        scorecard.SetTargets(
            fiscal_year=fiscal_year,
            objectives=tuple(each.to_domain() for each in body.objectives),
            on=desk.today,
        ),
    )


@router.post("/objectives/{code}/measurements")
def record_objective(
    fiscal_year: FiscalYear, code: Code, body: MeasurementIn, desk: OfficersDesk
) -> CommandAnswer:
    """Record how far an objective has come that neither the ledger nor impact measures."""
    return desk.carry_out(
        scorecard.DECIDER,
        streams.scorecard(fiscal_year),
        scorecard.RecordObjective(
            fiscal_year=fiscal_year,
            code=code,
            value=body.value,
            forecast=body.forecast,
            measured_on=body.measured_on,
            on=desk.today,
        ),
    )


@router.get("")
def one_scorecard(
    fiscal_year: FiscalYear, reader: OfficersCounter, as_of: AsOf = None, until: Until = None
) -> ScorecardOut:
    """
    Every objective of a year with its target, how far it has come, and what is expected.

    Contracted money comes from the ledger, with what is left of the plan's new business as its
    forecast; rates come from impact's latest measurement of a quarter up to the year's last.
    ``as_of`` bounds what was known, ``until`` what had happened or been measured.
    """
    known = Knowledge(as_of=as_of, until=until)
    history = [
        recorded.event
        for recorded in reader.store.load(streams.scorecard(fiscal_year))
        if known.includes(recorded.recorded_at, recorded.event.effective_on)
    ]
    state = scorecard.DECIDER.fold(history)
    if not state.objectives:
        raise NotFound(kind="scorecard")
    measured = _of_impact(reader, fiscal_year, known)
    with reader.view(PROJECTION) as connection:
        left = tables_of(
            connection,
            fiscal_year=fiscal_year,
            basis=Basis.FORECAST,
            as_of=as_of or reader.today,
            until=until,
        ).lines
        items = []
        for objective in state.objectives:
            match objective.measure:
                case Measure.CONTRACTED:
                    actual = _contracted(connection, known, fiscal_year, objective)
                    to_come = sum(
                        each.cents
                        for each in left
                        if each.line.kind is LineKind.NEW_BUSINESS
                        and each.line.programme in objective.programmes
                        and (objective.with_match or each.line.code != MATCH_SOURCE)
                    )
                    items.append(_out(objective, actual=actual, forecast=actual + to_come))
                case Measure.IMPACT:
                    items.append(_rate(objective, measured))
                case Measure.RECORDED:
                    latest = state.latest(objective.code)
                    items.append(
                        _out(
                            objective,
                            actual=None if latest is None else latest.value,
                            forecast=None if latest is None else latest.forecast,
                            measured_on=None if latest is None else latest.effective_on,
                        )
                    )
    return ScorecardOut(
        fiscal_year=fiscal_year, as_of=as_of or reader.today, until=until, items=items
    )


def _contracted(
    connection: Connection, known: Knowledge, fiscal_year: int, objective: Objective
) -> int:
    return contracted_in(
        connection, known, fiscal_year, objective.programmes, match=objective.with_match
    )


def _of_impact(reader: Reader, fiscal_year: int, known: Knowledge) -> ScorecardMeasured | None:
    """Impact's scorecard of the latest quarter that is not after the year; of two, the newer."""
    with reader.view(trail.PROJECTION) as connection:
        positions = trail.positions_of(connection, ScorecardMeasured.contract_type, known)
    found: ScorecardMeasured | None = None
    for position in positions:
        (recorded,) = reader.store.tail(position - 1, 1)
        each: ScorecardMeasured = recorded.event
        if not known.includes(recorded.recorded_at, each.effective_on):
            continue
        if each.quarter.fiscal_year <= fiscal_year and (
            found is None or each.quarter > found.quarter
        ):
            found = each
    return found


def _rate(objective: Objective, measured: ScorecardMeasured | None) -> ObjectiveOut:
    told: ObjectiveMeasured | None = None
    if measured is not None:
        told = next(
            (each for each in measured.objectives if each.code == objective.impact_objective), None
        )
    if told is None or measured is None:
        return _out(objective, actual=None)
    if objective.unit is not Unit.BASIS_POINTS:
        return _out(objective, actual=told.numerator, measured_on=measured.as_of)
    rate = None
    if told.base > 0:
        rate = (2 * BASIS_POINTS * told.numerator + told.base) // (2 * told.base)
    out = _out(objective, actual=rate, measured_on=measured.as_of)
    return out.model_copy(update={"numerator": told.numerator, "base": told.base})


def _out(
    objective: Objective,
    *,
    actual: int | None,
    forecast: int | None = None,
    measured_on: date | None = None,
) -> ObjectiveOut:
    return ObjectiveOut(
        code=objective.code,
        names=NamesOut(en=objective.name_en, fr=objective.name_fr),
        definition=NamesOut(en=objective.definition_en, fr=objective.definition_fr),
        unit=objective.unit,
        measure=objective.measure,
        target=objective.target,
        actual=actual,
        numerator=None,
        base=None,
        forecast=forecast,
        measured_on=measured_on,
        reached=None if actual is None else actual >= objective.target,
    )
