"""The form of an application: its sections, one by one, and what is expected of the project."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from services.intake.api.application_schemas import furthest
from services.intake.api.doors import (
    ApplicantsDesk,
    ReadersCounter,
    own_application,
    readable_application,
)
from services.intake.api.draft_schemas import ExpectationsIn, SectionIn
from services.intake.api.proposal_schemas import SectionOut
from services.intake.domain import application_commands as commands
from services.intake.domain import application_state as states
from services.intake.domain.application import DECIDER
from services.intake.use_cases import known, streams
from shared.web.desk import CommandAnswer

router = APIRouter(prefix="/v1/applications", tags=["applications"])

Code = Annotated[str, Path(max_length=200)]


@router.put("/{application_id}/sections/{code}")
def save_section(
    application_id: UUID, code: Code, body: SectionIn, desk: ApplicantsDesk
) -> CommandAnswer:
    """Keep the answers of one section, complete or not; what is missing is shown on reading."""
    proposal = own_application(desk, application_id).proposal
    command = commands.SaveSection(
        code=code,
        answers=body.answers,
        definition=known.definition_of(desk.store, known.call_of(desk.store, proposal.call_id)),
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.get("/{application_id}/sections")
def sections(application_id: UUID, reader: ReadersCounter) -> list[SectionOut]:
    """The sections of the form in order, with everything that keeps each from being complete."""
    state, _ = readable_application(reader, application_id)
    proposal, last = state.proposal, furthest(state)
    if isinstance(last, states.Draft):
        answered = known.call_of(reader.store, proposal.call_id)
        definition = known.definition_of(reader.store, answered)
    else:
        definition = last.sent.definition
    return [
        SectionOut.of(section, proposal.answers.get(section.code))
        for section in definition.sections
    ]


@router.put("/{application_id}/expectations")
def set_expectations(
    application_id: UUID, body: ExpectationsIn, desk: ApplicantsDesk
) -> CommandAnswer:
    """Say what each organisation expects of the project, by the programme's indicators."""
    proposal = own_application(desk, application_id).proposal
    command = commands.SetExpectations(
        expectations=body.to_domain(application_id),
        definition=known.definition_of(desk.store, known.call_of(desk.store, proposal.call_id)),
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)
