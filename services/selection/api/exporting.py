"""The register of decisions as a file: comma-separated values or a spreadsheet."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO, StringIO

from xlsxwriter import Workbook

from services.selection.projections.decisions import Decision
from shared.kernel.language import Language
from shared.kernel.money import Money
from shared.kernel.refusals import Invalid

MOST_LINES = 20_000
"""One file is held in memory while it is made."""

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

COLUMNS = {
    "en": (
        "Decided on", "Programme", "Application", "Title", "Province of lead", "Outcome",
        "Asked (CAD)", "Granted (CAD)", "For", "Against", "Abstained", "Reasons", "Submitted on",
        "Meeting", "Award", "Deferred to",
    ),
    "fr": (
        "Décidé le", "Programme", "Demande", "Titre", "Province du chef de file", "Décision",
        "Demandé (CAD)", "Accordé (CAD)", "Pour", "Contre", "Abstentions", "Motifs", "Déposée le",
        "Réunion", "Décision de financement", "Reportée à",
    ),
}  # fmt: skip
OUTCOMES = {
    "en": {"fund": "fund", "decline": "decline", "defer": "defer", "waitlist": "waitlist"},
    "fr": {
        "fund": "financer",
        "decline": "refuser",
        "defer": "reporter",
        "waitlist": "mettre en attente",
    },
}

Cell = str | int | date | Money | None


class TooManyLines(Invalid):
    """A file holds so many lines at most."""

    en = "The register has more than {most} such lines: narrow it by period or programme."
    fr = "Le registre a plus de {most} lignes de ce genre : restreindre la période ou le programme."


def must_fit(lines: Sequence[Decision]) -> None:
    """Refuse more lines than one file holds."""
    if len(lines) > MOST_LINES:
        raise TooManyLines(most=MOST_LINES, accepted={"maximum": MOST_LINES})


def as_csv(lines: Iterable[Decision], language: Language) -> bytes:
    """Comma-separated values with a byte order mark, so that spreadsheets read the accents."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS[language])
    for line in lines:
        writer.writerow([_text(cell) for cell in _cells(line, language)])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(lines: Iterable[Decision], language: Language) -> bytes:
    """A spreadsheet; amounts and dates are numbers and dates."""
    file = BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Décisions" if language == "fr" else "Decisions")
        bold = book.add_format({"bold": True})
        dollars = book.add_format({"num_format": "#,##0.00"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for column, name in enumerate(COLUMNS[language]):
            sheet.write_string(0, column, name, bold)
        sheet.freeze_panes(1, 0)
        for row, line in enumerate(lines, start=1):
            for column, cell in enumerate(_cells(line, language)):
                match cell:
                    case Money():
                        sheet.write_number(row, column, cell.cents / 100, dollars)
                    case date():
                        sheet.write_datetime(row, column, cell, day)
                    case int():
                        sheet.write_number(row, column, cell)
                    case str():
                        # As text whatever it begins with: never a formula, never a link.
                        sheet.write_string(row, column, cell)
                    case None:
                        sheet.write_blank(row, column, None)
        sheet.autofit()
    return file.getvalue()


def _cells(line: Decision, language: Language) -> Sequence[Cell]:
    return (
        line.decided_on,
        line.programme,
        str(line.application_id),
        line.title,
        line.lead_province,
        OUTCOMES[language][line.outcome.value],
        line.asked,
        line.granted,
        line.votes_for,
        line.votes_against,
        line.abstained,
        " · ".join(line.reasons),
        line.submitted_on,
        str(line.meeting_id),
        None if line.award_id is None else str(line.award_id),
        None if line.deferred_to is None else str(line.deferred_to),
    )


def _text(cell: Cell) -> str | int:
    match cell:
        case None:
            return ""
        case Money():
            sign = "-" if cell.cents < 0 else ""
            dollars, cents = divmod(abs(cell.cents), 100)
            return f"{sign}{dollars}.{cents:02d}"
        case str():
            # A spreadsheet would run what begins like a formula.
            return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
        case date():
            return cell.isoformat()
        case int():
            return cell
