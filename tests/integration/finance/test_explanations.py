"""Every figure of the five tables opens: to entries and plan lines that add up to it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest

from services.claims.main import ROUTERS as CLAIMS
from services.finance.api.documents import documents_of
from services.finance.domain.events import LineKind, PlanApproved, PlanLine, PlanReforecasted
from services.finance.main import ROUTERS as FINANCE
from services.intake.main import ROUTERS as INTAKE
from services.selection.main import ROUTERS as SELECTION
from shared.kernel.money import Money
from shared.kernel.periods import Quarter, civil_date
from tests.integration.finance.conftest import Finance
from tests.ledgers.stories import story
from tests.unit.finance import facts

pytestmark = pytest.mark.postgres

TABLES = "/v1/tables/2024"
T1, T2, T3, T4 = Quarter.all_of(2024)


def line(kind: LineKind, code: str, quarter: Quarter, dollars: int, **of: str) -> PlanLine:
    """A line of a plan."""
    return PlanLine(
        kind=kind,
        code=code,
        programme=of.get("programme"),
        quarter=quarter,
        amount=Money(dollars * 100),
    )


@pytest.fixture
def told(finance: Finance) -> tuple[Finance, list[date]]:
    """A long story with plans, reforecast at its end, and some days of it."""
    heard_on = []
    for fact, heard in story(Random(5), length=140):  # noqa: S311  # a story, not a secret
        finance.told(fact, heard)
        heard_on.append(civil_date(heard))
    finance.told(
        PlanReforecasted(
            fiscal_year=2024,
            version=1,
            lines=tuple(
                line(LineKind.NEW_BUSINESS, "MEIE-P1-PRO", quarter, 7_000, programme="HEALTH")
                for quarter in (T1, T2, T3, T4)
            ),
            effective_on=heard_on[-1],
        ),
        heard,
    )
    first_plan = next(
        each for each in heard_on if finance.ask(TABLES, basis="plan", as_of=each).is_success
    )
    return finance, [first_plan, heard_on[len(heard_on) // 2], heard_on[-9], heard_on[-1]]


def cells(tables: dict[str, Any]) -> Iterator[tuple[dict[str, Any], int]]:
    """Every cell of the five tables, and its figure in cents."""
    for number in "12345":
        table = tables[number]
        for row in (*table["rows"], {"code": None}):
            of_row = table["total"] if row["code"] is None else row
            named = {"table": number} | ({"row": row["code"]} if row["code"] else {})
            total = of_row["total"] if number == "5" else of_row
            yield named, total["cents"]
            for quarter, cell in enumerate(of_row.get("cells", ()), start=1):
                yield named | {"quarter": f"T{quarter}"}, cell["cents"]


def opened(template: str, cell: dict[str, Any]) -> str:
    """The address of a cell, by the template that the tables give (RFC 6570)."""
    path, _, variables = template.partition("{&")
    assert variables == "table,row,quarter}"
    return f"{path}&{urlencode(cell)}"


def test_every_figure_is_the_sum_of_what_it_opens_to(told: tuple[Finance, list[date]]) -> None:
    """On every basis, as of and until any day, each cell opens to what adds up to it."""
    finance, days = told
    taken_apart = with_entries = with_lines = receivable = 0
    for basis in ("plan", "forecast", "actual"):
        for as_of, until in ((days[0], days[0]), (days[1], None), (days[3], None)):
            asked = {"basis": basis, "as_of": as_of} | ({"until": until} if until else {})
            answer = finance.ask(TABLES, **asked)
            assert answer.status_code == 200
            template = answer.json()["explanation"]
            for cell, cents in cells(answer.json()["tables"]):
                made_of = finance.ask(opened(template, cell)).json()
                in_the_ledger = made_of["entries"]["total"]["cents"]
                planned = sum(each["counted"]["cents"] for each in made_of["plan_lines"])
                assert made_of["figure"]["cents"] == cents
                assert planned == made_of["plan_total"]["cents"]
                assert in_the_ledger + planned == cents, cell
                taken_apart += 1
                receivable += cell.get("row", "").startswith("RECEIVABLE-") and cents > 0
                with_entries += made_of["entries"]["entries"] > 0
                with_lines += planned > 0
    assert taken_apart > 200
    assert receivable > 0
    assert with_entries > 100
    assert with_lines > 50


def test_every_difference_is_the_sum_of_what_made_it(told: tuple[Finance, list[date]]) -> None:
    """Between any two days: causes, the rest, and the changes of the plan add up to it."""
    finance, days = told
    moved = by_the_plan = 0
    for basis in ("plan", "forecast", "actual"):
        for before, after in (*pairwise(days), (days[-1], days[0])):
            for table in range(1, 6):
                asked = {"table": table, "basis": basis, "before_as_of": before, "as_of": after}
                body = finance.ask(f"{TABLES}/comparison", **asked, limit=3).json()
                causes = sum(cause["amount"]["cents"] for cause in body["causes"])
                changes = sum(each["amount"]["cents"] for each in body["plan_changes"])
                difference = body["difference"]["cents"]
                assert body["after"]["cents"] - body["before"]["cents"] == difference
                assert causes + body["rest"]["cents"] + changes == difference, asked
                moved += difference != 0
                by_the_plan += changes != 0
    assert moved > 20
    assert by_the_plan > 5


def test_a_forecast_is_taken_apart(finance: Finance) -> None:
    """
    By hand: $1,000 planned as new in T2, $400 of it has come with an agreement.

    The forecast of the programme is $400 from the ledger and $600 left of the line.
    """
    finance.told(
        PlanApproved(
            fiscal_year=2024,
            version=1,
            lines=(line(LineKind.NEW_BUSINESS, "P", T2, 1_000, programme="IND-P1"),),
            effective_on=date(2023, 3, 1),
        ),
        datetime(2023, 3, 1, 17, tzinfo=UTC),
    )
    finance.told(facts.agreement_executed(("P", T2, 400_00)), datetime(2023, 4, 3, 17, tzinfo=UTC))
    at_noon = "2023-04-03T17:00:00+00:00"
    answer = finance.ask(TABLES, as_of=at_noon).json()
    cell = {"table": 1, "row": "IND-P1", "quarter": "T2"}
    of_an_instant = finance.ask(opened(answer["explanation"], cell)).json()
    assert of_an_instant["figure"]["cents"] == 1_000_00
    body = finance.ask(f"{TABLES}/explanation", **cell, as_of="2023-04-03").json()
    assert body["figure"]["cents"] == 1_000_00
    assert body["entries"]["total"]["cents"] == 400_00
    (entry,) = body["entries"]["items"]
    assert entry["entry"] == "agreement-executed"
    (planned,) = body["plan_lines"]
    assert (planned["planned"]["cents"], planned["counted"]["cents"]) == (1_000_00, 600_00)

    asked = cell | {"before_as_of": "2023-04-02", "as_of": "2023-04-03"}
    body = finance.ask(f"{TABLES}/comparison", **asked).json()
    assert body["difference"]["cents"] == 0
    (cause,) = body["causes"]
    (change,) = body["plan_changes"]
    assert (cause["amount"]["cents"], change["amount"]["cents"]) == (400_00, -400_00)


def test_an_entry_names_its_documents_and_its_chain(finance: Finance) -> None:
    """Executing an agreement ends its award's reservation: both go back to one command."""
    award = facts.award_approved(("P", T1, 500_00))
    finance.told(award, datetime(2023, 4, 3, 17, tzinfo=UTC))
    finance.told(facts.agreement_executed(("P", T1, 500_00)), datetime(2023, 4, 4, 17, tzinfo=UTC))
    items = finance.ask("/v1/entries", pocket="P").json()["items"]
    approved, executed, ended = (
        finance.ask(f"/v1/entries/{item['position']}").json() for item in items
    )
    assert [link["position"] for link in approved["chain"]] == [approved["position"]]
    assert [link["event_type"] for link in executed["chain"]] == [
        "claims.agreement-executed.v1",
        "reservation.ended",
    ]
    assert ended["chain"] == executed["chain"]
    assert [(each["kind"], each["path"]) for each in approved["documents"]] == [
        ("award", f"/v1/awards/{award.award_id}"),
        ("meeting", f"/v1/meetings/{award.meeting_id}"),
    ]
    assert [each["kind"] for each in executed["documents"]] == ["agreement"]


