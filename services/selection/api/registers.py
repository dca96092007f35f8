"""What was decided, what was promised, and what remains."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.selection.api.doors import SECRETARY
from services.selection.api.schemas import (
    AwardOut,
    CommittedOut,
    DecisionOut,
    PocketLineOut,
    PocketOut,
    ReservedOut,
)
from services.selection.domain import award, pocket
from services.selection.domain.award import Committed, Lapsed
from services.selection.domain.meeting import Outcome
from services.selection.projections import decisions
from services.selection.projections import pockets as balances
from services.selection.use_cases import streams
from shared.kernel.money import total
from shared.web.desk import Reader, at_counter
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


@router.get("/decisions")
def list_decisions(
    reader: Staff,
    paging: AskedPage,
    *,
    programme: Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$")] = None,
    outcome: Outcome | None = None,
    decided_from: Day | None = None,
    decided_until: Day | None = None,
) -> Page[DecisionOut]:
    """The register of decisions, the latest first."""
    before = paging.after(int)
    wanted = decisions.Wanted(
        programme=programme,
        outcome=outcome,
        decided_from=decided_from,
        decided_until=decided_until,
    )
    with reader.view(decisions.PROJECTION) as connection:
        rows = decisions.decisions(
            connection,
            wanted,
            before=None if before is None else before[0],
            limit=paging.fetch,
        )
    return paging.page(
        rows,
        key=lambda row: (row.position,),
        item=lambda row: DecisionOut.model_validate(row, from_attributes=True),
    )


@router.get("/awards/{award_id}")
def show_award(award_id: UUID, reader: Staff) -> AwardOut:
    """An award, its terms and what became of it."""
    state, _ = reader.state(award.DECIDER, streams.award(award_id))
    made = award.approved(state)
    terms = made.terms
    return AwardOut.model_validate(
        {
            "award_id": award_id,
            "application_id": terms.application_id,
            "meeting_id": terms.meeting_id,
            "programme_code": terms.programme_code,
            "programme_version": terms.programme_version,
            "title": terms.title,
            "state": type(made).__name__.lower(),
            "approved_on": terms.effective_on,
            "lapses_on": terms.lapses_on,
            "lapsed_on": made.lapsed_on if isinstance(made, Lapsed) else None,
            "reason": made.reason if isinstance(made, Lapsed) else None,
            "agreement_id": made.agreement_id if isinstance(made, Committed) else None,
            "starts_on": terms.starts_on,
            "ends_on": terms.ends_on,
            "participants": terms.participants,
            "granted": total(cell.amount for cell in terms.funding),
            "funding": terms.funding,
            "match": terms.match,
        },
        from_attributes=True,
    )
