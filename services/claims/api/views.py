"""What management asks: the backlog, what is not claimed, forecasts, and tables to take away."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy import Row

from services.claims.api import statement_tables
from services.claims.api.claim_views import ClaimStage
from services.claims.api.doors import STAFF, AnyReader, agreement_seen_by
from services.claims.api.schemas import statement
from services.claims.projections import claim_periods, claims_queue, forecasts
from services.claims.projections.backlog import backlog
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.web import files
from shared.web.desk import Reader, at_counter
from shared.web.language import language_of
from shared.web.paging import AskedPage, Page
from shared.web.schemas import Day, FiscalYear

router = APIRouter(prefix="/v1", tags=["claims views"])

StaffReader = Annotated[Reader, Depends(at_counter(*STAFF))]
PeriodState = Literal["open", "ended", "overdue", "claimed"]

MOST_EXPORTED = 10_000
"""Lines of the queue as CSV; the longest waiting are among them."""


class BacklogOut(BaseModel):
    """
    One programme in one fiscal year, in numbers of claims.

    `base` is `planned` plus `carried_over`; it is `processed` plus `waiting` plus `not_claimed`.
    """

    programme_code: str
    planned: int
    """Periods that end in the year, one per participant with money or match."""
    carried_over: int
    """Claims certified before the year and not approved when it began."""
    base: int
    processed_of_planned: int
    processed_of_carried_over: int
    processed: int
    """Approved."""
    waiting: int
    """Certified and not approved."""
    not_claimed: int
    """Planned, and not certified; also because the period has not ended."""
    share_bp: int | None
    """`processed` of `base` in basis points; null where nothing was planned."""


class BacklogsOut(BaseModel):
    """How much of the year's claims was processed by the end of a day."""

    fiscal_year: int
    as_of: date
    base: Literal["planned-and-carried-over"] = "planned-and-carried-over"
    """What the shares are shares of."""
    programmes: list[BacklogOut]


class ForecastCellOut(BaseModel):
    """One participant in one fiscal quarter."""

    participant_id: UUID
    quarter: Quarter
    contracted: Money
    """The schedule with its amendments."""
    committed: Money
    """Of it, what is still planned for the quarter, after the latest forecast."""
    approved: Money
    """What claims of the quarter were worth."""
    expected: Money
    """`approved` plus `committed`."""
    paid: Money


class ForecastsOut(BaseModel):
    """Forecast against actual."""

    agreement_id: UUID
    cells: list[ForecastCellOut]


class ClaimPeriodItem(BaseModel):
    """One period that one participant is to claim."""

    agreement_id: UUID
    project_id: UUID
    programme_code: str
    participant_id: UUID
    organisation_id: UUID
    state: PeriodState
    starts_on: date
    ends_on: date
    due_on: date | None
    """Null: the programme has no due day."""
    days_overdue: int
    reminded: Literal["before-due", "due", "late"] | None
    """The last reminder."""


@router.get("/claims/backlog")
def read_backlog(
    reader: StaffReader, fiscal_year: FiscalYear, as_of: Day | None = None
) -> BacklogsOut:
    """
    Share of a fiscal year's claims that is processed, by programme; today, or as of a day.

    The base is what was planned for the year with what was carried over from the years before.
    """
    day = reader.today if as_of is None else as_of
    with reader.view(claim_periods.PROJECTION) as connection:
        found = backlog(connection, fiscal_year=fiscal_year, as_of=day)
    return BacklogsOut(
        fiscal_year=fiscal_year,
        as_of=day,
        programmes=[
            BacklogOut(
                programme_code=each.programme_code,
                planned=each.planned,
                carried_over=each.carried_over,
                base=each.base,
                processed_of_planned=each.processed_of_planned,
                processed_of_carried_over=each.processed_of_carried_over,
                processed=each.processed,
                waiting=each.waiting,
                not_claimed=each.not_claimed,
                share_bp=each.share_bp,
            )
            for each in found
        ],
    )


@router.get("/agreements/{agreement_id}/forecasts")
def read_forecasts(agreement_id: UUID, reader: AnyReader) -> ForecastsOut:
    """Contracted, expected, approved and paid, per participant and fiscal quarter."""
    agreement_seen_by(reader, agreement_id)
    with reader.view(forecasts.PROJECTION) as connection:
        rows = forecasts.of_agreement(connection, agreement_id)
    return ForecastsOut(
        agreement_id=agreement_id,
        cells=[
            ForecastCellOut(
                participant_id=row.participant_id,
                quarter=Quarter.parse(row.quarter),
                contracted=Money(row.contracted_cents),
                committed=Money(row.committed_cents),
                approved=Money(row.approved_cents),
                expected=Money(row.approved_cents + row.committed_cents),
                paid=Money(row.paid_cents),
            )
            for row in rows
        ],
    )


@router.get("/claim-periods")
def list_claim_periods(
    reader: AnyReader,
    paging: AskedPage,
    state: PeriodState | None = None,
    programme: Annotated[str | None, Query(max_length=100)] = None,
    agreement_id: UUID | None = None,
) -> Page[ClaimPeriodItem]:
    """
    Periods to be claimed, those that ended first before the others; a recipient sees its own.

    A period is `open` while it runs, `ended` when its claim can be made, `overdue` after its due
    day, and `claimed` when a certified claim reaches its last day.
    """
    today = reader.today
    with reader.view(claim_periods.PROJECTION) as connection:
        rows = claim_periods.listed(
            connection,
            today=today,
            limit=paging.fetch,
            after=paging.after(date, UUID, UUID),
            state=state,
            programme_code=programme,
            agreement_id=agreement_id,
            organisation_id=reader.caller.only_organisation,
        )
    return paging.page(
        rows,
        key=lambda row: (row.ends_on, row.agreement_id, row.participant_id),
        item=lambda row: _period(row, today),
    )


def _period(row: Row[Any], today: date) -> ClaimPeriodItem:
    return ClaimPeriodItem(
        agreement_id=row.agreement_id,
        project_id=row.project_id,
        programme_code=row.programme_code,
        participant_id=row.participant_id,
        organisation_id=row.organisation_id,
        state=row.state,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        due_on=row.due_on,
        days_overdue=(today - row.due_on).days if row.state == "overdue" else 0,
        reminded=row.reminded,
    )


@router.get("/claims.csv", response_class=Response, responses=files.CSV_ANSWER)
def export_claims(request: Request, reader: AnyReader, state: ClaimStage | None = None) -> Response:
    """The claims queue as CSV, in the reader's language, the longest waiting first."""
    with reader.view(claims_queue.PROJECTION) as connection:
        rows = claims_queue.queue(
            connection,
            limit=MOST_EXPORTED,
            state=state,
            organisation_id=reader.caller.only_organisation,
        )
    language = language_of(request.headers.get("accept-language"))
    return files.csv(statement_tables.queue(rows, language), name="claims", language=language)


@router.get(
    "/agreements/{agreement_id}/statement.xlsx",
    response_class=Response,
    responses=files.XLSX_ANSWER,
)
def export_statement(agreement_id: UUID, request: Request, reader: AnyReader) -> Response:
    """The statement of an agreement as XLSX: balances, claims and payments, with real numbers."""
    shown = statement(agreement_id, agreement_seen_by(reader, agreement_id))
    language = language_of(request.headers.get("accept-language"))
    tables = statement_tables.statement(shown, language)
    return files.xlsx(tables, name="statement", language=language)
