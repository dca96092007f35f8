"""What staff do with a submitted claim: assign, query, assess, send back, approve; and rates."""

from uuid import UUID

from fastapi import APIRouter

from services.claims.api.claim_schemas import (
    AssessmentIn,
    AssignmentIn,
    QueryIn,
    RatesIn,
    SendingBackIn,
)
from services.claims.api.doors import (
    AnalystDesk,
    ApproverDesk,
    AssigningDesk,
    OfficerDesk,
    about,
)
from services.claims.domain import commands
from services.claims.domain.agreement import DECIDER, AgreementUnknown
from services.claims.domain.claim import claim_of
from services.claims.domain.duplicates import marks
from services.claims.domain.state import NotDrafted
from services.claims.domain.values import DuplicateOf
from services.claims.projections import costs
from services.claims.use_cases import streams
from shared.web.desk import CommandAnswer, Desk

router = APIRouter(prefix="/v1", tags=["assessment"])


@router.post("/agreements/{agreement_id}/claims/{claim_id}/assignment")
def assign_claim(
    agreement_id: UUID, claim_id: UUID, body: AssignmentIn, desk: AssigningDesk
) -> CommandAnswer:
    """Give a submitted claim to an analyst, or to another one."""
    command = commands.AssignClaim(
        claim_id=claim_id, assigned_to=body.assigned_to, by=desk.caller.id, on=desk.today
    )
    return about(claim_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/claims/{claim_id}/queries", status_code=201)
def query_claim(
    agreement_id: UUID, claim_id: UUID, body: QueryIn, desk: AnalystDesk
) -> CommandAnswer:
    """Ask the participant about its claim; until the answer the claim does not age."""
    query_id = desk.new_id("query")
    command = commands.QueryClaim(
        claim_id=claim_id,
        query_id=query_id,
        questions=tuple(question.to_domain() for question in body.questions),
        by=desk.caller.id,
        on=desk.today,
    )
    desk.created_at(f"/v1/agreements/{agreement_id}/claims/{claim_id}")
    return about(query_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/claims/{claim_id}/assessment")
def assess_claim(
    agreement_id: UUID, claim_id: UUID, body: AssessmentIn, desk: AnalystDesk
) -> CommandAnswer:
    """
    Accept, reduce or refuse every line, by somebody who neither prepared nor certified the claim.

    A line that is not named is accepted as claimed. One that resembles a cost of another claim is
    accepted only with the reason why it is not the same.
    """
    command = commands.AssessClaim(
        claim_id=claim_id,
        accepted=tuple(line.to_domain() for line in body.lines),
        suspected=_suspected(desk, agreement_id, claim_id),
        by=desk.caller.id,
        on=desk.today,
    )
    return about(claim_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/claims/{claim_id}/sending-back")
def send_claim_back(
    agreement_id: UUID, claim_id: UUID, body: SendingBackIn, desk: ApproverDesk
) -> CommandAnswer:
    """Have an assessed claim assessed again."""
    command = commands.SendBackClaim(
        claim_id=claim_id, reason=body.reason, by=desk.caller.id, on=desk.today
    )
    return about(claim_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/claims/{claim_id}/approval")
def approve_claim(agreement_id: UUID, claim_id: UUID, desk: ApproverDesk) -> CommandAnswer:
    """Approve a claim as assessed, by another person whose role reaches its amount."""
    command = commands.ApproveClaim(
        claim_id=claim_id,
        suspected=_suspected(desk, agreement_id, claim_id),
        by=desk.caller.id,
        by_roles=desk.caller.acting_as,
        on=desk.today,
    )
    return about(claim_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))


@router.post("/agreements/{agreement_id}/rates")
def override_rates(agreement_id: UUID, body: RatesIn, desk: OfficerDesk) -> CommandAnswer:
    """Replace contracted rates: by category or by quarter; an empty list takes them back."""
    command = commands.OverrideRates(
        overrides=tuple(each.to_domain() for each in body.overrides),
        reason=body.reason,
        by=desk.caller.id,
        on=desk.today,
    )
    return desk.carry_out(DECIDER, streams.agreement(agreement_id), command)


def _suspected(desk: Desk, agreement_id: UUID, claim_id: UUID) -> tuple[DuplicateOf, ...]:
    """What the claim's lines resemble in other agreements, as known at this moment."""
    agreement = desk.state(DECIDER, streams.agreement(agreement_id))
    if isinstance(agreement, NotDrafted):
        raise AgreementUnknown
    form = claim_of(claim_id, agreement).form
    if not marks(form):
        return ()  # nothing to be known by: no reason to wait for the view
    with desk.view(costs.PROJECTION) as connection:
        return costs.elsewhere(connection, form, agreement_id=agreement_id)
