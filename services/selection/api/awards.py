"""What becomes of an award before its agreement is executed."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.selection.api.decision_schemas import (
    ConfirmConditionIn,
    ReconsiderIn,
    WithdrawAwardIn,
)
from services.selection.api.doors import SECRETARY, hand_in
from services.selection.domain import application, award
from services.selection.domain.conditions import CONFIRMING_ROLES, ConfirmCondition
from services.selection.use_cases import streams
from services.selection.use_cases.awards import Reconsidering, Withdrawing
from shared.eventstore.store import Stream
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer, Desk, at_desk

router = APIRouter(prefix="/v1/awards/{award_id}", tags=["awards"])


@router.post("/conditions/{condition_id}/confirmation")
def confirm_condition(
    award_id: UUID,
    condition_id: UUID,
    body: ConfirmConditionIn,
    desk: Annotated[Desk, Depends(at_desk(*CONFIRMING_ROLES))],
) -> CommandAnswer:
    """Say that a condition is met, in the role that the committee named for it."""
    return desk.carry_out(
        award.DECIDER,
        _existing(desk, award_id),
        ConfirmCondition(
            condition_id=condition_id,
            met_on=body.met_on,
            on=desk.today,
            by=desk.caller.id,
            by_roles=desk.caller.acting_as,
        ),
    )


@router.post("/withdrawal")
def withdraw_award(
    award_id: UUID,
    desk: Annotated[Desk, Depends(at_desk(SECRETARY, "agreement-officer", "applicant"))],
    _body: WithdrawAwardIn | None = None,
) -> CommandAnswer:
    """Withdraw an award before its agreement is executed; an applicant, their own."""
    stream = _existing(desk, award_id)
    made = award.approved(desk.state(award.DECIDER, stream))
    asked = desk.state(application.DECIDER, streams.application(made.terms.application_id))
    if not isinstance(asked, application.NotReceived):
        desk.caller.must_belong_to(asked.proposal.lead_organisation_id)
    return hand_in(desk, Withdrawing(award_id=award_id, on=desk.today), about=stream)


@router.post("/reconsideration")
def reconsider_award(
    award_id: UUID, body: ReconsiderIn, desk: Annotated[Desk, Depends(at_desk(SECRETARY))]
) -> CommandAnswer:
    """
    Put the application before its committee again.

    The award stands until the committee decides: another award then replaces it, or it falls.
    """
    reconsidering = Reconsidering(award_id=award_id, reason=body.reason, on=desk.today)
    return hand_in(desk, reconsidering, about=_existing(desk, award_id))


def _existing(desk: Desk, award_id: UUID) -> Stream:
    stream = streams.award(award_id)
    if isinstance(desk.state(award.DECIDER, stream), award.NotApproved):
        raise NotFound(kind="award")
    return stream
