"""Who works on an application, and what the organisations invited to it say."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.intake.api.doors import (
    ApplicantsCounter,
    ApplicantsDesk,
    ReadersCounter,
    invited_application,
    must_lead,
    own_application,
    readable_application,
)
from services.intake.api.draft_schemas import ConfirmationIn, PeopleIn, RefusalIn
from services.intake.api.proposal_schemas import InvitationOut, PeopleOut
from services.intake.domain import application_commands as commands
from services.intake.domain.application import DECIDER
from services.intake.domain.application_state import NotStarted
from services.intake.domain.consortium import Person
from services.intake.domain.participation import Standing, invited
from services.intake.domain.people import people_of
from services.intake.domain.proposal import Proposal
from services.intake.projections import application_status, invitations
from services.intake.use_cases import streams
from shared.web.desk import CommandAnswer
from shared.web.paging import AskedPage, Page

router = APIRouter(prefix="/v1", tags=["applications"])


@router.put("/applications/{application_id}/people")
def name_people(application_id: UUID, body: PeopleIn, desk: ApplicantsDesk) -> CommandAnswer:
    """Say who of one's organisation works on it; whoever leads it does."""
    own_application(desk, application_id)
    command = commands.NamePeople(
        people=tuple(Person(person_id=each.person_id, role=each.role) for each in body.people),
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.get("/applications/{application_id}/people")
def people(application_id: UUID, reader: ReadersCounter) -> PeopleOut:
    """Who of the lead organisation works on it; for that organisation and for staff."""
    state, _ = readable_application(reader, application_id)
    must_lead(reader.caller, state.proposal.lead_organisation_id, reader.store)
    return PeopleOut.of(people_of(state.proposal), named=bool(state.proposal.people))


@router.get("/applications/{application_id}/participants")
def participants(application_id: UUID, reader: ReadersCounter) -> list[InvitationOut]:
    """What each invited organisation is asked to confirm, and what it said; of others one's own."""
    state, _ = readable_application(reader, application_id)
    proposal = state.proposal
    return [
        InvitationOut.of(proposal, participant)
        for participant in invited(proposal)
        if reader.caller.only_organisation
        in {None, proposal.lead_organisation_id, participant.organisation_id}
    ]


@router.post("/applications/{application_id}/participants/{organisation_id}/confirmation")
def confirm(
    application_id: UUID, organisation_id: UUID, body: ConfirmationIn, desk: ApplicantsDesk
) -> CommandAnswer:
    """Agree to one's own organisation's role, costs and requests, as they were read."""
    invited_application(desk, application_id, organisation_id)
    command = commands.ConfirmParticipation(
        organisation_id=organisation_id,
        content_sha256=body.content_sha256,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.post("/applications/{application_id}/participants/{organisation_id}/refusal")
def refuse(
    application_id: UUID, organisation_id: UUID, body: RefusalIn, desk: ApplicantsDesk
) -> CommandAnswer:
    """Do not agree to one's own organisation's part, and say why."""
    invited_application(desk, application_id, organisation_id)
    command = commands.RefuseParticipation(
        organisation_id=organisation_id,
        content_sha256=body.content_sha256,
        reason=body.reason,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(DECIDER, streams.application(application_id), command)


@router.get("/invitations")
def list_invitations(
    reader: ApplicantsCounter,
    paging: AskedPage,
    standing: Standing | None = None,
    programme: Annotated[str | None, Query(max_length=200)] = None,
) -> Page[InvitationOut]:
    """
    Drafts to which one's organisation is invited, in the order in which they were started.

    A page may hold fewer than were asked for, and still be followed by another.
    """
    after = paging.after(int)
    organisation_id = reader.caller.only_organisation
    with reader.view(application_status.PROJECTION) as connection:
        rows = invitations.inviting(
            connection,
            organisation_id=organisation_id,
            programme=programme,
            after=after[0] if after else None,
            fetch=paging.fetch,
        )

    def parts(application_id: UUID) -> list[InvitationOut]:
        # The view may be a moment behind: what an invitation says comes from the application.
        state = reader.one_of_many(DECIDER, streams.application(application_id))
        return [] if isinstance(state, NotStarted) else _parts(state.proposal, organisation_id)

    page = paging.page(rows, key=lambda row: (row.number,), item=lambda row: row.application_id)
    found = [part for application_id in page.items for part in parts(application_id)]
    return Page(items=[part for part in found if standing in {None, part.standing}], next=page.next)


def _parts(proposal: Proposal, organisation_id: UUID | None) -> list[InvitationOut]:
    return [
        InvitationOut.of(proposal, participant)
        for participant in invited(proposal)
        if organisation_id in {None, participant.organisation_id}
    ]
