"""Versions of a plan and its reforecast over HTTP, and in the tables."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.finance.conftest import Finance

pytestmark = pytest.mark.postgres


def money(dollars: int) -> dict[str, Any]:
    """Dollars as JSON."""
    return {"cents": dollars * 100, "currency": "CAD"}


def rent(**dollars: int) -> dict[str, Any]:
    """Lines of rent by quarter."""
    return {
        "lines": [
            {
                "kind": "operations",
                "code": "RENT",
                "quarter": f"2024-{quarter}",
                "amount": money(amount),
            }
            for quarter, amount in dollars.items()
        ]
    }


def paid(finance: Finance, dollars: int, day: str) -> None:
    """Record rent that was paid."""
    body = {"kind": "operations", "code": "RENT", "amount": money(dollars), "happened_on": day}
    assert finance.hand_in("POST", "/v1/actuals", body).status_code == 201


def spending(finance: Finance, basis: str, **parameters: Any) -> int:
    """The total of table 3, in dollars."""
    answer = finance.ask("/v1/tables/2024", basis=basis, **parameters)
    assert answer.status_code == 200, answer.text
    cents: int = answer.json()["tables"]["3"]["total"]["cents"]
    return cents // 100


@pytest.fixture
def reforecast(finance: Finance) -> Finance:
    """A year planned at 100 a quarter, reforecast in T3 after 90 of it was paid."""
    for method, path, body in (
        ("PUT", "lines", rent(T1=100, T2=100, T3=100)),
        ("PUT", "lines", rent(T1=100, T2=100, T3=100, T4=100)),
    ):
        assert finance.hand_in(method, f"/v1/plans/2024/{path}", body).status_code == 200
    finance.clock.instant = datetime(2023, 3, 31, 17, tzinfo=UTC)
    early = finance.hand_in("PUT", "/v1/plans/2024/reforecast", rent(T3=1))
    assert (early.status_code, early.json()["code"]) == (409, "nothing-to-reforecast")
    approval = {"approved_on": "2023-03-31"}
    assert finance.hand_in("POST", "/v1/plans/2024/approval", approval).status_code == 200
    finance.clock.instant = datetime(2023, 10, 20, 17, tzinfo=UTC)
    paid(finance, 90, "2023-10-10")
    body = rent(T3=30, T4=120)
    assert finance.hand_in("PUT", "/v1/plans/2024/reforecast", body).status_code == 200
    return finance


def test_the_forecast_stands_on_the_latest_reforecast(reforecast: Finance) -> None:
    """What was paid, and what was then said to be left: 90 + 30 + 120; the plan stays at 400."""
    assert spending(reforecast, "forecast") == 240
    assert spending(reforecast, "plan") == 400
    assert spending(reforecast, "actual") == 90


def test_what_comes_later_counts_against_the_reforecast(reforecast: Finance) -> None:
    """Of 30 left in T3, 20 more are paid: the forecast does not move; 15 more, and it does by 5."""
    paid(reforecast, 20, "2023-10-20")
    assert spending(reforecast, "forecast") == 240
    paid(reforecast, 15, "2023-10-20")
    assert spending(reforecast, "forecast") == 245


def test_the_forecast_of_a_day_before_does_not_know_it(reforecast: Finance) -> None:
    """As of the day before, nothing was paid and T1 and T2 were over: T3 and T4 as planned."""
    assert spending(reforecast, "forecast", as_of="2023-10-19") == 200


def test_a_later_approval_ends_the_reforecast(reforecast: Finance) -> None:
    """The next version of the plan is forecast from its own lines."""
    approval = {"approved_on": "2023-10-20"}
    assert reforecast.hand_in("POST", "/v1/plans/2024/approval", approval).status_code == 200
    assert spending(reforecast, "forecast") == 200


def test_versions_are_kept_and_compared(reforecast: Finance) -> None:
    """Drafts, approval and reforecast are numbered; two of them differ line by line."""
    items = reforecast.ask("/v1/plans/2024/versions", role="auditor").json()["items"]
    assert [(each["number"], each["kind"], each["approval"]) for each in items] == [
        (1, "draft", None),
        (2, "draft", None),
        (3, "approved", 1),
        (4, "reforecast", 1),
    ]
    first = reforecast.ask("/v1/plans/2024/versions/1").json()
    assert [line["quarter"] for line in first["lines"]] == ["2024-T1", "2024-T2", "2024-T3"]
    changed = reforecast.ask("/v1/plans/2024/versions/2/differences", since=1).json()["items"]
    assert [(each["quarter"], each["difference"]) for each in changed] == [("2024-T4", money(100))]
    assert reforecast.ask("/v1/plans/2024/versions/5").status_code == 404
