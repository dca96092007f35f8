"""
Tables in files: XLSX and CSV become rows of plain values, whatever the file holds.

A file from outside is read without trust: what it unpacks to is bounded before anything is
unpacked, XML is read by defusedxml, and whatever makes no sense is a refusal.
"""

import csv
import io
import logging
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import openpyxl
from openpyxl.utils import get_column_letter

from shared.kernel.refusals import Invalid

log = logging.getLogger(__name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"

MOST_BYTES = 5_000_000
MOST_ROWS = 2_001
"""A line of headings and two thousand more; empty ones do not count."""
MOST_COLUMNS = 50
"""Columns further right are not read."""
MOST_UNPACKED_BYTES = 20_000_000
"""Two thousand lines unpack to a tenth of this."""
LAST_ROW = 1_048_576
"""The last row that a sheet of XLSX can have."""
DELIMITERS = (";", ",", "\t")


class FileUnreadable(Invalid):
    """The file is damaged, protected or not of the type it is said to be."""

    en = "The file cannot be read as {kind}."
    fr = "Le fichier est illisible comme {kind}."


class FileUnpacksTooLarge(Invalid):
    """The file unpacks to more than is read here."""

    en = "The file unpacks to more than {limit} bytes."
    fr = "Le fichier décompressé dépasse {limit} octets."


class TooManyLines(Invalid):
    """The table has more lines than are read at once."""

    en = "The table has more than {limit} lines."
    fr = "Le tableau compte plus de {limit} lignes."


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row that is not empty."""

    number: int
    """From 1, as the spreadsheet shows it; in CSV, the line on which the row begins."""
    values: tuple[object, ...]
    """Texts, numbers, dates, whatever the file holds; None where there is nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table: its rows that are not empty, the headings first."""

    name: str | None
    """None in CSV, which has no sheets."""
    rows: tuple[Row, ...]

    def place(self, row: int, column: int | None = None) -> str:
        """Where a value stands, as spreadsheets write it: ``Lines!C7``; ``column`` is from 0."""
        letter = "" if column is None else get_column_letter(column + 1)
        return f"{letter}{row}" if self.name is None else f"{self.name}!{letter}{row}"


def read_sheet(content: bytes, media_type: str) -> Sheet:
    """
    The first sheet of a workbook, or the table of a CSV file.

    Raises ``FileUnreadable``, ``FileUnpacksTooLarge`` and ``TooManyLines``.
    """
    if media_type == XLSX:
        return _xlsx(content)
    return Sheet(name=None, rows=_not_empty(_csv(content)))


def _xlsx(content: bytes) -> Sheet:
    try:
        _must_unpack_to_little(content)
        return _first_sheet(content)
    except Invalid:
        raise
    except Exception as damage:  # noqa: BLE001  # openpyxl says of no exceptions that they are all
        log.info("workbook unreadable", extra={"because": type(damage).__name__})
        raise FileUnreadable(kind="XLSX") from None


def _must_unpack_to_little(content: bytes) -> None:
    # Python reads no more of a member than the directory says, so that what it says is enough.
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > MOST_UNPACKED_BYTES:
            raise FileUnpacksTooLarge(limit=MOST_UNPACKED_BYTES)


def _first_sheet(content: bytes) -> Sheet:
    workbook = openpyxl.load_workbook(
        io.BytesIO(content), read_only=True, data_only=True, keep_links=False
    )
    try:
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # a sheet may say that it is larger than it is
        rows = sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
        return Sheet(name=str(sheet.title)[:31], rows=_not_empty(enumerate(rows, start=1)))
    finally:
        workbook.close()


def _csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(content)
    heading = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for values in reader:
            yield number, values[:MOST_COLUMNS]
            number = reader.line_num + 1
    except csv.Error:
        raise FileUnreadable(kind="CSV") from None


def _decoded(content: bytes) -> str:
    """Spreadsheets write CSV in UTF-8, in UTF-16 with its mark, or in the Windows code page."""
    utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if utf_16 else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileUnreadable(kind="CSV")


def _not_empty(rows: Iterable[tuple[int, Iterable[object]]]) -> tuple[Row, ...]:
    kept: list[Row] = []
    for number, values in rows:
        stated = tuple(None if value == "" else value for value in values)
        if number > LAST_ROW or len(kept) > MOST_ROWS:
            raise TooManyLines(limit=MOST_ROWS - 1, accepted={"at_most": MOST_ROWS - 1})
        if any(value is not None for value in stated):
            kept.append(Row(number=number, values=stated))
    if len(kept) > MOST_ROWS:
        raise TooManyLines(limit=MOST_ROWS - 1, accepted={"at_most": MOST_ROWS - 1})
    return tuple(kept)
