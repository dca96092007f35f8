"""The views as files, in both languages."""

import csv
import io
import json
import re
from html import unescape
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest

from services.finance.api import entry_files
from shared.spreadsheets.reading import XLSX
from tests.integration.finance.conftest import Finance
from tests.integration.finance.test_doors import AGREEMENT, money
from tests.ledgers import reading
from tests.ledgers.stories import story
from tests.unit.finance.facts import PROJECT

pytestmark = pytest.mark.postgres

PLAN = Path(reading.__file__).with_name("published_plan.md")
PATH = "/v1/tables/2024/export"
THIN = "\u202f"


@pytest.fixture
def planned(finance: Finance) -> Finance:
    """Finance that was told the published plan of 2023-2024."""
    for grid in reading.grids(PLAN):
        if grid.header[0] == "on":
            for fact, heard in reading.facts(grid):
                finance.told(fact, heard)
    return finance


def tables_of(page: str) -> list[dict[str, list[str]]]:
    """The printed rows of every table of a page, by their first cell."""
    return [
        {
            cells[0]: cells[1:]
            for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
            for cells in [
                [
                    unescape(cell)
                    for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
                ]
            ]
        }
        for table in re.findall(r"<table.*?</table>", page, re.DOTALL)
    ]


def millions(*printed: str) -> list[str]:
    """Amounts as French prints them, zero in dollars."""
    return [f"0{THIN}$" if each == "0" else f"{each.replace('.', ',')}{THIN}M$" for each in printed]


class TestTheFiveTables:
    def test_are_printed_as_in_the_corporate_plan(self, planned: Finance) -> None:
        """Every published figure in French, its surplus in dollars, and why rows do not add up."""
        answer = planned.ask(PATH, basis="plan", format="html", lang="fr")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["content-language"] == "fr"
        page = answer.text
        assert '<html lang="fr-CA">' in page
        one, two, three, four, five = tables_of(page)
        assert list(one.values())[1:] == [
            millions(each) for each in ("128", "38.6", "3.6", "0.8", "0.8", "171.8")
        ]
        assert two["Contreparties de l’industrie"] == millions("82.8")
        assert two["Total"] == millions("171.8")
        assert three["Opérations et administration"] == millions("5.6")
        assert (three["Phase 1"], three["Total"]) == (millions("71.1"), millions("94.6"))
        assert (four["Autres revenus"], four["Total"]) == (millions("1.6"), millions("94.7"))
        assert list(five.values())[1:] == [
            millions(*row)
            for row in (
                ("17.6", "17.5", "14.1", "13.9", "63.2"),
                ("0", "0", "2", "12.3", "14.3"),
                ("0", "0", "0", "3.6", "3.6"),
                ("5", "2.9", "0", "0", "7.9"),
                ("1.03", "1.03", "1.03", "1.03", "4.1"),
                ("0.4", "0.4", "0.4", "0.4", "1.6"),
                ("2.4", "0", "0", "0", "2.4"),
                ("26.4", "21.9", "17.5", "31.2", "97.1"),
            )
        ]
        assert f"est de 51{THIN}000{THIN}$" in page
        assert f"ISED devait 2,4{THIN}M$" in page
        assert page.count("Les montants sont arrondis") >= 1

    def test_in_english(self, planned: Finance) -> None:
        """By `Accept-Language`, or English where nothing is said."""
        page = planned.ask(PATH, basis="plan", format="html").text
        assert '<html lang="en-CA">' in page
        assert tables_of(page)[2]["Total"] == ["$94.6M"]
        assert "planned surplus (table 4 less table 3) is $51,000." in page

    def test_as_a_workbook(self, planned: Finance) -> None:
        """A sheet per table, with real numbers that add up to the cent."""
        answer = planned.ask(PATH, basis="plan", format="xlsx", lang="fr")
        assert answer.headers["content-type"] == XLSX
        assert 'filename="tables-2024-plan.xlsx"' in answer.headers["content-disposition"]
        workbook = openpyxl.load_workbook(io.BytesIO(answer.content))
        assert workbook.sheetnames == [f"table-{number}" for number in range(1, 6)]
        rows = [row for row in workbook["table-5"].values if isinstance(row[6], int | float)]
        assert sum(row[6] for row in rows[:-1]) == rows[-1][6]

    def test_as_comma_separated_values_are_what_the_view_answers(self, planned: Finance) -> None:
        """To the cent, by code, for every basis."""
        for basis in ("plan", "forecast", "actual"):
            text = planned.ask(PATH, basis=basis).content.decode("utf-8-sig")
            read: dict[str, dict[str, int]] = {}
            for row in csv.DictReader(io.StringIO(text)):
                if row["line"] in {"row", "total"}:
                    cents = round(float(row["amount"] or row["total"]) * 100)
                    read.setdefault(row["report"], {})[row["code"] or "total"] = cents
            tables = planned.ask("/v1/tables/2024", basis=basis).json()["tables"]
            assert read == {f"table-{number}": cents_of(tables[number]) for number in "12345"}

    def test_are_refused_as_the_view_is(self, finance: Finance) -> None:
        """No plan, no page; and nothing for those who may not see the view."""
        answer = finance.ask(PATH, basis="plan", format="html")
        assert (answer.status_code, answer.json()["code"]) == (404, "no-approved-plan")
        assert finance.ask(PATH, role="claims-analyst").status_code == 403
        assert finance.ask(PATH, format="pdf").status_code == 422
        assert finance.ask(PATH, lang="de").status_code == 422
        empty = finance.ask(PATH, basis="actual", format="html", role="auditor")
        assert empty.status_code == 200


