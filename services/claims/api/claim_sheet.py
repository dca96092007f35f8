"""
A claim's lines as a spreadsheet: the headings in both languages, and what a filled one says.

Everything that is wrong is said at once and where it stands: what cannot be read, and what the
rules of the agreement refuse of the lines that can.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from services.claims.domain.values import ClaimLine
from shared.kernel.language import Language
from shared.kernel.money import ZERO
from shared.kernel.refusals import Invalid, Reason, Refusal
from shared.spreadsheets.reading import Row, Sheet
from shared.web import cells

MOST_REASONS = 1_000
"""Nobody corrects more at once, and an answer stays small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column that a sheet may have."""

    field: str
    """The field of a claim's line; also the heading in English."""
    fr: str
    read: Callable[[object], Any]
    needed: bool = False
    says_en: str
    says_fr: str

    def heading(self, language: Language) -> str:
        """What stands above the column in a template."""
        return self.fr if language == "fr" else self.field.replace("_", " ")

    def says(self, language: Language) -> str:
        """What the column takes."""
        return self.says_fr if language == "fr" else self.says_en


COLUMNS = (
    Column(
        field="category",
        fr="catégorie",
        read=partial(cells.text, longest=100),
        needed=True,
        says_en="A category of costs of the programme, by its code.",
        says_fr="Une catégorie de coûts du programme, par son code.",
    ),
    Column(
        field="cash",
        fr="comptant",
        read=cells.amount,
        says_en="What was paid, in dollars, without recoverable sales tax.",
        says_fr="Ce qui a été payé, en dollars, sans les taxes de vente récupérables.",
    ),
    Column(
        field="in_kind",
        fr="en nature",
        read=cells.amount,
        says_en="What was contributed in kind, in dollars.",
        says_fr="Ce qui a été contribué en nature, en dollars.",
    ),
    Column(
        field="incurred_from",
        fr="engagé du",
        read=cells.day,
        needed=True,
        says_en="The first day of the cost: 2024-03-31.",
        says_fr="Le premier jour du coût : 2024-03-31.",
    ),
    Column(
        field="incurred_to",
        fr="engagé au",
        read=cells.day,
        needed=True,
        says_en="Its last day.",
        says_fr="Son dernier jour.",
    ),
    Column(
        field="paid_on",
        fr="payé le",
        read=cells.day,
        says_en="The day it was paid; needed where there is cash.",
        says_fr="Le jour du paiement; nécessaire s’il y a un montant comptant.",
    ),
    Column(
        field="supplier",
        fr="fournisseur",
        read=partial(cells.text, longest=200),
        says_en="The business that was paid; no name of a person.",
        says_fr="L’entreprise payée; aucun nom de personne.",
    ),
    Column(
        field="document_number",
        fr="numéro de document",
        read=partial(cells.text, longest=100),
        says_en="The number of the invoice or other document.",
        says_fr="Le numéro de la facture ou d’un autre document.",
    ),
    Column(
        field="document_sha256",
        fr="sha256 du document",
        read=cells.document_hash,
        says_en="The SHA-256 of the document, as answered when it was uploaded.",
        says_fr="Le SHA-256 du document, reçu lors de son versement.",
    ),
    Column(
        field="sales_tax",
        fr="taxes de vente",
        read=cells.amount,
        says_en="GST, HST and QST beside the amount, in dollars.",
        says_fr="TPS, TVH et TVQ en plus du montant, en dollars.",
    ),
    Column(
        field="related_party",
        fr="partie liée",
        read=cells.yes_or_no,
        says_en="Yes where the supplier is related to the participant.",
        says_fr="Oui si le fournisseur est lié au participant.",
    ),
)


def _normal(heading: str) -> str:
    """Headings are the same without their accents, capitals and what stands between words."""
    plain = unicodedata.normalize("NFKD", heading.casefold())
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")


_BY_HEADING = {
    _normal(heading): column for column in COLUMNS for heading in (column.field, column.fr)
}


class SheetNotInOrder(Invalid):
    """Cells of the file cannot be read or break rules; every one is named."""

    en = "{count} things in the file are not in order; see the reasons."
    fr = "{count} éléments du fichier ne sont pas en règle; voir les motifs."


class SheetEmpty(Invalid):
    """A claim is imported from a line of headings and at least one more."""

    en = "The file has no line below its headings."
    fr = "Le fichier n’a aucune ligne sous ses en-têtes."


class ColumnUnknown(Invalid):
    """Every column is one of a claim's, named in English or French."""

    en = "“{read}” is not a column of a claim."
    fr = "« {read} » n’est pas une colonne d’une réclamation."


class ColumnTwice(Invalid):
    """A column stands in a sheet once, whatever the language of its heading."""

    en = "“{read}” names a column that stands here already."
    fr = "« {read} » nomme une colonne déjà présente."


