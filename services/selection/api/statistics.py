"""What the register of decisions adds up to."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.selection.api.decision_schemas import BilingualOut
from services.selection.api.register_schemas import (
    PeriodOut,
    SuccessOut,
    SuccessRatesOut,
    WaitingTimeOut,
    WaitingTimesOut,
)
from services.selection.api.registers import Programme, Province, Staff
from services.selection.projections import decisions, statistics
from services.selection.projections.decisions import Wanted
from shared.web.paging import AskedPage
from shared.web.schemas import Day

router = APIRouter(prefix="/v1/statistics", tags=["statistics"])

WAITING_BASE = BilingualOut(
    en=(
        "Applications with a decision to fund or to decline in the period: calendar days from"
        " their submission to the first such decision."
    ),
    fr=(
        "Demandes financées ou refusées pendant la période : jours civils du dépôt à la première"
        " décision de ce genre."
    ),
)
SUCCESS_BASE = BilingualOut(
    en=(
        "Applications with a decision to fund or to decline in the period, by their last such"
        " decision. Deferred, waiting and withdrawn applications are not counted."
    ),
    fr=(
        "Demandes financées ou refusées pendant la période, selon la dernière décision de ce"
        " genre. Les demandes reportées, en attente ou retirées ne sont pas comptées."
    ),
)


def counted(
    *,
    programme: Programme = None,
    decided_from: Day | None = None,
    decided_until: Day | None = None,
    province: Province = None,
) -> Wanted:
    """Which decisions are counted; ``province`` is that of the lead."""
    return Wanted(
        programme=programme,
        decided_from=decided_from,
        decided_until=decided_until,
        lead_province=province,
    )


Counted = Annotated[Wanted, Depends(counted)]


@router.get("/waiting-time")
def waiting_time(reader: Staff, paging: AskedPage, asked: Counted) -> WaitingTimesOut:
    """From submission to decision, by programme: median and 90th percentile, in days."""
    after = paging.after(str)
    with reader.view(decisions.PROJECTION) as connection:
        rows = statistics.waiting_times(
            connection, asked, after=None if after is None else after[0], limit=paging.fetch
        )
    page = paging.page(
        rows,
        key=lambda row: (row.programme,),
        item=lambda row: WaitingTimeOut.model_validate(row, from_attributes=True),
    )
    return WaitingTimesOut(
        base=WAITING_BASE, period=_period(asked), items=page.items, next=page.next
    )


@router.get("/success-rate")
def success_rate(reader: Staff, paging: AskedPage, asked: Counted) -> SuccessRatesOut:
    """Applications funded, of those decided, by programme and province of the lead."""
    after = paging.after(str, str)
    with reader.view(decisions.PROJECTION) as connection:
        rows = statistics.success_rates(
            connection,
            asked,
            after=None if after is None else (after[0], after[1]),
            limit=paging.fetch,
        )
    page = paging.page(
        rows,
        key=lambda row: (row.programme, row.province),
        item=lambda row: SuccessOut.model_validate(row, from_attributes=True),
    )
    return SuccessRatesOut(
        base=SUCCESS_BASE, period=_period(asked), items=page.items, next=page.next
    )


def _period(asked: Wanted) -> PeriodOut:
    return PeriodOut(decided_from=asked.decided_from, decided_until=asked.decided_until)
