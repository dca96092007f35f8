"""Reports as spreadsheets and as files for programs; figures are not rounded in either."""

from collections.abc import Sequence
from decimal import Decimal

from services.finance.api.report_printing import notes_of, written
from services.finance.domain.report import Column, ColumnKind, Report, Value, Words
from services.finance.domain.tables import Figure
from shared.kernel.language import Language
from shared.kernel.money import Money
from shared.spreadsheets.writing import Cell, Shown, Table

_OUT_OF = 10_000
_ABOUT = ("report", "line")
_TEXT = "text"


def sheet_of(report: Report, language: Language) -> Table:
    """
    A sheet: title, headings, rows, total and footnotes in the reader's language.

    Amounts are whole numbers of cents in dollars; those of the five tables show as millions.
    """
    return Table(
        name=report.code,
        title=" — ".join(
            written(words, language) for words in (report.title, report.base) if words
        ),
        headings=tuple(written(column.heading, language) for column in report.columns),
        rows=[_cells(row, report.columns, language) for row in report.rows],
        total=None if report.total is None else _cells(report.total, report.columns, language),
        notes=notes_of(report, language),
    )


def flat(reports: Sequence[Report], language: Language) -> Table:
    """
    All reports as one rectangle: ``report`` says of which one a line is, and ``line`` what it is.

    A line is a ``title``, a ``row``, a ``total`` or a ``note``; the columns have the same codes in
    both languages. Nothing in it is rounded.
    """
    columns = {column.code: column for report in reports for column in report.columns}
    lines: list[tuple[Cell, ...]] = []

    def add(report: Report, line: str, row: Sequence[Value] = (), text: str | None = None) -> None:
        of = dict(zip((column.code for column in report.columns), row, strict=False))
        cells = (_exact(of.get(code), column, language) for code, column in columns.items())
        lines.append((report.code, line, *cells, text))

    for report in reports:
        add(report, "title", text=written(report.title, language))
        if report.base is not None:
            add(report, "note", text=written(report.base, language))
        for row in report.rows:
            add(report, "row", row)
        if report.total is not None:
            add(report, "total", report.total)
        for note in report.footnotes:
            add(report, "note", text=written(note, language))
    return Table(name="reports", headings=(*_ABOUT, *columns, _TEXT), rows=lines)


def _cells(row: Sequence[Value], columns: Sequence[Column], language: Language) -> list[Cell]:
    return [_shown(value, column, language) for value, column in zip(row, columns, strict=True)]


def _shown(value: Value, column: Column, language: Language) -> Cell:
    if isinstance(value, Figure):
        return Shown(number=Decimal(value.cents) / 100, number_format=_millions(value, language))
    return _exact(value, column, language)


def _exact(value: Value, column: Column, language: Language) -> Cell:
    match column.kind, value:
        case ColumnKind.MONEY, Figure():
            return Money(value.cents)
        case ColumnKind.MONEY, int():
            return Money(value)
        case ColumnKind.RATE, int():
            return Shown(number=Decimal(value) / _OUT_OF, number_format="0.00%")
        case _, Words():
            return written(value, language)
        case _, Figure():
            raise TypeError(f"a figure stands in column {column.code}, which is no amount")
        case _:
            return value


def _millions(figure: Figure, language: Language) -> str:
    """Dollars shown as millions, which two commas do, and nothing at all as nothing."""
    number = f"#,##0.{'0' * figure.decimals},,"
    if language == "fr":
        shown, nothing = f'{number}"\u202fM$"', '"0\u202f$"'
    else:
        shown, nothing = f'"$"{number}"M"', '"$0"'
    return f"{shown};-{shown};{nothing}"
