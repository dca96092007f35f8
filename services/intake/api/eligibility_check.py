"""The self-check: would this application be refused? Asked without an account."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.intake.api.eligibility_check_schemas import ApplicationDocument, EligibilityOut
from services.intake.domain import call as calls
from services.intake.use_cases import known, streams
from shared.kernel.refusals import NotFound
from shared.web.desk import Visitor, at_open_door

router = APIRouter(prefix="/v1", tags=["calls"])

VISITORS = at_open_door(places=8)
AnyVisitor = Annotated[Visitor, Depends(VISITORS)]


@router.post("/calls/{call_id}/eligibility-check")
def check_eligibility(
    call_id: UUID, body: ApplicationDocument, visitor: AnyVisitor
) -> EligibilityOut:
    """
    Everything that would speak against an application to this call, at once, before it exists.

    The same rules as at submission, but for what is not for everyone: whether an organisation is
    on hold, and what it has submitted already.
    """
    call = visitor.state(calls.DECIDER, streams.call(call_id))
    if not isinstance(call, calls.Call):
        raise NotFound(kind="call")
    definition = known.definition_of(visitor.store, call)
    return EligibilityOut.of(call, body.judged(definition, call, now=visitor.now))
