"""
What changed because of the projects: sums of answers, each beside how many gave one.

A survey that was not answered, and an indicator left out, are missing: they are in no sum and in
no count of answers. They show in the base: how many surveys have been opened.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select, true

from services.impact.domain.indicators import INDICATORS, Accrual
from services.impact.domain.survey_state import HAS_RESPONSE, Status
from services.impact.projections.surveys import ANSWER, SURVEY

WHOLE_BP = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """How many answered, of one programme and year after completion."""

    programme: str
    year: int
    opened: int
    """The base: surveys that could be answered, without those that were excused."""
    answered: int
    answered_late: int

    @property
    def rate_bp(self) -> int:
        """Answered of opened, in basis points, half up."""
        return (2 * WHOLE_BP * self.answered + self.opened) // (2 * self.opened)


@dataclass(frozen=True, slots=True, kw_only=True)
class YearlyOutcome:
    """One indicator, summed over the answers of one programme and year after completion."""

    programme: str
    indicator: str
    year: int
    total: int
    answers: int
    """How many answers are in the sum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeToDate:
    """One indicator of one programme over all years, as the indicator says years go together."""

    programme: str
    indicator: str
    total: int
    participants: int
    """How many participants have answered it at least once."""


def responses(connection: Connection, programme: str | None = None) -> list[Response]:
    """Response counts by programme and year; only where a survey has opened and is not excused."""
    answered = SURVEY.c.state.in_(HAS_RESPONSE)
    query = (
        select(
            SURVEY.c.programme_code.label("programme"),
            SURVEY.c.year,
            func.count().label("opened"),
            func.count().filter(answered).label("answered"),
            func.count().filter(answered, SURVEY.c.answered_late).label("answered_late"),
        )
        .where(
            SURVEY.c.state.not_in((Status.PLANNED, Status.EXCUSED)),
            _of(SURVEY.c.programme_code, programme),
        )
        .group_by(SURVEY.c.programme_code, SURVEY.c.year)
        .order_by(SURVEY.c.programme_code, SURVEY.c.year)
    )
    return [Response(**row) for row in connection.execute(query).mappings()]


def yearly(connection: Connection, programme: str | None = None) -> list[YearlyOutcome]:
    """Sums by programme, indicator and year after completion."""
    query = (
        select(
            ANSWER.c.programme_code.label("programme"),
            ANSWER.c.indicator,
            ANSWER.c.year,
            func.sum(ANSWER.c.value).label("total"),
            func.count().label("answers"),
        )
        .where(_of(ANSWER.c.programme_code, programme))
        .group_by(ANSWER.c.programme_code, ANSWER.c.indicator, ANSWER.c.year)
        .order_by(ANSWER.c.programme_code, ANSWER.c.indicator, ANSWER.c.year)
    )
    return [
        YearlyOutcome(**{**row, "total": int(row["total"])})
        for row in connection.execute(query).mappings()
    ]


def to_date(connection: Connection, programme: str | None = None) -> list[OutcomeToDate]:
    """Sums over all years: of every answer where they add up, of the latest where they replace."""
    replacing = [each.code for each in INDICATORS if each.accrual is Accrual.REPLACES]
    latest_first = func.row_number().over(
        partition_by=(ANSWER.c.participant_id, ANSWER.c.indicator), order_by=ANSWER.c.year.desc()
    )
    answers = (
        select(ANSWER, latest_first.label("nth"))
        .where(_of(ANSWER.c.programme_code, programme))
        .subquery()
    )
    query = (
        select(
            answers.c.programme_code.label("programme"),
            answers.c.indicator,
            func.sum(answers.c.value).label("total"),
            func.count(answers.c.participant_id.distinct()).label("participants"),
        )
        .where((answers.c.nth == 1) | answers.c.indicator.not_in(replacing))
        .group_by(answers.c.programme_code, answers.c.indicator)
        .order_by(answers.c.programme_code, answers.c.indicator)
    )
    return [
        OutcomeToDate(**{**row, "total": int(row["total"])})
        for row in connection.execute(query).mappings()
    ]


def _of(column: ColumnElement[str], programme: str | None) -> ColumnElement[bool]:
    return true() if programme is None else column == programme
