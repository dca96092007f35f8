"""
What is in the pipeline: how many applications, worth how much, by programme and stage.

    value = public money asked for + match

It is a question to the rows of ``application_status``, so that the two always agree.
"""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Connection, Row, func, select

from services.intake.projections.application_status import APPLICATION, PROJECTION

__all__ = ["PROJECTION", "pipeline"]


def pipeline(connection: Connection, *, programme: str | None) -> Sequence[Row[tuple[object, ...]]]:
    """Count and value per programme and stage."""
    public, match = (
        func.sum(column).cast(BigInteger)
        for column in (APPLICATION.c.public_cents, APPLICATION.c.match_cents)
    )
    query = (
        select(
            APPLICATION.c.programme_code,
            APPLICATION.c.stage,
            func.count().label("count"),
            public.label("public_cents"),
            match.label("match_cents"),
        )
        .group_by(APPLICATION.c.programme_code, APPLICATION.c.stage)
        .order_by(APPLICATION.c.programme_code, APPLICATION.c.stage)
    )
    if programme is not None:
        query = query.where(APPLICATION.c.programme_code == programme)
    return connection.execute(query).all()
