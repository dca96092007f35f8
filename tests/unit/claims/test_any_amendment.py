"""Whatever is asked of an agreement: it is refused, or every contracted cent stands somewhere."""

from uuid import UUID

import hypothesis.strategies as st
from hypothesis import given

from services.claims.domain.agreement import DECIDER
from services.claims.domain.changes import (
    BudgetMove,
    Change,
    Increase,
    ParticipantAddition,
    ParticipantWithdrawal,
    Reduction,
    TimeExtension,
)
from services.claims.domain.state import Agreement
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, total
from shared.kernel.refusals import Refusal
from shared.kernel.schedule import FundingCell, MatchCell, total_by_pocket
from tests.unit.claims.scenario import (
    ADOPTER,
    ISED,
    MEIE,
    PROVIDER,
    STRANGER_ORG,
    T1,
    T2,
    T3,
    TODAY,
    agreement_after,
    approved_claim,
    approving_amendment,
    assert_identity,
    cell,
    executed,
    form,
    line,
    match_cell,
    party,
    paying,
    proposing,
    reserving,
    signing_amendment,
)

NEWCOMER = derived_id("participant", "newcomer")
SPENT = agreement_after(
    *executed(
        funding=[
            cell(T1, 300_01),
            cell(T1, 100_00, pocket=MEIE),
            cell(T2, 400_00),
            cell(T2, 50_00, participant=PROVIDER),
        ],
    ),
    *approved_claim(form(line(333_33))),
    *paying(),
)
"""Odd cents of two pockets are partly claimed and paid."""

participants = st.sampled_from([ADOPTER, PROVIDER, NEWCOMER])
quarters = st.sampled_from([T1, T2, T3])
small = st.integers(-500_00, 500_00)


@st.composite
def funding(draw: st.DrawFn) -> tuple[FundingCell, ...]:
    """Any differences; often two that cancel out."""
    cells = []
    for _ in range(draw(st.integers(0, 2))):
        pocket, cents = draw(st.sampled_from([ISED, MEIE])), draw(small)
        cells.append(cell(draw(quarters), cents, pocket=pocket, participant=draw(participants)))
        if draw(st.booleans()):
            cells.append(
                cell(draw(quarters), -cents, pocket=pocket, participant=draw(participants))
            )
    return tuple(cells)


@st.composite
def match(draw: st.DrawFn) -> tuple[MatchCell, ...]:
    """Any differences; often two that cancel out."""
    cents, other = draw(small), draw(st.sampled_from([-1, 0]))
    first = match_cell(draw(quarters), cents, participant=draw(participants))
    second = match_cell(draw(quarters), other * cents, participant=draw(participants))
    return draw(st.sampled_from([(), (first,), (first, second)]))


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """Any kind with any amounts."""
    who: UUID = draw(participants)
    cells, promised = draw(funding()), draw(match())
    kind = draw(st.integers(1, 6))
    if kind == 1:
        return BudgetMove(funding=cells, match=promised)
    if kind == 2:
        return TimeExtension(ends_on=draw(st.dates(TODAY)), funding=cells, match=promised)
    if kind == 3:
        return Increase(funding=cells, match=promised)
    if kind == 4:
        return Reduction(funding=cells, match=promised)
    if kind == 5:
        newcomer = party(NEWCOMER, STRANGER_ORG, "other")
        return ParticipantAddition(party=newcomer, funding=cells, match=promised)
    return ParticipantWithdrawal(participant_id=who, funding=cells, match=promised)


@given(changes())
def test_any_amendment_is_refused_or_keeps_the_identity(change: Change) -> None:
    """No amendment loses a cent, makes a committed cell negative, or touches what was claimed."""
    state: Agreement = SPENT
    for command in (
        proposing(change),
        signing_amendment(),
        reserving(),
        approving_amendment(),
    ):
        try:
            events = DECIDER.decide(command, state)
        except Refusal:
            continue
        for event in events:
            after = DECIDER.evolve(state, event)
            assert isinstance(after, Agreement)
            state = after
    assert_identity(state)
    for balance, before in zip(state.balances().values(), SPENT.balances().values(), strict=False):
        assert (balance.payable, balance.held_back, balance.paid) == (
            before.payable,
            before.held_back,
            before.paid,
        )
    contracted = total(each.contracted for each in state.balances().values())
    assert contracted == total(each.contracted for each in SPENT.balances().values()) + total(
        total_by_pocket(
            each for one in state.participants for each in _differences(SPENT, state, one)
        ).values()
    )
    assert all(match.cash >= ZERO for match in state.contracted_match.values())


def _differences(before: Agreement, after: Agreement, participant_id: UUID) -> list[FundingCell]:
    """What changed of one participant's committed cells."""
    was = before.committed.get(participant_id, {})
    now = after.committed.get(participant_id, {})
    return [
        cell(
            quarter,
            now.get((quarter, pocket), ZERO).cents - was.get((quarter, pocket), ZERO).cents,
            pocket=pocket,
            participant=participant_id,
        )
        for quarter, pocket in {*was, *now}
    ]