def cents_of(table: dict[str, Any]) -> dict[str, int]:
    """The totals of a table by code, as the view answers them."""
    total = table["total"]
    rows = {
        row["code"]: row["cents"] if "cents" in row else row["total"]["cents"]
        for row in table["rows"]
    }
    return rows | {"total": total["cents"] if "cents" in total else total["total"]["cents"]}


def test_pockets_are_named(finance: Finance) -> None:
    """On paper by their names and in dollars; in a file by their codes."""
    assert finance.hand_in("POST", "/v1/funder-agreements", AGREEMENT).status_code == 201
    page = finance.ask("/v1/pockets/export", format="html", lang="fr").text
    (table,) = tables_of(page)
    assert table["Projets"][1] in {f"1{THIN}000{THIN}000{THIN}$", f"50{THIN}000{THIN}$"}
    assert table["Total"][1] == f"1{THIN}050{THIN}000{THIN}$"
    text = finance.ask("/v1/pockets/export").content.decode("utf-8-sig")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["line"] == "row"]
    assert [(row["code"], row["authority"]) for row in rows] == [
        ("ISED-P1-PRO", "1000000.00"),
        ("ISED-P1-SME", "50000.00"),
    ]
    assert json.loads(finance.ask("/v1/pockets").text)["items"][1]["authority"] == money(50_000)


def rows_of(finance: Finance, path: str, **parameters: Any) -> list[dict[str, str]]:
    """The lines of a file for programs."""
    answer = finance.ask(path, **parameters)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def sums(rows: list[dict[str, str]], column: str, report: str | None = None) -> tuple[int, int]:
    """What a column's rows add up to in cents, and its total as written."""
    cents = {"row": 0, "total": 0}
    for row in rows:
        if row["line"] in cents and row["report"] == (report or row["report"]):
            cents[row["line"]] += round(float(row[column] or 0) * 100)
    return cents["row"], cents["total"]


@pytest.fixture
def told(finance: Finance) -> Finance:
    """Finance that was told a story."""
    for fact, heard in story(Random(11), length=60):  # noqa: S311  # a story, not a secret
        finance.told(fact, heard)
    return finance


EXPORTS = {
    "/v1/tables/2024/export": {},
    "/v1/pockets/export": {},
    "/v1/commitments/ages/export": {},
    "/v1/payables/ages/export": {},
    "/v1/pocket-years/export": {},
    "/v1/cash-requirement/export": {},
    "/v1/year-ends/2024/export": {},
    "/v1/entries/export": {"account": "committed"},
    "/v1/tables/2024/explanation/export": {"table": 1, "basis": "actual"},
    "/v1/comparisons/export": {"account": "committed", "before_as_of": "2023-05-01"},
}


