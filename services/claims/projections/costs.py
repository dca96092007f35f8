"""
Which claims show the same cost?

One row per claim that was not withdrawn, drafts included, with the marks by which its lines are
known again (``duplicates.marks``) and the lines that bear each. Asked when a claim is assessed and
approved, to find what another agreement may have paid already.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Index, MetaData, Table, Text, Uuid, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.claims.domain import events
from services.claims.domain.duplicates import alike, marks
from services.claims.domain.values import ClaimForm, DuplicateOf
from shared.eventstore.store import Recorded
from shared.projecting.projection import Change, Delta, Insert, Projection, Remove

NAME = "costs"
METADATA = MetaData()

COSTS = Table(
    "costs",
    METADATA,
    Column("claim_id", Uuid, primary_key=True),
    Column("agreement_id", Uuid, nullable=False),
    Column("marks", JSONB, nullable=False),
    Index("costs_marks", "marks", postgresql_using="gin"),
    schema=NAME,
)


def deltas(recorded: Recorded) -> Iterable[Delta]:
    """What an event changes."""
    match recorded.event:
        case events.ClaimDrafted() as event:
            key = _key(event.claim_id)
            yield Insert(COSTS, key | {"agreement_id": recorded.stream.id} | _marks(event.form))
        case events.ClaimRedrafted() as event:
            yield Change(COSTS, _key(event.claim_id), _marks(event.form))
        case events.ClaimQueryAnswered() as event:
            if event.form is not None:
                yield Change(COSTS, _key(event.claim_id), _marks(event.form))
        case events.ClaimWithdrawn() as event:
            yield Remove(COSTS, _key(event.claim_id))


def _key(claim_id: UUID) -> dict[str, UUID]:
    return {"claim_id": claim_id}


def _marks(form: ClaimForm) -> dict[str, Any]:
    return {"marks": marks(form)}


PROJECTION = Projection(NAME, 1, METADATA, deltas)


def elsewhere(
    connection: Connection, form: ClaimForm, *, agreement_id: UUID
) -> tuple[DuplicateOf, ...]:
    """What a form's lines resemble in claims of other agreements."""
    ours = marks(form)
    if not ours:
        return ()
    query = (
        select(COSTS)
        .where(
            COSTS.c.agreement_id != agreement_id,
            COSTS.c.marks.has_any(literal(list(ours), ARRAY(Text))),
        )
        .order_by(COSTS.c.claim_id)
    )
    return tuple(
        duplicate
        for row in connection.execute(query)
        for duplicate in alike(
            ours, row.marks, claim_id=row.claim_id, agreement_id=row.agreement_id
        )
    )
