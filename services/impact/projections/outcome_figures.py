"""
Sums and rates as of any day, by group; what is missing is in no sum, and shows in the base.

A day's figures are what was reported by that day. Surveys that were excused by then are in no
base. Unknown provinces and sectors make a group of their own, called None.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Subquery,
    Text,
    Uuid,
    and_,
    case,
    cast,
    column,
    distinct,
    func,
    null,
    or_,
    select,
    true,
    tuple_,
)

from services.impact.domain.indicators import INDICATORS, Accrual
from services.impact.projections.outcome_facts import (
    EXPECTATION,
    PARTICIPANT,
    PROJECT,
    REPORT,
    SCORECARD,
    SURVEY,
)


class By(StrEnum):
    """What figures are grouped by."""

    PROGRAMME = "programme"
    COHORT = "cohort"
    """Fiscal year of completion."""
    YEAR = "year"
    """Year after completion."""
    PROVINCE = "province"
    SECTOR = "sector"
    """First two digits of the NAICS number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Of which projects, and as of which day; what is None does not matter."""

    as_of: date
    programme: str | None = None
    cohort: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """How many were asked."""

    group: str | None
    opened: int
    """Surveys opened by the day, without those that were excused."""
    participants: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The sum of one indicator over one group."""

    group: str | None
    indicator: str
    total: int
    answers: int
    """How many values are in the sum."""
    participants: int
    """How many participants stand behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """How many answered, of one programme and year after completion."""

    programme: str
    year: int
    opened: int
    answered: int
    answered_late: int
    participants: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """The answers to one indicator of one programme and year after completion, to estimate from."""

    programme: str
    year: int
    indicator: str
    total: int
    answers: int
    base: int


def bases(connection: Connection, scope: Scope, by: By | None) -> list[Base]:
    """How many were asked, by group; None: all together."""
    group = _group(by)
    query = (
        select(
            group,
            func.count().label("opened"),
            func.count(_participants(SURVEY)).label("participants"),
        )
        .select_from(_surveys())
        .where(_opened(scope.as_of), *_within(scope))
        .group_by(group)
        .order_by(group)
    )
    return [Base(**row) for row in connection.execute(query).mappings()]


def reported(
    connection: Connection, scope: Scope, by: By | None, *, validated: bool = False
) -> list[Figure]:
    """
    Sums to date by group and indicator: of all years where they add up, of the latest otherwise.

    By year after completion each year stands for itself. ``validated``: only what an officer took.
    """
    answers = _answers(scope, by, validated=validated)
    counted = or_(answers.c.nth == 1, answers.c.indicator.not_in(_replacing()))
    return _figures(connection, answers, true() if by is By.YEAR else counted)


def expected(connection: Connection, scope: Scope, by: By | None) -> list[Figure]:
    """Sums of what the applications of completed projects expected; there are none by year."""
    if by is By.YEAR:
        return []
    newest = _newest(EXPECTATION, EXPECTATION.c.project_id, EXPECTATION.c.noted_on, scope.as_of)
    each = func.jsonb_to_recordset(newest.c.expected).table_valued(
        column("participant_id", Uuid), column("indicator", Text), column("expected", BigInteger),
        name="each",
    ).render_derived(with_types=True)  # fmt: skip
    values = (
        select(
            _group(by),
            newest.c.project_id,
            each.c.participant_id,
            each.c.indicator,
            each.c.expected.label("value"),
        )
        .select_from(
            newest.join(each, true())
            .join(PROJECT, PROJECT.c.project_id == newest.c.project_id)
            .join(
                PARTICIPANT,
                and_(
                    PARTICIPANT.c.project_id == newest.c.project_id,
                    PARTICIPANT.c.participant_id == each.c.participant_id,
                ),
            )
        )
        .where(PROJECT.c.completed_on <= scope.as_of, *_within(scope))
        .subquery()
    )
    return _figures(connection, values, true())


def responses(connection: Connection, scope: Scope) -> list[Response]:
    """Response counts by programme and year after completion."""
    answered = SURVEY.c.submitted_on <= scope.as_of
    query = (
        select(
            PROJECT.c.programme_code.label("programme"),
            SURVEY.c.year,
            func.count().label("opened"),
            func.count().filter(answered).label("answered"),
            func.count().filter(answered, SURVEY.c.submitted_late).label("answered_late"),
            func.count(_participants(SURVEY)).label("participants"),
        )
        .select_from(_surveys())
        .where(_opened(scope.as_of), *_within(scope))
        .group_by(PROJECT.c.programme_code, SURVEY.c.year)
        .order_by(PROJECT.c.programme_code, SURVEY.c.year)
    )
    return [Response(**row) for row in connection.execute(query).mappings()]


def strata(connection: Connection, scope: Scope) -> list[Stratum]:
    """The answers by programme, year after completion and indicator, each with its base."""
    opened = {(each.programme, each.year): each.opened for each in responses(connection, scope)}
    answers = _answers(scope, By.PROGRAMME, validated=False)
    keys = (answers.c.group, answers.c.year, answers.c.indicator)
    query = (
        select(*keys, func.sum(answers.c.value).label("total"), func.count().label("answers"))
        .group_by(*keys)
        .order_by(*keys)
    )
    return [
        Stratum(
            programme=row.group,
            year=row.year,
            indicator=row.indicator,
            total=int(row.total),
            answers=row.answers,
            base=opened[row.group, row.year],
        )
        for row in connection.execute(query)
    ]


def scorecards(
    connection: Connection,
    *,
    quarter: str | None = None,
    before: int | None = None,
    fetch: int | None = None,
) -> Sequence[Row[Any]]:
    """Measurements, newest first; ``before`` the position of one, if given."""
    query = select(SCORECARD).order_by(SCORECARD.c.position.desc()).limit(fetch)
    if quarter is not None:
        query = query.where(SCORECARD.c.quarter == quarter)
    if before is not None:
        query = query.where(SCORECARD.c.position < before)
    return connection.execute(query).all()


def _figures(
    connection: Connection, values: Subquery, counted: ColumnElement[bool]
) -> list[Figure]:
    query = (
        select(
            values.c.group,
            values.c.indicator,
            func.sum(values.c.value).label("total"),
            func.count().label("answers"),
            func.count(_participants(values)).label("participants"),
        )
        .where(counted)
        .group_by(values.c.group, values.c.indicator)
        .order_by(values.c.group, values.c.indicator)
    )
    return [
        Figure(**{**row, "total": int(row["total"])})
        for row in connection.execute(query).mappings()
    ]


def _answers(scope: Scope, by: By | None, *, validated: bool) -> Subquery:
    """Every value that stands on the day; ``nth`` counts a participant's from the latest year."""
    newest = _newest(REPORT, REPORT.c.survey_id, REPORT.c.reported_on, scope.as_of)
    each = (
        func.jsonb_each_text(newest.c.answered)
        .table_valued("indicator", "value", name="each")
        .render_derived()
    )
    latest_first = func.row_number().over(
        partition_by=(SURVEY.c.project_id, SURVEY.c.participant_id, each.c.indicator),
        order_by=SURVEY.c.year.desc(),
    )
    query = (
        select(
            _group(by),
            SURVEY.c.project_id,
            SURVEY.c.participant_id,
            SURVEY.c.year,
            each.c.indicator,
            cast(each.c.value, BigInteger).label("value"),
            latest_first.label("nth"),
        )
        .select_from(
            _surveys().join(newest, newest.c.survey_id == SURVEY.c.survey_id).join(each, true())
        )
        .where(*_within(scope))
    )
    return (query.where(newest.c.validated) if validated else query).subquery()