def test_documents_are_where_they_are_said_to_be() -> None:
    """Every path that is named leads to something that the service shows."""
    routers = {"claims": CLAIMS, "finance": FINANCE, "intake": INTAKE, "selection": SELECTION}
    shown = {
        (service, route.path)
        for service, each in routers.items()
        for router in each
        for route in router.routes
        if "GET" in getattr(route, "methods", ())
    }
    kinds = set()
    for fact, _ in story(Random(5), length=400):  # noqa: S311  # a story, not a secret
        for document in documents_of(fact):
            kinds.add(document.kind)
            if document.path is not None:
                assert any(
                    service == document.service and _fits(document.path, template)
                    for service, template in shown
                ), document
    assert kinds >= {
        "agreement",
        "claim",
        "advance",
        "recovery",
        "award",
        "meeting",
        "drawdown",
        "programme",
    }


def _fits(path: str, template: str) -> bool:
    given, wanted = path.split("/"), template.split("/")
    return len(given) == len(wanted) and all(
        one == other or other.startswith("{") for one, other in zip(given, wanted, strict=True)
    )


def test_what_is_no_cell_is_refused(finance: Finance) -> None:
    """There are five tables of four quarters, and finance officers and auditors may ask."""
    path = f"{TABLES}/explanation"
    for asked in ({}, {"table": 6}, {"table": 1, "quarter": "T5"}, {"table": 1, "basis": "x"}):
        assert finance.ask(path, **asked).status_code == 422
    assert finance.ask(path, role="recipient", table=1).status_code == 403
    assert finance.ask(path, role="auditor", table=1).status_code == 200
    assert finance.ask(path, table=1, basis="plan").status_code == 404
