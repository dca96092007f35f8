"""The lines of a plan to take away, and to bring back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.finance.api.doors import OfficersCounter
from services.finance.api.plan_sheet import lines_of, table_of
from services.finance.domain import plan
from services.finance.domain.events import MATCH_SOURCE, LineKind
from services.finance.use_cases import opening, streams
from shared.spreadsheets.reading import CSV, MOST_BYTES, XLSX, read_sheet
from shared.web import files
from shared.web.desk import CommandAnswer, Desk, at_file_desk
from shared.web.language import language_of
from shared.web.schemas import FiscalYear

router = APIRouter(prefix="/v1", tags=["plan"])

ImportDesk = Annotated[
    Desk,
    Depends(at_file_desk("finance-officer", body_bytes=MOST_BYTES, media_types=(XLSX, CSV))),
]


@router.get("/plans/{fiscal_year}/lines.xlsx", response_class=Response, responses=files.XLSX_ANSWER)
def lines_as_xlsx(fiscal_year: FiscalYear, request: Request, reader: OfficersCounter) -> Response:
    """The draft as a spreadsheet: a row per kind, programme and source, a column per quarter."""
    state, _ = reader.state(plan.DECIDER, streams.plan(fiscal_year))
    language = language_of(request.headers.get("accept-language"))
    return files.xlsx(
        [table_of(state.lines, language)], name=f"plan-{fiscal_year}", language=language
    )


@router.post("/plans/{fiscal_year}/lines/import")
def import_lines(fiscal_year: FiscalYear, request: Request, desk: ImportDesk) -> CommandAnswer:
    """
    Write all the lines of a year's plan from a spreadsheet as exported (XLSX or CSV).

    Either all lines are kept, or everything that is wrong is said at once, each with its cell
    (`Lines!C7`) as `field`.
    """
    media_type = request.headers["content-type"].partition(";")[0].strip().lower()
    read = lines_of(read_sheet(desk.body, media_type), fiscal_year)
    named = [line.code for line in read.lines if line.kind is LineKind.NEW_BUSINESS]
    stream = streams.plan(fiscal_year)
    command = plan.SetLines(
        fiscal_year=fiscal_year,
        lines=read.lines,
        sources=opening.sources(desk.store, named) | {MATCH_SOURCE},
        on=desk.today,
    )
    if read.reasons:
        raise read.refusal(plan.reasons_against(command))
    try:
        return desk.carry_out(plan.DECIDER, stream, command)
    except plan.PlanNotRight as refusal:
        raise read.refusal(refusal.reasons) from None
