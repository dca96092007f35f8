"""How the year goes, as files."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.finance.api import (
    funders,
    performance,
    performance_reports,
    periods,
    scenarios,
    scorecards,
)
from services.finance.api.doors import AskedDates, AsOf, InPath, OfficersCounter
from services.finance.api.report_files import FILE_ANSWER, AskedFile
from services.finance.domain import funder_years, period_view
from services.finance.domain.scenario import Supposed
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import PROJECTION
from services.finance.projections.periods import period_of
from shared.web.schemas import FiscalYear

router = APIRouter(prefix="/v1", tags=["files"], default_response_class=Response)


@router.get("/tables/{fiscal_year}/bases/export", responses=FILE_ANSWER)
def bases_file(
    fiscal_year: FiscalYear, reader: OfficersCounter, file: AskedFile, dates: AskedDates
) -> Response:
    """Plan, forecast and actual per quarter for every row of the five tables."""
    found = performance.bases(fiscal_year, reader, dates.as_of, dates.until)
    return file.of(performance_reports.bases(found), name=f"bases-{fiscal_year}")


@router.get("/tables/{fiscal_year}/scenario/export", responses=FILE_ANSWER)
def scenario_file(
    fiscal_year: FiscalYear,
    supposed: Annotated[Supposed, Depends(scenarios.supposed_of)],
    reader: OfficersCounter,
    file: AskedFile,
    dates: AskedDates,
) -> Response:
    """What would change if some projects slip or are cancelled."""
    found = scenarios.scenario(fiscal_year, supposed, reader, as_of=dates.as_of, until=dates.until)
    return file.of(performance_reports.scenario(found), name=f"scenario-{fiscal_year}")


@router.get("/leverage/export", responses=FILE_ANSWER)
def leverage_file(
    reader: OfficersCounter,
    file: AskedFile,
    dates: AskedDates,
    fiscal_year: performance.OfYear = None,
) -> Response:
    """How much of their own money participants bring for public money, on each base."""
    found = performance.leverage(reader, fiscal_year, dates.as_of, dates.until)
    return file.of(performance_reports.leverage(found), name="leverage")


@router.get("/released/{fiscal_year}/export", responses=FILE_ANSWER)
def released_file(
    fiscal_year: FiscalYear, reader: OfficersCounter, file: AskedFile, dates: AskedDates
) -> Response:
    """What went back to its pockets on the days of a year."""
    found = performance.released(fiscal_year, reader, dates.as_of, dates.until)
    return file.of(performance_reports.released(found), name=f"released-{fiscal_year}")


@router.get("/scorecards/{fiscal_year}/export", responses=FILE_ANSWER)
def scorecard_file(
    fiscal_year: FiscalYear, reader: OfficersCounter, file: AskedFile, dates: AskedDates
) -> Response:
    """The objectives of a year: target, actual and forecast."""
    found = scorecards.one_scorecard(fiscal_year, reader, dates.as_of, dates.until)
    return file.of(performance_reports.scorecard(found), name=f"scorecard-{fiscal_year}")


@router.get("/periods/{quarter}/export", responses=FILE_ANSWER)
def period_file(
    quarter: InPath, reader: OfficersCounter, file: AskedFile, as_of: AsOf = None
) -> Response:
    """The trial balance of a quarter, and the facts that came too late for it."""
    with reader.view(PROJECTION) as connection:
        view = period_of(connection, quarter, Knowledge(as_of=as_of), limit=periods.MOST_LATE_FACTS)
    return file.of(period_view.reports(view), name=f"period-{quarter}")


@router.get("/funder-agreements/{code}/years/export", responses=FILE_ANSWER)
def funder_years_file(
    code: str, reader: OfficersCounter, file: AskedFile, dates: AskedDates
) -> Response:
    """What may be claimed of a funder year by year, what was, and what is left."""
    known = Knowledge(as_of=dates.as_of, until=dates.until)
    agreement, years = funders.years_of_agreement(code, reader, known)
    return file.of(funder_years.reports(agreement, years), name=f"claims-{agreement.code}")
