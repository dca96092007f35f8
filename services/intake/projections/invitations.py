"""
Drafts to which organisations are invited.

It is a question to the rows of ``application_status``. What each organisation said is not in
them: that follows from the application itself, lines of the budget included.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, Row, select

from services.intake.projections.application_status import APPLICATION


def inviting(
    connection: Connection,
    *,
    organisation_id: UUID | None,
    programme: str | None,
    after: int | None,
    fetch: int,
) -> Sequence[Row[UUID, int]]:
    """Drafts in which the organisation takes part and does not lead; None: any organisation."""
    query = (
        select(APPLICATION.c.application_id, APPLICATION.c.number)
        .where(APPLICATION.c.stage == "draft")
        .order_by(APPLICATION.c.number)
        .limit(fetch)
    )
    if organisation_id is not None:
        query = query.where(
            APPLICATION.c.organisations.contains([organisation_id]),
            APPLICATION.c.lead_organisation_id != organisation_id,
        )
    if programme is not None:
        query = query.where(APPLICATION.c.programme_code == programme)
    if after is not None:
        query = query.where(APPLICATION.c.number > after)
    return connection.execute(query).all()
