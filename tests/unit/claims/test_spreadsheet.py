import contextlib
import io
import zipfile
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.claims.api.claim_sheet import COLUMNS, SheetEmpty, lines_of
from shared.kernel.money import Money
from shared.kernel.refusals import Invalid
from shared.spreadsheets import reading as spreadsheet
from shared.spreadsheets.reading import (
    CSV,
    MOST_ROWS,
    XLSX,
    FileUnpacksTooLarge,
    FileUnreadable,
    TooManyLines,
    read_sheet,
)
from shared.spreadsheets.writing import Table, as_csv, as_xlsx

ENGLISH = ["category", "cash", "incurred from", "incurred to", "paid on"]
GOOD = ["labour", "500.00", "2023-04-03", "2023-06-30", "2023-06-30"]


def at(day: date) -> datetime:
    """A date as spreadsheets keep it, at midnight without a zone."""
    return datetime.combine(day, time())


def xlsx(*rows: list[Any], title: str = "Lines") -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def csv(*rows: list[str], delimiter: str = ",") -> bytes:
    return "\r\n".join(delimiter.join(row) for row in rows).encode()


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


class TestReading:
    def test_a_workbook(self) -> None:
        """Empty rows are left out, and rows keep their numbers."""
        sheet = read_sheet(xlsx(["a", "b"], [], [1, at(date(2024, 3, 31))]), XLSX)
        assert sheet.name == "Lines"
        assert [(row.number, row.values[:2]) for row in sheet.rows] == [
            (1, ("a", "b")),
            (3, (1, at(date(2024, 3, 31)))),
        ]
        assert (sheet.place(3, 1), sheet.place(3)) == ("Lines!B3", "Lines!3")

    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_text_as_spreadsheets_write_it(self, delimiter: str, encoding: str) -> None:
        """The delimiter is that of the headings, and accents survive every usual encoding."""
        text = csv(["catégorie", "x"], ["é", "1"], delimiter=delimiter).decode()
        sheet = read_sheet(text.encode(encoding), CSV)
        assert [row.values for row in sheet.rows] == [("catégorie", "x"), ("é", "1")]
        assert sheet.place(2, 0) == "A2"

    def test_a_line_break_within_a_cell(self) -> None:
        """A row of CSV is numbered by the line on which it begins."""
        sheet = read_sheet(b'a,b\r\n"one\r\ntwo",2\r\nx,y\r\n', CSV)
        assert [row.number for row in sheet.rows] == [1, 2, 4]

    @pytest.mark.parametrize("kind", [XLSX, CSV])
    def test_too_many_lines(self, kind: str) -> None:
        """Two thousand lines are read, one more is refused."""
        rows = [["x"]] * MOST_ROWS
        for given_rows in (rows, [*rows, ["x"]]):
            content = xlsx(*given_rows) if kind == XLSX else csv(*given_rows)
            if given_rows is rows:
                assert len(read_sheet(content, kind).rows) == MOST_ROWS
            else:
                with pytest.raises(TooManyLines):
                    read_sheet(content, kind)

    def test_a_file_that_unpacks_to_too_much(self) -> None:
        """A small file that would fill the memory is refused before it is unpacked."""
        bomb = zipped(**{"xl/workbook.xml": b" " * (spreadsheet.MOST_UNPACKED_BYTES + 1)})
        assert len(bomb) < 100_000
        with pytest.raises(FileUnpacksTooLarge):
            read_sheet(bomb, XLSX)

    def test_entities_that_multiply(self) -> None:
        """XML that defines entities is refused: nothing of a claim needs them."""
        bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        with zipfile.ZipFile(io.BytesIO(xlsx(["a"], ["b"]))) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        name = "xl/worksheets/sheet1.xml"
        members[name] = bomb + members[name].replace(b"<row ", b"<row spans='&b;' ", 1)
        with pytest.raises(FileUnreadable):
            read_sheet(zipped(**members), XLSX)

    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            (b"", XLSX),
            (b"PK\x03\x04", XLSX),
            (zipped(a=b"b"), XLSX),
            (b"category,cash", XLSX),
            (b'"', CSV),
            (b"\xff\xfe\x00", CSV),
            (b"\x81", CSV),
        ],
    )
    def test_files_that_are_not_what_they_are_said_to_be(self, content: bytes, kind: str) -> None:
        """A damaged file is refused, whatever is wrong with it."""
        with pytest.raises(FileUnreadable):
            read_sheet(content, kind)

    @settings(max_examples=200)
    @given(content=st.binary(max_size=2_000), kind=st.sampled_from([XLSX, CSV]))
    def test_whatever_bytes(self, content: bytes, kind: str) -> None:
        """Any bytes are a claim's lines or are refused."""
        with contextlib.suppress(Invalid):
            lines_of(read_sheet(content, kind))

    @settings(max_examples=200)
    @given(data=st.data())
    def test_whatever_damage(self, data: st.DataObject) -> None:
        """A workbook with any bytes changed is read or refused."""
        content = bytearray(FILLED)
        for _ in range(data.draw(st.integers(1, 5))):
            place = data.draw(st.integers(0, len(content) - 1))
            content[place] = data.draw(st.integers(0, 255))
        with contextlib.suppress(Invalid):
            lines_of(read_sheet(bytes(content), XLSX))

    @settings(max_examples=100)
    @given(part=st.sampled_from(["xl/workbook.xml", "xl/worksheets/sheet1.xml"]), data=st.data())
    def test_whatever_damage_inside(self, part: str, data: st.DataObject) -> None:
        """A workbook whose XML says anything at all is read or refused."""
        with zipfile.ZipFile(io.BytesIO(FILLED)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        text = members[part]
        place = data.draw(st.integers(0, len(text)))
        put = data.draw(
            st.sampled_from([b"9" * 30, b"<c r='XFD9999999999'/>", b"<", b"\x00", b"'"])
        )
        members[part] = text[:place] + put + text[place:]
        with contextlib.suppress(Invalid):
            lines_of(read_sheet(zipped(**members), XLSX))


FILLED = xlsx(ENGLISH, ["labour", 500.0, at(date(2023, 4, 3)), "2023-06-30", "2023-06-30"])


class TestLines:
    def test_columns_in_any_order_and_language(self) -> None:
        """Headings are known by their words, whatever their accents and capitals."""
        french = ["Payé le", "ENGAGÉ DU", "engage au", "Catégorie", "Comptant", "Partie liée"]
        row = ["2023-06-30", "2023-04-03", "2023-06-30", "labour", "1 234,56", "oui"]
        lines = lines_of(read_sheet(csv(french, row, delimiter=";"), CSV))
        assert not lines.reasons
        (line,) = lines.lines
        assert (line.category, line.cash, line.related_party) == ("labour", Money(1_234_56), True)
        assert line.in_kind == Money(0)

    def test_everything_that_is_wrong_is_said_at_once(self) -> None:
        """Every wrong cell is named with where it stands, what was read and what is accepted."""
        content = xlsx(
            [*ENGLISH, "colour", "Comptant", None],
            ["labour", "12,345,6", "April", "2023-06-30", None, "red", 1, "note"],
            [None, 1, "2023-04-03", "2023-06-30", "2023-06-30"],
            GOOD,
        )
        lines = lines_of(read_sheet(content, XLSX))
        assert [(each.code, each.field) for each in lines.reasons] == [
            ("column-unknown", "Lines!F1"),
            ("column-twice", "Lines!G1"),
            ("amount-unreadable", "Lines!B2"),
            ("day-unreadable", "Lines!C2"),
            ("value-without-column", "Lines!H2"),
            ("cell-empty", "Lines!A3"),
        ]
        assert "12,345,6" in lines.reasons[2].fr
        assert lines.reasons[2].accepted == "1234.56"
        assert lines.rows == (4,)

    def test_a_needed_column_that_is_missing(self) -> None:
        """A sheet without its needed columns says which, in both languages."""
        lines = lines_of(read_sheet(csv(["cash"], ["1"]), CSV))
        assert [each.code for each in lines.reasons] == ["column-missing"] * 3
        assert lines.reasons[0].accepted == ["category", "catégorie"]
        assert lines.lines == ()

    @pytest.mark.parametrize("content", [b"", b"category,cash\r\n", b",,\r\n\r\n"])
    def test_a_sheet_without_lines(self, content: bytes) -> None:
        """A claim is imported from at least one line."""
        with pytest.raises(SheetEmpty):
            lines_of(read_sheet(content, CSV))


class TestTemplates:
    def test_are_the_same_bytes_every_time(self) -> None:
        """What is made of the same table does not depend on when it is made."""
        table = Table(name="Lines", headings=("a", "b"), rows=[("=1+1", Money(5))])
        assert as_xlsx([table]) == as_xlsx([table])

    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_are_read_when_filled_in(self, language: Any) -> None:
        """Every column of a template is known, in both languages and both formats."""
        row: list[Any] = ["labour", Money(5_00), Money(0), "2023-04-03", "2023-06-30"]
        row += ["2023-06-30", "Supplies Inc.", "17", "ab" * 32, Money(75), "no"]
        headings = tuple(column.heading(language) for column in COLUMNS)
        table = Table(name="Lines", headings=headings, rows=[row])
        read = [
            lines_of(read_sheet(as_xlsx([table]), XLSX)),
            lines_of(read_sheet(as_csv(table, language), CSV)),
        ]
        assert [lines.reasons for lines in read] == [(), ()]
        assert read[0].lines == read[1].lines
        assert read[0].lines[0].sales_tax == Money(75)

    def test_text_is_never_a_formula(self) -> None:
        """What begins like a formula is written as text."""
        table = Table(name="Lines", headings=("a",), rows=[("=1+1",)])
        assert read_sheet(as_xlsx([table]), XLSX).rows[1].values[0] == "=1+1"
        assert b"'=1+1" in as_csv(table, "en")
