"""Where the money stands, as files."""

from fastapi import APIRouter, Response

from services.finance.api import position_reports, positions
from services.finance.api.doors import AskedDates, OfficersCounter
from services.finance.api.report_files import FILE_ANSWER, AskedFile
from shared.web.schemas import FiscalYear

router = APIRouter(prefix="/v1", tags=["files"], default_response_class=Response)


@router.get("/commitments/ages/export", responses=FILE_ANSWER)
def commitments_file(reader: OfficersCounter, file: AskedFile, dates: AskedDates) -> Response:
    """What agreements still commit, by age."""
    ages = positions.ages_of_commitments(reader, dates.as_of, dates.until)
    return file.of(position_reports.commitment_ages(ages), name="commitments-by-age")


@router.get("/payables/ages/export", responses=FILE_ANSWER)
def payables_file(reader: OfficersCounter, file: AskedFile, dates: AskedDates) -> Response:
    """What is owed to participants, by age."""
    ages = positions.ages_of_payables(reader, dates.as_of, dates.until)
    return file.of(position_reports.payable_ages(ages), name="payables-by-age")


@router.get("/pocket-years/export", responses=FILE_ANSWER)
def pocket_years_file(reader: OfficersCounter, file: AskedFile, dates: AskedDates) -> Response:
    """What remains of every pocket, in all and for each fiscal year."""
    found = positions.all_pocket_years(reader, dates.as_of, dates.until)
    seen_on = dates.as_of or reader.today
    reports = position_reports.pocket_years(found, as_of=seen_on, until=dates.until)
    return file.of(reports, name="pocket-years")


@router.get("/cash-requirement/export", responses=FILE_ANSWER)
def cash_requirement_file(
    reader: OfficersCounter,
    file: AskedFile,
    dates: AskedDates,
    funder_agreement: positions.FunderAgreement = None,
) -> Response:
    """How much cash will be needed in each of the next 24 months."""
    found = positions.cash_requirement(reader, funder_agreement, dates.as_of, dates.until)
    return file.of(position_reports.cash_requirement(found), name="cash-requirement")


@router.get("/year-ends/{fiscal_year}/export", responses=FILE_ANSWER)
def year_end_file(
    fiscal_year: FiscalYear, reader: OfficersCounter, file: AskedFile, dates: AskedDates
) -> Response:
    """Receivables and payables on the last day of a fiscal year."""
    found = positions.year_end(fiscal_year, reader, dates.as_of, dates.until)
    return file.of(position_reports.year_end(found), name=f"year-end-{fiscal_year}")
