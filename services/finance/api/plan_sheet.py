"""
The lines of a plan as a spreadsheet, laid out as its tables are.

There is a row per kind, programme and source, and a column per quarter; an empty cell is no line.
Everything that is wrong is said at once, each with its cell.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from services.finance.domain.events import LineKind, PlanLine
from shared.kernel.language import Language
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.kernel.refusals import Invalid, Reason
from shared.spreadsheets.reading import Row, Sheet
from shared.spreadsheets.writing import Table
from shared.web import cells

MOST_LINES = 2_000
"""As many as a plan takes over HTTP."""
MOST_REASONS = 1_000

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,59}")
_HEADINGS: dict[Language, tuple[str, ...]] = {
    "en": ("kind", "programme", "source", "T1", "T2", "T3", "T4"),
    "fr": ("type", "volet", "source", "T1", "T2", "T3", "T4"),
}
_KIND, _PROGRAMME, _SOURCE, _FIRST_QUARTER = range(4)
_COLUMN_OF = {"kind": _KIND, "programme": _PROGRAMME, "code": _SOURCE}


class PlanSheetNotInOrder(Invalid):
    """Cells of the file cannot be read or break rules; every one is named."""

    en = "{count} things in the file are not in order; see the reasons."
    fr = "{count} éléments du fichier ne sont pas en règle; voir les motifs."


class HeadingsNotThoseOfAPlan(Invalid):
    """The first row is that of an exported plan, in English or French."""

    en = "The first row does not hold the headings of a plan."
    fr = "La première ligne ne contient pas les en-têtes d’un plan."


class KindUnreadable(Invalid):
    """A row says what kind of line it is by its code."""

    en = "“{read}” is not a kind of line."
    fr = "« {read} » n’est pas un type de ligne."


class CodeUnreadable(Invalid):
    """A code has capital letters, digits and hyphens, at most 60."""

    en = "“{read}” is not a code."
    fr = "« {read} » n’est pas un code."


class ValueOutsideThePlan(Invalid):
    """Nothing stands to the right of the fourth quarter: it would be lost."""

    en = "“{read}” stands under no heading."
    fr = "« {read} » ne se trouve sous aucun en-tête."


class TooManyPlanLines(Invalid):
    """A plan has a bounded number of lines: filled cells of quarters."""

    en = "The file has more than {limit} amounts."
    fr = "Le fichier compte plus de {limit} montants."


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLines:
    """What a sheet says of a plan."""

    sheet: Sheet
    lines: tuple[PlanLine, ...]
    """Those that can be read."""
    places: tuple[tuple[int, int], ...]
    """The row, and the column from 0, of the amount of each of them."""
    reasons: tuple[Reason, ...]
    """What cannot be read."""

    def placed(self, reason: Reason) -> Reason:
        """What a rule says of a line, said of its cell; anything else as it is."""
        found = re.fullmatch(r"lines\[([0-9]+)\](?:\.(\w+))?", reason.field or "")
        if found is None:
            return reason
        row, column = self.places[int(found[1])]
        return replace(reason, field=self.sheet.place(row, _COLUMN_OF.get(found[2] or "", column)))

    def refusal(self, broken: Sequence[Reason]) -> PlanSheetNotInOrder:
        """Everything that is wrong, once per cell: a row is several lines."""
        every = (*self.reasons, *(self.placed(each) for each in broken))
        reasons = list({(each.code, each.field): each for each in every}.values())
        return PlanSheetNotInOrder(count=len(reasons), reasons=reasons[:MOST_REASONS])


def table_of(lines: Iterable[PlanLine], language: Language) -> Table:
    """The lines as a sheet, rows in order of appearance; amounts in dollars."""
    rows: dict[tuple[str, str | None, str], list[Money | None]] = {}
    for line in lines:
        amounts = rows.setdefault((str(line.kind), line.programme, line.code), [None] * 4)
        amounts[Quarter.all_of(line.quarter.fiscal_year).index(line.quarter)] = line.amount
    return Table(
        name="Lignes" if language == "fr" else "Lines",
        headings=_HEADINGS[language],
        rows=[(*key, *amounts) for key, amounts in rows.items()],
    )


def lines_of(sheet: Sheet, fiscal_year: int) -> SheetLines:
    """Read the lines. Raises ``HeadingsNotThoseOfAPlan`` and ``TooManyPlanLines``."""
    _must_have_headings(sheet)
    quarters = Quarter.all_of(fiscal_year)
    lines: list[PlanLine] = []
    places: list[tuple[int, int]] = []
    reasons: list[Reason] = []
    for row in sheet.rows[1:]:
        values = (*row.values, *(None,) * 7)
        wrong: dict[int, Invalid] = {}
        kind = _kind(values[_KIND], wrong)
        programme = _code(values[_PROGRAMME], _PROGRAMME, wrong, needed=False)
        code = _code(values[_SOURCE], _SOURCE, wrong, needed=True)
        for column, quarter in enumerate(quarters, start=_FIRST_QUARTER):
            amount = _amount(values[column], column, wrong)
            if amount is not None and kind is not None and code is not None:
                lines.append(
                    PlanLine(
                        kind=kind, code=code, programme=programme, quarter=quarter, amount=amount
                    )
                )
                places.append((row.number, column))
        for column, value in enumerate(row.values[7:], start=7):
            if value is not None:
                wrong[column] = ValueOutsideThePlan(read=cells.shown(value))
        reasons += _placed(sheet, row, wrong)
    if len(lines) > MOST_LINES:
        raise TooManyPlanLines(limit=MOST_LINES, accepted={"at_most": MOST_LINES})
    return SheetLines(sheet=sheet, lines=tuple(lines), places=tuple(places), reasons=tuple(reasons))


def _must_have_headings(sheet: Sheet) -> None:
    first = sheet.rows[0].values if sheet.rows else ()
    read = tuple(str(value).strip().casefold() for value in first if value is not None)
    if read not in {
        tuple(each.casefold() for each in headings) for headings in _HEADINGS.values()
    } or any(value is None for value in first[:7]):
        raise HeadingsNotThoseOfAPlan(accepted=list(_HEADINGS["en"]))


def _kind(value: object, wrong: dict[int, Invalid]) -> LineKind | None:
    kinds = [str(each) for each in LineKind]
    if value in kinds:
        return LineKind(str(value))
    wrong[_KIND] = KindUnreadable(read=cells.shown(value or ""), accepted=kinds)
    return None


def _code(value: object, column: int, wrong: dict[int, Invalid], *, needed: bool) -> str | None:
    if value is None and not needed:
        return None
    text = "" if value is None else str(value).strip()
    if _CODE.fullmatch(text):
        return text
    wrong[column] = CodeUnreadable(read=cells.shown(text), accepted=_CODE.pattern)
    return None


def _amount(value: object, column: int, wrong: dict[int, Invalid]) -> Money | None:
    if value is None:
        return None
    try:
        return cells.amount(value)
    except Invalid as refusal:
        wrong[column] = refusal
        return None


def _placed(sheet: Sheet, row: Row, wrong: dict[int, Invalid]) -> Iterable[Reason]:
    for column, refusal in sorted(wrong.items()):
        yield replace(refusal.as_reason(), field=sheet.place(row.number, column))
