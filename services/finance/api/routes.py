"""What machines ask of finance."""

from fastapi import APIRouter

from services.finance.api.doors import (
    AsOf,
    OfficersCounter,
    OfficersDesk,
    Until,
)
from services.finance.api.schemas import (
    ActualIn,
    ApprovalIn,
    IdentitiesOut,
    IdentityOut,
    PlanLineOut,
    PlanLinesIn,
    PlanOut,
    PocketOut,
    PocketsOut,
    TablesOut,
)
from services.finance.domain import actuals, plan
from services.finance.domain.events import MATCH_SOURCE, LineKind
from services.finance.domain.tables import Basis
from services.finance.projections.identities import identities
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import PROJECTION
from services.finance.projections.pockets import pockets
from services.finance.projections.tables import tables_of
from services.finance.use_cases import opening, streams
from shared.web.desk import CommandAnswer
from shared.web.schemas import FiscalYear

router = APIRouter(prefix="/v1")


@router.put("/plans/{fiscal_year}/lines", tags=["plan"])
def set_plan_lines(fiscal_year: FiscalYear, body: PlanLinesIn, desk: OfficersDesk) -> CommandAnswer:
    """Write all the lines of a year's plan, in place of those that were there."""
    lines = tuple(line.to_domain() for line in body.lines)
    named = [line.code for line in lines if line.kind is LineKind.NEW_BUSINESS]
    return desk.carry_out(
        plan.DECIDER,
        streams.plan(fiscal_year),
        plan.SetLines(
            fiscal_year=fiscal_year,
            lines=lines,
            sources=opening.sources(desk.store, named) | {MATCH_SOURCE},
            on=desk.today,
        ),
    )


@router.post("/plans/{fiscal_year}/approval", tags=["plan"])
def approve_plan(fiscal_year: FiscalYear, body: ApprovalIn, desk: OfficersDesk) -> CommandAnswer:
    """Record that the board approved the plan: the lines, and the ledger as it stands."""
    return desk.carry_out(
        plan.DECIDER,
        streams.plan(fiscal_year),
        plan.ApprovePlan(fiscal_year=fiscal_year, approved_on=body.approved_on, on=desk.today),
    )


@router.get("/plans/{fiscal_year}", tags=["plan"])
def one_plan(fiscal_year: FiscalYear, reader: OfficersCounter) -> PlanOut:
    """The lines of a plan as they are now, and its latest approval."""
    state, _ = reader.state(plan.DECIDER, streams.plan(fiscal_year))
    return PlanOut(
        fiscal_year=fiscal_year,
        version=state.version,
        approved_on=state.approved_on,
        lines=[
            PlanLineOut(
                kind=line.kind,
                code=line.code,
                programme=line.programme,
                quarter=line.quarter,
                amount=line.amount,
            )
            for line in state.lines
        ],
    )


@router.post("/actuals", status_code=201, tags=["plan"])
def record_actual(body: ActualIn, desk: OfficersDesk) -> CommandAnswer:
    """Record what operations cost, or what came in beside the projects' money."""
    actual_id = desk.new_id("actual")
    return desk.carry_out(
        actuals.DECIDER,
        streams.actual(actual_id),
        actuals.RecordActual(
            actual_id=actual_id,
            kind=body.kind,
            code=body.code,
            amount=body.amount,
            happened_on=body.happened_on,
            on=desk.today,
        ),
    )


@router.get("/tables/{fiscal_year}", tags=["views"])
def five_tables(
    fiscal_year: FiscalYear,
    reader: OfficersCounter,
    basis: Basis = Basis.FORECAST,
    as_of: AsOf = None,
    until: Until = None,
) -> TablesOut:
    """
    The five tables of a year: as planned, as forecast, or as it turned out.

    ``as_of`` is what was known by the end of a day, today unless given, or of a second; ``until``
    is what had happened by a day.
    """
    seen_on = as_of or reader.today
    with reader.view(PROJECTION) as connection:
        asked = tables_of(
            connection, fiscal_year=fiscal_year, basis=basis, as_of=seen_on, until=until
        )
    return TablesOut.of(asked, as_of=seen_on, until=until)


@router.get("/pockets", tags=["views"])
def all_pockets(reader: OfficersCounter, as_of: AsOf = None, until: Until = None) -> PocketsOut:
    """What remains of every pocket, and what its money is doing."""
    with reader.view(PROJECTION) as connection:
        balances = pockets(connection, Knowledge(as_of=as_of, until=until))
    return PocketsOut(as_of=as_of, items=[PocketOut.of(each) for each in balances])


@router.get("/identities", tags=["views"])
def all_identities(reader: OfficersCounter, as_of: AsOf = None) -> IdentitiesOut:
    """Whether everything holds that must always be true of the ledger."""
    with reader.view(PROJECTION) as connection:
        checked = identities(connection, Knowledge(as_of=as_of))
    return IdentitiesOut(
        as_of=as_of,
        ok=all(each.ok for each in checked),
        items=[IdentityOut.of(each) for each in checked],
    )
