"""How the year goes: by hand, and beside a fold in plain Python."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from services.finance.domain.events import LineKind, PlanApproved, PlanLine
from services.finance.domain.ledger import IN_FORCE, MATCH, Account, EntryKind
from services.finance.domain.tables import Basis
from shared.contracts.impact import ObjectiveMeasured, ScorecardMeasured
from shared.kernel.money import Money
from shared.kernel.periods import civil_date, fiscal_year_of
from tests.integration.finance.conftest import Finance
from tests.integration.finance.test_doors import money
from tests.ledgers.books import Books
from tests.ledgers.stories import story
from tests.unit.finance import facts
from tests.unit.finance.facts import T1, T2, match

pytestmark = pytest.mark.postgres

OBJECTIVES = Path(__file__).parents[3] / "deploy" / "scorecards" / "2023-2024.json"


def noon(year: int, month: int, day: int) -> datetime:
    """About noon in Toronto."""
    return datetime(year, month, day, 17, tzinfo=UTC)


@pytest.fixture
def told(finance: Finance) -> tuple[Finance, Books, list[date]]:
    """A story that both finance and the books in memory were told, and some days of it."""
    books = Books()
    for fact, heard in story(Random(21), length=200):  # noqa: S311  # a story, not a secret
        finance.told(fact, heard)
        books.hear(fact, heard)
    days = [civil_date(kept.recorded_at) for kept in books.log]
    return finance, books, [days[len(days) // 2], days[-1]]


class TestBases:
    def test_are_the_tables_of_each_basis(self, told: tuple[Finance, Books, list[date]]) -> None:
        """Every cell is that of the table on its basis; the variance is actual less plan."""
        finance, books, days = told
        body = finance.ask("/v1/tables/2024/bases", as_of=days[-1]).json()
        of = {(cell["table"], cell["row"], cell["quarter"]): cell for cell in body["cells"]}
        tables = {basis: books.tables(2024, basis, days[-1]) for basis in Basis}
        for basis, each in tables.items():
            for number, table in enumerate((each.by_programme, each.by_source), start=1):
                assert of[number, None, None][basis]["cents"] == table.total.cents
                for row in table.rows:
                    assert of[number, row.code, None][basis]["cents"] == row.total.cents
                    for quarter, cell in enumerate(row.cells, start=1):
                        key = (number, row.code, f"2024-T{quarter}")
                        assert of[key][basis]["cents"] == cell.cents
            assert of[5, None, "2024-T1"][basis]["cents"] == each.cash_flow.totals[0].cents
        moved = [
            cell
            for cell in body["cells"]
            if cell["variance"]["cents"] == cell["actual"]["cents"] - cell["plan"]["cents"] != 0
        ]
        assert len(moved) > 20

    def test_without_a_plan(self, finance: Finance) -> None:
        """Where no plan is approved there is nothing to vary from."""
        finance.told(facts.agreement_executed(("P", T1, 500_00)), noon(2023, 4, 3))
        body = finance.ask("/v1/tables/2024/bases").json()
        assert body["plan_version"] is None
        assert {cell["plan"] for cell in body["cells"]} == {None}
        assert {cell["variance"] for cell in body["cells"]} == {None}
        assert any(cell["actual"] == money(500) for cell in body["cells"])


class TestLeverage:
    def test_by_hand(self, finance: Finance) -> None:
        """$150 of match for $100 of public money; of what is paid, $30 for $25."""
        promised = match((T1, 150_00))
        finance.told(
            facts.agreement_executed(("P", T1, 100_00), promised=promised), noon(2023, 4, 3)
        )
        finance.told(
            facts.claim_approved(
                T1, ("P", T1, 25_00), payable=facts.shares(P=25_00), reported=30_00
            ),
            noon(2023, 7, 3),
        )
        of_total = {each["base"]: each for each in finance.ask("/v1/leverage").json()["total"]}
        assert of_total["contracted"]["rate_bp"] == 15_000
        assert (of_total["paid"]["match"], of_total["paid"]["rate_bp"]) == (money(30), None)
        finance.told(facts.payment_disbursed(T1, P=25_00), noon(2023, 7, 9))
        (_, paid) = finance.ask("/v1/leverage", fiscal_year=2024).json()["total"]
        assert (paid["public"], paid["rate_bp"]) == (money(25), 12_000)
        assert finance.ask("/v1/leverage", fiscal_year=2025).json()["items"] == []

    def test_is_that_of_the_books(self, told: tuple[Finance, Books, list[date]]) -> None:
        """As of any day: match and public money in force, over all programmes."""
        finance, books, days = told
        for as_of in days:
            contracted, _ = finance.ask("/v1/leverage", as_of=as_of).json()["total"]
            assert contracted["match"]["cents"] == books.balance(*MATCH, as_of=as_of) > 0
            assert contracted["public"]["cents"] == books.balance(*IN_FORCE, as_of=as_of) > 0


class TestReleased:
    def test_by_hand(self, finance: Finance) -> None:
        """Terminated, taken away by an amendment, and given up: each under its reason and year."""
        finance.told(
            facts.agreement_executed(("P", T1, 600_00), ("P", T2, 200_00)), noon(2023, 4, 3)
        )
        finance.told(
            facts.agreement_amended(("P", T1, -50_00), ("P", T2, 20_00), on=date(2023, 6, 1)),
            noon(2023, 6, 1),
        )
        finance.told(
            facts.commitment_released(("P", T1, 100_00), on=date(2024, 3, 31)), noon(2024, 4, 2)
        )
        body = finance.ask("/v1/released/2024").json()
        assert [(item["reason"], item["amount"]) for item in body["items"]] == [
            ("amendment", money(30)),
            ("termination", money(100)),
        ]
        assert body["total"] == money(130)
        assert finance.ask("/v1/released/2025").json()["items"] == []
        before = finance.ask("/v1/released/2024", as_of="2024-04-01").json()
        assert before["total"] == money(30)

    def test_a_holdback_is_forfeited_and_a_payment_comes_back(self, finance: Finance) -> None:
        """$8 held back are given up and $5 come back; what is only asked back is not released."""
        finance.told(facts.agreement_executed(("P", T1, 100_00)), noon(2023, 4, 3))
        finance.told(
            facts.claim_approved(
                T1,
                ("P", T1, 80_00),
                payable=facts.shares(P=72_00),
                held_back=facts.shares(P=8_00),
            ),
            noon(2023, 7, 3),
        )
        finance.told(facts.payment_disbursed(T1, P=72_00), noon(2023, 7, 9))
        finance.told(facts.holdback_forfeited(T1, date(2023, 8, 1), P=8_00), noon(2023, 8, 1))
        finance.told(
            facts.recovery_requested(("P", T1, 12_00), on=date(2023, 9, 1)), noon(2023, 9, 1)
        )
        finance.told(
            facts.recovery_received(("P", T1, 5_00), on=date(2023, 10, 2)), noon(2023, 10, 2)
        )
        body = finance.ask("/v1/released/2024").json()
        assert [(item["reason"], item["amount"]) for item in body["items"]] == [
            ("holdback-forfeited", money(8)),
            ("recovered", money(5)),
        ]
        assert body["total"] == money(13)

    def test_is_what_the_books_gave_back(self, told: tuple[Finance, Books, list[date]]) -> None:
        """Over both years of the story: releases, forfeited holdbacks, and what came back."""
        finance, books, days = told
        found: dict[str, int] = {}
        for year in (2023, 2024, 2025, 2026):
            for item in finance.ask(f"/v1/released/{year}", as_of=days[-1]).json()["items"]:
                reason = item["reason"]
                found[reason] = found.get(reason, 0) + item["amount"]["cents"]
        kinds = (EntryKind.COMMITMENT_RELEASED,)
        assert found["termination"] == books.balance(Account.AVAILABLE, kinds=kinds) > 0
        assert found["recovered"] == -books.balance(Account.RECOVERED) > 0
        assert fiscal_year_of(days[-1]) <= 2026


class TestScorecard:
    def test_the_objectives_of_the_plan(self, finance: Finance) -> None:
        """
        The nine of 2023-2024: contracted by the ledger, the rest as recorded.

        By hand: $400 of industry projects signed in the year with $600 of match, $50 of health;
        the plan still expects $1,000 of health in the last quarter.
        """
        targets = json.loads(OBJECTIVES.read_text("utf-8"))
        finance.clock.instant = noon(2023, 3, 31)
        assert finance.hand_in("PUT", "/v1/scorecards/2024", targets).status_code == 200
        last = facts.T4
        finance.told(
            PlanApproved(
                fiscal_year=2024,
                version=1,
                lines=(
                    PlanLine(
                        kind=LineKind.NEW_BUSINESS,
                        code="P",
                        programme="HEALTH",
                        quarter=last,
                        amount=Money(1_000_00),
                    ),
                ),
                effective_on=date(2023, 3, 31),
            ),
            noon(2023, 3, 31),
        )
        executed = facts.agreement_executed(("P", T1, 400_00), promised=match((T1, 600_00)))
        finance.told(executed, noon(2023, 4, 3))
        health = {
            "programme_code": "HEALTH",
            "award_id": facts.PARTICIPANT,
            "project_id": facts.AWARD,
            "funding": facts.cells(("P", last, 50_00)),
            "match": (),
        }
        finance.told(executed.model_copy(update=health), noon(2023, 5, 3))
        value = {"value": 1, "forecast": 3, "measured_on": "2023-05-02"}
        recorded = finance.hand_in(
            "POST", "/v1/scorecards/2024/objectives/DELEGATIONS/measurements", value
        )
        assert recorded.status_code == 200, recorded.text

        items = self.objectives(finance)
        assert len(items) == 9
        industry, of_health = items["INDUSTRY-PROJECTS"], items["HEALTH"]
        assert (industry["actual"], industry["target"]) == (1_000_00, 100_000_000_00)
        assert (of_health["actual"], of_health["forecast"]) == (50_00, 1_000_00)
        assert of_health["reached"] is False
        delegations = items["DELEGATIONS"]
        assert (delegations["actual"], delegations["forecast"]) == (1, 3)
        assert delegations["measured_on"] == "2023-05-02"
        assert items["ALL-IN"]["actual"] is None
        assert items["ALL-IN"]["reached"] is None
        before = self.objectives(finance, as_of="2023-04-02")
        assert before["INDUSTRY-PROJECTS"]["actual"] == 0
        assert before["DELEGATIONS"]["actual"] is None
        happened = self.objectives(finance, until="2023-04-02")
        assert happened["HEALTH"]["actual"] == 0
        assert happened["DELEGATIONS"]["actual"] is None

    def test_a_rate_comes_from_impact(self, finance: Finance) -> None:
        """The newest measurement of the latest quarter within the year, with its base."""
        objective = {
            "code": "REUSE",
            "names": {"en": "Reuse", "fr": "Réutilisation"},
            "definition": {"en": "Pieces that others may use.", "fr": "Éléments réutilisables."},
            "unit": "basis-points",
            "target": 10_000,
            "measure": "impact",
            "impact_objective": "REUSE",
        }
        finance.hand_in("PUT", "/v1/scorecards/2024", {"objectives": [objective]})
        for quarter, numerator in ((T2, 1), (T1, 9), (T2, 2), (facts.T4.next(), 3)):
            finance.hear(
                ScorecardMeasured(
                    quarter=quarter,
                    as_of=quarter.ends_on,
                    objectives=(
                        ObjectiveMeasured(
                            code="REUSE",
                            numerator=numerator,
                            base=3,
                            unit="pieces",
                            target_bp=10_000,
                        ),
                    ),
                    effective_on=quarter.ends_on,
                )
            )
        reuse = self.objectives(finance)["REUSE"]
        assert (reuse["actual"], reuse["numerator"], reuse["base"]) == (6_667, 2, 3)
        assert reuse["measured_on"] == "2023-09-30"

    def test_a_year_without_objectives(self, finance: Finance) -> None:
        """There is no scorecard before its objectives are written."""
        assert finance.ask("/v1/scorecards/2024").status_code == 404
        assert finance.ask("/v1/scorecards/2024", role="recipient").status_code == 403

    @staticmethod
    def objectives(finance: Finance, **asked: Any) -> dict[str, dict[str, Any]]:
        """The objectives by code."""
        answer = finance.ask("/v1/scorecards/2024", **asked)
        assert answer.status_code == 200, answer.text
        return {item["code"]: item for item in answer.json()["items"]}
