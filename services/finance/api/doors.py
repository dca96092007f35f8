"""Who may come in, and the dates that every view is asked with."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Annotated

from fastapi import Depends, Path, Query
from pydantic import AwareDatetime, Discriminator, Field, Tag

from shared.kernel.periods import Quarter
from shared.web.desk import Desk, Reader, at_counter, at_desk
from shared.web.schemas import FIRST_DAY, LAST_DAY, Day

OfficersDesk = Annotated[Desk, Depends(at_desk("finance-officer"))]
OfficersCounter = Annotated[Reader, Depends(at_counter("finance-officer"))]

Instant = Annotated[
    AwareDatetime,
    Field(ge=datetime.combine(FIRST_DAY, time(), UTC), le=datetime.combine(LAST_DAY, time(), UTC)),
]


def _day_or_instant(value: object) -> str:
    is_instant = isinstance(value, datetime) or (isinstance(value, str) and "T" in value.upper())
    return "[instant]" if is_instant else "[day]"


Moment = Annotated[
    Annotated[Day, Tag("[day]")] | Annotated[Instant, Tag("[instant]")],
    Discriminator(_day_or_instant),
]
"""A day, or an instant with its offset (RFC 3339), for query parameters; tags are no part of it."""

AsOf = Annotated[
    Moment | None,
    Query(description="Only what was recorded by the end of this day, or of this second."),
]
Until = Annotated[Day | None, Query(description="Only what had happened by this day.")]
Text = Annotated[str | None, Query(max_length=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The two dates of a question together."""

    as_of: Moment | None
    until: Day | None


def _dates(as_of: AsOf = None, until: Until = None) -> Dates:
    return Dates(as_of=as_of, until=until)


AskedDates = Annotated[Dates, Depends(_dates)]
Position = Annotated[int, Path(ge=1, le=2**53)]
QUARTER = r"^(19|2[0-8])\d\d-T[1-4]$"
"""Fiscal years 1900 to 2899, as days are bounded."""


def _quarter(
    quarter: Annotated[
        str, Path(pattern=QUARTER, description="A fiscal quarter: 2024-T1 is April to June 2023.")
    ],
) -> Quarter:
    return Quarter.parse(quarter)


InPath = Annotated[Quarter, Depends(_quarter)]
"""The quarter that a path names."""
