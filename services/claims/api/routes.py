"""
The payments of claims.

Commands go to the agreement's stream, so ``version`` in every answer (and ``If-Match``) is the
agreement's; ``id`` is the payment's.
"""

from uuid import UUID

from fastapi import APIRouter

from services.claims.api.doors import PayerDesk, about
from services.claims.api.schemas import ReturnIn
from services.claims.domain import commands
from services.claims.domain.agreement import DECIDER
from services.claims.use_cases import streams
from shared.web.desk import CommandAnswer

router = APIRouter(prefix="/v1", tags=["claims"])


@router.post("/agreements/{agreement_id}/payments/{payment_id}/return")
def return_payment(
    agreement_id: UUID, payment_id: UUID, body: ReturnIn, desk: PayerDesk
) -> CommandAnswer:
    """Record that a payment came back: it is payable again."""
    command = commands.ReturnPayment(
        payment_id=payment_id, returned_on=body.returned_on, reason=body.reason, on=desk.today
    )
    return about(payment_id, desk.carry_out(DECIDER, streams.agreement(agreement_id), command))
