"""One figure asked with two pairs of dates: which entries made the difference."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.finance.api.asked_lines import AskedLines
from services.finance.api.doors import AsOf, Moment, OfficersCounter, Until
from services.finance.projections.entries import Cause, Compared, compared
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import PROJECTION
from shared.kernel.money import Money
from shared.web.schemas import Day

router = APIRouter(prefix="/v1", tags=["views"])

BeforeAsOf = Annotated[
    Moment, Query(description="Known by the end of this day, or second: the earlier answer.")
]
BeforeUntil = Annotated[Day | None, Query(description="Happened by this day: the earlier answer.")]
MOST_CAUSES = 500
Limit = Annotated[int, Query(ge=1, le=MOST_CAUSES, description="How many causes are listed.")]


class CauseOut(BaseModel):
    """An entry that one of the two answers counts and the other does not."""

    position: int
    """``/v1/entries/{position}`` is the fact behind it."""
    entry: str
    event_id: UUID
    event_type: str
    happened_on: date
    recorded_at: datetime
    amount: Money
    """By how much it moved the figure."""

    @classmethod
    def of(cls, cause: Cause) -> "CauseOut":
        """As it is answered."""
        return cls(
            position=cause.position,
            entry=cause.entry,
            event_id=cause.event_id,
            event_type=cause.event_type,
            happened_on=cause.happened_on,
            recorded_at=cause.recorded_at,
            amount=Money(cause.cents),
        )


class ComparisonOut(BaseModel):
    """``difference`` is ``after - before``, and the causes with the rest add up to it."""

    before: Money
    after: Money
    difference: Money
    causes: list[CauseOut]
    """Largest first, whatever their sign."""
    rest_entries: int
    """How many entries moved the figure beside those listed."""
    rest: Money
    """What these add up to."""

    @classmethod
    def of(cls, found: Compared) -> "ComparisonOut":
        """As it is answered."""
        return cls(
            before=Money(found.before_cents),
            after=Money(found.after_cents),
            difference=Money(found.after_cents - found.before_cents),
            causes=[CauseOut.of(cause) for cause in found.causes],
            rest_entries=found.rest_entries,
            rest=Money(found.rest_cents),
        )


@router.get("/comparisons")
def compare(
    reader: OfficersCounter,
    lines: AskedLines,
    *,
    before_as_of: BeforeAsOf,
    before_until: BeforeUntil = None,
    as_of: AsOf = None,
    until: Until = None,
    limit: Limit = 100,
) -> ComparisonOut:
    """
    Why a figure is not what it was: the entries that made the difference, largest first.

    The filters are those of ``/v1/entries``. The earlier answer is bounded by ``before_as_of`` and
    ``before_until``, the later one by ``as_of`` and ``until``; what is not bounded counts all.
    """
    was = lines.condition(Knowledge(as_of=before_as_of, until=before_until))
    comes = lines.condition(Knowledge(as_of=as_of, until=until))
    with reader.view(PROJECTION) as connection:
        return ComparisonOut.of(compared(connection, was, comes, limit=limit))
