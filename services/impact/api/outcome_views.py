"""
What changed because of the projects, against what was expected, as of any day.

Staff see all figures. Whoever takes part sees what officers took, as of the last 31 March, without
small groups: no figure of a few participants can be had from it, nor from two days' difference.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.impact.domain import extrapolation
from services.impact.domain.indicators import BY_CODE
from services.impact.domain.scorecard import COMMERCIALISATION, REUSE, TARGETS_BP
from services.impact.domain.suppression import hidden, too_few
from services.impact.projections import ip_register, outcome_facts, outcome_figures
from services.impact.projections.outcome_figures import By, Figure, Scope
from shared.kernel.money import BASIS_POINTS
from shared.kernel.periods import fiscal_year_ends_on, fiscal_year_of
from shared.kernel.refusals import NotAllowed
from shared.web.desk import Reader, at_counter
from shared.web.schemas import Day, FiscalYear

router = APIRouter(prefix="/v1/outcomes", tags=["outcomes"])

STAFF = (
    "programme-manager",
    "intake-officer",
    "agreement-officer",
    "committee-secretary",
    "finance-officer",
)
Members = Annotated[Reader, Depends(at_counter("recipient", *STAFF))]
Code = Annotated[str | None, Query(max_length=100)]


class FigureOut(BaseModel):
    """A sum, with how many are behind it."""

    total: int | None
    """In whole units; null: nobody said, or it is suppressed. It is never zero for nothing said."""
    answers: int | None
    participants: int | None
    suppressed: bool = False
    """Too few stand behind it, or behind another that could be had from it."""


class IndicatorFigures(BaseModel):
    """One indicator of one group."""

    indicator: str
    unit: str
    expected: FigureOut | None
    """By the applications; null where there are no expectations, as by year."""
    reported: FigureOut | None
    """By the participants, to date; null for callers from outside."""
    validated: FigureOut
    """What officers took of it."""


class GroupOut(BaseModel):
    """Those who have something in common."""

    group: str | None
    """Null: it is not known of them."""
    opened: int
    """The base: surveys opened by the day, without those that were excused."""
    participants: int
    indicators: list[IndicatorFigures]


class EstimateLabel(BaseModel):
    """How an estimate was made."""

    method: str
    base: int
    """Surveys opened."""
    answers: int


class EstimateOut(BaseModel):
    """An estimate of what all would have said; it is in no sum."""

    programme: str
    year: int
    indicator: str
    reported: int
    estimated: int
    estimate: EstimateLabel


class IndicatorsOut(BaseModel):
    """Figures by group, over all groups, and, where asked for, estimates beside them."""

    as_of: date
    by: By
    groups: list[GroupOut]
    all: GroupOut
    """Over all groups. By year after completion it is to date, not the sum of the years."""
    estimates: list[EstimateOut] | None
    """Null unless asked for."""


class ResponseOut(BaseModel):
    """How many answered, of one programme and year after completion."""

    programme: str
    year: int
    opened: int
    """The base of the rate."""
    answered: int | None
    answered_late: int | None
    rate_bp: int | None
    """Answered of opened, in basis points, half up."""
    suppressed: bool


class UseRate(BaseModel):
    """How much of a programme's intellectual property is put to use."""

    programme: str
    base: int
    count: int
    rate_bp: int
    target_bp: int | None


class OutcomeRates(BaseModel):
    """Rates, each with its base."""

    as_of: date
    response: list[ResponseOut]
    commercialisation: list[UseRate]
    reuse: list[UseRate]
    """Pieces that others may use outside the project."""


class ForStaffOnly(NotAllowed):
    """From outside, figures cannot be cut finer or compared from one day to the next."""

    en = "From outside, figures are as of the last 31 March and of all projects together."
    fr = "De l’extérieur, les chiffres sont ceux du dernier 31 mars, tous projets confondus."


@router.get("/indicators")
def read_indicators(  # one argument per thing that can be asked for
    reader: Members,
    *,
    by: By = By.PROGRAMME,
    programme: Code = None,
    cohort: FiscalYear | None = None,
    as_of: Day | None = None,
    extrapolate: bool = False,
) -> IndicatorsOut:
    """
    Expected, reported and validated, per group and indicator, as of a day (today).

    With ``extrapolate`` staff see estimates beside the figures, labelled as what they are.
    """
    scope = _scope(reader, programme, cohort, as_of)
    outside = reader.caller.only_organisation is not None
    if outside and extrapolate:
        raise ForStaffOnly
    with reader.view(outcome_facts.PROJECTION) as connection:
        parts = {
            grouping: (
                outcome_figures.bases(connection, scope, grouping),
                outcome_figures.expected(connection, scope, grouping),
                outcome_figures.reported(connection, scope, grouping),
                outcome_figures.reported(connection, scope, grouping, validated=True),
            )
            for grouping in (by, None)
        }
        strata = outcome_figures.strata(connection, scope) if extrapolate else None
    groups = _groups(*parts[by], outside=outside)
    everybody = _groups(*parts[None], outside=outside)
    return IndicatorsOut(
        as_of=scope.as_of,
        by=by,
        groups=groups,
        all=everybody[0]
        if everybody
        else GroupOut(group=None, opened=0, participants=0, indicators=[]),
        estimates=None if strata is None else list(_estimates(strata)),
    )


