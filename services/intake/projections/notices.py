"""What applicants are told: of their applications, and of the calls that these answer."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, and_, or_, select, tuple_

from services.intake.projections.application_status import APPLICATION, NOTICE, PROJECTION

__all__ = ["PROJECTION", "notices"]


def notices(
    connection: Connection,
    *,
    organisation_id: UUID | None,
    application_id: UUID | None,
    since: date | None,
    before: tuple[int, int] | None,
    fetch: int,
) -> Sequence[Row[*tuple[Any, ...]]]:
    """
    Notices with the application each is about, newest first, those below the key ``before``.

    The key is ``(number, application_number)``. What happens to a call concerns the applications
    started before. With ``organisation_id``, only those in which that organisation takes part.
    """
    about = or_(
        NOTICE.c.application_id == APPLICATION.c.application_id,
        and_(NOTICE.c.call_id == APPLICATION.c.call_id, NOTICE.c.number > APPLICATION.c.number),
    )
    key = tuple_(NOTICE.c.number, APPLICATION.c.number)
    query = (
        select(
            NOTICE,
            APPLICATION.c.application_id.label("about"),
            APPLICATION.c.number.label("application_number"),
            APPLICATION.c.title,
        )
        .join(APPLICATION, about)
        .order_by(NOTICE.c.number.desc(), APPLICATION.c.number.desc())
        .limit(fetch)
    )
    if organisation_id is not None:
        query = query.where(APPLICATION.c.organisations.contains([organisation_id]))
    if application_id is not None:
        query = query.where(APPLICATION.c.application_id == application_id)
    if since is not None:
        query = query.where(NOTICE.c.happened_on >= since)
    if before is not None:
        query = query.where(key < before)
    return connection.execute(query).all()
