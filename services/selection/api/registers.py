"""What was decided, what was promised, and what remains."""

from collections.abc import Mapping
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response

from services.selection.api import exporting
from services.selection.api.decision_schemas import BilingualOut, ConditionOut
from services.selection.api.doors import SECRETARY
from services.selection.api.register_schemas import (
    AwardWithConditionsOut,
    ReservationOut,
    YearOut,
)
from services.selection.api.schemas import (
    CommittedOut,
    DecisionOut,
    PocketLineOut,
    PocketOut,
    ReservedOut,
)
from services.selection.domain import award, pocket
from services.selection.domain.award import Committed, Lapsed, Replaced, Withdrawn
from services.selection.domain.conditions import Condition
from services.selection.domain.meeting import Outcome
from services.selection.projections import decisions
from services.selection.projections import pockets as balances
from services.selection.use_cases import streams
from shared.kernel.money import total
from shared.web.desk import Reader, at_counter
from shared.web.language import language_of
from shared.web.paging import AskedPage, Page
from shared.web.schemas import Day

router = APIRouter(prefix="/v1", tags=["registers"])

Staff = Annotated[
    Reader,
    Depends(
        at_counter(
            SECRETARY, "programme-manager", "intake-officer", "agreement-officer", "finance-officer"
        )
    ),
]
"""Not for members: here nothing is hidden from those who have a conflict."""

Code = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$")]
Programme = Code
Province = Annotated[str | None, Query(pattern=r"^[A-Z]{2}$")]


@router.get("/pockets")
def list_pockets(reader: Staff, paging: AskedPage) -> Page[PocketLineOut]:
    """Pockets by code, and what remains of each."""
    after = paging.after(str)
    with reader.view(balances.PROJECTION) as connection:
        rows = balances.pocket_balances(
            connection, after=None if after is None else after[0], limit=paging.fetch
        )
    return paging.page(
        rows,
        key=lambda row: (row.code,),
        item=lambda row: PocketLineOut.model_validate(row, from_attributes=True),
    )


@router.get("/pockets/{code}")
def show_pocket(code: str, reader: Staff) -> PocketOut:
    """One pocket, to the cent and to the moment, and to whom it is promised."""
    state, _ = reader.state(pocket.DECIDER, streams.pocket(code))
    return PocketOut(
        code=code,
        funder=state.funder or "",
        funder_agreement=state.funder_agreement or "",
        authority=state.authority,
        reserved=state.reserved,
        committed=state.committed,
        available=state.available,
        reserved_for=tuple(
            ReservedOut(award_id=award_id, amount=amount)
            for award_id, amount in state.reserved_for.items()
        ),
        committed_to=tuple(
            CommittedOut(project_id=project_id, amount=amount)
            for project_id, amount in state.committed_to.items()
        ),
    )


@router.get("/pocket-years")
def list_pocket_years(reader: Staff, paging: AskedPage, pocket: Code = None) -> Page[YearOut]:
    """What remains of each pocket for each fiscal year."""
    after = paging.after(str, int)
    with reader.view(balances.PROJECTION) as connection:
        rows = balances.year_balances(
            connection,
            pocket=pocket,
            after=None if after is None else (after[0], after[1]),
            limit=paging.fetch,
        )
    return paging.page(
        rows,
        key=lambda row: (row.pocket, row.fiscal_year),
        item=lambda row: YearOut.model_validate(row, from_attributes=True),
    )


@router.get("/reservations")
def list_reservations(
    reader: Staff, paging: AskedPage, pocket: Code = None
) -> Page[ReservationOut]:
    """The reservations that are open: who has how much, for which year, since when."""
    after = paging.after(str, UUID, int)
    with reader.view(balances.PROJECTION) as connection:
        rows = balances.open_reservations(
            connection,
            pocket=pocket,
            after=None if after is None else (after[0], after[1], after[2]),
            limit=paging.fetch,
        )
    return paging.page(
        rows,
        key=lambda row: (row.pocket, row.award_id, row.fiscal_year or balances.UNPLANNED),
        item=lambda row: ReservationOut.model_validate(row, from_attributes=True),
    )


