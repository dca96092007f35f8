"""Surveys of an organisation in one spreadsheet."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest

from services.impact.domain.indicators import INDICATORS
from shared.spreadsheets.reading import XLSX
from tests.integration.impact.post_office import (
    ADOPTER,
    LEAD,
    OPENS,
    OTHER_PROJECT,
    PROJECT,
    PostOffice,
    completed,
    post_office,
)
from tests.support.mail import Mailbox
from tests.support.postgres import Databases

pytestmark = pytest.mark.postgres

PATH = f"/v1/organisations/{LEAD}/surveys.xlsx"


@pytest.fixture
def office(migrated_database: str, databases: Databases, tmp_path: Path) -> Iterator[PostOffice]:
    """Two projects, with a survey of each open for every organisation."""
    with post_office(migrated_database, databases, tmp_path, Mailbox(), with_mail=False) as office:
        office.hear(completed(), completed(OTHER_PROJECT, title="Cold chains"))
        office.at(OPENS)
        yield office


def template(office: PostOffice, language: str = "en") -> Any:
    """The organisation's sheet."""
    headers = {"Accept-Language": language}
    answer = office.ask("GET", PATH, "recipient", LEAD, headers=headers)
    assert answer.status_code == 200, answer.text
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def bring(office: PostOffice, book: Any, query: str = "", of: UUID = LEAD) -> Any:
    """Bring a sheet back."""
    file = io.BytesIO()
    book.save(file)
    return office.ask(
        "POST",
        PATH + query,
        "recipient",
        of,
        content=file.getvalue(),
        headers={"Content-Type": XLSX},
    )


def fill(book: Any, survey_id: str, **answers: object) -> dict[str, str]:
    """Fill in answers; their cells by indicator."""
    sheet = book.worksheets[0]
    cells = {}
    for row in sheet.iter_rows(min_row=2):
        code = str(row[4].value).replace("-", "_")
        if row[0].value == survey_id and code in answers:
            row[7].value = answers[code]
            cells[code] = f"{sheet.title}!{row[7].coordinate}"
    return cells


class TestASheet:
    def test_holds_every_open_survey(self, office: PostOffice) -> None:
        """A line for each survey and indicator, in the reader's language; none of others."""
        rows = list(template(office).worksheets[0].iter_rows(values_only=True))
        assert rows[0][:5] == ("survey", "project", "year", "due on", "indicator")
        assert len(rows) == 1 + 2 * len(INDICATORS)
        mine = {office.survey_of(LEAD), office.survey_of(LEAD, OTHER_PROJECT)}
        assert {row[0] for row in rows[1:]} == mine
        french = template(office, "fr").worksheets[0]
        assert [each.value for each in french[1]][-1] == "réponse"

    def test_is_drafted_then_submitted(self, office: PostOffice) -> None:
        """Answers are kept as drafts, are in the next template, and are submitted certified."""
        first, second = office.survey_of(LEAD), office.survey_of(LEAD, OTHER_PROJECT)
        book = template(office)
        fill(book, first, EXPORTS="1 234,56", JOBS_CREATED=3)
        fill(book, second, JOBS_CREATED="12")
        answer = bring(office, book)
        assert answer.status_code == 200, answer.text
        assert office.get(f"/v1/surveys/{first}")["state"] == "open"
        book = template(office)
        drafted = {
            (row[0], row[4]): row[7]
            for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)
            if row[7] is not None
        }
        assert drafted == {
            (first, "EXPORTS"): 1234.56,
            (first, "JOBS-CREATED"): 3,
            (second, "JOBS-CREATED"): 12,
        }
        assert bring(office, book, "?certified=true").status_code == 200
        read = office.get(f"/v1/surveys/{first}")
        assert read["state"] == "submitted"
        assert {each["indicator"]: each["value"] for each in read["answers"]} == {
            "EXPORTS": 123_456,
            "JOBS-CREATED": 3,
        }
        assert office.get(f"/v1/surveys/{second}")["state"] == "submitted"

    def test_is_taken_whole_or_not_at_all(self, office: PostOffice) -> None:
        """Everything that is wrong is said with its cell in both languages; nothing is taken."""
        first, second = office.survey_of(LEAD), office.survey_of(LEAD, OTHER_PROJECT)
        book = template(office)
        cells = fill(book, first, EXPORTS=-5, JOBS_CREATED="three", NEW_PARTNERSHIPS=2)
        fill(book, second, JOBS_CREATED=1)
        sheet = book.worksheets[0]
        sheet.append([office.survey_of(ADOPTER), "", 1, None, "EXPORTS", "", "", 5])
        sheet.append([second, "", 1, None, "HAPPINESS", "", "", 5])
        sheet.append([second, "", 1, None, "JOBS-CREATED", "", "", 5])
        answer = bring(office, book, "?certified=true")
        assert (answer.status_code, answer.json()["code"]) == (422, "sheet-not-in-order")
        errors = {each["field"]: each for each in answer.json()["errors"]}
        last = sheet.max_row
        assert {field: each["code"] for field, each in errors.items()} == {
            cells["EXPORTS"]: "value-out-of-bounds",
            cells["JOBS_CREATED"]: "number-unreadable",
            f"Surveys!A{last - 2}": "survey-not-there",
            f"Surveys!E{last - 1}": "indicator-unknown",
            f"Surveys!E{last}": "answered-twice",
        }
        assert "nombre entier" in errors[cells["JOBS_CREATED"]]["messages"]["fr"]
        assert {office.get(f"/v1/surveys/{each}")["state"] for each in (first, second)} == {"open"}

    def test_that_is_none(self, office: PostOffice) -> None:
        """What is no sheet, has no columns or no answer is refused; another's is not found."""
        headers = {"Content-Type": XLSX}
        broken = office.ask("POST", PATH, "recipient", LEAD, content=b"x", headers=headers)
        assert broken.status_code == 422
        book = openpyxl.Workbook()
        book.active.append(["survey", "value"])
        missing = bring(office, book)
        assert [each["code"] for each in missing.json()["errors"]] == ["column-missing"] * 2
        assert bring(office, template(office)).status_code == 422
        assert bring(office, template(office), of=ADOPTER).status_code == 404
        assert office.ask("GET", PATH, "recipient", ADOPTER).status_code == 404
        assert office.survey_of(LEAD, PROJECT)
