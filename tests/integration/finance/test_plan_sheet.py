"""A plan's lines as a spreadsheet, out and in."""

from typing import Any
from uuid import uuid4

import pytest
from httpx2 import Response

from shared.kernel.money import Money
from shared.spreadsheets.reading import XLSX
from shared.spreadsheets.writing import Table, as_xlsx
from tests.integration.finance.conftest import Finance

pytestmark = pytest.mark.postgres

PATH = "/v1/plans/2024/lines.xlsx"
HEADINGS = ("kind", "programme", "source", "T1", "T2", "T3", "T4")


def line(kind: str, code: str, quarter: str, cents: int, programme: str | None) -> dict[str, Any]:
    """A line as JSON."""
    amount = {"cents": cents, "currency": "CAD"}
    return {
        "kind": kind,
        "code": code,
        "programme": programme,
        "quarter": quarter,
        "amount": amount,
    }


LINES = [
    line("new-business", "MATCH", "2024-T1", 123_456_78, "IND"),
    line("new-business", "MATCH", "2024-T4", 0, "IND"),
    line("operations", "RENT", "2024-T2", 1, None),
]


def bring(finance: Finance, content: bytes, role: str = "finance-officer") -> Response:
    """Hand in a file."""
    headers = {
        "Authorization": f"Bearer {finance.token(role)}",
        "Idempotency-Key": str(uuid4()),
        "Content-Type": XLSX,
    }
    return finance.client.post("/v1/plans/2024/lines/import", content=content, headers=headers)


def test_what_is_taken_away_comes_back_the_same(finance: Finance) -> None:
    """Exported and imported, the lines are the same to the cent, a line of zero included."""
    assert finance.hand_in("PUT", "/v1/plans/2024/lines", {"lines": LINES}).status_code == 200
    file = finance.ask(PATH, role="auditor")
    assert file.status_code == 200
    assert finance.hand_in("PUT", "/v1/plans/2024/lines", {"lines": []}).status_code == 200
    answer = bring(finance, file.content)
    assert answer.status_code == 200, answer.text
    assert finance.ask("/v1/plans/2024").json()["lines"] == LINES
    assert bring(finance, file.content, role="auditor").status_code == 403


def test_everything_wrong_is_said_with_its_cell(finance: Finance) -> None:
    """What cannot be read and what the rules refuse, at once; nothing is kept."""
    rows = [
        ("operations", None, "RENT", "much", None, None, Money(-1)),
        ("nothing", None, "rent", None, None, None, None),
        ("new-business", "IND", "NO-POCKET", Money(1), None, None, None),
    ]
    answer = bring(finance, as_xlsx([Table(name="Lines", headings=HEADINGS, rows=rows)]))
    assert answer.status_code == 422
    said = {(each["code"], each["field"]) for each in answer.json()["errors"]}
    assert said == {
        ("amount-unreadable", "Lines!D2"),
        ("kind-unreadable", "Lines!A3"),
        ("code-unreadable", "Lines!C3"),
        ("amount-below-zero", "Lines!G2"),
        ("unknown-pocket", "Lines!C4"),
    }
    assert finance.ask("/v1/plans/2024").status_code == 404


def test_a_file_without_the_headings_of_a_plan_is_refused(finance: Finance) -> None:
    """A column that is missing or moved is not guessed at."""
    file = as_xlsx([Table(name="Lines", headings=HEADINGS[1:], rows=[])])
    answer = bring(finance, file)
    assert (answer.status_code, answer.json()["code"]) == (422, "headings-not-those-of-a-plan")
