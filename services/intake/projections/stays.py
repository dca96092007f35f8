"""
How long applications stay at a stage: the difference of the dates on which they came and left.

An application that comes to the stage where it is, as by a corrected assessment, does not move.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Float,
    Row,
    Subquery,
    func,
    select,
    tuple_,
)

from services.intake.domain.expected import PATH
from services.intake.projections.application_status import APPLICATION, PROJECTION, STAGE_ENTRY

__all__ = ["PROJECTION", "medians_of", "medians_onward", "time_in_stage", "waiting"]

Rows: TypeAlias = Sequence[Row[*tuple[Any, ...]]]


def time_in_stage(connection: Connection, *, programme: str | None) -> Rows:
    """
    Per programme and stage before the decision: ``how_many``, ``median_days``, ``p90_days``.

    Of the stays that are over, however they ended. Percentiles are interpolated.
    """
    return _measured(connection, programme=programme, onward=False)


def medians_onward(connection: Connection, *, programme: str | None) -> Rows:
    """As ``time_in_stage``, of the stays that led to the next stage on the way to a decision."""
    return _measured(connection, programme=programme, onward=True)


def medians_of(rows: Rows) -> Mapping[str, Mapping[str, float]]:
    """The median days by programme and by stage."""
    medians: dict[str, dict[str, float]] = {}
    for row in rows:
        medians.setdefault(row.programme_code, {})[row.stage] = row.median_days
    return medians


def waiting(connection: Connection, *, programme: str | None) -> Rows:
    """Undecided applications by programme, stage and the date since when: how many, and value."""
    stays = _stays()
    query = (
        select(
            APPLICATION.c.programme_code,
            stays.c.stage,
            stays.c.entered_on,
            func.count().label("how_many"),
            func.sum(APPLICATION.c.public_cents).cast(BigInteger).label("public_cents"),
            func.sum(APPLICATION.c.match_cents).cast(BigInteger).label("match_cents"),
        )
        .join(stays, stays.c.application_id == APPLICATION.c.application_id)
        .where(stays.c.led_to.is_(None), stays.c.stage.in_(PATH))
        .group_by(APPLICATION.c.programme_code, stays.c.stage, stays.c.entered_on)
    )
    if programme is not None:
        query = query.where(APPLICATION.c.programme_code == programme)
    return connection.execute(query).all()


def _measured(connection: Connection, *, programme: str | None, onward: bool) -> Rows:
    stays = _stays()
    days = stays.c.left_on - stays.c.entered_on
    query = (
        select(
            APPLICATION.c.programme_code,
            stays.c.stage,
            func.count().label("how_many"),
            func.percentile_cont(0.5).within_group(days).cast(Float).label("median_days"),
            func.percentile_cont(0.9).within_group(days).cast(Float).label("p90_days"),
        )
        .join(stays, stays.c.application_id == APPLICATION.c.application_id)
        .where(stays.c.led_to.is_not(None), stays.c.stage.in_(PATH))
        .group_by(APPLICATION.c.programme_code, stays.c.stage)
    )
    if onward:
        steps = list(pairwise(PATH))
        query = query.where(tuple_(stays.c.stage, stays.c.led_to).in_(steps))
    if programme is not None:
        query = query.where(APPLICATION.c.programme_code == programme)
    rows = connection.execute(query).all()
    return sorted(rows, key=lambda row: (row.programme_code, PATH.index(row.stage)))


def _stays() -> Subquery:
    """Every stay: ``application_id``, ``stage``, ``entered_on``, ``left_on`` and ``led_to``."""
    before = func.lag(STAGE_ENTRY.c.stage).over(
        partition_by=STAGE_ENTRY.c.application_id, order_by=STAGE_ENTRY.c.version
    )
    entries = select(STAGE_ENTRY, before.label("before")).subquery()
    moves = select(entries).where(entries.c.before.is_distinct_from(entries.c.stage)).subquery()

    def of_the_next(column: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.lead(column).over(partition_by=moves.c.application_id, order_by=moves.c.version)

    return select(
        moves.c.application_id,
        moves.c.stage,
        moves.c.entered_on,
        of_the_next(moves.c.entered_on).label("left_on"),
        of_the_next(moves.c.stage).label("led_to"),
    ).subquery()
