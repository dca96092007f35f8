"""Requests for information: officers ask and close, the applicant answers."""

from uuid import UUID

from fastapi import APIRouter

from services.intake.api.doors import (
    ApplicantsDesk,
    OfficersDesk,
    ReadersCounter,
    own_application,
    readable_application,
)
from services.intake.api.information_schemas import (
    AnswersIn,
    ClosingIn,
    InformationRequestIn,
    InformationRequestOut,
    InformationRequestsOut,
)
from services.intake.domain import review_commands as commands
from services.intake.domain.application import DECIDER
from services.intake.domain.application_state import review_of
from services.intake.use_cases import streams
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer

router = APIRouter(prefix="/v1/applications/{application_id}", tags=["information requests"])


@router.post("/information-requests", status_code=201)
def ask(application_id: UUID, body: InformationRequestIn, desk: OfficersDesk) -> CommandAnswer:
    """Ask the applicant, who answers by a date; overdue the day after."""
    request_id = desk.new_id("information-request")
    desk.created_at(f"/v1/applications/{application_id}/information-requests/{request_id}")
    command = commands.RequestInformation(
        request_id=request_id,
        questions=body.to_domain(),
        due_on=body.due_on,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/information-requests/{request_id}/answer")
def answer(
    application_id: UUID, request_id: UUID, body: AnswersIn, desk: ApplicantsDesk
) -> CommandAnswer:
    """Answer every question of a request; a late answer is taken, and marked."""
    own_application(desk, application_id)
    command = commands.SupplyInformation(
        request_id=request_id, answers=body.to_domain(), on=desk.today, by=desk.caller.id
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/information-requests/{request_id}/closing")
def close(
    application_id: UUID, request_id: UUID, body: ClosingIn, desk: OfficersDesk
) -> CommandAnswer:
    """Take note of the answer, or say why none is needed any more."""
    command = commands.CloseInformationRequest(
        request_id=request_id, reason=body.reason, on=desk.today, by=desk.caller.id
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.get("/information-requests")
def information_requests(application_id: UUID, reader: ReadersCounter) -> InformationRequestsOut:
    """All that was asked about an application, and what was answered."""
    state, _ = readable_application(reader, application_id)
    return InformationRequestsOut(
        items=[InformationRequestOut.of(request) for request in review_of(state).requests]
    )


@router.get("/information-requests/{request_id}")
def information_request(
    application_id: UUID, request_id: UUID, reader: ReadersCounter
) -> InformationRequestOut:
    """One request for information."""
    state, _ = readable_application(reader, application_id)
    request = review_of(state).request(request_id)
    if request is None:
        raise NotFound(kind="information request")
    return InformationRequestOut.of(request)
