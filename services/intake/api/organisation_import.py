"""Organisations brought in as a list."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.intake.api.organisation_schemas import ImportAnswer, ImportedRow, RowProblem
from services.intake.api.organisation_sheet import MOST_BYTES, read
from services.intake.domain.bilingual import Bilingual
from services.intake.domain.organisation_import import OrganisationsImported
from services.intake.domain.profile import business_number_is_valid, organisation_id_of
from services.intake.use_cases import streams
from services.intake.use_cases.organisations import RefusedRow, Row, bring_in
from shared.eventstore.together import Changes, Loaded, carry_out_together
from shared.web.desk import Desk, at_file_desk

router = APIRouter(prefix="/v1", tags=["organisations"])

ImportDesk = Annotated[
    Desk,
    Depends(at_file_desk("intake-officer", body_bytes=MOST_BYTES, media_types=("text/csv",))),
]


@router.post("/organisations/import")
def import_organisations(
    desk: ImportDesk, valid_rows_only: Annotated[bool, Query()] = False
) -> ImportAnswer:
    """
    Register a list of organisations (CSV in UTF-8, up to 2 MB and 5,000 rows).

    The first row holds the names of the fields, in any order. A business number that does not check
    is kept and flagged; everything else is checked as for one organisation. When something is wrong
    with any row, nothing is registered and every problem is said with its row and column (up to a
    thousand); with `valid_rows_only` the other rows are registered all the same. An organisation
    that is known and described otherwise is refused here: amend it.
    """
    rows, unreadable = read(desk.body)
    import_id = desk.new_id("organisation-import")
    stream = streams.organisation_import(import_id)
    refused: list[RefusedRow] = []

    def decide(loaded: Loaded) -> Changes:
        nonlocal refused
        changes, refused = bring_in(
            loaded,
            rows,
            unreadable=unreadable,
            valid_rows_only=valid_rows_only,
            import_id=import_id,
            on=desk.today,
            by=desk.caller.id,
        )
        return changes

    outcome = carry_out_together(
        desk.store,
        desk.context,
        decide,
        about=stream,
        request_hash=desk.request_hash,
        expected_version=desk.expected_version,
    )
    imported: OrganisationsImported = desk.store.events(stream)[0]
    if not outcome.events:
        # Carried out before: what was wrong with the rows left out is found again.
        _, found = bring_in(
            Loaded(desk.store),
            [row for row in rows if _id(row) not in {*imported.registered, *imported.unchanged}],
            unreadable=unreadable,
            valid_rows_only=True,
            import_id=import_id,
            on=desk.today,
            by=desk.caller.id,
        )
        refused = found
    answer = desk.answer(outcome)
    first_rows = {_id(row): row for row in reversed(rows)}

    def listed(organisation_ids: Iterable[UUID]) -> list[ImportedRow]:
        return [
            ImportedRow(
                row=first_rows[each].number,
                id=each,
                business_number_valid=business_number_is_valid(
                    first_rows[each].profile.business_number
                ),
            )
            for each in organisation_ids
        ]

    return ImportAnswer(
        id=answer.id,
        version=answer.version,
        position=answer.position,
        registered=listed(imported.registered),
        unchanged=listed(imported.unchanged),
        refused=[_problem(each) for each in refused],
    )


def _id(row: Row) -> UUID:
    return organisation_id_of(row.profile.business_number)


def _problem(refused: RefusedRow) -> RowProblem:
    reason = refused.reason
    return RowProblem(
        row=refused.number,
        column=reason.field or "business_number",
        code=reason.code,
        says=Bilingual(en=reason.en, fr=reason.fr),
        accepted=reason.accepted,
    )
