"""Where the money stands after each fact that moves it, said in the fact itself."""

from collections.abc import Callable, Iterable

from services.claims.domain.events import AgreementEvent, MoneyFact
from services.claims.domain.state import Agreement, AgreementState
from services.claims.domain.values import PocketBalance
from shared.kernel.frozen import replace


def with_totals(
    events: Iterable[AgreementEvent],
    state: AgreementState,
    evolve: Callable[[AgreementState, AgreementEvent], AgreementState],
) -> list[AgreementEvent]:
    """The events, those that move money with the balances of the agreement after each of them."""
    told: list[AgreementEvent] = []
    for event in events:
        state = evolve(state, event)
        if isinstance(event, MoneyFact) and isinstance(state, Agreement):
            told.append(replace(event, balances_after=_balances(state)))
        else:
            told.append(event)
    return told


def _balances(agreement: Agreement) -> tuple[PocketBalance, ...]:
    return tuple(
        PocketBalance(
            pocket=pocket,
            contracted=balance.contracted,
            committed=balance.committed,
            payable=balance.payable,
            held_back=balance.held_back,
            paid=balance.paid,
            released=balance.released,
        )
        for pocket, balance in agreement.balances().items()
    )
