"""Applications that are like one another: looked up for a rule, and shown to officers."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import Row

from services.intake.api.doors import readable_application
from services.intake.domain.definition import Definition
from services.intake.domain.proposal import Proposal
from services.intake.domain.similarity import FLAGGED_FROM, Likeness, Other, most_alike
from services.intake.projections import application_status
from shared.web.desk import Desk, Reader, at_counter
from shared.web.openapi import Messages

router = APIRouter(prefix="/v1", tags=["applications"])

OfficersCounter = Annotated[
    Reader, Depends(at_counter("intake-officer", "programme-manager", "committee-secretary"))
]

MOST_COMPARED = 5_000
"""The newest applications, beside which one is held: some years of them."""
MOST_OF_ONE_LEAD = 500
MOST_SHOWN = 20


class SimilarOut(BaseModel):
    """An application that is like the one asked about, and why."""

    id: UUID
    title: str
    programme_code: str
    stage: str
    lead_organisation_id: UUID
    score: int
    """0 to 100: seven tenths the titles, three tenths the organisations in common."""
    title_likeness: int
    """0 to 100: words in common, whatever their order, case and accents."""
    same_lead: bool
    shared_organisations: list[UUID]
    why: Messages


class SimilarsOut(BaseModel):
    """The most alike first."""

    threshold: int
    """The lowest score that is shown."""
    compared: int
    """How many earlier applications it was held beside."""
    items: list[SimilarOut]


@router.get("/applications/{application_id}/similar")
def similar(application_id: UUID, reader: OfficersCounter) -> SimilarsOut:
    """
    Which applications, ever submitted to any programme, it is like: a hint, decided by nobody.

    The score is seven tenths the likeness of the titles and three tenths the share of
    organisations in common. The newest 5 000 are compared; from 60 up, at most 20 are shown.
    """
    state, _ = readable_application(reader, application_id)
    proposal = state.proposal
    with reader.view(application_status.PROJECTION) as connection:
        rows = application_status.sent_in(connection, beside=application_id, fetch=MOST_COMPARED)
    programme = {row.application_id: row.programme_code for row in rows}
    found = most_alike(
        proposal.title,
        proposal.lead_organisation_id,
        frozenset(each.organisation_id for each in proposal.participants),
        map(_other, rows),
    )
    return SimilarsOut(
        threshold=FLAGGED_FROM,
        compared=len(rows),
        items=[_shown(each, programme[each.other.application_id]) for each in found[:MOST_SHOWN]],
    )


def others_of_lead(desk: Desk, proposal: Proposal, definition: Definition) -> tuple[Other, ...]:
    """
    What else its lead has submitted, where a rule of the programme asks.

    The view may be a moment behind: of two submissions within that moment both pass, and
    officers are shown one beside the other.
    """
    if all(rule.name != "not-submitted-twice" for rule in definition.rules):
        return ()
    with desk.view(application_status.PROJECTION, at_head=False) as connection:
        rows = application_status.sent_in(
            connection,
            beside=proposal.application_id,
            lead=proposal.lead_organisation_id,
            fetch=MOST_OF_ONE_LEAD,
        )
    return tuple(map(_other, rows))


def _other(row: Row[Any]) -> Other:
    return Other(
        application_id=row.application_id,
        title=row.title,
        lead_organisation_id=row.lead_organisation_id,
        organisations=frozenset(row.organisations),
        stage=row.stage,
    )


def _shown(likeness: Likeness, programme_code: str) -> SimilarOut:
    shared, titles = len(likeness.shared), likeness.title
    lead_en = ", the same lead" if likeness.same_lead else ""
    lead_fr = ", même responsable" if likeness.same_lead else ""
    return SimilarOut(
        id=likeness.other.application_id,
        title=likeness.other.title,
        programme_code=programme_code,
        stage=likeness.other.stage,
        lead_organisation_id=likeness.other.lead_organisation_id,
        score=likeness.score,
        title_likeness=titles,
        same_lead=likeness.same_lead,
        shared_organisations=sorted(likeness.shared),
        why=Messages(
            en=f"Titles alike at {titles}%; organisations in common: {shared}{lead_en}.",
            fr=f"Titres semblables à {titles}\u00a0%; organisations communes\u00a0: "
            f"{shared}{lead_fr}.",
        ),
    )
