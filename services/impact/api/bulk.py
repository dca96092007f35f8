"""All open surveys of an organisation in one spreadsheet: taken away, filled in, brought back."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.impact.api import survey_sheet
from services.impact.api.survey_sheet import Lines, SurveyLines, SurveyNotThere, lines_of
from services.impact.domain import follow_up, survey
from services.impact.domain.indicators import BY_CODE, INDICATORS, Indicator
from services.impact.domain.question import INDICATOR, Asked
from services.impact.domain.survey_commands import SaveDraft, SubmitResponse
from services.impact.domain.survey_events import Event, Reply
from services.impact.domain.survey_state import AWAITS_RESPONSE, Survey
from services.impact.projections import surveys
from services.impact.use_cases import streams
from services.impact.use_cases.asking import asked_of
from services.impact.use_cases.awaiting import about
from shared.eventstore.commands import FROM_THE_START
from shared.eventstore.store import Stream
from shared.eventstore.together import Changes, Loaded, carry_out_together
from shared.kernel.refusals import NotFound, Reason, Refusal
from shared.spreadsheets.reading import MOST_BYTES, XLSX, read_sheet
from shared.spreadsheets.writing import Cell, Table
from shared.web import files
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_file_desk
from shared.web.language import language_of

MOST_SURVEYS = 100
"""In one file, those due first; with every indicator they are fewer lines than a file may have."""

SheetDesk = Annotated[
    Desk, Depends(at_file_desk("recipient", body_bytes=MOST_BYTES, media_types=(XLSX,)))
]
SheetReader = Annotated[
    Reader, Depends(at_counter("recipient", "programme-manager", "agreement-officer"))
]

router = APIRouter(prefix="/v1", tags=["surveys"])


@router.get(
    "/organisations/{organisation_id}/surveys.xlsx",
    response_class=Response,
    responses=files.XLSX_ANSWER,
)
def surveys_as_xlsx(organisation_id: UUID, request: Request, reader: SheetReader) -> Response:
    """
    The open surveys of an organisation, a line for each indicator, with what is drafted filled in.

    Up to 100 surveys, those due first. Amounts are in dollars.
    """
    reader.caller.must_belong_to(organisation_id)
    language = language_of(request.headers.get("accept-language"))
    with reader.view(surveys.PROJECTION) as connection:
        listed = [
            row
            for state in sorted(AWAITS_RESPONSE)
            for row in surveys.surveys(
                connection,
                surveys.Wanted(state=state, organisation_id=organisation_id),
                limit=MOST_SURVEYS,
            )
        ]
    rows: list[Sequence[Cell]] = []
    for each in sorted(listed, key=lambda row: (row.due_on, row.survey_id))[:MOST_SURVEYS]:
        state, _ = reader.state(survey.DECIDER, streams.survey(each.survey_id))
        plan = follow_up.DECIDER.fold(reader.store.events(streams.follow_up(each.project_id)))
        title = "" if isinstance(plan, follow_up.NotPlanned) else plan.title
        drafted = {} if state.draft is None else {a.indicator: a.value for a in state.draft.answers}
        rows += [
            survey_sheet.line(
                each.survey_id,
                title,
                each.year,
                each.due_on,
                indicator,
                drafted.get(indicator.code),
                language,
            )
            for indicator in _indicators(asked_of(state, reader.store, FROM_THE_START))
        ]
    table = Table(
        name="Sondages" if language == "fr" else "Surveys",
        headings=survey_sheet.headings(language),
        rows=rows,
    )
    return files.xlsx([table], name="surveys", language=language)


@router.post("/organisations/{organisation_id}/surveys.xlsx")
def answer_from_xlsx(
    organisation_id: UUID,
    desk: SheetDesk,
    certified: Annotated[bool, Query()] = False,
) -> CommandAnswer:
    """
    Draft the answers to several surveys from a spreadsheet; with `certified=true` submit them.

    XLSX up to 5 MB, 2 000 lines and 100 surveys, as the template has them. Either all of it is
    taken, or nothing, and everything that is wrong is said at once, each with its cell as
    `field`. Surveys without an answer are left alone; drafted answers to other questions stay.
    """
    if desk.caller.organisation_id != organisation_id:
        raise NotFound(kind="organisation")
    lines = lines_of(read_sheet(desk.body, XLSX))
    if not lines.surveys or len(lines.surveys) > MOST_SURVEYS:
        raise _number_of_surveys(lines)

    def decide(loaded: Loaded) -> Changes:
        reasons = list(lines.reasons)
        changes: list[tuple[Stream, Sequence[Event]]] = []
        for survey_id, said in lines.surveys.items():
            stream = streams.survey(survey_id)
            state = loaded.state(survey.DECIDER, stream)
            try:
                command = _command(desk, organisation_id, survey_id, said, state, certified)
                changes.append((stream, survey.DECIDER.decide(command, state)))
            except Refusal as refused:
                found = refused.reasons or (refused.as_reason(),)
                reasons += (lines.placed(survey_id, each) for each in found)
        if reasons:
            raise survey_sheet.refusal(reasons)
        return changes

    outcome = carry_out_together(
        desk.store,
        desk.context,
        decide,
        about=streams.survey(next(iter(lines.surveys))),
        request_hash=desk.request_hash,
        expected_version=desk.expected_version,
    )
    return desk.answer(outcome).model_copy(update={"id": organisation_id})


def _command(  # noqa: PLR0917  # what one survey's decision needs
    desk: Desk,
    organisation_id: UUID,
    survey_id: UUID,
    said: SurveyLines,
    state: Survey,
    certified: bool,
) -> SaveDraft | SubmitResponse:
    event = about(state)
    if event is None or event.organisation_id != organisation_id:
        raise SurveyNotThere(read=str(survey_id))
    replies: tuple[Reply, ...] = () if state.draft is None else state.draft.replies
    asked = asked_of(state, desk.store, desk.folds)
    if certified:
        return SubmitResponse(
            answers=tuple(said.answers),
            certified=True,
            organisation_id=organisation_id,
            by=desk.caller.id,
            on=desk.today,
            now=desk.now,
            replies=replies,
            asked=asked,
        )
    return SaveDraft(
        answers=tuple(said.answers),
        replies=replies,
        organisation_id=organisation_id,
        by=desk.caller.id,
        on=desk.today,
        asked=asked,
    )


def _number_of_surveys(lines: Lines) -> Refusal:
    reason = Reason(
        code="surveys-out-of-bounds",
        en=f"A file answers between 1 and {MOST_SURVEYS} surveys.",
        fr=f"Un fichier répond à un nombre de sondages entre 1 et {MOST_SURVEYS}.",
        field=lines.sheet.place(1),
        accepted={"at_least": 1, "at_most": MOST_SURVEYS},
    )
    return survey_sheet.refusal([*lines.reasons, reason])


def _indicators(asked: Asked) -> Sequence[Indicator]:
    if not asked.questions:
        return INDICATORS
    return [BY_CODE[each.code] for each in asked.questions if each.kind == INDICATOR]
