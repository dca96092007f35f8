"""
Tables that people take away, as XLSX and CSV: the same table gives the same bytes.

Text is written as text, whatever it begins with: nothing in it is ever a formula.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

import xlsxwriter

from shared.kernel.language import Language
from shared.kernel.money import Money

Cell: TypeAlias = str | int | bool | Money | date | None

_MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001  # a constant that says nothing, in a field without zone
_WIDTH = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One sheet."""

    name: str
    headings: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]


def as_xlsx(tables: Iterable[Table]) -> bytes:
    """A workbook with a sheet per table; amounts are numbers in dollars, days are dates."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        workbook.set_properties({"created": _MADE_AT})
        bold = workbook.add_format({"bold": True})
        formats = {
            Money: workbook.add_format({"num_format": "#,##0.00"}),
            date: workbook.add_format({"num_format": "yyyy-mm-dd"}),
        }
        for table in tables:
            sheet = workbook.add_worksheet(table.name)
            sheet.set_column(0, len(table.headings) - 1, _WIDTH)
            sheet.freeze_panes(1, 0)
            for column, heading in enumerate(table.headings):
                sheet.write_string(0, column, heading, bold)
            for number, row in enumerate(table.rows, start=1):
                for column, value in enumerate(row):
                    _write(sheet, (number, column), value, formats)
    return file.getvalue()


def _write(
    sheet: Any, at: tuple[int, int], value: Cell, formats: Mapping[type[Money | date], Any]
) -> None:
    match value:
        case None:
            return
        case bool():
            sheet.write_boolean(*at, value)
        case int():
            sheet.write_number(*at, value)
        case Money():
            # The nearest binary number; fifteen digits of it are the amount.
            sheet.write_number(*at, value.cents / 100, formats[Money])
        case date():
            sheet.write_datetime(*at, value, formats[date])
        case str():
            sheet.write_string(*at, value)


def as_csv(table: Table, language: Language) -> bytes:
    """
    One table as spreadsheets of that language read it: UTF-8 with its mark, ``;`` in French.

    Amounts are written with a decimal comma in French.
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
        case str() if value.startswith(("=", "+", "-", "@", "\t")):
            return f"'{value}"  # a spreadsheet would take it for a formula
        case _:
            return str(value)
