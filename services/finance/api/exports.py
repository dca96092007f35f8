"""The views as files."""

from fastapi import APIRouter, Response

from services.finance.api.doors import AskedDates, OfficersCounter
from services.finance.api.report_files import FILE_ANSWER, AskedFile
from services.finance.domain import tables_report
from services.finance.domain.tables import Basis
from services.finance.projections import pockets_report
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import PROJECTION
from services.finance.projections.names import names_of
from services.finance.projections.pockets import pockets
from services.finance.projections.tables import tables_of
from shared.web.schemas import FiscalYear

router = APIRouter(prefix="/v1", tags=["files"], default_response_class=Response)


@router.get("/tables/{fiscal_year}/export", responses=FILE_ANSWER)
def five_tables_file(
    fiscal_year: FiscalYear,
    reader: OfficersCounter,
    file: AskedFile,
    dates: AskedDates,
    basis: Basis = Basis.FORECAST,
) -> Response:
    """The five tables of a year as `/v1/tables/{fiscal_year}` answers them, in one file."""
    seen_on = dates.as_of or reader.today
    with reader.view(PROJECTION) as connection:
        asked = tables_of(
            connection, fiscal_year=fiscal_year, basis=basis, as_of=seen_on, until=dates.until
        )
        names = names_of(connection, asked.known)
    heading = tables_report.Heading(
        fiscal_year=fiscal_year,
        basis=basis,
        as_of=seen_on,
        until=dates.until,
        plan_version=asked.plan_version,
        plan_approved_on=asked.plan_approved_on,
    )
    return file.of(
        tables_report.reports(asked.tables, heading, names), name=f"tables-{fiscal_year}-{basis}"
    )


@router.get("/pockets/export", responses=FILE_ANSWER)
def pockets_file(reader: OfficersCounter, file: AskedFile, dates: AskedDates) -> Response:
    """What remains of every pocket as `/v1/pockets` answers it."""
    with reader.view(PROJECTION) as connection:
        balances = pockets(connection, Knowledge(as_of=dates.as_of, until=dates.until))
    return file.of(
        pockets_report.reports(balances, as_of=dates.as_of or reader.today, until=dates.until),
        name="pockets",
    )
