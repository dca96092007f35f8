"""What machines ask of finance."""

from uuid import UUID

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
    AuthorityIn,
    DrawdownIn,
    DrawdownOut,
    FunderAgreementIn,
    FunderAgreementOut,
    IdentitiesOut,
    IdentityOut,
    NamesOut,
    PlanLineOut,
    PlanLinesIn,
    PlanOut,
    PocketAmountOut,
    PocketOut,
    PocketsOut,
    ReceiptIn,
    TablesOut,
)
from services.finance.domain import actuals, drawdown, funder_agreement, plan, pocket
from services.finance.domain.events import MATCH_SOURCE, LineKind
from services.finance.domain.tables import Basis
from services.finance.projections.identities import identities
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import PROJECTION
from services.finance.projections.pockets import pockets
from services.finance.projections.tables import tables_of
from services.finance.use_cases import opening, streams
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer
from shared.web.schemas import FiscalYear

router = APIRouter(prefix="/v1")


@router.post("/funder-agreements", status_code=201, tags=["funders"])
def open_funder_agreement(body: FunderAgreementIn, desk: OfficersDesk) -> CommandAnswer:
    """Record an agreement that a funder signed, with its envelopes."""
    desk.created_at(f"/v1/funder-agreements/{body.code}")
    command = funder_agreement.OpenFunderAgreement(
        code=body.code,
        funder=body.funder,
        name_en=body.names.en,
        name_fr=body.names.fr,
        pockets=tuple(each.code for each in body.pockets),
        opened_on=body.opened_on,
    )
    envelopes = [
        pocket.OpenPocket(
            pocket=each.code,
            funder=body.funder,
            funder_agreement=body.code,
            name_en=each.names.en,
            name_fr=each.names.fr,
            authority=each.authority,
            opened_on=body.opened_on,
            yearly=tuple(ceiling.to_domain() for ceiling in each.yearly),
        )
        for each in body.pockets
    ]
    return desk.answer(
        opening.open_funder_agreement(
            desk.store,
            command,
            envelopes,
            desk.context,
            request_hash=desk.request_hash,
            expected_version=desk.expected_version,
        )
    )


@router.get("/funder-agreements/{code}", tags=["funders"])
def one_funder_agreement(code: str, reader: OfficersCounter) -> FunderAgreementOut:
    """A funder agreement."""
    state, _ = reader.state(funder_agreement.DECIDER, streams.funder_agreement(code))
    if isinstance(state, funder_agreement.NotOpened):
        raise NotFound(kind="funder agreement")
    return FunderAgreementOut(
        code=state.code,
        funder=state.funder,
        names=NamesOut(en=state.name_en, fr=state.name_fr),
        opened_on=state.opened_on,
        pockets=list(state.pockets),
    )


@router.put("/funder-agreements/{code}/pockets/{pocket_code}", tags=["funders"])
def change_authority(
    code: str, pocket_code: str, body: AuthorityIn, desk: OfficersDesk
) -> CommandAnswer:
    """Record how much an envelope holds in all from a day on."""
    return desk.carry_out(
        pocket.DECIDER,
        streams.pocket(pocket_code),
        pocket.ChangeAuthority(
            pocket=pocket_code,
            funder_agreement=code,
            authority=body.authority,
            effective_on=body.effective_on,
            yearly=(
                None
                if body.yearly is None
                else tuple(ceiling.to_domain() for ceiling in body.yearly)
            ),
        ),
    )


@router.post("/drawdowns", status_code=201, tags=["funders"])
def submit_drawdown(body: DrawdownIn, desk: OfficersDesk) -> CommandAnswer:
    """Claim from a funder, per pocket."""
    agreement = desk.state(
        funder_agreement.DECIDER, streams.funder_agreement(body.funder_agreement)
    )
    if isinstance(agreement, funder_agreement.NotOpened):
        raise NotFound(kind="funder agreement")
    drawdown_id = desk.new_id("drawdown")
    desk.created_at(f"/v1/drawdowns/{drawdown_id}")
    return desk.carry_out(
        drawdown.DECIDER,
        streams.drawdown(drawdown_id),
        drawdown.SubmitDrawdown(
            drawdown_id=drawdown_id,
            funder_agreement=body.funder_agreement,
            agreement_pockets=agreement.pockets,
            pockets=tuple(each.to_domain() for each in body.pockets),
            submitted_on=body.submitted_on,
            on=desk.today,
        ),
    )


@router.get("/drawdowns/{drawdown_id}", tags=["funders"])
def one_drawdown(drawdown_id: UUID, reader: OfficersCounter) -> DrawdownOut:
    """A drawdown, and what is still to come of it."""
    state, _ = reader.state(drawdown.DECIDER, streams.drawdown(drawdown_id))
    if isinstance(state, drawdown.NotSubmitted):
        raise NotFound(kind="drawdown")
    return DrawdownOut(
        id=state.drawdown_id,
        funder_agreement=state.funder_agreement,
        submitted_on=state.submitted_on,
        claimed=[PocketAmountOut(pocket=p.pocket, amount=p.amount) for p in state.claimed],
        due=[PocketAmountOut(pocket=p.pocket, amount=p.amount) for p in state.due],
    )


@router.post("/drawdowns/{drawdown_id}/receipts", tags=["funders"])
def receive_drawdown(drawdown_id: UUID, body: ReceiptIn, desk: OfficersDesk) -> CommandAnswer:
    """Record what a funder paid; it is split over what each pocket is still owed."""
    return desk.carry_out(
        drawdown.DECIDER,
        streams.drawdown(drawdown_id),
        drawdown.ReceiveDrawdown(amount=body.amount, received_on=body.received_on, on=desk.today),
    )


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
