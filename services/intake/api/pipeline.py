"""When applications are expected to be decided, and how long they stay at each stage."""

from collections import defaultdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from services.intake.api.doors import StaffCounter
from services.intake.api.pipeline_schemas import (
    BaseLine,
    MonthLine,
    MonthsOut,
    StageTimeLine,
    StageTimesOut,
    Sum,
)
from services.intake.domain.expected import PATH, expected_month
from services.intake.projections import stays
from shared.kernel.money import Money

router = APIRouter(prefix="/v1/pipeline", tags=["pipeline"])

Programme = Annotated[str | None, Query(max_length=200)]


@router.get("/months")
def pipeline_by_month(reader: StaffCounter, programme: Programme = None) -> MonthsOut:
    """Undecided applications by programme, stage and expected month of decision."""
    with reader.view(stays.PROJECTION) as connection:
        base = stays.medians_onward(connection, programme=programme)
        waiting = stays.waiting(connection, programme=programme)
    medians = stays.medians_of(base)
    amounts: dict[tuple[str, str, date | None], tuple[int, int, int]] = defaultdict(
        lambda: (0, 0, 0)
    )
    for row in waiting:
        month = expected_month(
            row.stage,
            row.entered_on,
            today=reader.today,
            medians=medians.get(row.programme_code, {}),
        )
        key = (row.programme_code, row.stage, month)
        count, public, match = amounts[key]
        amounts[key] = (count + row.how_many, public + row.public_cents, match + row.match_cents)
    lines = [
        MonthLine(
            programme_code=code,
            stage=stage,
            month=None if month is None else f"{month:%Y-%m}",
            count=count,
            public=Money(public),
            match=Money(match),
            value=Money(public + match),
        )
        for (code, stage, month), (count, public, match) in sorted(
            amounts.items(), key=lambda item: _order(*item[0])
        )
    ]
    return MonthsOut(
        today=reader.today,
        lines=lines,
        expected=Sum.of([line for line in lines if line.month is not None]),
        unknown=Sum.of([line for line in lines if line.month is None]),
        base=[
            BaseLine(
                programme_code=row.programme_code,
                stage=row.stage,
                count=row.how_many,
                median_days=row.median_days,
            )
            for row in base
            if row.stage != "forwarded"
        ],
    )


@router.get("/time-in-stage")
def time_in_stage(reader: StaffCounter, programme: Programme = None) -> StageTimesOut:
    """Median and 90th percentile of days per programme and stage, of stays that are over."""
    with reader.view(stays.PROJECTION) as connection:
        rows = stays.time_in_stage(connection, programme=programme)
    return StageTimesOut(
        lines=[
            StageTimeLine(
                programme_code=row.programme_code,
                stage=row.stage,
                count=row.how_many,
                median_days=row.median_days,
                p90_days=row.p90_days,
            )
            for row in rows
        ]
    )


def _order(code: str, stage: str, month: date | None) -> tuple[str, int, date]:
    """By programme, along the stages, by month; what has none comes last."""
    return code, PATH.index(stage), month or date.max
