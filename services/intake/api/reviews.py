"""What officers do with an application, and the queue of what waits for them."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.intake.api.doors import (
    AssignersDesk,
    OfficersDesk,
    StaffCounter,
    readable_application,
)
from services.intake.api.review_schemas import (
    AssessmentIn,
    AssignmentIn,
    EligibilityIn,
    ForwardingIn,
)
from services.intake.api.review_views import QueueLine, ReviewOut
from services.intake.domain import application_commands as commands
from services.intake.domain.application import DECIDER
from services.intake.domain.review_commands import AssignOfficer
from services.intake.projections import queue
from services.intake.use_cases import streams
from shared.web.desk import CommandAnswer
from shared.web.paging import AskedPage, Page

router = APIRouter(prefix="/v1", tags=["review"])


Officer = Annotated[str | None, Query(max_length=200, description="The id of a person.")]
Stage = Annotated[str | None, Query(max_length=50, description=" · ".join(queue.WAITING))]
Programme = Annotated[str | None, Query(max_length=200)]


@router.post("/applications/{application_id}/assignment")
def assign(application_id: UUID, body: AssignmentIn, desk: AssignersDesk) -> CommandAnswer:
    """Give it to an officer, who did not submit it."""
    command = AssignOfficer(officer_id=body.officer_id, on=desk.today, by=desk.caller.id)
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/applications/{application_id}/eligibility")
def decide_eligibility(
    application_id: UUID, body: EligibilityIn, desk: OfficersDesk
) -> CommandAnswer:
    """Find it eligible, or not and say why."""
    command = commands.DecideEligibility(
        confirmed=body.confirmed,
        reasons=tuple(body.reasons),
        on=desk.today,
        by=desk.caller.id,
        findings=tuple(finding.to_domain() for finding in body.findings),
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/applications/{application_id}/assessment")
def assess(application_id: UUID, body: AssessmentIn, desk: OfficersDesk) -> CommandAnswer:
    """
    Fill in the grid of its programme; again, to correct it, until it is forwarded.

    Refused with every open point at once: themes, requests for information, blocking findings.
    """
    command = commands.AssessApplication(
        scores=tuple((line.criterion, line.score) for line in body.scores),
        summary=body.summary,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/applications/{application_id}/forwarding")
def forward(application_id: UUID, body: ForwardingIn, desk: OfficersDesk) -> CommandAnswer:
    """
    Put it before the committee, with what is asked of each pocket and the risks that were found.

    Where the programme asks for due diligence, by another person than the one who assessed it.
    """
    command = commands.ForwardApplication(
        funding=body.to_domain(application_id), on=desk.today, by=desk.caller.id
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.get("/applications/{application_id}/review")
def review(application_id: UUID, reader: StaffCounter) -> ReviewOut:
    """Where the officers' work stands, with everything that is still open."""
    state, version = readable_application(reader, application_id)
    return ReviewOut.of(state, version=version)


@router.get("/queue", tags=["queue"])
def the_queue(  # noqa: PLR0917  # one parameter per filter
    reader: StaffCounter,
    paging: AskedPage,
    officer: Officer = None,
    assigned: bool | None = None,
    stage: Stage = None,
    programme: Programme = None,
    overdue: bool | None = None,
) -> Page[QueueLine]:
    """Applications that wait for officers, the longest waiting first."""
    asked = queue.Asked(
        officer_id=officer, assigned=assigned, stage=stage, programme=programme, overdue=overdue
    )
    with reader.view(queue.PROJECTION) as connection:
        rows = queue.queue(connection, asked, after=paging.after(date, UUID), fetch=paging.fetch)
    return paging.page(
        rows,
        key=lambda row: (row.submitted_on, row.application_id),
        item=lambda row: QueueLine.of(row, today=reader.today),
    )
