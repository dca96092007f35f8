"""Applications, from draft to committee, and the pipeline."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.intake.api.application_schemas import (
    ApplicationLine,
    ApplicationOut,
    PipelineLine,
    PipelineOut,
)
from services.intake.api.doors import (
    ApplicantsDesk,
    OfficersDesk,
    ReadersCounter,
    StaffCounter,
    must_lead,
    own_application,
    readable_application,
)
from services.intake.api.draft_schemas import (
    ApplicationIn,
    BudgetIn,
    ConsortiumIn,
    SubmissionIn,
    WithdrawalIn,
)
from services.intake.api.review_schemas import AssessmentIn, EligibilityIn, ForwardingIn
from services.intake.domain import application_commands as commands
from services.intake.domain.application import DECIDER
from services.intake.domain.application_state import STAGES
from services.intake.projections import application_status, pipeline
from services.intake.use_cases import known, streams
from shared.kernel.money import Money
from shared.web.desk import CommandAnswer
from shared.web.paging import AskedPage, Page

router = APIRouter(prefix="/v1", tags=["applications"])

Stage = Annotated[str | None, Query(max_length=50, description=" · ".join(STAGES))]
Programme = Annotated[str | None, Query(max_length=200)]
PartOfTitle = Annotated[str | None, Query(max_length=100, description="Part of the title.")]


@router.post("/applications", status_code=201)
def start(body: ApplicationIn, desk: ApplicantsDesk) -> CommandAnswer:
    """Begin to answer a call, for one's own organisation; its id will be the project's."""
    must_lead(desk.caller, body.lead_organisation_id)
    application_id = desk.new_id("application")
    desk.created_at(f"/v1/applications/{application_id}")
    command = commands.StartApplication(
        application_id=application_id,
        call=known.call_of(desk.store, body.call_id),
        title=body.title,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        lead=known.participant_of(
            desk.store,
            application_id,
            body.lead_organisation_id,
            "lead",
            field="lead_organisation_id",
        ),
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.put("/applications/{application_id}/consortium")
def set_consortium(application_id: UUID, body: ConsortiumIn, desk: ApplicantsDesk) -> CommandAnswer:
    """Say who takes part; whoever leaves takes their lines of the budget along."""
    own_application(desk, application_id)
    participants = known.participants_of(
        desk.store,
        application_id,
        [(member.organisation_id, member.role) for member in body.participants],
    )
    command = commands.SetConsortium(
        participants=tuple(participants), on=desk.today, by=desk.caller.id
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.put("/applications/{application_id}/budget")
def set_budget(application_id: UUID, body: BudgetIn, desk: ApplicantsDesk) -> CommandAnswer:
    """Say what it costs, by organisation, category and quarter, and what is asked for."""
    proposal = own_application(desk, application_id).proposal
    answered = known.call_of(desk.store, proposal.call_id)
    command = commands.SetBudget(
        budget=body.to_domain(application_id),
        definition=known.definition_of(desk.store, answered),
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/applications/{application_id}/submission")
def submit(application_id: UUID, body: SubmissionIn, desk: ApplicantsDesk) -> CommandAnswer:
    """Submit; refused with every reason at once when the programme's rules speak against it."""
    proposal = own_application(desk, application_id).proposal
    answered = known.call_of(desk.store, proposal.call_id)
    command = commands.SubmitApplication(
        certified=body.certified,
        call=answered,
        definition=known.definition_of(desk.store, answered),
        now=desk.now,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/applications/{application_id}/withdrawal")
def withdraw(application_id: UUID, body: WithdrawalIn, desk: ApplicantsDesk) -> CommandAnswer:
    """Take it back, before it is decided."""
    own_application(desk, application_id)
    command = commands.WithdrawApplication(reason=body.reason, on=desk.today, by=desk.caller.id)
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
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/applications/{application_id}/assessment")
def assess(application_id: UUID, body: AssessmentIn, desk: OfficersDesk) -> CommandAnswer:
    """Fill in the grid of its programme; again, to correct it, until it is forwarded."""
    command = commands.AssessApplication(
        scores=tuple((line.criterion, line.score) for line in body.scores),
        summary=body.summary,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/applications/{application_id}/forwarding")
def forward(application_id: UUID, body: ForwardingIn, desk: OfficersDesk) -> CommandAnswer:
    """Put it before the committee, with what is asked of each pocket."""
    command = commands.ForwardApplication(
        funding=body.to_domain(application_id), on=desk.today, by=desk.caller.id
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.get("/applications")
def list_applications(
    reader: ReadersCounter,
    paging: AskedPage,
    *,
    stage: Stage = None,
    programme: Programme = None,
    call: UUID | None = None,
    text: PartOfTitle = None,
) -> Page[ApplicationLine]:
    """Applications in the order in which they were started; from outside, one's own."""
    after = paging.after(int)
    with reader.view(application_status.PROJECTION) as connection:
        rows = application_status.applications(
            connection,
            stage=stage,
            programme=programme,
            call_id=call,
            text=text,
            organisation_id=reader.caller.only_organisation,
            after=after[0] if after else None,
            fetch=paging.fetch,
        )
    return paging.page(
        rows,
        key=lambda row: (row.number,),
        item=lambda row: ApplicationLine(
            id=row.application_id,
            programme_code=row.programme_code,
            call_id=row.call_id,
            title=row.title,
            stage=row.stage,
            stage_since=row.stage_since,
            lead_organisation_id=row.lead_organisation_id,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            submitted_on=row.submitted_on,
            public=Money(row.public_cents),
            match=Money(row.match_cents),
        ),
    )


@router.get("/applications/{application_id}")
def application(application_id: UUID, reader: ReadersCounter) -> ApplicationOut:
    """An application, as far as it has come; what officers found is for staff."""
    state, version = readable_application(reader, application_id)
    return ApplicationOut.of(
        state, version=version, for_staff=reader.caller.only_organisation is None
    )


@router.get("/pipeline", tags=["pipeline"])
def the_pipeline(reader: StaffCounter, programme: Programme = None) -> PipelineOut:
    """How many applications, worth how much, by programme and stage."""
    with reader.view(pipeline.PROJECTION) as connection:
        rows = pipeline.pipeline(connection, programme=programme)
    order = list(STAGES)
    return PipelineOut.of(
        [
            PipelineLine(
                programme_code=row.programme_code,
                stage=row.stage,
                count=row.count,
                public=Money(row.public_cents),
                match=Money(row.match_cents),
                value=Money(row.public_cents + row.match_cents),
            )
            for row in sorted(rows, key=lambda row: (row.programme_code, order.index(row.stage)))
        ]
    )