class TestEveryView:
    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_in_every_form(self, told: Finance, language: str) -> None:
        """A file of its kind, in the language asked for, that names no column twice."""
        for path, asked in EXPORTS.items():
            page = told.ask(path, format="html", lang=language, **asked)
            assert page.status_code == 200, (path, page.text)
            assert f'lang="{language}-CA"' in page.text
            file = told.ask(path, format="xlsx", lang=language, **asked)
            assert openpyxl.load_workbook(io.BytesIO(file.content)).sheetnames, path
            header = told.ask(path, lang=language, **asked).content.decode("utf-8-sig")
            names = header.splitlines()[0].split(";" if language == "fr" else ",")
            assert len(set(names)) == len(names), path

    def test_says_what_the_view_says(self, told: Finance) -> None:
        """To the cent: the total of the view, of the file, and of the file's rows."""
        for path, column, total in (
            ("commitments/ages", "total", ("total", "total")),
            ("commitments/ages", "overdue", ("overdue",)),
            ("payables/ages", "total", ("total", "total")),
            ("cash-requirement", "total", ("total",)),
            ("entries", "amount", ("total",)),
        ):
            answered: Any = told.ask(f"/v1/{path}").json()
            for key in total:
                answered = answered[key]
            file = sums(rows_of(told, f"/v1/{path}/export"), column)
            assert file == (answered["cents"],) * 2, path
        year_end = told.ask("/v1/year-ends/2024").json()
        rows = rows_of(told, "/v1/year-ends/2024/export")
        assert sums(rows, "amount", "receivables") == (year_end["receivable"]["cents"],) * 2
        assert sums(rows, "amount", "payables") == (year_end["payable"]["cents"],) * 2
        years = [
            year["spent"]["cents"]
            for item in told.ask("/v1/pocket-years").json()["items"]
            for year in item["years"]
        ]
        assert sums(rows_of(told, "/v1/pocket-years/export"), "spent")[0] == sum(years)

    def test_a_difference_adds_up_in_its_file(self, told: Finance) -> None:
        """The entries that moved a figure make its difference."""
        asked = {"account": "committed", "before_as_of": "2023-05-01"}
        difference = told.ask("/v1/comparisons", **asked).json()["difference"]["cents"]
        assert difference
        rows = rows_of(told, "/v1/comparisons/export", **asked)
        assert sums(rows, "amount") == (difference, difference)

    def test_a_cell_adds_up_in_its_file(self, planned: Finance) -> None:
        """Lines of the ledger and of the plan are the printed figure."""
        asked = {"table": 4, "basis": "plan"}
        figure = planned.ask("/v1/tables/2024/explanation", **asked).json()["figure"]["cents"]
        rows = rows_of(planned, "/v1/tables/2024/explanation/export", **asked)
        parts = [sums(rows, "amount", report) for report in ("entries", "plan-lines")]
        assert sum(rows for rows, _ in parts) == sum(total for _, total in parts) == figure

    def test_more_entries_than_a_file_holds_are_refused(
        self, told: Finance, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing is left out in silence."""
        monkeypatch.setattr(entry_files, "MOST_ENTRIES", 3)
        answer = told.ask("/v1/entries/export")
        assert (answer.status_code, answer.json()["code"]) == (422, "too-many-entries")


def test_what_changed_in_a_plan(finance: Finance) -> None:
    """Before, after and difference of each line, in dollars."""
    line = {"kind": "operations", "code": "RENT", "quarter": "2024-T1"}
    for dollars in (100, 250):
        body = {"lines": [line | {"amount": money(dollars)}]}
        assert finance.hand_in("PUT", "/v1/plans/2024/lines", body).status_code == 200
    path = "/v1/plans/2024/versions/2/differences/export"
    (_, row) = rows_of(finance, path, since=1)
    assert (row["before"], row["after"], row["difference"]) == ("100.00", "250.00", "150.00")
    page = finance.ask(path, since=1, format="html", lang="fr").text
    assert tables_of(page)[0]["operations"][-1] == f"150{THIN}$"
    assert finance.ask("/v1/plans/2024/versions/9/differences/export", since=1).status_code == 404


class TestHowTheYearGoes:
    def test_every_view_has_its_files(self, planned: Finance) -> None:
        """In every form and both languages, nothing is missing and nothing breaks."""
        planned.hand_in(
            "PUT",
            "/v1/scorecards/2024",
            json.loads((PLAN.parents[2] / "deploy/scorecards/2023-2024.json").read_text("utf-8")),
        )
        agreement = AGREEMENT | {"code": "CITY", "pockets": []}
        assert planned.hand_in("POST", "/v1/funder-agreements", agreement).status_code == 201
        paths = (
            "/v1/tables/2024/bases/export",
            f"/v1/tables/2024/scenario/export?cancelled={PROJECT}",
            "/v1/leverage/export",
            "/v1/released/2024/export",
            "/v1/scorecards/2024/export",
            "/v1/periods/2023-T4/export",
            "/v1/funder-agreements/CITY/years/export",
        )
        for path in paths:
            joined = "&" if "?" in path else "?"
            for form in ("csv", "xlsx", "html"):
                for language in ("en", "fr"):
                    answer = planned.ask(f"{path}{joined}format={form}&lang={language}")
                    assert answer.status_code == 200, (path, form, answer.text)
                    assert len(answer.content) > 100
            assert planned.ask(path, role="recipient").status_code == 403

    def test_plan_forecast_and_actual_are_printed_side_by_side(self, planned: Finance) -> None:
        """The totals of table 1 as the tables say them, in millions, on one page."""
        page = planned.ask("/v1/tables/2024/bases/export", format="html", lang="fr").text
        totals = [
            [unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
            for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
        ]
        planned_total = planned.ask("/v1/tables/2024", basis="plan").json()["tables"]["1"]["total"]
        (of_table_1, *_) = [row for row in totals if row[:2] == ["Total", "Exercice"]]
        assert of_table_1[2:3] == millions(planned_total["printed"])

    def test_objectives_are_shown_by_their_unit(self, planned: Finance) -> None:
        """Dollars as dollars, counts as counts."""
        planned.hand_in(
            "PUT",
            "/v1/scorecards/2024",
            json.loads((PLAN.parents[2] / "deploy/scorecards/2023-2024.json").read_text("utf-8")),
        )
        page = unescape(planned.ask("/v1/scorecards/2024/export", format="html", lang="fr").text)
        in_dollars, counted = page.split("Objectifs dénombrés")
        assert f"100{THIN}000{THIN}000{THIN}$" in in_dollars
        assert f"10{THIN}000" in counted
        assert "$" not in counted.split("<table")[1]
