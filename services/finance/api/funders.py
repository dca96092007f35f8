"""Funder agreements, their envelopes and terms, and what we claim of them."""

from uuid import UUID

from fastapi import APIRouter

from services.finance.api.doors import AsOf, OfficersCounter, OfficersDesk, Until
from services.finance.api.funder_schemas import (
    AuthorityIn,
    DrawdownIn,
    DrawdownOut,
    FunderAgreementIn,
    FunderAgreementOut,
    FunderYearOut,
    FunderYearsOut,
    NewTermsIn,
    PocketAmountOut,
    ReceiptIn,
    TermsOut,
    YearEndOut,
)
from services.finance.api.schemas import NamesOut
from services.finance.domain import drawdown, funder_agreement, pocket
from services.finance.domain.funder_years import FunderYear, years_of
from services.finance.projections.funders import spent_by_year, used_in
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import PROJECTION
from services.finance.use_cases import funders, opening, streams
from shared.kernel.money import Money
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer, Reader
from shared.web.schemas import FiscalYear

router = APIRouter(prefix="/v1", tags=["funders"])


@router.post("/funder-agreements", status_code=201)
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
        terms=body.terms.to_domain(),
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


@router.get("/funder-agreements/{code}")
def one_funder_agreement(code: str, reader: OfficersCounter) -> FunderAgreementOut:
    """A funder agreement: its pockets, its terms and the years that were ended."""
    state = _opened(reader.state(funder_agreement.DECIDER, streams.funder_agreement(code))[0])
    return FunderAgreementOut(
        code=state.code,
        funder=state.funder,
        names=NamesOut(en=state.name_en, fr=state.name_fr),
        opened_on=state.opened_on,
        pockets=list(state.pockets),
        terms=TermsOut.of(state.terms),
        year_ends=[YearEndOut.of(each) for each in state.ended],
    )


@router.put("/funder-agreements/{code}/terms")
def set_terms(code: str, body: NewTermsIn, desk: OfficersDesk) -> CommandAnswer:
    """Write all that the agreement says of claiming, in place of what it said."""
    return desk.carry_out(
        funder_agreement.DECIDER,
        streams.funder_agreement(code),
        funder_agreement.SetTerms(
            terms=body.terms.to_domain(), effective_on=body.effective_on, on=desk.today
        ),
    )


@router.post("/funder-agreements/{code}/year-ends/{fiscal_year}")
def end_year(code: str, fiscal_year: FiscalYear, desk: OfficersDesk) -> CommandAnswer:
    """
    End a fiscal year: what pockets did not use of their ceilings is carried over, or lapses.

    Refused where more would lapse than is available: what is promised must be released first.
    """
    before = desk.answered_before()
    if before is not None:
        return before
    agreement = _opened(desk.state(funder_agreement.DECIDER, streams.funder_agreement(code)))
    with desk.view(PROJECTION) as connection:
        used = used_in(connection, agreement.pockets, fiscal_year, Knowledge())
    return desk.answer(
        funders.end_year(
            desk.store,
            code,
            fiscal_year,
            desk.context,
            use={
                pocket_code: funders.YearUse(used=Money(spent), available=Money(free))
                for pocket_code, (spent, free) in used.items()
            },
            on=desk.today,
            request_hash=desk.request_hash,
            expected_version=desk.expected_version,
        )
    )


@router.get("/funder-agreements/{code}/years")
def all_years(
    code: str, reader: OfficersCounter, as_of: AsOf = None, until: Until = None
) -> FunderYearsOut:
    """Per fiscal year: what may be claimed, what was, what was spent, what lapsed."""
    _, years = years_of_agreement(code, reader, Knowledge(as_of=as_of, until=until))
    return FunderYearsOut(
        as_of=as_of, until=until, items=[FunderYearOut.of(year) for year in years]
    )


def years_of_agreement(
    code: str, reader: Reader, known: Knowledge
) -> tuple[funder_agreement.Opened, list[FunderYear]]:
    """The agreement as it was known, year by year. Raises ``NotFound``."""
    history = [
        recorded.event
        for recorded in reader.store.load(streams.funder_agreement(code))
        if known.includes(recorded.recorded_at, recorded.event.effective_on)
    ]
    agreement = _opened(funder_agreement.DECIDER.fold(history))
    with reader.view(PROJECTION) as connection:
        spent = spent_by_year(connection, agreement.pockets, known)
    return agreement, years_of(agreement, spent)


def _opened(state: funder_agreement.FunderAgreement) -> funder_agreement.Opened:
    if isinstance(state, funder_agreement.NotOpened):
        raise NotFound(kind="funder agreement")
    return state


@router.put("/funder-agreements/{code}/pockets/{pocket_code}")
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


@router.post("/drawdowns", status_code=201)
def submit_drawdown(body: DrawdownIn, desk: OfficersDesk) -> CommandAnswer:
    """Claim from a funder, per pocket, within the terms of its agreement."""
    agreement = _opened(
        desk.state(funder_agreement.DECIDER, streams.funder_agreement(body.funder_agreement))
    )
    drawdown_id = desk.new_id("drawdown")
    desk.created_at(f"/v1/drawdowns/{drawdown_id}")
    command = drawdown.SubmitDrawdown(
        drawdown_id=drawdown_id,
        funder_agreement=body.funder_agreement,
        agreement_pockets=agreement.pockets,
        pockets=tuple(each.to_domain() for each in body.pockets),
        submitted_on=body.submitted_on,
        on=desk.today,
        period=body.period,
    )
    return desk.answer(
        funders.submit_drawdown(
            desk.store,
            command,
            desk.context,
            request_hash=desk.request_hash,
            expected_version=desk.expected_version,
        )
    )


@router.get("/drawdowns/{drawdown_id}")
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
        period=state.period,
    )


@router.post("/drawdowns/{drawdown_id}/receipts")
def receive_drawdown(drawdown_id: UUID, body: ReceiptIn, desk: OfficersDesk) -> CommandAnswer:
    """Record what a funder paid; it is split over what each pocket is still owed."""
    return desk.carry_out(
        drawdown.DECIDER,
        streams.drawdown(drawdown_id),
        drawdown.ReceiveDrawdown(amount=body.amount, received_on=body.received_on, on=desk.today),
    )
