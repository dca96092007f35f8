"""Reports as people and programs read them."""

import csv
import io
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.finance.api.report_printing import DOES_NOT_ADD_UP, amount, as_html, notes_of
from services.finance.api.report_sheets import flat, sheet_of
from services.finance.domain.report import Column, ColumnKind, Note, Report, Words
from services.finance.domain.tables import Figure
from shared.kernel.language import Language
from shared.spreadsheets.writing import as_csv, as_xlsx

THIN = "\u202f"
ANY_CENTS = st.integers(-(10**15), 10**15)


def words(en: str, fr: str | None = None) -> Words:
    return Words(en=en, fr=fr or en)


def column(code: str, kind: ColumnKind) -> Column:
    return Column(code=code, heading=words(code.title(), f"{code} (fr)"), kind=kind)


def money(*cents: int) -> Report:
    """One column of amounts in millions, with its total."""
    return Report(
        code="sums",
        title=words("Sums", "Sommes"),
        columns=(column("name", ColumnKind.TEXT), column("amount", ColumnKind.MONEY)),
        rows=tuple((f"row {number}", Figure(each)) for number, each in enumerate(cents)),
        total=(words("Total"), Figure(sum(cents))),
    )


EVERY_KIND = Report(
    code="every-kind",
    title=words("Everything", "Tout"),
    base=Note(en="Known on {day}.", fr="Connu le {day}.", values={"day": date(2024, 3, 31)}),
    columns=(
        column("code", ColumnKind.CODE),
        column("name", ColumnKind.TEXT),
        column("amount", ColumnKind.MONEY),
        column("number", ColumnKind.COUNT),
        column("share", ColumnKind.RATE),
        column("on", ColumnKind.DAY),
    ),
    rows=(
        ("A-1", words("<Health> & care", "=Santé"), 51_000_49, 1234, 6_250, date(2023, 4, 1)),
        ("B-2", "B", None, None, None, None),
    ),
    total=(None, words("Total"), 51_000_49, 1234, None, None),
    footnotes=(Note(en="{surplus} left.", fr="Reste {surplus}.", values={"surplus": 51_000_00}),),
)


@pytest.mark.parametrize(
    ("value", "en", "fr"),
    [
        (Figure(61_605_000_00), "$61.6M", f"61,6{THIN}M$"),
        (Figure(128_000_000_00), "$128M", f"128{THIN}M$"),
        (Figure(61_650_000_00), "$61.7M", f"61,7{THIN}M$"),
        (Figure(-61_650_000_00), "-$61.7M", f"-61,7{THIN}M$"),
        (Figure(1_030_000_00, 2), "$1.03M", f"1,03{THIN}M$"),
        (Figure(1_234_567_000_00), "$1,234.6M", f"1{THIN}234,6{THIN}M$"),
        (Figure(-49_999_00), "$0M", f"0{THIN}M$"),
        (Figure(0), "$0", f"0{THIN}$"),
        (51_000_00, "$51,000", f"51{THIN}000{THIN}$"),
        (50, "$1", f"1{THIN}$"),
        (-50, "-$1", f"-1{THIN}$"),
        (-49, "$0", f"0{THIN}$"),
    ],
)
def test_amounts_are_written_as_canada_writes_them(value: int | Figure, en: str, fr: str) -> None:
    """Half-up, away from zero, without trailing zeros; nothing at all is no millions."""
    assert (amount(value, "en"), amount(value, "fr")) == (en, fr)


