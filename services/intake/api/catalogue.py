"""Programmes."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.intake.api.doors import AnybodysCounter, ManagersDesk
from services.intake.api.programme_schemas import ProgrammeIn, ProgrammeLine, ProgrammeOut
from services.intake.domain import programme as programmes
from services.intake.domain.bilingual import Bilingual
from services.intake.projections import catalogue
from services.intake.use_cases import streams
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
