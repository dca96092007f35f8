"""
Reports as people read them: amounts as Canada writes them, and pages to print.

Figures of the five tables are in millions (``61,6 M$``, ``$61.6M``), all others in dollars
(``51 000 $``, ``$51,000``). What is shown is rounded here, half-up, and a note says so where the
printed rows do not add up to the printed total.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from babel.numbers import format_currency, format_decimal, format_percent
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.finance.domain.report import ColumnKind, Note, Report, Value, Words
from services.finance.domain.tables import CENTS_IN_A_MILLION, Figure, rounded
from shared.kernel.language import LOCALES, Language, shown

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

_DOLLARS: dict[Language, str] = {"en": "¤#,##0", "fr": "#,##0\u00a0¤"}
_MILLIONS: dict[Language, str] = {"en": "¤#,##0.##'M'", "fr": "#,##0.##\u00a0'M'¤"}
_PERCENT: dict[Language, str] = {"en": "#,##0.##%", "fr": "#,##0.##\u00a0%"}
_TEXTS = (ColumnKind.TEXT, ColumnKind.DAY)
_CENTS_IN_A_DOLLAR = 100
_OUT_OF = 10_000

DOES_NOT_ADD_UP = Words(
    en="Amounts are rounded where they are printed, totals after they are summed: printed amounts "
    "may not add up to printed totals.",
    fr="Les montants sont arrondis à l’impression et les totaux, après leur addition : la somme "
    "des montants imprimés peut différer du total imprimé.",
)


def as_html(reports: Sequence[Report], language: Language) -> str:
    """A page that stands alone, with a table per report."""
    return _TEMPLATES.get_template("reports.html.j2").render(
        language=language,
        title=written(reports[0].title, language),
        reports=[_printed(report, language) for report in reports],
    )


def notes_of(report: Report, language: Language) -> list[str]:
    """The footnotes, and that of rounding where it is needed."""
    notes = [written(note, language) for note in report.footnotes]
    return notes if _adds_up(report) else [*notes, written(DOES_NOT_ADD_UP, language)]


def written(words: Words, language: Language) -> str:
    """What is said in that language, with its values."""
    text = words.fr if language == "fr" else words.en
    if isinstance(words, Note):
        return text.format(**{name: _said(value, language) for name, value in words.values.items()})
    return text


def amount(value: int | Figure, language: Language) -> str:
    """Cents in dollars, or a figure in millions; nothing at all is ``0 $``."""
    number, pattern = _rounded(value), _DOLLARS[language]
    if isinstance(value, Figure) and value.cents:
        pattern = _MILLIONS[language]
    return _narrow(
        format_currency(number, "CAD", pattern, LOCALES[language], currency_digits=False), language
    )


def _rounded(value: int | Figure) -> Decimal:
    if isinstance(value, Figure):
        return rounded(value.cents, unit=CENTS_IN_A_MILLION, decimals=value.decimals)
    return rounded(value, unit=_CENTS_IN_A_DOLLAR)


def _printed(report: Report, language: Language) -> dict[str, object]:
    """What the template shows of a report: everything but codes."""
    shown_columns = [
        index for index, column in enumerate(report.columns) if column.kind is not ColumnKind.CODE
    ]

    def cells(row: Sequence[Value]) -> list[str]:
        return [_cell(row[index], report.columns[index].kind, language) for index in shown_columns]

    return {
        "code": report.code,
        "title": written(report.title, language),
        "base": None if report.base is None else written(report.base, language),
        "headings": [written(report.columns[index].heading, language) for index in shown_columns],
        "is_text": [report.columns[index].kind in _TEXTS for index in shown_columns],
        "rows": [cells(row) for row in report.rows],
        "total": None if report.total is None else cells(report.total),
        "notes": notes_of(report, language),
    }


def _cell(value: Value, kind: ColumnKind, language: Language) -> str:
    match kind, value:
        case ColumnKind.COUNT, int():
            return _narrow(format_decimal(value, locale=LOCALES[language]), language)
        case ColumnKind.RATE, int():
            share = Decimal(value) / _OUT_OF
            return _narrow(format_percent(share, _PERCENT[language], LOCALES[language]), language)
        case _:
            return _said(value, language)


def _said(value: Value, language: Language) -> str:
    match value:
        case None:
            return ""
        case Words():
            return written(value, language)
        case int() | Figure():
            return amount(value, language)
        case date():
            return str(shown(value, language))
        case str():
            return value


def _adds_up(report: Report) -> bool:
    """Do the amounts as printed add up to the totals as printed, down and across?"""
    amounts = [
        index for index, column in enumerate(report.columns) if column.kind is ColumnKind.MONEY
    ]
    if report.total is not None and not all(
        _sums_to(report.total[index], (row[index] for row in report.rows)) for index in amounts
    ):
        return False
    if report.across is None:
        return True
    codes = [column.code for column in report.columns]
    sum_at = codes.index(report.across)
    parts = [index for index in amounts if index < sum_at]
    every = report.rows if report.total is None else (*report.rows, report.total)
    return all(_sums_to(row[sum_at], (row[index] for index in parts)) for row in every)


def _sums_to(total: Value, values: Iterable[Value]) -> bool:
    if not isinstance(total, int | Figure):
        return True
    return _rounded(total) == sum(
        _rounded(value) for value in values if isinstance(value, int | Figure)
    )


def _narrow(text: object, language: Language) -> str:
    """French separates thousands and signs by a narrow space, as ``shown`` does."""
    return str(text).replace("\u00a0", "\u202f") if language == "fr" else str(text)
