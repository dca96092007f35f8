"""The five tables out of PostgreSQL: sums of lines, laid out by the domain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from services.finance.domain.events import LineKind, PlanLine
from services.finance.domain.ledger import Account
from services.finance.domain.tables import (
    Amount,
    Basis,
    CountedLine,
    FiveTables,
    Reference,
    counted_lines,
    five_tables,
)
from services.finance.projections.amounts import amounts
from services.finance.projections.knowledge import Knowledge, Moment, day_of
from services.finance.projections.ledger import (
    FUNDER_AGREEMENTS,
    LINES,
    PLAN_LINES,
    PLANS,
    POCKETS,
    PROGRAMMES,
    REFORECAST_LINES,
    REFORECASTS,
)
from shared.kernel.money import Money
from shared.kernel.periods import Quarter, fiscal_year_ends_on
from shared.kernel.refusals import NotFound


class NoApprovedPlan(NotFound):
    """A plan can be seen once the board has approved it."""

    en = "No plan of fiscal year {fiscal_year} was approved by {as_of}."
    fr = "Aucun plan de l’exercice {fiscal_year} n’était approuvé le {as_of}."


@dataclass(frozen=True, slots=True, kw_only=True)
class TablesAsked:
    """The tables, and what they stand on."""

    fiscal_year: int
    basis: Basis
    tables: FiveTables
    plan_version: int | None
    """None: no plan is approved."""
    plan_approved_on: date | None
    known: Knowledge
    seen: Knowledge
    """As ``known``, and no further than its approval for a plan."""
    amounts: tuple[Amount, ...]
    """What the ledger says of the year."""
    lines: tuple[CountedLine, ...]
    """What is counted beside the ledger."""
    receivables: Mapping[str, int]
    """Per funder, what was owed when the year began, in cents."""
    reference: Reference


def tables_of(
    connection: Connection,
    *,
    fiscal_year: int,
    basis: Basis,
    as_of: Moment,
    until: date | None = None,
) -> TablesAsked:
    """
    The five tables of a year.

    ``as_of`` bounds what was known, ``until`` what had happened. Receivables at the start of the
    year are those known at ``as_of`` in every basis. Raises ``NoApprovedPlan`` for the plan.
    """
    known = Knowledge(as_of=as_of, until=until)
    plan = _latest_plan(connection, fiscal_year, known)
    if plan is None and basis is Basis.PLAN:
        raise NoApprovedPlan(fiscal_year=fiscal_year, as_of=as_of)
    planned_at = None if plan is None else plan.position
    seen = (
        Knowledge(as_of=as_of, until=until, position=planned_at) if basis is Basis.PLAN else known
    )
    reforecast_at = (
        None
        if planned_at is None or basis is not Basis.FORECAST
        else _latest_reforecast(connection, fiscal_year, known, planned_at)
    )
    lines: Sequence[PlanLine] = ()
    if reforecast_at is not None:
        lines = _lines(
            connection,
            select(REFORECAST_LINES)
            .where(REFORECAST_LINES.c.position == reforecast_at)
            .order_by(REFORECAST_LINES.c.ordinal),
        )
    elif plan is not None:
        lines = _plan_lines(connection, fiscal_year, plan.version)
    # What is new counts against the lines of quarters that are not over.
    is_left = basis is Basis.FORECAST and day_of(as_of) <= fiscal_year_ends_on(fiscal_year)
    known_amounts = amounts(
        connection,
        fiscal_year,
        seen,
        new_since=(reforecast_at or planned_at) if is_left else None,
    )
    counted = counted_lines(
        basis=basis,
        as_of=day_of(as_of),
        amounts=known_amounts,
        lines=lines,
        is_reforecast=reforecast_at is not None,
    )
    reference = _reference(connection, known, planned_at if basis is Basis.PLAN else None)
    receivables = _receivables(connection, fiscal_year, known)
    tables = five_tables(
        fiscal_year=fiscal_year,
        basis=basis,
        amounts=known_amounts,
        lines=counted,
        receivables=receivables,
        reference=reference,
    )
    return TablesAsked(
        fiscal_year=fiscal_year,
        basis=basis,
        tables=tables,
        plan_version=None if plan is None else plan.version,
        plan_approved_on=None if plan is None else plan.approved_on,
        known=known,
        seen=seen,
        amounts=tuple(known_amounts),
        lines=counted,
        receivables=receivables,
        reference=reference,
    )


def _latest_plan(
    connection: Connection, fiscal_year: int, known: Knowledge
) -> Row[int, int, date] | None:
    return connection.execute(
        select(PLANS.c.version, PLANS.c.position, PLANS.c.approved_on)
        .where(PLANS.c.fiscal_year == fiscal_year, known.recorded(PLANS))
        .order_by(PLANS.c.version.desc())
        .limit(1)
    ).one_or_none()


def _latest_reforecast(
    connection: Connection, fiscal_year: int, known: Knowledge, planned_at: int
) -> int | None:
    """The position of the latest one; approving a plan ends those of the plan before."""
    return connection.execute(
        select(func.max(REFORECASTS.c.position)).where(
            REFORECASTS.c.fiscal_year == fiscal_year,
            REFORECASTS.c.position > planned_at,
            known.recorded(REFORECASTS),
        )
    ).scalar()


def _plan_lines(connection: Connection, fiscal_year: int, version: int) -> list[PlanLine]:
    return _lines(
        connection,
        select(PLAN_LINES)
        .where(PLAN_LINES.c.fiscal_year == fiscal_year, PLAN_LINES.c.version == version)
        .order_by(PLAN_LINES.c.ordinal),
    )


def _lines(connection: Connection, wanted: Select[Any]) -> list[PlanLine]:
    rows = connection.execute(wanted)
    return [
        PlanLine(
            kind=LineKind(row.kind),
            code=row.code,
            programme=row.programme,
            quarter=Quarter.parse(row.quarter),
            amount=Money(row.cents),
        )
        for row in rows
    ]


def _receivables(connection: Connection, fiscal_year: int, known: Knowledge) -> dict[str, int]:
    funder = func.coalesce(POCKETS.c.funder, LINES.c.pocket).label("funder")
    owed = func.sum(LINES.c.cents).label("cents")
    rows = connection.execute(
        select(funder, owed)
        .select_from(LINES.outerjoin(POCKETS, POCKETS.c.code == LINES.c.pocket))
        .where(
            LINES.c.account == str(Account.DUE_FROM_FUNDER),
            LINES.c.happened_on <= fiscal_year_ends_on(fiscal_year - 1),
            known.of(LINES),
        )
        .group_by(funder)
        .having(owed != 0)
        .order_by(func.min(POCKETS.c.position), funder)
    )
    return {row.funder: int(row.cents) for row in rows}


def _reference(connection: Connection, known: Knowledge, planned_at: int | None) -> Reference:
    """
    What codes stand for.

    A plan keeps the phase that a programme had when the plan was approved, also when it has
    another one today; a programme published since has its first one.
    """
    phase_of: dict[str, str] = {}
    for row in connection.execute(
        select(PROGRAMMES.c.code, PROGRAMMES.c.phase, PROGRAMMES.c.position)
        .where(known.recorded(PROGRAMMES))
        .order_by(PROGRAMMES.c.position)
    ):
        if row.code not in phase_of or planned_at is None or row.position <= planned_at:
            phase_of[row.code] = row.phase
    pockets = connection.execute(
        select(POCKETS.c.code, POCKETS.c.funder_agreement)
        .where(known.recorded(POCKETS))
        .order_by(POCKETS.c.position)
    )
    agreements = connection.execute(
        select(FUNDER_AGREEMENTS.c.code)
        .where(known.recorded(FUNDER_AGREEMENTS))
        .order_by(FUNDER_AGREEMENTS.c.position)
    )
    return Reference(
        phase_of=phase_of,
        funder_agreement_of={row.code: row.funder_agreement for row in pockets},
        funder_agreements=tuple(agreements.scalars()),
    )
