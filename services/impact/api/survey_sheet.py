"""
Surveys of one organisation as a sheet: a line for each survey and indicator, and what one says.

Amounts are written in dollars and kept in cents; everything else is a whole number. A line without
an answer leaves the indicator out: it is not counted as zero.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from services.impact.domain.indicators import BY_CODE, Indicator
from services.impact.domain.survey_events import Answer
from shared.kernel.language import Language
from shared.kernel.money import Money
from shared.kernel.refusals import Invalid, Reason, Refusal
from shared.spreadsheets.reading import Row, Sheet
from shared.spreadsheets.writing import Cell
from shared.web import cells
from shared.web.auth import UUID_PATTERN
from shared.web.schemas import LARGEST_NUMBER

CENTS = "cad-cents"
MOST_REASONS = 1_000
"""Nobody corrects more at once, and an answer stays small."""

HEADINGS: Mapping[str, tuple[str, str]] = {
    "survey": ("survey", "sondage"),
    "project": ("project", "projet"),
    "year": ("year", "année"),
    "due_on": ("due on", "à remettre le"),
    "indicator": ("indicator", "indicateur"),
    "name": ("what is asked", "ce qui est demandé"),
    "unit": ("unit", "unité"),
    "answer": ("answer", "réponse"),
}
"""In English and in French. Those that are read are survey, indicator and answer."""
READ = ("survey", "indicator", "answer")
UNITS: Mapping[str, tuple[str, str]] = {
    CENTS: ("dollars", "dollars"),
    "count": ("number", "nombre"),
    "people": ("people", "personnes"),
    "tonnes-co2e": ("tonnes of CO2e", "tonnes de CO2e"),
}


class SheetNotInOrder(Invalid):
    """Cells of the file cannot be taken; every one is named, and nothing was taken."""

    en = "{count} things in the file are not in order; nothing was taken. See the reasons."
    fr = "{count} éléments du fichier ne sont pas en règle; rien n’a été pris. Voir les motifs."


class ColumnMissing(Invalid):
    """Survey, indicator and answer are needed."""

    en = "The column “{en}” is missing."
    fr = "La colonne «\u00a0{fr}\u00a0» est absente."


class SurveyNotThere(Invalid):
    """A line is about a survey of the organisation, by its id as in the template."""

    en = "“{read}” is not a survey of this organisation."
    fr = "«\u00a0{read}\u00a0» n’est pas un sondage de cette organisation."


class IndicatorUnknown(Invalid):
    """A line is about an indicator, by its code as in the template."""

    en = "“{read}” is not an indicator."
    fr = "«\u00a0{read}\u00a0» n’est pas un indicateur."


class AnsweredTwice(Invalid):
    """An indicator of a survey stands on one line."""

    en = "This indicator of this survey is answered on line {line} already."
    fr = "Cet indicateur de ce sondage est déjà répondu à la ligne {line}."


class NumberUnreadable(Invalid):
    """An answer is a whole number; digits may be grouped by spaces."""

    en = "“{read}” is not a whole number."
    fr = "«\u00a0{read}\u00a0» n’est pas un nombre entier."


@dataclass(slots=True)
class SurveyLines:
    """What a sheet says of one survey."""

    first_row: int
    answers: list[Answer] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    """On which row each answer stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """What a sheet says, and what of it cannot be read."""

    sheet: Sheet
    place_of: Mapping[str, int]
    surveys: Mapping[UUID, SurveyLines]
    reasons: Sequence[Reason]

    def placed(self, survey_id: UUID, reason: Reason) -> Reason:
        """What the rules say of an answer, said of its cell."""
        lines = self.surveys[survey_id]
        numbered = re.fullmatch(r"answers\[([0-9]+)\].*", reason.field or "")
        named = re.fullmatch(r"(?:answers|surprises)\.(.+)", reason.field or "")
        row, column = lines.first_row, "survey"
        if numbered and int(numbered[1]) < len(lines.rows):
            row, column = lines.rows[int(numbered[1])], "answer"
        elif named:
            for answer, at in zip(lines.answers, lines.rows, strict=True):
                if answer.indicator == named[1]:
                    row, column = at, "answer"
        return replace(reason, field=self.sheet.place(row, self.place_of[column]))


def refusal(reasons: Sequence[Reason]) -> SheetNotInOrder:
    """Everything that is wrong, at once."""
    return SheetNotInOrder(count=len(reasons), reasons=reasons[:MOST_REASONS])