class ColumnMissing(Invalid):
    """Some columns are needed."""

    en = "The column “{column_en}” is missing."
    fr = "La colonne « {column_fr} » est absente."


class ValueWithoutColumn(Invalid):
    """A value stands under a heading that says what it is."""

    en = "“{read}” stands under no heading."
    fr = "« {read} » ne se trouve sous aucun en-tête."


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """What a sheet says of a claim."""

    sheet: Sheet
    place_of: Mapping[str, int]
    """Where each field's column stands, from 0."""
    lines: tuple[ClaimLine, ...]
    """Those that can be read."""
    rows: tuple[int, ...]
    """On which row each of them stands."""
    reasons: tuple[Reason, ...]
    """What cannot be read, in the order of the sheet."""

    def placed(self, reason: Reason) -> Reason:
        """What a rule says of a line, said of its cell; anything else as it is."""
        found = re.fullmatch(r"lines\[([0-9]+)\](?:\.(\w+))?", reason.field or "")
        if found is None or int(found[1]) >= len(self.rows):
            return reason
        column = self.place_of.get(found[2] or "")
        return replace(reason, field=self.sheet.place(self.rows[int(found[1])], column))

    def refusal(self, broken: Sequence[Reason]) -> SheetNotInOrder:
        """Everything that is wrong, with what the rules say of the lines that can be read."""
        reasons = [*self.reasons, *(self.placed(each) for each in broken)]
        return SheetNotInOrder(count=len(reasons), reasons=reasons[:MOST_REASONS])


def lines_of(sheet: Sheet) -> Lines:
    """Read the lines of a claim. Raises ``SheetEmpty``."""
    if len(sheet.rows) < 2:
        raise SheetEmpty(accepted={"lines_at_least": 1})
    headings, *rows = sheet.rows
    columns, reasons = _columns(sheet, headings)
    lines: list[ClaimLine] = []
    numbers: list[int] = []
    for row in rows:
        fields, wrong = _fields(sheet, columns, row)
        reasons += wrong
        if not wrong and all(column.field in fields for column in COLUMNS if column.needed):
            lines.append(ClaimLine(**({"cash": ZERO, "in_kind": ZERO, "paid_on": None} | fields)))
            numbers.append(row.number)
    return Lines(
        sheet=sheet,
        place_of={column.field: place for place, column in columns.items()},
        lines=tuple(lines),
        rows=tuple(numbers),
        reasons=tuple(reasons),
    )


def _columns(sheet: Sheet, headings: Row) -> tuple[dict[int, Column], list[Reason]]:
    """Which column stands where, and what is wrong with the headings."""
    columns: dict[int, Column] = {}
    reasons: list[Reason] = []
    for place, heading in enumerate(headings.values):
        if heading is None:
            continue
        where, read = sheet.place(headings.number, place), cells.shown(heading)
        column = _BY_HEADING.get(_normal(str(heading)))
        if column is None:
            accepted = [name for each in COLUMNS for name in (each.field, each.fr)]
            reasons.append(ColumnUnknown(field=where, accepted=accepted, read=read).as_reason())
        elif column in columns.values():
            reasons.append(ColumnTwice(field=where, read=read).as_reason())
        else:
            columns[place] = column
    for column in COLUMNS:
        if column.needed and column not in columns.values():
            missing = ColumnMissing(
                field=sheet.place(headings.number),
                accepted=[column.field, column.fr],
                column_en=column.heading("en"),
                column_fr=column.fr,
            )
            reasons.append(missing.as_reason())
    return columns, reasons


def _fields(
    sheet: Sheet, columns: Mapping[int, Column], row: Row
) -> tuple[dict[str, Any], list[Reason]]:
    """What a row says by field, and what is wrong with it."""
    fields: dict[str, Any] = {}
    refusals: list[tuple[int, Refusal]] = []
    for place, column in columns.items():
        value = row.values[place] if place < len(row.values) else None
        if isinstance(value, str) and not value.strip():
            value = None
        if value is None:
            if column.needed:
                refusals.append((place, cells.CellEmpty(accepted=column.says("en"))))
            continue
        try:
            fields[column.field] = column.read(value)
        except Invalid as refusal:
            refusals.append((place, refusal))
    refusals += [
        (place, ValueWithoutColumn(read=cells.shown(value)))
        for place, value in enumerate(row.values)
        if value is not None and place not in columns and not _has_heading(sheet, place)
    ]
    return fields, list(_reasons(sheet, row, refusals))


def _has_heading(sheet: Sheet, place: int) -> bool:
    """Values under a heading that is refused are not refused again."""
    headings = sheet.rows[0].values
    return place < len(headings) and headings[place] is not None


def _reasons(sheet: Sheet, row: Row, refusals: Iterable[tuple[int, Refusal]]) -> Iterable[Reason]:
    for place, refusal in sorted(refusals, key=lambda each: each[0]):
        yield replace(refusal.as_reason(), field=sheet.place(row.number, place))
