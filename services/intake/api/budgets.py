"""The budget of an application, added up."""

from uuid import UUID

from fastapi import APIRouter

from services.intake.api.budget_schemas import GridOut
from services.intake.api.doors import ReadersCounter, readable_application
from services.intake.api.reasons import told
from services.intake.domain import funding
from services.intake.domain.grid import grid_of, shares_by_pocket
from services.intake.use_cases import known

router = APIRouter(prefix="/v1", tags=["applications"])


@router.get("/applications/{application_id}/budget")
def budget_grid(application_id: UUID, reader: ReadersCounter) -> GridOut:
    """
    What the budget adds up to, by participant, category, quarter and fiscal year.

    With what each pocket would pay by the programme's own split, before an officer splits it.
    """
    state, _ = readable_application(reader, application_id)
    proposal = state.proposal
    answered = known.call_of(reader.store, proposal.call_id)
    pockets = known.definition_of(reader.store, answered).pockets
    reasons = funding.unfundable(proposal.participants, proposal.budget, pockets)
    return GridOut.of(
        proposal.budget,
        grid_of(proposal.budget),
        {each.participant_id: each.organisation_id for each in proposal.participants},
        None if reasons else shares_by_pocket(proposal.budget, proposal.participants, pockets),
        told(reasons),
    )