@router.get("/rates")
def read_rates(
    reader: Members,
    *,
    programme: Code = None,
    cohort: FiscalYear | None = None,
    as_of: Day | None = None,
) -> OutcomeRates:
    """Response by programme and year after completion; commercialisation and reuse by programme."""
    scope = _scope(reader, programme, cohort, as_of)
    outside = reader.caller.only_organisation is not None
    with reader.view(outcome_facts.PROJECTION) as connection:
        answered = outcome_figures.responses(connection, scope)
    with reader.view(ip_register.PROJECTION) as connection:
        uses = ip_register.rates(connection, as_of=scope.as_of, programme=programme)
    return OutcomeRates(
        as_of=scope.as_of,
        response=[_response(each, outside=outside) for each in answered],
        commercialisation=[
            _use(each.programme, each.base, each.commercialised, COMMERCIALISATION) for each in uses
        ],
        reuse=[_use(each.programme, each.base, each.reuse_allowed, REUSE) for each in uses],
    )


def _scope(reader: Reader, programme: str | None, cohort: int | None, as_of: date | None) -> Scope:
    if reader.caller.only_organisation is None:
        return Scope(as_of=as_of or reader.today, programme=programme, cohort=cohort)
    if (programme, cohort, as_of) != (None, None, None):
        raise ForStaffOnly
    return Scope(as_of=fiscal_year_ends_on(fiscal_year_of(reader.today) - 1))


def _groups(
    bases: Iterable[outcome_figures.Base],
    expected: list[Figure],
    reported: list[Figure],
    validated: list[Figure],
    *,
    outside: bool,
) -> list[GroupOut]:
    asked = {each.group: each for each in bases}
    names = dict.fromkeys([*asked, *(each.group for each in (*expected, *reported, *validated))])
    codes = [
        code
        for code in BY_CODE
        if any(code == each.indicator for each in (*expected, *reported, *validated))
    ]
    shown_expected = _shown(expected, outside=outside)
    shown_reported = _shown(reported, outside=False)
    shown_validated = _shown(validated, outside=outside)
    nothing = FigureOut(total=None, answers=0, participants=0)
    return [
        GroupOut(
            group=name,
            opened=asked[name].opened if name in asked else 0,
            participants=asked[name].participants if name in asked else 0,
            indicators=[
                IndicatorFigures(
                    indicator=code,
                    unit=BY_CODE[code].unit,
                    expected=shown_expected.get((name, code)),
                    reported=None if outside else shown_reported.get((name, code), nothing),
                    validated=shown_validated.get((name, code), nothing),
                )
                for code in codes
            ],
        )
        for name in sorted(names, key=lambda name: (name is None, name or ""))
    ]


def _shown(figures: Iterable[Figure], *, outside: bool) -> dict[tuple[str | None, str], FigureOut]:
    by_indicator = defaultdict[str, dict[str | None, Figure]](dict)
    for each in figures:
        by_indicator[each.indicator][each.group] = each
    shown = {}
    for code, of_groups in by_indicator.items():
        behind = {group: each.participants for group, each in of_groups.items()}
        kept_back = hidden(behind) if outside else frozenset()
        for group, each in of_groups.items():
            shown[group, code] = (
                FigureOut(total=None, answers=None, participants=None, suppressed=True)
                if group in kept_back
                else FigureOut(
                    total=each.total, answers=each.answers, participants=each.participants
                )
            )
    return shown


def _estimates(strata: Iterable[outcome_figures.Stratum]) -> Iterable[EstimateOut]:
    for each in strata:
        estimated = extrapolation.estimate(each.total, answers=each.answers, base=each.base)
        if estimated is not None:
            yield EstimateOut(
                programme=each.programme,
                year=each.year,
                indicator=each.indicator,
                reported=each.total,
                estimated=estimated,
                estimate=EstimateLabel(
                    method=extrapolation.METHOD, base=each.base, answers=each.answers
                ),
            )


def _response(each: outcome_figures.Response, *, outside: bool) -> ResponseOut:
    suppressed = outside and too_few(each.participants)
    return ResponseOut(
        programme=each.programme,
        year=each.year,
        opened=each.opened,
        answered=None if suppressed else each.answered,
        answered_late=None if suppressed else each.answered_late,
        rate_bp=None if suppressed else _bp(each.answered, each.opened),
        suppressed=suppressed,
    )


def _use(programme: str, base: int, count: int, objective: str) -> UseRate:
    return UseRate(
        programme=programme,
        base=base,
        count=count,
        rate_bp=_bp(count, base),
        target_bp=TARGETS_BP[objective],
    )


def _bp(part: int, whole: int) -> int:
    return (2 * BASIS_POINTS * part + whole) // (2 * whole)
