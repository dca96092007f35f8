"""Finance over HTTP."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.contracts.intake import ProgrammePublished
from tests.integration.finance.conftest import Finance
from tests.unit.finance import facts
from tests.unit.finance.facts import DAY, T1, T3, match

pytestmark = pytest.mark.postgres


def money(dollars: int) -> dict[str, Any]:
    """Dollars as JSON."""
    return {"cents": dollars * 100, "currency": "CAD"}


NAMES = {"en": "Projects", "fr": "Projets"}
AGREEMENT = {
    "code": "ISED-P1",
    "funder": "ISED",
    "names": {"en": "Phase 1", "fr": "Phase 1"},
    "opened_on": "2022-04-01",
    "pockets": [
        {"code": "ISED-P1-PRO", "names": NAMES, "authority": money(1_000_000)},
        {"code": "ISED-P1-SME", "names": NAMES, "authority": money(50_000)},
    ],
}


@pytest.fixture
def opened(finance: Finance) -> Finance:
    """Finance with one funder agreement."""
    answer = finance.hand_in("POST", "/v1/funder-agreements", AGREEMENT)
    assert answer.status_code == 201, answer.text
    return finance


def balances(finance: Finance, **parameters: Any) -> dict[str, dict[str, Any]]:
    """The pockets by code."""
    items = finance.ask("/v1/pockets", **parameters).json()["items"]
    return {item["code"]: item for item in items}


class TestFunderAgreements:
    def test_open_with_their_pockets(self, opened: Finance) -> None:
        """What a funder grants is available in its pockets, in the order given."""
        pockets = balances(opened)
        assert list(pockets) == ["ISED-P1-PRO", "ISED-P1-SME"]
        assert pockets["ISED-P1-PRO"]["available"] == money(1_000_000)
        assert pockets["ISED-P1-SME"]["names"] == NAMES
        agreement = opened.ask("/v1/funder-agreements/ISED-P1").json()
        assert agreement["pockets"] == ["ISED-P1-PRO", "ISED-P1-SME"]

    def test_open_once_per_key(self, finance: Finance) -> None:
        """Asking again with the same key answers the same, and opens nothing more."""
        key = uuid4()
        first = finance.hand_in("POST", "/v1/funder-agreements", AGREEMENT, key=key)
        again = finance.hand_in("POST", "/v1/funder-agreements", AGREEMENT, key=key)
        assert first.status_code == again.status_code == 201
        assert first.json() == again.json()
        assert finance.store.head() == 3

    def test_do_not_share_a_pocket(self, opened: Finance) -> None:
        """The code of a pocket is taken, whoever grants it; nothing is opened then."""
        other = AGREEMENT | {"code": "MEIE-P1", "funder": "MEIE"}
        answer = opened.hand_in("POST", "/v1/funder-agreements", other)
        assert (answer.status_code, answer.json()["code"]) == (409, "pocket-already-opened")
        assert opened.ask("/v1/funder-agreements/MEIE-P1").status_code == 404

    def test_change_what_a_pocket_holds(self, opened: Finance) -> None:
        """The new authority is the total, from a day on; as of the day before it is the old one."""
        opened.clock.instant = datetime(2023, 2, 1, 17, tzinfo=UTC)
        path = "/v1/funder-agreements/ISED-P1/pockets/ISED-P1-SME"
        body = {"authority": money(40_000), "effective_on": "2023-02-01"}
        assert opened.hand_in("PUT", path, body).status_code == 200
        assert balances(opened)["ISED-P1-SME"]["authority"] == money(40_000)
        assert balances(opened, as_of="2023-01-31")["ISED-P1-SME"]["authority"] == money(50_000)
        wrong = "/v1/funder-agreements/MEIE-P1/pockets/ISED-P1-SME"
        assert opened.hand_in("PUT", wrong, body).status_code == 404


class TestDrawdowns:
    def submit(self, finance: Finance, *pockets: tuple[str, int]) -> Any:
        """Claim from the funder."""
        return finance.hand_in(
            "POST",
            "/v1/drawdowns",
            {
                "funder_agreement": "ISED-P1",
                "submitted_on": "2023-01-05",
                "pockets": [{"pocket": code, "amount": money(part)} for code, part in pockets],
            },
        )

    def test_are_due_until_they_are_received(self, opened: Finance) -> None:
        """A receipt is split over what each pocket is owed; no more than that is received."""
        drawdown_id = self.submit(opened, ("ISED-P1-PRO", 300), ("ISED-P1-SME", 100)).json()["id"]
        path = f"/v1/drawdowns/{drawdown_id}/receipts"
        receipt = {"received_on": "2023-01-09", "amount": money(200)}
        assert opened.hand_in("POST", path, receipt).status_code == 200
        pocket = balances(opened)["ISED-P1-PRO"]
        assert (pocket["due_from_funder"], pocket["cash"]) == (money(150), money(150))
        due = opened.ask(f"/v1/drawdowns/{drawdown_id}").json()["due"]
        assert [part["amount"] for part in due] == [money(150), money(50)]
        too_much = opened.hand_in("POST", path, receipt | {"amount": money(201)})
        assert (too_much.status_code, too_much.json()["code"]) == (409, "more-than-is-due")

    def test_only_claim_from_their_agreement(self, opened: Finance) -> None:
        """A pocket of somebody else is refused, with those that would do."""
        answer = self.submit(opened, ("MEIE-P1-PRO", 1))
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error["field"] == "pockets[0].pocket"
        assert error["accepted"] == ["ISED-P1-PRO", "ISED-P1-SME"]


PLAN_LINES = {
    "lines": [
        {
            "kind": "new-business",
            "code": "ISED-P1-PRO",
            "programme": "IND-P1",
            "quarter": "2024-T1",
            "amount": money(61_605_000),
        },
        {
            "kind": "new-business",
            "code": "MATCH",
            "programme": "IND-P1",
            "quarter": "2024-T2",
            "amount": money(82_800_000),
        },
        {
            "kind": "operations",
            "code": "ADMINISTRATION",
            "quarter": "2024-T1",
            "amount": money(1_000_000),
        },
        {
            "kind": "operations-funding",
            "code": "ISED-OPERATIONS",
            "quarter": "2024-T1",
            "amount": money(1_030_000),
        },
        {
            "kind": "other-revenue",
            "code": "MEMBERSHIPS",
            "quarter": "2024-T4",
            "amount": money(395_000),
        },
    ]
}


class TestPlans:
    def planned(self, finance: Finance) -> Finance:
        """A plan that was approved on the last day before its year."""
        finance.hear(
            ProgrammePublished(
                code="IND-P1",
                version=1,
                name_en="",
                name_fr="",
                phase="P1",
                pockets=(),
                reimbursement_rate_bp=1,
                holdback_bp=1,
                claim_frequency="quarterly",
                survey_years=5,
                effective_on=DAY,
            )
        )
        finance.clock.instant = datetime(2023, 3, 31, 17, tzinfo=UTC)
        lines = finance.hand_in("PUT", "/v1/plans/2024/lines", PLAN_LINES)
        assert lines.status_code == 200, lines.text
        approval = {"approved_on": "2023-03-31"}
        assert finance.hand_in("POST", "/v1/plans/2024/approval", approval).status_code == 200
        return finance

    def test_are_printed_as_tables(self, opened: Finance) -> None:
        """Every figure comes in cents and as printed in millions."""
        answer = self.planned(opened).ask("/v1/tables/2024", basis="plan", as_of="2023-03-31")
        body = answer.json()
        assert (body["fiscal_year"], body["as_of"]) == (2024, "2023-03-31")
        tables = body["tables"]
        assert tables["1"] == {
            "rows": [{"code": "IND-P1", "cents": 14_440_500_000, "printed": "144.4"}],
            "total": {"cents": 14_440_500_000, "printed": "144.4"},
        }
        assert [row["code"] for row in tables["2"]["rows"]] == ["ISED-P1-PRO", "MATCH"]
        assert [row["code"] for row in tables["3"]["rows"]] == ["P1", "OPERATIONS"]
        assert tables["4"]["surplus"] == {"cents": 42_500_000, "printed": "0.4"}
        cash_flow = tables["5"]
        assert cash_flow["columns"] == ["2024-T1", "2024-T2", "2024-T3", "2024-T4"]
        operations = cash_flow["rows"][1]
        assert operations["code"] == "ISED-OPERATIONS"
        assert operations["cells"][0] == {"cents": 103_000_000, "printed": "1.03"}
        assert operations["total"] == {"cents": 103_000_000, "printed": "1"}
        assert cash_flow["total"]["cells"][0]["printed"] == "62.6"
        assert cash_flow["total"]["total"]["printed"] == "63"

    def test_do_not_move(self, opened: Finance) -> None:
        """What happens after the approval changes the forecast and not the plan."""
        planned = self.planned(opened)
        before = planned.ask("/v1/tables/2024", basis="plan").json()["tables"]
        planned.clock.instant = datetime(2023, 4, 20, 17, tzinfo=UTC)
        funding = ("ISED-P1-PRO", T1, 70_000_000_00)
        planned.hear(facts.agreement_executed(funding, promised=match((T3, 5_00))))
        assert planned.ask("/v1/tables/2024", basis="plan").json()["tables"] == before
        forecast = planned.ask("/v1/tables/2024", basis="forecast").json()["tables"]
        by_source = {row["code"]: row["cents"] for row in forecast["2"]["rows"]}
        # The agreement is more than the line of T1, of which nothing is left.
        assert by_source["ISED-P1-PRO"] == 70_000_000_00
        assert by_source["MATCH"] == 82_800_005_00

    def test_are_not_there_before_their_approval(self, opened: Finance) -> None:
        """As of the day before, there is no plan; the forecast is the ledger alone."""
        planned = self.planned(opened)
        answer = planned.ask("/v1/tables/2024", basis="plan", as_of="2023-03-30")
        assert (answer.status_code, answer.json()["code"]) == (404, "no-approved-plan")
        forecast = planned.ask("/v1/tables/2024", basis="forecast", as_of="2023-03-30").json()
        assert forecast["plan_version"] is None
        assert forecast["tables"]["1"]["rows"] == []

    def test_name_pockets_that_are_open(self, opened: Finance) -> None:
        """A slip of the pen in a source is refused, with its place."""
        line = PLAN_LINES["lines"][0] | {"code": "ISED-P1-PRQ"}
        answer = opened.hand_in("PUT", "/v1/plans/2024/lines", {"lines": [line]})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "lines[0].code"


class TestActuals:
    def test_stand_in_the_quarter_in_which_they_happened(self, opened: Finance) -> None:
        """Operations are spending; memberships are other revenue."""
        opened.clock.instant = datetime(2023, 8, 1, 17, tzinfo=UTC)
        for kind, code in (("operations", "RENT"), ("other-revenue", "MEMBERSHIPS")):
            body = {
                "kind": kind,
                "code": code,
                "amount": money(100_000),
                "happened_on": "2023-07-15",
            }
            assert opened.hand_in("POST", "/v1/actuals", body).status_code == 201
        tables = opened.ask("/v1/tables/2024", basis="actual").json()["tables"]
        assert [row["code"] for row in tables["3"]["rows"]] == ["OPERATIONS"]
        (other,) = tables["5"]["rows"]
        assert [cell["printed"] for cell in other["cells"]] == ["0", "0.1", "0", "0"]
        assert tables["4"]["surplus"]["cents"] == 0

    def test_are_not_about_projects(self, opened: Finance) -> None:
        """Spending on projects comes from their claims."""
        body = {
            "kind": "new-business",
            "code": "ISED-P1-PRO",
            "amount": money(1),
            "happened_on": "2023-01-05",
        }
        answer = opened.hand_in("POST", "/v1/actuals", body)
        assert (answer.status_code, answer.json()["code"]) == (422, "not-an-actual")


class TestDrillingDown:
    def test_from_a_figure_to_its_facts(self, opened: Finance) -> None:
        """A figure is the sum of lines; each leads to the fact as it was said."""
        for project in range(3):
            award_id = UUID(int=project)
            fact = facts.award_approved(("ISED-P1-PRO", T1, 10), award_id=award_id)
            opened.hear(fact)
        page = opened.ask("/v1/entries", account="reserved", fiscal_year=2024, limit=2).json()
        assert (page["entries"], page["total"]["cents"]) == (3, 30)
        assert len(page["items"]) == 2
        rest = opened.ask(
            "/v1/entries", account="reserved", fiscal_year=2024, limit=2, cursor=page["next"]
        ).json()
        assert (len(rest["items"]), rest["next"]) == (1, None)
        shown = [line for item in page["items"] + rest["items"] for line in item["lines"]]
        assert sum(line["amount"]["cents"] for line in shown) == 30
        position = page["items"][0]["position"]
        entry = opened.ask(f"/v1/entries/{position}").json()
        assert entry["event_type"] == "selection.award-approved.v1"
        assert entry["data"]["title"] == "Alpha"
        assert entry["happened_on"] == DAY.isoformat()
        assert sorted(line["account"] for line in entry["lines"]) == ["available", "reserved"]

    def test_what_is_not_there(self, opened: Finance) -> None:
        """A position beyond the log is nothing; an account that does not exist is a mistake."""
        assert opened.ask("/v1/entries/999").status_code == 404
        assert opened.ask("/v1/entries", account="petty-cash").status_code == 422
        assert opened.ask("/v1/entries", pocket="NOBODY").json()["total"]["cents"] == 0


class TestWhoMayAsk:
    def test_an_auditor_reads_and_does_not_write(self, opened: Finance) -> None:
        """Auditors see every view and hand in nothing."""
        for path in ("/v1/pockets", "/v1/identities", "/v1/entries", "/v1/tables/2024"):
            assert opened.ask(path, role="auditor").status_code == 200, path
        answer = opened.hand_in("POST", "/v1/funder-agreements", AGREEMENT, role="auditor")
        assert answer.status_code == 403

    def test_others_do_neither(self, opened: Finance) -> None:
        """Views of money are for finance."""
        assert opened.ask("/v1/pockets", role="claims-analyst").status_code == 403
