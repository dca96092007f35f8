from services.claims.domain.agreement import DECIDER
from services.claims.domain.events import MoneyFact
from services.claims.domain.state import Agreement
from services.claims.domain.values import PocketBalance
from shared.kernel.money import ZERO, Money
from tests.unit.claims.advances import PAID, asking_back, lived, receiving
from tests.unit.claims.scenario import (
    ISED,
    T2,
    approved_claim,
    form,
    line,
    paying,
)


class TestBalancesAfter:
    def test_are_said_by_every_fact_that_moves_money(self) -> None:
        """What an event says stands where is what the history until then adds up to."""
        claim = approved_claim(form(line(1_000_00)))
        events = lived(*PAID, *claim, *paying(), asking_back())
        told = 0
        for number, event in enumerate(events, start=1):
            state = DECIDER.fold(events[:number])
            assert isinstance(state, Agreement)
            if isinstance(event, MoneyFact) and event.balances_after:
                told += 1
                assert {each.pocket: each.paid for each in event.balances_after} == {
                    pocket: balance.paid for pocket, balance in state.balances().items()
                }
                for each in event.balances_after:
                    assert each.contracted == (
                        each.committed + each.payable + each.held_back + each.paid + each.released
                    )
        assert told == 6

    def test_of_two_facts_at_once_follow_each_other(self) -> None:
        """Each fact of one decision says where the money stands after itself."""
        events = lived(*approved_claim(form(line(500_00), forecast=[(T2, 600_00)])))
        approved, revised = events[-2:]
        assert isinstance(approved, MoneyFact)
        assert isinstance(revised, MoneyFact)
        assert approved.balances_after == (
            PocketBalance(
                pocket=ISED,
                contracted=Money(800_00),
                committed=Money(600_00),
                payable=Money(180_00),
                held_back=Money(20_00),
                paid=ZERO,
                released=ZERO,
            ),
        )
        assert revised.balances_after == approved.balances_after

    def test_count_what_came_back_as_released(self) -> None:
        """A receipt moves from paid to released."""
        events = lived(
            *approved_claim(form(line(500_00))), *paying(), asking_back(), receiving(100_00)
        )
        (balance,) = events[-1].balances_after  # type: ignore[union-attr]
        assert (balance.paid, balance.released) == (Money(80_00), Money(100_00))
