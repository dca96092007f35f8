"""Organisations: registered, amended, held, merged, found."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.intake.api import organisation_history
from services.intake.api.doors import (
    AnybodysCounter,
    OfficersDesk,
    ReadersCounter,
    RegistrarsDesk,
)
from services.intake.api.histories import HistoryLine, history
from services.intake.api.organisation_schemas import (
    AmendmentIn,
    DuplicateOut,
    HoldIn,
    MergerIn,
    OrganisationFilters,
    OrganisationIn,
    OrganisationLine,
    OrganisationOut,
    WhyTheSame,
)
from services.intake.domain import organisation as organisations
from services.intake.domain.bilingual import Bilingual
from services.intake.domain.duplicates import REASONS, pairs_among
from services.intake.domain.profile import normalised_business_number
from services.intake.projections import organisations as views
from services.intake.use_cases import known, streams
from services.intake.use_cases.organisations import merge
from shared.eventstore.store import EventStore
from shared.eventstore.together import carry_out_together
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer, Reader, at_counter
from shared.web.paging import AskedPage, Page

router = APIRouter(prefix="/v1", tags=["organisations"])

OfficersCounter = Annotated[Reader, Depends(at_counter("intake-officer"))]
HistoryCounter = Annotated[
    Reader, Depends(at_counter("applicant", "intake-officer", "programme-manager"))
]


@router.post("/organisations", status_code=201)
def register_organisation(body: OrganisationIn, desk: RegistrarsDesk) -> CommandAnswer:
    """Register an organisation, once per business number."""
    profile = body.to_domain()
    organisation_id = organisations.organisation_id_of(profile.business_number)
    desk.created_at(f"/v1/organisations/{organisation_id}")
    command = organisations.RegisterOrganisation(profile=profile, on=desk.today, by=desk.caller.id)
    return desk.carry_out(organisations.DECIDER, streams.organisation(organisation_id), command)


@router.get("/organisations")
def list_organisations(  # one parameter per filter
    reader: ReadersCounter,
    paging: AskedPage,
    asked: Annotated[OrganisationFilters, Query()],
) -> Page[OrganisationLine]:
    """
    Organisations in the order in which they were registered, but for those that were merged.

    From outside: one's own; and, by its whole business number, one to name in a consortium.
    """
    own = reader.caller.only_organisation
    number = normalised_business_number(asked.business_number or "")
    after = paging.after(int)
    with reader.view(views.PROJECTION) as connection:
        rows = views.organisations(
            connection,
            name=asked.name,
            business_number=number or None,
            province=asked.province,
            kind=asked.kind,
            on_hold=asked.on_hold if own is None else None,
            only=None if own is None or number else known.ids_of(reader.store, own),
            after=after[0] if after else None,
            fetch=paging.fetch,
        )
    return paging.page(
        rows,
        key=lambda row: (row.number,),
        item=lambda row: OrganisationLine.of_row(row, for_staff=own is None),
    )


@router.get("/organisations/duplicates")
def duplicates(reader: OfficersCounter, paging: AskedPage) -> Page[DuplicateOut]:
    """Pairs of organisations that may be one, the most alike first, and why."""
    after = paging.after(int, UUID, UUID)
    with reader.view(views.PROJECTION) as connection:
        pairs = [
            pair
            for pair in pairs_among(views.entries(connection))
            if after is None or (-pair.likeness, pair.first, pair.second) > after
        ][: paging.fetch]
        names = views.names_of(
            connection, (each for pair in pairs for each in (pair.first, pair.second))
        )
    return paging.page(
        pairs,
        key=lambda pair: (-pair.likeness, pair.first, pair.second),
        item=lambda pair: DuplicateOut(
            first=pair.first,
            first_name=names[pair.first],
            second=pair.second,
            second_name=names[pair.second],
            likeness=pair.likeness,
            reasons=[
                WhyTheSame(code=code, says=Bilingual(en=REASONS[code][0], fr=REASONS[code][1]))
                for code in pair.reasons
            ],
        ),
    )


@router.get("/organisations/{organisation_id}")
def organisation(
    organisation_id: UUID, reader: AnybodysCounter, response: Response
) -> OrganisationOut:
    """
    A registered organisation; where it was merged, the one that stands for it.

    `Content-Location` says whose description it is. From outside one sees all of one's own, and of
    others what it takes to name them.
    """
    caller = reader.caller
    found = known.organisation_of(reader.store, organisation_id)
    if found is None:
        raise NotFound(kind="organisation")
    # The version is that of the organisation described, so that If-Match holds for it.
    state, _ = reader.state(organisations.DECIDER, streams.organisation(found.organisation_id))
    if not isinstance(state, organisations.Organisation):
        raise NotFound(kind="organisation")
    response.headers["Content-Location"] = f"/v1/organisations/{state.organisation_id}"
    own = caller.only_organisation
    return OrganisationOut.of(
        state,
        own=own in {state.organisation_id, organisation_id, *state.absorbed},
        for_staff=own is None,
    )


@router.put("/organisations/{organisation_id}")
def amend_organisation(
    organisation_id: UUID, body: AmendmentIn, desk: RegistrarsDesk
) -> CommandAnswer:
    """
    Describe it anew, as it has been since a day, and say why; its business number stays.

    A wrong number is put right by registering the right one and merging the two.
    """
    _must_be_its_own(desk.caller.only_organisation, desk.store, organisation_id)
    stream = streams.organisation(organisation_id)
    state = desk.state(organisations.DECIDER, stream)
    if isinstance(state, organisations.Unregistered):
        raise NotFound(kind="organisation")
    command = organisations.AmendOrganisation(
        profile=body.profile(state.profile.business_number),
        effective_on=body.effective_on,
        reason=body.reason,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(organisations.DECIDER, stream, command)


@router.post("/organisations/{organisation_id}/hold")
def hold_organisation(organisation_id: UUID, body: HoldIn, desk: OfficersDesk) -> CommandAnswer:
    """Put it on hold: where a programme asks, nothing is submitted with it."""
    command = organisations.HoldOrganisation(reason=body.reason, on=desk.today, by=desk.caller.id)
    return desk.carry_out(organisations.DECIDER, streams.organisation(organisation_id), command)


@router.post("/organisations/{organisation_id}/hold-release")
def release_organisation(organisation_id: UUID, body: HoldIn, desk: OfficersDesk) -> CommandAnswer:
    """Let it submit again; another officer than the one who put it on hold."""
    command = organisations.ReleaseOrganisation(
        reason=body.reason, on=desk.today, by=desk.caller.id
    )
    return desk.carry_out(organisations.DECIDER, streams.organisation(organisation_id), command)


@router.post("/organisations/{organisation_id}/merger")
def merge_organisation(organisation_id: UUID, body: MergerIn, desk: OfficersDesk) -> CommandAnswer:
    """Let another organisation stand for it, from now on and wherever its id is used."""
    return desk.answer(
        carry_out_together(
            desk.store,
            desk.context,
            lambda loaded: merge(
                loaded,
                organisation_id,
                body.into,
                reason=body.reason,
                on=desk.today,
                by=desk.caller.id,
            ),
            about=streams.organisation(organisation_id),
            request_hash=desk.request_hash,
            expected_version=desk.expected_version,
            folds=desk.folds,
        )
    )


@router.get("/organisations/{organisation_id}/history")
def organisation_changes(
    organisation_id: UUID, reader: HistoryCounter, paging: AskedPage
) -> Page[HistoryLine]:
    """What happened under this id, oldest first; merged or not. From outside: one's own."""
    own = reader.caller.only_organisation
    _must_be_its_own(own, reader.store, organisation_id)
    stream = streams.organisation(organisation_id)
    reader.state(organisations.DECIDER, stream)
    tell = organisation_history.tell_staff if own is None else organisation_history.tell_its_own
    return history(reader.store.load(stream), tell, paging)


def _must_be_its_own(own: UUID | None, store: EventStore, organisation_id: UUID) -> None:
    """Refuse someone from outside who acts for another organisation, as ``NotFound``."""
    if own not in {None, organisation_id} and organisation_id not in known.ids_of(store, own):
        raise NotFound(kind="organisation")
