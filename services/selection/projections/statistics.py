"""
What the register of decisions adds up to: how long applicants wait, and how many are funded.

A decision is final when it funds or declines. Where a committee decided again, applicants waited
until its first final decision, and its last one counts for the success rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Subquery, func, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from services.selection.domain.meeting import Outcome
from services.selection.projections.decisions import DECISION, Wanted
from shared.kernel.money import Money

FINAL = (Outcome.FUND.value, Outcome.DECLINE.value)
UNKNOWN = "?"
"""In place of a province that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingTime:
    """How long applicants of a programme waited for a decision, in calendar days."""

    programme: str
    measured: int
    """How many applications were measured."""
    not_measured: int
    """Decided, but the day of submission is not known."""
    median_days: float | None
    """The middle one; between two, their mean."""
    p90_days: int | None
    """Nine in ten waited no longer (nearest rank)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessRate:
    """What became of the applications of a programme whose lead is in a province."""

    programme: str
    province: str
    """``?`` where it is not known."""
    decided: int
    """The base: applications with a final decision."""
    funded: int
    asked: Money
    granted: Money

    @property
    def declined(self) -> int:
        """The others."""
        return self.decided - self.funded

    @property
    def rate_bp(self) -> int:
        """Funded of decided, in basis points, half up."""
        return (2 * self.funded * 10_000 + self.decided) // (2 * self.decided)


def waiting_times(
    connection: Connection, wanted: Wanted, *, after: str | None, limit: int
) -> Sequence[WaitingTime]:
    """By programme. Decisions that ``wanted`` leaves out are as if they had not been made."""
    final = _final(wanted, latest=False)
    days = final.c.decided_on - final.c.submitted_on
    query = (
        select(
            final.c.programme,
            func.count(final.c.submitted_on).label("measured"),
            func.count().label("decided"),
            func.percentile_cont(0.5).within_group(days).label("median"),
            func.percentile_disc(0.9).within_group(days).label("p90"),
        )
        .group_by(final.c.programme)
        .order_by(final.c.programme)
        .limit(limit)
    )
    if after is not None:
        query = query.where(final.c.programme > after)
    return [
        WaitingTime(
            programme=row.programme,
            measured=row.measured,
            not_measured=row.decided - row.measured,
            median_days=row.median,
            p90_days=row.p90,
        )
        for row in connection.execute(query)
    ]


def success_rates(
    connection: Connection, wanted: Wanted, *, after: tuple[str, str] | None, limit: int
) -> Sequence[SuccessRate]:
    """By programme and province. Decisions left out by ``wanted`` are as if not made."""
    final = _final(wanted, latest=True)
    province = func.coalesce(final.c.lead_province, UNKNOWN)
    query = (
        select(
            final.c.programme,
            province.label("province"),
            func.count().label("decided"),
            func.count().filter(final.c.outcome == Outcome.FUND.value).label("funded"),
            func.sum(final.c.asked_cents).label("asked"),
            func.sum(final.c.granted_cents).label("granted"),
        )
        .group_by(final.c.programme, province)
        .order_by(final.c.programme, province)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(final.c.programme, province) > after)
    return [
        SuccessRate(
            programme=row.programme,
            province=row.province,
            decided=row.decided,
            funded=row.funded,
            asked=Money(int(row.asked)),
            granted=Money(int(row.granted)),
        )
        for row in connection.execute(query)
    ]


def _final(wanted: Wanted, *, latest: bool) -> Subquery:
    """One final decision per application: the first, or the latest."""
    position = DECISION.c.position
    return (
        select(DECISION)
        .ext(distinct_on(DECISION.c.application_id))
        .where(DECISION.c.outcome.in_(FINAL), *wanted.conditions())
        .order_by(DECISION.c.application_id, position.desc() if latest else position)
        .subquery()
    )
