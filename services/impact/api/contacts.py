"""Who is asked: named by the organisation or by an officer, erased when they ask for it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.impact.api.contact_schemas import ContactIn, ContactOut
from services.impact.api.transactions import transaction_of
from services.impact.domain import contacts as domain
from services.impact.gateways.contacts import details_of
from services.impact.use_cases import contacts, streams
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_desk

OFFICERS = ("programme-manager", "agreement-officer")

ContactDesk = Annotated[Desk, Depends(at_desk("recipient", *OFFICERS))]
ContactReader = Annotated[Reader, Depends(at_counter("recipient", *OFFICERS))]

router = APIRouter(prefix="/v1", tags=["contacts"])


@router.put("/contacts/{organisation_id}")
def name_contact(organisation_id: UUID, body: ContactIn, desk: ContactDesk) -> CommandAnswer:
    """
    Say who is asked for an organisation: about everything, one project, or one participant.

    Whoever was named before for the same is no longer asked, and their links open nothing.
    The answer's `id` is the contact's.
    """
    _must_be_of(desk.caller.only_organisation, organisation_id)
    contact_id = desk.new_id("contact")
    with desk.transaction() as connection:
        before = desk.answered_before()
        if before is None:
            outcome = contacts.name(
                transaction_of(desk, connection),
                contact_id,
                body.to_person(),
                organisation_id=organisation_id,
                scope=domain.Scope(project_id=body.project_id, participant_id=body.participant_id),
                by=desk.caller.id,
                on=desk.today,
            )
            before = desk.answer(outcome)
    return before.model_copy(update={"id": contact_id})


@router.get("/contacts/{organisation_id}")
def list_contacts(organisation_id: UUID, reader: ContactReader) -> list[ContactOut]:
    """Who is asked for an organisation now."""
    _must_be_of(reader.caller.only_organisation, organisation_id)
    state = domain.DECIDER.fold(reader.store.events(streams.contacts(organisation_id)))
    with reader.tables() as connection:
        details = details_of(connection, [each.contact_id for each in state.present])
    is_staff = reader.caller.only_organisation is None
    return [
        ContactOut(
            contact_id=each.contact_id,
            organisation_id=organisation_id,
            project_id=each.scope.project_id,
            participant_id=each.scope.participant_id,
            survey_id=each.scope.survey_id,
            name=known.name,
            email=known.email,
            language=known.language,
            is_reachable=each.is_reachable if is_staff else None,
        )
        for each in state.present
        if (known := details.get(each.contact_id)) is not None
    ]


@router.post("/contacts/{organisation_id}/{contact_id}/erasure")
def erase_contact(organisation_id: UUID, contact_id: UUID, desk: ContactDesk) -> CommandAnswer:
    """Erase name, address and language of a contact, for good; what they answered stays."""
    _must_be_of(desk.caller.only_organisation, organisation_id)
    with desk.transaction() as connection:
        before = desk.answered_before()
        if before is None:
            outcome = contacts.erase(
                transaction_of(desk, connection),
                contact_id,
                organisation_id=organisation_id,
                by=desk.caller.id,
                on=desk.today,
            )
            before = desk.answer(outcome)
    return before


def _must_be_of(only: UUID | None, organisation_id: UUID) -> None:
    if only not in {None, organisation_id}:
        raise NotFound(kind="organisation")
