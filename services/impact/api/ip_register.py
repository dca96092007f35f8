"""The register of intellectual property, which members can search."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from services.impact.domain import intellectual_property as ip
from services.impact.projections import ip_register
from services.impact.use_cases import streams
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_desk
from shared.web.paging import AskedPage, Page
from shared.web.schemas import Request

router = APIRouter(prefix="/v1/ip-register", tags=["intellectual property"])

STAFF = ("programme-manager", "intake-officer", "agreement-officer", "committee-secretary")
OFFICERS = ("programme-manager", "agreement-officer")

MembersCounter = Annotated[Reader, Depends(at_counter("recipient", *STAFF))]
MembersDesk = Annotated[Desk, Depends(at_desk("recipient", *OFFICERS))]
OfficersDesk = Annotated[Desk, Depends(at_desk(*OFFICERS))]

Code = Annotated[str | None, Query(max_length=100)]


class FactsIn(Request):
    """How things are now with a piece of intellectual property, all of it."""

    title: str = Field(min_length=1, max_length=300)
    kind: str = Field(max_length=50, examples=["patent"])
    owner_organisation_id: UUID
    canadian_owned: bool
    reuse_allowed: bool
    """Others may use it outside the project."""
    reused: bool
    """Others do."""
    commercialised: bool

    def to_domain(self) -> ip.Facts:
        """As the domain speaks of it."""
        return ip.Facts(**self.model_dump())


class DeregistrationIn(Request):
    """Why an entry was made in error."""

    reason: str = Field(min_length=1, max_length=2_000)


class PieceOut(BaseModel):
    """A piece of intellectual property, as it was on the day asked for."""

    id: UUID
    project_id: UUID
    programme_code: str
    participant_id: UUID
    registered_on: date
    title: str
    kind: str
    owner_organisation_id: UUID
    canadian_owned: bool
    reuse_allowed: bool
    reused: bool
    commercialised: bool
    since: date
    """The day from which on this holds."""


class TellingOut(BaseModel):
    """What was told of a piece at one time."""

    since: date
    source: ip.Source
    title: str
    kind: str
    owner_organisation_id: UUID
    canadian_owned: bool
    reuse_allowed: bool
    reused: bool
    commercialised: bool


class HistoryOut(BaseModel):
    """A piece of intellectual property and all that was told of it, oldest first."""

    id: UUID
    project_id: UUID
    programme_code: str
    participant_id: UUID
    deregistered: bool
    tellings: list[TellingOut]
    version: int


class RatesOut(BaseModel):
    """How much of a programme's intellectual property is put to use, with the base of each rate."""

    programme: str
    base: int
    """Pieces in the register on that day, those taken out left out."""
    canadian_owned: int
    commercialised: int
    reuse_allowed: int
    reused: int
    commercialised_bp: int
    """Commercialised of the base, in basis points, half up; the plan aims at 9,000."""
    reuse_allowed_bp: int
    """Reuse allowed or done, of the base; the plan aims at 10,000."""


@router.get("")
def search(  # one argument per thing that can be asked for
    reader: MembersCounter,
    paging: AskedPage,
    *,
    text: Annotated[str | None, Query(max_length=200)] = None,
    kind: Code = None,
    programme: Code = None,
    project_id: UUID | None = None,
    owner_organisation_id: UUID | None = None,
    canadian_owned: bool | None = None,
    reuse_allowed: bool | None = None,
    reused: bool | None = None,
    commercialised: bool | None = None,
    as_of: date | None = None,
) -> Page[PieceOut]:
    """Pieces in the order in which they were registered, as they were on a day (today)."""
    wanted = ip_register.Wanted(
        text=text,
        kind=kind,
        programme_code=programme,
        project_id=project_id,
        owner_organisation_id=owner_organisation_id,
        canadian_owned=canadian_owned,
        reuse_allowed=reuse_allowed,
        reused=reused,
        commercialised=commercialised,
    )
    after = paging.after(int)
    with reader.view(ip_register.PROJECTION) as connection:
        rows = ip_register.pieces(
            connection,
            wanted,
            as_of=as_of or reader.today,
            after=after[0] if after else None,
            fetch=paging.fetch,
        )
    return paging.page(
        rows,
        key=lambda row: (row.number,),
        item=lambda row: PieceOut(
            id=row.ip_id,
            project_id=row.project_id,
            programme_code=row.programme_code,
            participant_id=row.participant_id,
            registered_on=row.registered_on,
            title=row.title,
            kind=row.kind,
            owner_organisation_id=row.owner_organisation_id,
            canadian_owned=row.canadian_owned,
            reuse_allowed=row.reuse_allowed,
            reused=row.reused,
            commercialised=row.commercialised,
            since=row.since,
        ),
    )


@router.get("/rates")
def rates(
    reader: MembersCounter, programme: Code = None, as_of: date | None = None
) -> list[RatesOut]:
    """By programme, how much is owned in Canada, commercialised and reused, on a day (today)."""
    with reader.view(ip_register.PROJECTION) as connection:
        found = ip_register.rates(connection, as_of=as_of or reader.today, programme=programme)
    return [
        RatesOut(
            programme=each.programme,
            base=each.base,
            canadian_owned=each.canadian_owned,
            commercialised=each.commercialised,
            reuse_allowed=each.reuse_allowed,
            reused=each.reused,
            commercialised_bp=_bp(each.commercialised, each.base),
            reuse_allowed_bp=_bp(each.reuse_allowed, each.base),
        )
        for each in found
    ]


@router.get("/{ip_id}")
def history(ip_id: UUID, reader: MembersCounter) -> HistoryOut:
    """A piece and its history."""
    state, version = reader.state(ip.DECIDER, streams.ip(ip_id))
    if not isinstance(state, ip.Registered):
        raise NotFound(kind="ip")
    with reader.view(ip_register.PROJECTION) as connection:
        told = ip_register.tellings(connection, ip_id)
    return HistoryOut(
        id=ip_id,
        project_id=state.project_id,
        programme_code=state.programme_code,
        participant_id=state.participant_id,
        deregistered=state.deregistered,
        tellings=[TellingOut.model_validate(each, from_attributes=True) for each in told],
        version=version,
    )


@router.put("/{ip_id}")
def update(ip_id: UUID, body: FactsIn, desk: MembersDesk) -> CommandAnswer:
    """Say how things are now: whoever owns it, or an officer. What was said before is kept."""
    state = desk.state(ip.DECIDER, streams.ip(ip_id))
    mine = desk.caller.only_organisation
    if not isinstance(state, ip.Registered) or mine not in {
        None,
        state.facts.owner_organisation_id,
    }:
        raise NotFound(kind="ip")
    command = ip.UpdateIp(
        facts=body.to_domain(),
        source=ip.Source.OFFICER if mine is None else ip.Source.MEMBER,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(ip.DECIDER, streams.ip(ip_id), command)


@router.post("/{ip_id}/deregistration")
def deregister(ip_id: UUID, body: DeregistrationIn, desk: OfficersDesk) -> CommandAnswer:
    """Take an entry out that was made in error; its history stays."""
    command = ip.DeregisterIp(reason=body.reason, on=desk.today, by=desk.caller.id)
    return desk.carry_out(ip.DECIDER, streams.ip(ip_id), command)


def _bp(part: int, whole: int) -> int:
    return (2 * 10_000 * part + whole) // (2 * whole)
