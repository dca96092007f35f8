"""
Tables that people take away, as XLSX and CSV: the same table gives the same bytes.

Text is written as text, whatever it begins with: nothing in it is ever a formula.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import xlsxwriter

from shared.kernel.language import Language
from shared.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A number, and how a spreadsheet shows it: ``0.0%``."""

    number: Decimal
    number_format: str


Cell: TypeAlias = str | int | bool | Money | Shown | date | None

_MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001  # a constant that says nothing, in a field without zone
_WIDTH, _WIDEST = 18, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One sheet."""

    name: str
    headings: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    title: str = ""
    """Stands above the headings of a sheet; a table without one begins with its headings."""
    total: Sequence[Cell] | None = None
    """The last row, in bold."""
    notes: Sequence[str] = ()
    """Stand below a sheet."""


def as_xlsx(tables: Iterable[Table]) -> bytes:
    """
    A workbook with a sheet per table; amounts are numbers in dollars, days are dates.

    What stands above the first row stays in sight, and on every printed page.
    """
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        workbook.set_properties({"created": _MADE_AT})
        plain, bold = _Formats(workbook), _Formats(workbook, bold=True)
        for table in tables:
            sheet = workbook.add_worksheet(table.name)
            for column, heading in enumerate(table.headings):
                sheet.set_column(column, column, _width(table, column, heading))
            if table.title:
                sheet.write_string(0, 0, table.title, bold.of(""))
            top = 1 if table.title else 0
            for column, heading in enumerate(table.headings):
                sheet.write_string(top, column, heading, bold.of(""))
            sheet.freeze_panes(top + 1, 0)
            sheet.repeat_rows(0, top)
            sheet.set_landscape()
            sheet.fit_to_pages(1, 0)
            for number, row in enumerate(table.rows, start=top + 1):
                _write_row(sheet, number, row, plain)
            below = top + 1 + len(table.rows)
            if table.total is not None:
                _write_row(sheet, below, table.total, bold)
                below += 1
            for number, note in enumerate(table.notes, start=below + 1):
                sheet.write_string(number, 0, note)
    return file.getvalue()


def _width(table: Table, column: int, heading: str) -> int:
    """As wide as its longest text, within bounds."""
    texts = (row[column] for row in table.rows if column < len(row))
    longest = max((len(text) for text in texts if isinstance(text, str)), default=0)
    return min(max(longest, len(heading), _WIDTH), _WIDEST)


class _Formats:
    """The number formats of a workbook, each made once."""

    def __init__(self, workbook: Any, *, bold: bool = False) -> None:
        self._workbook = workbook
        self._bold = bold
        self._made: dict[str, Any] = {}

    def of(self, number_format: str) -> Any:
        """The format; of text, it is empty."""
        if number_format not in self._made:
            properties: dict[str, object] = {"bold": True} if self._bold else {}
            if number_format:
                properties["num_format"] = number_format
            self._made[number_format] = self._workbook.add_format(properties)
        return self._made[number_format]


def _write_row(sheet: Any, number: int, row: Sequence[Cell], formats: _Formats) -> None:
    for column, value in enumerate(row):
        _write(sheet, (number, column), value, formats)


def _write(sheet: Any, at: tuple[int, int], value: Cell, formats: _Formats) -> None:
    match value:
        case None:
            return
        case bool():
            sheet.write_boolean(*at, value, formats.of(""))
        case int():
            sheet.write_number(*at, value, formats.of(""))
        case Money():
            # The nearest binary number; fifteen digits of it are the amount.
            sheet.write_number(*at, value.cents / 100, formats.of("#,##0.00"))
        case Shown():
            sheet.write_number(*at, float(value.number), formats.of(value.number_format))
        case date():
            sheet.write_datetime(*at, value, formats.of("yyyy-mm-dd"))
        case str():
            sheet.write_string(*at, value, formats.of(""))


def as_csv(table: Table, language: Language) -> bytes:
    """
    One table as spreadsheets of that language read it: UTF-8 with its mark, ``;`` in French.

    Amounts are written with a decimal comma in French. Only the headings and the rows are written:
    a program reads the file.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";" if language == "fr" else ",")
    writer.writerow(table.headings)
    writer.writerows([_written(value, language) for value in row] for row in table.rows)
    return file.getvalue().encode("utf-8-sig")


def _written(value: Cell, language: Language) -> str:
    match value:
        case None:
            return ""
        case Money():
            sign, cents = ("-", -value.cents) if value.cents < 0 else ("", value.cents)
            point = "," if language == "fr" else "."
            return f"{sign}{cents // 100}{point}{cents % 100:02}"
        case Shown():
            written = f"{value.number:f}"
            return written.replace(".", ",") if language == "fr" else written
        case str() if value.startswith(("=", "+", "-", "@", "\t")):
            return f"'{value}"  # a spreadsheet would take it for a formula
        case _:
            return str(value)
