"""What finance does with what others publish."""

from datetime import date
from uuid import uuid4

import pytest

from services.finance.domain.ledger import UnbalancedEntry
from tests.integration.finance.conftest import Finance
from tests.unit.finance import facts
from tests.unit.finance.facts import T1, T2, match, shares

pytestmark = pytest.mark.postgres


def pocket(finance: Finance, code: str = "P") -> dict[str, int]:
    """The balances of a pocket, in cents."""
    (item,) = [each for each in finance.ask("/v1/pockets").json()["items"] if each["code"] == code]
    return {name: value["cents"] for name, value in item.items() if isinstance(value, dict)}


class TestHearing:
    def test_an_award_and_its_agreement(self, finance: Finance) -> None:
        """What was reserved gives way to what was signed; the difference stays available."""
        finance.hear(facts.award_approved(("P", T1, 10)))
        assert pocket(finance)["reserved"] == 10
        finance.hear(facts.agreement_executed(("P", T1, 6), ("P", T2, 3), promised=match((T1, 4))))
        balances = pocket(finance)
        assert (balances["reserved"], balances["committed"]) == (0, 9)
        assert balances["available"] == -9  # no funder has granted anything here

    def test_an_agreement_before_its_award(self, finance: Finance) -> None:
        """Services are heard in any order: the balances are the same."""
        finance.hear(facts.agreement_executed(("P", T1, 9)))
        finance.hear(facts.award_approved(("P", T1, 10)))
        balances = pocket(finance)
        assert (balances["reserved"], balances["committed"]) == (0, 9)

    def test_the_same_message_twice(self, finance: Finance) -> None:
        """A message delivered again changes nothing, even if the inbox were lost."""
        message_id = uuid4()
        fact = facts.agreement_executed(("P", T1, 9))
        finance.hear(fact, message_id)
        finance.hear(fact, message_id)
        finance.hear(facts.forecast_revised(("P", T1, -2), ("P", T2, 2)), message_id)
        finance.hear(facts.forecast_revised(("P", T1, -2), ("P", T2, 2)), message_id)
        assert pocket(finance)["committed"] == 9
        assert finance.store.head() == 2

    def test_something_that_does_not_add_up(self, finance: Finance) -> None:
        """It is refused at the door, to be parked, and never reaches the ledger."""
        with pytest.raises(UnbalancedEntry):
            finance.hear(facts.claim_approved(T1, ("P", T1, 10), payable=shares(P=9)))
        assert finance.store.head() == 0

    def test_an_increase_in_any_order(self, finance: Finance) -> None:
        """What was reserved for an amendment gives way to it, once, whoever is heard first."""
        day, other = date(2023, 5, 1), date(2023, 6, 1)
        finance.hear(facts.agreement_executed(("P", T1, 9)))
        finance.hear(facts.increase_reserved(("P", T2, 5), on=day))
        assert pocket(finance)["reserved"] == 5
        finance.hear(facts.agreement_amended(("P", T2, 5), on=day))
        balances = pocket(finance)
        assert (balances["reserved"], balances["committed"]) == (0, 14)
        finance.hear(facts.increase_withdrawn(("P", T2, 7), on=other))
        finance.hear(facts.increase_reserved(("P", T2, 7), on=other))
        balances = pocket(finance)
        assert (balances["reserved"], balances["committed"]) == (0, 14)
        assert balances["available"] == -14
        assert finance.ask("/v1/identities").json()["ok"]

    def test_a_forfeited_holdback(self, finance: Finance) -> None:
        """What was held back and is given up is available again; the identities hold."""
        finance.hear(facts.agreement_executed(("P", T1, 100)))
        finance.hear(
            facts.claim_approved(T1, ("P", T1, 60), payable=shares(P=54), held_back=shares(P=6))
        )
        finance.hear(facts.holdback_forfeited(T1, P=6))
        balances = pocket(finance)
        assert (balances["held_back"], balances["payable"]) == (0, 54)
        assert balances["available"] == -94
        assert finance.ask("/v1/identities").json()["ok"]

    def test_a_life_of_a_claim(self, finance: Finance) -> None:
        """Approved, paid, returned, paid again: each moves the ledger once."""
        finance.hear(facts.agreement_executed(("P", T1, 100)))
        finance.hear(
            facts.claim_approved(T1, ("P", T1, 60), payable=shares(P=54), held_back=shares(P=6))
        )
        finance.hear(facts.payment_disbursed(T1, P=54))
        finance.hear(facts.payment_returned(T1, P=54))
        assert pocket(finance)["payable"] == 54
        finance.hear(facts.payment_disbursed(T1, P=54))
        finance.hear(facts.holdback_released(T1, P=6))
        finance.hear(facts.commitment_released(("P", T1, 40)))
        balances = pocket(finance)
        assert (balances["committed"], balances["payable"], balances["paid"]) == (0, 6, 54)
        assert finance.ask("/v1/identities").json()["ok"]