def asked_lines(
    *,
    programme: Programme = None,
    outcome: Outcome | None = None,
    decided_from: Day | None = None,
    decided_until: Day | None = None,
    meeting_id: UUID | None = None,
    province: Province = None,
) -> decisions.Wanted:
    """Which lines of the register are asked for; ``province`` is that of the lead."""
    return decisions.Wanted(
        programme=programme,
        outcome=outcome,
        decided_from=decided_from,
        decided_until=decided_until,
        meeting_id=meeting_id,
        lead_province=province,
    )


Lines = Annotated[decisions.Wanted, Depends(asked_lines)]


@router.get("/decisions")
def list_decisions(reader: Staff, paging: AskedPage, asked: Lines) -> Page[DecisionOut]:
    """The register of decisions, the latest first."""
    before = paging.after(int)
    with reader.view(decisions.PROJECTION) as connection:
        rows = decisions.decisions(
            connection,
            asked,
            before=None if before is None else before[0],
            limit=paging.fetch,
        )
    return paging.page(
        rows,
        key=lambda row: (row.position,),
        item=lambda row: DecisionOut.model_validate(row, from_attributes=True),
    )


@router.get(
    "/decisions/export",
    response_class=Response,
    responses={200: {"content": {exporting.CSV: {}, exporting.XLSX: {}}}},
)
def export_decisions(
    reader: Staff,
    asked: Lines,
    format: Literal["csv", "xlsx"] = "csv",  # noqa: A002  # as it is called in a query
    accept_language: Annotated[str | None, Header(max_length=1_000)] = None,
) -> Response:
    """The register as a file, the latest decision first, in the reader's language."""
    with reader.view(decisions.PROJECTION) as connection:
        lines = decisions.decisions(connection, asked, before=None, limit=exporting.MOST_LINES + 1)
    exporting.must_fit(lines)
    language = language_of(accept_language)
    make, media_type = {
        "csv": (exporting.as_csv, exporting.CSV),
        "xlsx": (exporting.as_xlsx, exporting.XLSX),
    }[format]
    name = f"decisions-{reader.today}.{format}"
    return Response(
        make(lines, language),
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Language": language,
        },
    )


@router.get("/awards/{award_id}")
def show_award(award_id: UUID, reader: Staff) -> AwardWithConditionsOut:
    """An award, its terms and what became of it."""
    state, _ = reader.state(award.DECIDER, streams.award(award_id))
    made = award.approved(state)
    terms = made.terms
    return AwardWithConditionsOut.model_validate(
        {
            "award_id": award_id,
            "application_id": terms.application_id,
            "meeting_id": terms.meeting_id,
            "programme_code": terms.programme_code,
            "programme_version": terms.programme_version,
            "title": terms.title,
            "state": award.state_of(made),
            "approved_on": terms.effective_on,
            "lapses_on": terms.lapses_on,
            "lapsed_on": made.lapsed_on if isinstance(made, Lapsed) else None,
            "reason": made.reason if isinstance(made, Lapsed) else None,
            "agreement_id": made.agreement_id if isinstance(made, Committed) else None,
            "withdrawn_on": made.withdrawn_on if isinstance(made, Withdrawn) else None,
            "replaced_by": made.by_award_id if isinstance(made, Replaced) else None,
            "conditions": [_condition(each, made.met) for each in terms.conditions],
            "starts_on": terms.starts_on,
            "ends_on": terms.ends_on,
            "participants": terms.participants,
            "granted": total(cell.amount for cell in terms.funding),
            "funding": terms.funding,
            "match": terms.match,
        },
        from_attributes=True,
    )


def _condition(asked: Condition, met: Mapping[UUID, award.ConditionConfirmed]) -> ConditionOut:
    confirmed = met.get(asked.condition_id)
    return ConditionOut(
        condition_id=asked.condition_id,
        text=BilingualOut(en=asked.text_en, fr=asked.text_fr),
        due_on=asked.due_on,
        confirmed_by=asked.confirmed_by,
        met_on=None if confirmed is None else confirmed.met_on,
        met_by=None if confirmed is None else confirmed.by,
    )