def headings(language: Language) -> tuple[str, ...]:
    """What stands above the columns of a template."""
    return tuple(each[language == "fr"] for each in HEADINGS.values())


def line(  # noqa: PLR0917  # the columns, in their order
    survey_id: UUID,
    title: str,
    year: int,
    due_on: Cell,
    indicator: Indicator,
    value: int | None,
    language: Language,
) -> tuple[Cell, ...]:
    """One line of a template."""
    french = language == "fr"
    return (
        str(survey_id),
        title,
        year,
        due_on,
        indicator.code,
        indicator.name_fr if french else indicator.name_en,
        UNITS[indicator.unit][french],
        Money(value) if value is not None and indicator.unit == CENTS else value,
    )


def lines_of(sheet: Sheet) -> Lines:
    """Read a sheet. Raises ``SheetNotInOrder`` where a column is missing."""
    first = sheet.rows[0] if sheet.rows else Row(number=1, values=())
    place_of = _places(sheet, first)
    surveys: dict[UUID, SurveyLines] = {}
    seen: dict[tuple[UUID, str], int] = {}
    reasons: list[Reason] = []
    for row in sheet.rows[1:]:
        wrong = _read(row, place_of, surveys, seen)
        reasons += (
            replace(each.as_reason(), field=sheet.place(row.number, place_of[column]))
            for column, each in wrong
        )
    return Lines(sheet=sheet, place_of=place_of, surveys=surveys, reasons=reasons)


def _places(sheet: Sheet, first: Row) -> dict[str, int]:
    said = [_normal(str(each)) for each in first.values]
    places = {
        name: said.index(_normal(each))
        for name in READ
        for each in HEADINGS[name]
        if _normal(each) in said
    }
    missing = [
        ColumnMissing(
            field=sheet.place(first.number), en=HEADINGS[name][0], fr=HEADINGS[name][1]
        ).as_reason()
        for name in READ
        if name not in places
    ]
    if missing:
        raise refusal(missing)
    return places


def _normal(heading: str) -> str:
    plain = unicodedata.normalize("NFKD", heading.casefold())
    return "".join(each for each in plain if not unicodedata.combining(each)).strip()


def _read(
    row: Row,
    place_of: Mapping[str, int],
    surveys: dict[UUID, SurveyLines],
    seen: dict[tuple[UUID, str], int],
) -> list[tuple[str, Refusal]]:
    """Read one line into ``surveys``; what is wrong with it, by column."""
    survey, code, answer = (_value(row, place_of[name]) for name in READ)
    if answer is None:
        return []
    survey_text, code_text = str(survey or "").strip(), str(code or "").strip().upper()
    wrong: list[tuple[str, Refusal]] = []
    if not UUID_PATTERN.fullmatch(survey_text):
        wrong.append(("survey", SurveyNotThere(read=cells.shown(survey_text))))
    indicator = BY_CODE.get(code_text)
    if indicator is None:
        unknown = IndicatorUnknown(read=cells.shown(code_text), accepted=list(BY_CODE))
        return [*wrong, ("indicator", unknown)]
    try:
        value = _number(answer, indicator)
    except Invalid as unreadable:
        return [*wrong, ("answer", unreadable)]
    if wrong:
        return wrong
    survey_id = UUID(survey_text)
    key = (survey_id, indicator.code)
    if key in seen:
        return [("indicator", AnsweredTwice(line=seen[key]))]
    seen[key] = row.number
    lines = surveys.setdefault(survey_id, SurveyLines(row.number))
    lines.answers.append(Answer(indicator=indicator.code, value=value))
    lines.rows.append(row.number)
    return []


def _value(row: Row, place: int) -> object:
    value = row.values[place] if place < len(row.values) else None
    return None if isinstance(value, str) and not value.strip() else value


def _number(value: object, indicator: Indicator) -> int:
    """An answer in whole units. Raises what says why it is none."""
    if indicator.unit == CENTS:
        return cells.amount(value).cents
    whole: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        whole = value
    elif isinstance(value, float) and value.is_integer():
        whole = int(value)
    elif isinstance(value, str):
        plain = re.sub(r"[\s\u00a0\u2007\u2009\u202f]", "", value).replace("\u2212", "-")
        whole = int(plain) if re.fullmatch(r"-?[0-9]{1,16}", plain) else None
    if whole is None or abs(whole) > LARGEST_NUMBER:
        raise NumberUnreadable(read=cells.shown(value), accepted={"at_most": LARGEST_NUMBER})
    return whole
