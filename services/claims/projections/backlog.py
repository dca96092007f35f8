"""
How much of the year's claims is processed, by programme?

The base is named: the claims *planned* for a fiscal year are the periods of agreements in force
that end in it, one for every participant with money or match; *carried over* are claims certified
before the year and not approved when it began. A claim is processed when it is approved. This is
how the corporate plan counts: what was planned for the year, "y compris le trop-plein" of the
years before.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, or_, select

from services.claims.domain.claim_calendar import periods
from services.claims.domain.values import ClaimFrequency
from services.claims.projections.claim_periods import AGREEMENT, CLAIM, CLAIMANT
from shared.kernel.money import BASIS_POINTS
from shared.kernel.periods import fiscal_year_ends_on, fiscal_year_of


@dataclass(slots=True, kw_only=True)
class Backlog:
    """Claims of one programme in one fiscal year, in numbers of claims."""

    programme_code: str
    planned: int = 0
    carried_over: int = 0
    processed_of_planned: int = 0
    processed_of_carried_over: int = 0
    waiting: int = 0
    """Of the base: certified, and not approved."""

    @property
    def base(self) -> int:
        """What the share is a share of."""
        return self.planned + self.carried_over

    @property
    def processed(self) -> int:
        """What of the base was approved."""
        return self.processed_of_planned + self.processed_of_carried_over

    @property
    def not_claimed(self) -> int:
        """What of the base nobody has certified a claim for."""
        return self.base - self.processed - self.waiting

    @property
    def share_bp(self) -> int | None:
        """Processed of the base in basis points, rounded half up; None where nothing is."""
        if not self.base:
            return None
        return (2 * self.processed * BASIS_POINTS + self.base) // (2 * self.base)


def backlog(connection: Connection, *, fiscal_year: int, as_of: date) -> list[Backlog]:
    """The backlog of a fiscal year as it stood at the end of a day, by programme."""
    starts_on = fiscal_year_ends_on(fiscal_year - 1) + timedelta(days=1)
    ends_on = fiscal_year_ends_on(fiscal_year)
    rows = connection.execute(
        select(AGREEMENT)
        .where(
            AGREEMENT.c.executed_on <= as_of,
            AGREEMENT.c.starts_on <= ends_on,
            # Claims of earlier years may be carried over.
            or_(AGREEMENT.c.completed_on.is_(None), AGREEMENT.c.completed_on >= starts_on),
        )
        .order_by(AGREEMENT.c.programme_code)
    ).all()
    claimants = _by_agreement(connection.execute(select(CLAIMANT)))
    claims = _by_agreement(connection.execute(select(CLAIM).where(CLAIM.c.certified_on <= as_of)))
    found: dict[str, Backlog] = {}
    for agreement in rows:
        code = agreement.programme_code
        of = found.setdefault(code, Backlog(programme_code=code))
        theirs = claims[agreement.agreement_id]
        _carry_over(of, theirs, starts_on, as_of)
        for claimant in claimants[agreement.agreement_id]:
            if claimant.contracted_cents or claimant.match_cents:
                own = [c for c in theirs if c.participant_id == claimant.participant_id]
                for period_ends_on in _planned(agreement, own, fiscal_year):
                    _plan(of, own, period_ends_on, as_of)
    return list(found.values())


def _by_agreement(rows: Iterable[Row[Any]]) -> dict[UUID, list[Row[Any]]]:
    grouped: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        grouped[row.agreement_id].append(row)
    return grouped


def _carry_over(of: Backlog, claims: list[Row[Any]], starts_on: date, as_of: date) -> None:
    for claim in claims:
        if claim.certified_on < starts_on and _undecided(claim, starts_on - timedelta(days=1)):
            of.carried_over += 1
            if _undecided(claim, as_of):
                of.waiting += 1
            else:
                of.processed_of_carried_over += 1


def _undecided(claim: Row[Any], at: date) -> bool:
    return claim.approved_on is None or claim.approved_on > at


def _planned(agreement: Row[Any], own: list[Row[Any]], fiscal_year: int) -> Iterable[date]:
    """The last days of a participant's periods in a fiscal year, until its final claim."""
    ends = [agreement.ends_on, agreement.terminated_on, agreement.completed_on]
    ends += [claim.period_ends_on for claim in own if claim.final]
    last_day = min(day for day in ends if day is not None)
    frequency = ClaimFrequency(agreement.frequency)
    for _, period_ends_on in periods(agreement.starts_on, last_day, frequency):
        if fiscal_year_of(period_ends_on) == fiscal_year:
            yield period_ends_on


def _plan(of: Backlog, own: list[Row[Any]], period_ends_on: date, as_of: date) -> None:
    of.planned += 1
    covering = [
        claim for claim in own if claim.period_starts_on <= period_ends_on <= claim.period_ends_on
    ]
    if covering:
        if any(_undecided(claim, as_of) for claim in covering):
            of.waiting += 1
        else:
            of.processed_of_planned += 1
