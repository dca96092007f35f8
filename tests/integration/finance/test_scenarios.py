"""What if: the tables as they would be, beside books that were told it happened."""

from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

import pytest

from services.finance.domain.events import LineKind, PlanApproved, PlanLine
from services.finance.domain.ledger import Account
from services.finance.domain.tables import Basis
from shared.kernel.money import Money
from shared.kernel.periods import civil_date
from tests.integration.finance.conftest import Finance
from tests.integration.finance.test_doors import money
from tests.ledgers.books import Books
from tests.ledgers.stories import story
from tests.unit.finance import facts
from tests.unit.finance.facts import DAY, PROJECT, T1, T3, T4, match

pytestmark = pytest.mark.postgres

PATH = "/v1/tables/2024/scenario"


def noon(year: int, month: int, day: int) -> datetime:
    """About noon in Toronto."""
    return datetime(year, month, day, 17, tzinfo=UTC)


@pytest.fixture
def signed(finance: Finance) -> Finance:
    """$600 in T3, of which $100 is claimed in T1, and $200 in T4; $300 of match in T4."""
    finance.told(
        PlanApproved(
            fiscal_year=2024,
            version=1,
            lines=(
                PlanLine(
                    kind=LineKind.NEW_BUSINESS,
                    code="P",
                    programme="IND-P1",
                    quarter=T4,
                    amount=Money(500_00),
                ),
            ),
            effective_on=DAY,
        ),
        noon(2023, 4, 3),
    )
    finance.told(
        facts.agreement_executed(
            ("P", T3, 600_00), ("P", T4, 200_00), promised=match((T4, 300_00))
        ),
        noon(2023, 4, 4),
    )
    finance.told(
        facts.claim_approved(T1, ("P", T3, 100_00), payable=facts.shares(P=100_00)),
        noon(2023, 7, 10),
    )
    return finance


def changes(body: dict[str, Any], table: int, row: str | None) -> dict[str | None, int]:
    """The differences of one row by quarter, in dollars."""
    return {
        cell["quarter"]: cell["difference"]["cents"] // 100
        for cell in body["changes"]
        if (cell["table"], cell["row"]) == (table, row)
    }


def test_a_project_slips_by_a_quarter(signed: Finance) -> None:
    """T3's $500 left moves to T4, T4's $200 and the match leave the year; what is owed stays."""
    body = signed.ask(PATH, slipped=f"{PROJECT}:1").json()
    of_source = {"2024-T3": -500, "2024-T4": 300, None: -200}
    assert changes(body, 2, "P") == of_source
    assert changes(body, 2, "MATCH") == {"2024-T4": -300, None: -300}
    # The plan expected $500 as new, of which $200 had come: the line does not fill up again.
    assert changes(body, 1, "IND-P1") == {"2024-T3": -500, None: -500}
    assert changes(body, 5, None) == of_source
    assert body["freed"] == []
    later = signed.ask("/v1/tables/2025/scenario", slipped=f"{PROJECT}:1").json()
    assert changes(later, 2, "P") == {"2025-T1": 200, None: 200}


def test_a_project_is_cancelled(signed: Finance) -> None:
    """What is committed is free again; the books themselves say what they said."""
    before = signed.ask("/v1/tables/2024").json()
    body = signed.ask(PATH, cancelled=str(PROJECT)).json()
    assert changes(body, 2, "P") == {"2024-T3": -500, "2024-T4": -200, None: -700}
    assert body["freed"] == [{"pocket": "P", "amount": money(700)}]
    assert signed.ask("/v1/tables/2024").json() == before


def test_what_is_supposed_is_what_would_happen(finance: Finance) -> None:
    """Cancelling is what the books say once all that the projects had committed is released."""
    books = Books()
    heard = None
    for fact, heard in story(Random(31), length=160):  # noqa: S311  # a story, not a secret
        finance.told(fact, heard)
        books.hear(fact, heard)
    assert heard is not None
    today = civil_date(heard)
    left: dict[UUID, dict[tuple[str, Any], int]] = {}
    promised: dict[UUID, dict[Any, int]] = {}
    programme_of = {}
    for line in books.lines():
        if line.account is Account.COMMITTED:
            cells = left.setdefault(line.project_id, {})
            key = (line.pocket, line.quarter)
            cells[key] = cells.get(key, 0) + line.amount.cents
            programme_of[line.project_id] = line.programme
        if line.account is Account.MATCH_PROMISED:
            of_project = promised.setdefault(line.project_id, {})
            of_project[line.quarter] = of_project.get(line.quarter, 0) + line.amount.cents
    chosen = sorted(each for each, cells in left.items() if sum(cells.values()) > 0)[:3]
    body = finance.ask(PATH, cancelled=[str(each) for each in chosen]).json()

    template = facts.commitment_released()
    for each in chosen:
        of_project = {
            "project_id": each,
            "programme_code": programme_of[each],
            "funding": facts.cells(
                *((pocket, quarter, cents) for (pocket, quarter), cents in left[each].items())
            ),
            "match": match(*promised.get(each, {}).items()),
            "effective_on": today,
        }
        books.hear(template.model_copy(update=of_project), heard)
    expected = books.tables(2024, Basis.ACTUAL, today)
    was = finance.ask("/v1/tables/2024", basis="actual").json()["tables"]
    for number, table in (("1", expected.by_programme), ("2", expected.by_source)):
        moved = table.total.cents - was[number]["total"]["cents"]
        assert moved < 0
        (total,) = (
            cell["difference"]["cents"]
            for cell in body["changes"]
            if (cell["table"], cell["row"], cell["quarter"]) == (int(number), None, None)
        )
        assert total == moved


def test_what_is_not_supposed_rightly_is_refused(finance: Finance) -> None:
    """Something is supposed of some projects, one thing of each, by whole quarters."""
    for asked in (
        {},
        {"slipped": str(PROJECT)},
        {"slipped": f"{PROJECT}:0"},
        {"slipped": f"{PROJECT}:21"},
        {"slipped": [f"{PROJECT}:1", f"{PROJECT}:2"]},
        {"slipped": f"{PROJECT}:1", "cancelled": str(PROJECT)},
    ):
        assert finance.ask(PATH, **asked).status_code == 422, asked
    assert finance.ask(PATH, cancelled=str(PROJECT), role="recipient").status_code == 403
    assert finance.ask(PATH, cancelled=str(PROJECT), role="auditor").json()["changes"] == []