class TestTheNoteOnRounding:
    def test_stands_where_printed_rows_do_not_add_up(self) -> None:
        """0.4 and 0.4 are 0.9 when the cents are $449,000 twice: the page says why."""
        assert notes_of(money(449_000_00, 449_000_00), "en") == [DOES_NOT_ADD_UP.en]
        assert notes_of(money(400_000_00, 500_000_00), "fr") == []

    def test_looks_across_too(self) -> None:
        """17.6 and 17.5 are not 35.2: where quarters make up a total, the page says so."""
        report = Report(
            code="quarters",
            title=words("Quarters"),
            columns=tuple(column(code, ColumnKind.MONEY) for code in ("q1", "q2", "total")),
            rows=((Figure(17_615_000_00), Figure(17_540_000_00), Figure(35_155_000_00)),),
        )
        assert notes_of(report, "en") == []
        assert notes_of(replace(report, across="total"), "en") == [DOES_NOT_ADD_UP.en]

    @given(cents=st.lists(ANY_CENTS, max_size=6))
    def test_is_missing_only_where_the_print_adds_up(self, cents: list[int]) -> None:
        """What a reader would add up from the page is the printed total, or the note is there."""
        report = money(*cents)

        def read(figure: object) -> int:
            assert isinstance(figure, Figure)
            return round(float(figure.printed) * 10)

        adds_up = sum(read(row[1]) for row in report.rows) == read((report.total or ())[1])
        assert bool(notes_of(report, "en")) is not adds_up


class TestPages:
    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_speak_one_language(self, language: Language) -> None:
        """The page says which, and is written in it; what was typed is never markup."""
        page = as_html([EVERY_KIND], language)
        assert f'<html lang="{language}-CA">' in page
        shown = {
            "en": ("Everything", "Known on March 31, 2024.", "$51,000 left.", "$51,000", "1,234",
                   "62.5%", "&lt;Health&gt; &amp; care", "April 1, 2023"),
            "fr": ("Tout", "Connu le 31 mars 2024.", f"Reste 51{THIN}000{THIN}$.",
                   f"51{THIN}000{THIN}$", f"1{THIN}234", f"62,5{THIN}%", "=Santé", "1 avril 2023"),
        }  # fmt: skip
        for text in shown[language]:
            assert text in page.replace("1er avril", "1 avril"), text
        assert "A-1" not in page, "codes are for machines"


class TestFiles:
    def test_a_workbook_keeps_every_cent_as_a_number(self) -> None:
        """Title and headings stay in sight; rows, total and notes follow."""
        content = as_xlsx([sheet_of(EVERY_KIND, "fr"), sheet_of(money(61_605_000_49), "fr")])
        workbook = openpyxl.load_workbook(io.BytesIO(content))
        sheet = workbook["every-kind"]
        rows = list(sheet.values)
        assert rows[0][0] == "Tout — Connu le 31 mars 2024."
        assert rows[1][:3] == ("code (fr)", "name (fr)", "amount (fr)")
        assert sheet.freeze_panes == "A3"
        assert rows[2][1:5] == ("=Santé", 51_000.49, 1234, 0.625)
        assert rows[2][5].date() == date(2023, 4, 1)
        assert sheet["E3"].number_format == "0.00%"
        assert sheet["B3"].data_type == "s"
        assert rows[4][1:3] == ("Total", 51_000.49)
        assert sheet["C5"].font.bold
        assert rows[6][0] == f"Reste 51{THIN}000{THIN}$."
        millions = workbook["sums"]["B3"]
        assert millions.value == 61_605_000.49
        assert millions.number_format.startswith(f'#,##0.0,,"{THIN}M$"')

    @pytest.mark.parametrize(
        ("language", "delimiter", "point"), [("en", ",", "."), ("fr", ";", ",")]
    )
    def test_one_rectangle_for_programs(
        self, language: Language, delimiter: str, point: str
    ) -> None:
        """All reports in one table, with the same columns in both languages; nothing rounded."""
        content = as_csv(flat([EVERY_KIND, money(61_605_000_49)], language), language)
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter))
        assert list(rows[0]) == [
            "report", "line", "code", "name", "amount", "number", "share", "on", "text",
        ]  # fmt: skip
        lines = [(row["report"], row["line"]) for row in rows]
        assert lines == [
            ("every-kind", "title"), ("every-kind", "note"), ("every-kind", "row"),
            ("every-kind", "row"), ("every-kind", "total"), ("every-kind", "note"),
            ("sums", "title"), ("sums", "row"), ("sums", "total"),
        ]  # fmt: skip
        assert rows[2]["amount"] == f"51000{point}49"
        assert rows[2]["share"] == f"0{point}625"
        assert rows[2]["on"] == "2023-04-01"
        assert rows[3]["amount"] == ""
        assert rows[7]["amount"] == f"61605000{point}49"
