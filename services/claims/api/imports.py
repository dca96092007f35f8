"""Claims from spreadsheets: the template, and what comes back filled in."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from services.claims.api.claim_sheet import COLUMNS, Lines, lines_of
from services.claims.domain.agreement import DECIDER
from services.claims.domain.claim_form import ClaimNotInOrder
from services.claims.domain.commands import DraftClaim
from services.claims.domain.cost_rules import NoCosts
from services.claims.domain.values import ClaimForm
from services.claims.use_cases import streams
from shared.eventstore.store import Stream
from shared.kernel.language import Language
from shared.kernel.refusals import Reason
from shared.spreadsheets.reading import CSV, MOST_BYTES, XLSX, read_sheet
from shared.spreadsheets.writing import Table
from shared.web import files
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_file_desk
from shared.web.language import language_of
from shared.web.schemas import Day

router = APIRouter(prefix="/v1", tags=["claims"])

ImportDesk = Annotated[
    Desk,
    Depends(at_file_desk("recipient", body_bytes=MOST_BYTES, media_types=(XLSX, CSV))),
]
TemplateReader = Annotated[
    Reader, Depends(at_counter("recipient", "agreement-officer", "claims-analyst"))
]


class ImportedPeriod(BaseModel):
    """Whose costs a spreadsheet lists, and of which period."""

    model_config = ConfigDict(extra="forbid")

    participant_id: UUID
    period_starts_on: Day
    period_ends_on: Day
    """The last day, inclusive."""


@router.post("/agreements/{agreement_id}/claims/import", status_code=201)
def import_claim(
    agreement_id: UUID,
    asked: Annotated[ImportedPeriod, Query()],
    request: Request,
    desk: ImportDesk,
) -> CommandAnswer:
    """
    Draft a claim from a spreadsheet (XLSX or CSV, up to 5 MB and 2 000 lines).

    The first line holds headings, in English or in French, in any order; the template has them
    all. Either a claim is drafted, or everything that is wrong is said at once, each with its cell
    (`Lines!C7`) as `field`: what cannot be read, and what the rules refuse of the lines that can.
    The forecast is added by replacing the draft.
    """
    media_type = request.headers["content-type"].partition(";")[0].strip().lower()
    lines = lines_of(read_sheet(desk.body, media_type))
    claim_id = desk.new_id("claim")
    stream = streams.agreement(agreement_id)
    command = DraftClaim(
        claim_id=claim_id,
        form=ClaimForm(
            participant_id=asked.participant_id,
            period_starts_on=asked.period_starts_on,
            period_ends_on=asked.period_ends_on,
            lines=lines.lines,
            forecast=None,
        ),
        by=desk.caller.id,
        by_organisation_id=desk.caller.organisation_id,
        on=desk.today,
    )
    if lines.reasons:
        raise lines.refusal(_broken(desk, stream, command, lines))
    desk.created_at(f"/v1/agreements/{agreement_id}/claims/{claim_id}")
    try:
        answer = desk.carry_out(DECIDER, stream, command)
    except ClaimNotInOrder as refusal:
        placed = [lines.placed(reason) for reason in refusal.reasons]
        raise ClaimNotInOrder(reasons=placed) from None
    return answer.model_copy(update={"id": claim_id})


def _broken(desk: Desk, stream: Stream, command: DraftClaim, lines: Lines) -> list[Reason]:
    """
    What the rules would say of the lines that can be read.

    Raises what the agreement refuses whatever the lines are: it is not the caller's, or closed.
    """
    try:
        DECIDER.decide(command, desk.state(DECIDER, stream))
    except ClaimNotInOrder as refusal:
        no_costs = NoCosts.code()
        return [each for each in refusal.reasons if lines.lines or each.code != no_costs]
    return []


@router.get("/claims/template.xlsx", response_class=Response, responses=files.XLSX_ANSWER)
def template_as_xlsx(request: Request, reader: TemplateReader) -> Response:
    """An empty spreadsheet for a claim's lines, with a second sheet that explains its columns."""
    del reader
    language = language_of(request.headers.get("accept-language"))
    french = language == "fr"
    explained = Table(
        name="Explications" if french else "Explanations",
        headings=("colonne", "contenu") if french else ("column", "content"),
        rows=[(each.heading(language), each.says(language)) for each in COLUMNS],
    )
    return files.xlsx([_template(language), explained], name="claim", language=language)


@router.get("/claims/template.csv", response_class=Response, responses=files.CSV_ANSWER)
def template_as_csv(request: Request, reader: TemplateReader) -> Response:
    """The headings of a claim's lines as CSV, as spreadsheets of the reader's language read it."""
    del reader
    language = language_of(request.headers.get("accept-language"))
    return files.csv(_template(language), name="claim", language=language)


def _template(language: Language) -> Table:
    return Table(
        name="Lignes" if language == "fr" else "Lines",
        headings=tuple(column.heading(language) for column in COLUMNS),
        rows=(),
    )