def _newest(table: Any, key: ColumnElement[Any], day: ColumnElement[Any], as_of: date) -> Subquery:
    """Of each key the row that holds on a day."""
    nth = func.row_number().over(partition_by=key, order_by=day.desc())
    dated = select(table, nth.label("nth")).where(day <= as_of).subquery()
    return select(dated).where(dated.c.nth == 1).subquery("newest")


def _surveys() -> FromClause:
    return SURVEY.join(PROJECT, PROJECT.c.project_id == SURVEY.c.project_id).join(
        PARTICIPANT,
        and_(
            PARTICIPANT.c.project_id == SURVEY.c.project_id,
            PARTICIPANT.c.participant_id == SURVEY.c.participant_id,
        ),
    )


def _opened(day: date) -> ColumnElement[bool]:
    excused = func.coalesce(SURVEY.c.excused_on <= day, False)
    return and_(SURVEY.c.opened_on <= day, ~excused)


def _within(scope: Scope) -> list[ColumnElement[bool]]:
    wanted = []
    if scope.programme is not None:
        wanted.append(PROJECT.c.programme_code == scope.programme)
    if scope.cohort is not None:
        wanted.append(PROJECT.c.cohort == scope.cohort)
    return wanted


def _group(by: By | None) -> ColumnElement[Any]:
    match by:
        case By.PROGRAMME:
            return PROJECT.c.programme_code.label("group")
        case By.COHORT:
            return cast(PROJECT.c.cohort, Text).label("group")
        case By.YEAR:
            return cast(SURVEY.c.year, Text).label("group")
        case By.PROVINCE:
            return PARTICIPANT.c.province.label("group")
        case By.SECTOR:
            return PARTICIPANT.c.sector.label("group")
        case None:
            return case((true(), cast(null(), Text))).label("group")


def _participants(rows: Any) -> Any:
    return distinct(tuple_(rows.c.project_id, rows.c.participant_id))


def _replacing() -> list[str]:
    return [each.code for each in INDICATORS if each.accrual is Accrual.REPLACES]
