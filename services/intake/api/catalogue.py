"""Programmes, calls and organisations."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.intake.api.call_schemas import CallIn, CallOut
from services.intake.api.doors import AnybodysCounter, ManagersDesk, RegistrarsDesk
from services.intake.api.organisation_schemas import OrganisationIn, OrganisationOut
from services.intake.api.programme_schemas import ProgrammeIn, ProgrammeLine, ProgrammeOut
from services.intake.domain import call as calls
from services.intake.domain import organisation as organisations
from services.intake.domain import programme as programmes
from services.intake.domain.bilingual import Bilingual
from services.intake.projections import catalogue
from services.intake.use_cases import known, streams
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer
from shared.web.paging import AskedPage, Page

router = APIRouter(prefix="/v1")


@router.post("/programmes", status_code=201, tags=["programmes"])
def publish_programme(body: ProgrammeIn, desk: ManagersDesk) -> CommandAnswer:
    """Publish the next version of a programme, when all of its definition makes sense."""
    desk.created_at(f"/v1/programmes/{body.code}")
    command = programmes.PublishProgramme(
        definition=body.to_domain(), on=desk.today, by=desk.caller.id
    )
    return desk.carry_out(programmes.DECIDER, streams.programme(body.code), command)


@router.get("/programmes", tags=["programmes"])
def list_programmes(reader: AnybodysCounter, paging: AskedPage) -> Page[ProgrammeLine]:
    """The programmes, by code, each at its version in force."""
    after = paging.after(str)
    with reader.view(catalogue.PROJECTION) as connection:
        rows = catalogue.programmes(
            connection, after=after[0] if after else None, fetch=paging.fetch
        )
    return paging.page(
        rows,
        key=lambda row: (row.code,),
        item=lambda row: ProgrammeLine(
            code=row.code,
            version=row.version,
            names=Bilingual(en=row.name_en, fr=row.name_fr),
            phase=row.phase,
            reimbursement_rate_bp=row.reimbursement_rate_bp,
            published_on=row.published_on,
        ),
    )


@router.get("/programmes/{code}", tags=["programmes"])
def programme(
    code: str, reader: AnybodysCounter, version: Annotated[int | None, Query(ge=1)] = None
) -> ProgrammeOut:
    """A programme at its version in force, or at the one asked for."""
    state, _ = reader.state(programmes.DECIDER, streams.programme(code))
    asked = state.version if version is None else version
    if asked > state.version:
        raise NotFound(kind="programme version")
    return ProgrammeOut(
        version=asked, in_force=asked == state.version, definition=state.definition(asked)
    )


@router.post("/organisations", status_code=201, tags=["organisations"])
def register_organisation(body: OrganisationIn, desk: RegistrarsDesk) -> CommandAnswer:
    """Register an organisation, once per business number."""
    profile = body.to_domain()
    organisation_id = organisations.organisation_id_of(profile.business_number)
    desk.created_at(f"/v1/organisations/{organisation_id}")
    command = organisations.RegisterOrganisation(profile=profile, on=desk.today, by=desk.caller.id)
    return desk.carry_out(organisations.DECIDER, streams.organisation(organisation_id), command)


@router.get("/organisations/{organisation_id}", tags=["organisations"])
def organisation(organisation_id: UUID, reader: AnybodysCounter) -> OrganisationOut:
    """A registered organisation."""
    state, _ = reader.state(organisations.DECIDER, streams.organisation(organisation_id))
    if not isinstance(state, organisations.Organisation):
        raise NotFound(kind="organisation")
    profile = state.profile
    return OrganisationOut(
        id=state.organisation_id,
        business_number=profile.business_number,
        neq=profile.neq,
        legal_name=profile.legal_name,
        kind=profile.kind,
        province=profile.province,
        employees=profile.employees,
        for_profit=profile.for_profit,
        incorporated_in_canada=profile.incorporated_in_canada,
        sme=profile.sme,
    )


@router.post("/calls", status_code=201, tags=["calls"])
def publish_call(body: CallIn, desk: ManagersDesk) -> CommandAnswer:
    """Invite applications to a programme, under its version in force."""
    call_id = desk.new_id("call")
    desk.created_at(f"/v1/calls/{call_id}")
    command = calls.PublishCall(
        call_id=call_id,
        programme_code=body.programme_code,
        programme_version=known.programme_of(desk.store, body.programme_code).version,
        title=body.title.to_domain(),
        opens_at=body.opens_at,
        closes_at=body.closes_at,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(calls.DECIDER, streams.call(call_id), command)


@router.get("/calls", tags=["calls"])
def list_calls(
    reader: AnybodysCounter,
    paging: AskedPage,
    programme: Annotated[str | None, Query(max_length=200)] = None,
) -> Page[CallOut]:
    """The calls, in the order in which they were published."""
    after = paging.after(int)
    with reader.view(catalogue.PROJECTION) as connection:
        rows = catalogue.calls(
            connection,
            programme=programme,
            after=after[0] if after else None,
            fetch=paging.fetch,
        )
    return paging.page(
        rows,
        key=lambda row: (row.number,),
        item=lambda row: CallOut(
            id=row.call_id,
            programme_code=row.programme_code,
            programme_version=row.programme_version,
            title=Bilingual(en=row.title_en, fr=row.title_fr),
            opens_at=row.opens_at,
            closes_at=row.closes_at,
        ),
    )


@router.get("/calls/{call_id}", tags=["calls"])
def call(call_id: UUID, reader: AnybodysCounter) -> CallOut:
    """A published call."""
    state, _ = reader.state(calls.DECIDER, streams.call(call_id))
    if not isinstance(state, calls.Call):
        raise NotFound(kind="call")
    return CallOut(
        id=state.call_id,
        programme_code=state.programme_code,
        programme_version=state.programme_version,
        title=state.title,
        opens_at=state.opens_at,
        closes_at=state.closes_at,
    )
