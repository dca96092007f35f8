"""
A list of organisations as CSV: what each row says, or what keeps it from being read.

The first row holds the names of the fields, in any order; commas, semicolons or tabs separate.
Spreadsheets set to French write semicolons and say ``oui``.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from services.intake.api.organisation_schemas import MOST_EMPLOYEES
from services.intake.domain.profile import (
    Profile,
    normalised_business_number,
    without_separators,
)
from services.intake.use_cases.organisations import RefusedRow, Row
from shared.kernel.refusals import Invalid, Reason, Refusal
from shared.web.interoperable import is_storable

MOST_BYTES = 2_000_000
MOST_ROWS = 5_000
LONGEST_CELL = 200
DELIMITERS = (",", ";", "\t")
NEEDED = (
    "business_number",
    "legal_name",
    "kind",
    "province",
    "employees",
    "for_profit",
    "incorporated_in_canada",
)
OPTIONAL = ("neq", "naics", "legal_name_en", "legal_name_fr")
YES, NO = ("true", "yes", "oui", "1"), ("false", "no", "non", "0")


class ListUnreadable(Invalid):
    """A list is CSV in UTF-8 with headings and at least one row."""

    en = "The list cannot be read as CSV in UTF-8 with headings and rows."
    fr = "La liste est illisible comme CSV en UTF-8 avec des en-têtes et des lignes."


class ListTooLong(Invalid):
    """A list has at most so many rows."""

    en = "The list has more than {limit} rows."
    fr = "La liste compte plus de {limit} lignes."


class HeadingsNotValid(Invalid):
    """The headings of a list are names of fields, each once, and the needed ones are there."""

    en = "The headings of the list are not those of organisations."
    fr = "Les en-têtes de la liste ne sont pas ceux d’organisations."


class HeadingMissing(Invalid):
    """A column that every organisation needs is there."""

    en = "The column {column} is missing."
    fr = "La colonne {column} est absente."


class HeadingUnknown(Invalid):
    """Each column is one that an organisation has, once."""

    en = "{column} is not a column of organisations, or is there twice."
    fr = "{column} n’est pas une colonne d’organisations, ou s’y trouve deux fois."


class CellNotValid(Invalid):
    """A cell holds what its column is about."""

    en = "“{value}” is not what this column holds."
    fr = "« {value} » n’est pas ce que contient cette colonne."


class RowTooLong(Invalid):
    """A row has no more cells than there are headings."""

    en = "The row has more cells than there are headings."
    fr = "La ligne compte plus de cellules qu’il n’y a d’en-têtes."


def read(body: bytes) -> tuple[list[Row], list[RefusedRow]]:
    """Rows that can be read, and what is wrong with the others. Raises what spoils all of it."""
    numbered = _cells(body)
    headings = [cell.strip().casefold() for cell in numbered[0][1]]
    _check(headings)
    rows: list[Row] = []
    refused: list[RefusedRow] = []
    for number, cells in numbered[1:]:
        problems, profile = _profile(headings, cells)
        if profile is not None:
            rows.append(Row(number=number, profile=profile))
        refused += [RefusedRow(number=number, reason=reason) for reason in problems]
    return rows, refused


def _cells(body: bytes) -> list[tuple[int, list[str]]]:
    """Rows that are not empty, counted from 1 as a spreadsheet does."""
    try:
        text = body.decode("utf-8-sig")
        first_line = text.split("\n", maxsplit=1)[0]
        delimiter = max(DELIMITERS, key=first_line.count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows = [(n, row) for n, row in enumerate(reader, start=1) if any(map(str.strip, row))]
    except (UnicodeDecodeError, csv.Error):
        raise ListUnreadable from None
    if len(rows) < 2 or not is_storable(text):  # headings and one row
        raise ListUnreadable
    if len(rows) - 1 > MOST_ROWS:
        raise ListTooLong(limit=MOST_ROWS, accepted={"at_most": MOST_ROWS})
    return rows


def _check(headings: Sequence[str]) -> None:
    known = [*NEEDED, *OPTIONAL]
    problems: list[Refusal] = [
        HeadingMissing(column=name, field=name) for name in NEEDED if name not in headings
    ]
    problems += [
        HeadingUnknown(column=name[:LONGEST_CELL], field="headings", accepted=known)
        for index, name in enumerate(headings)
        if name not in known or name in headings[:index]
    ]
    if problems:
        raise HeadingsNotValid(reasons=[each.as_reason() for each in problems[:100]])


def _profile(headings: Sequence[str], cells: Sequence[str]) -> tuple[list[Reason], Profile | None]:
    if len(cells) > len(headings):
        return [RowTooLong().as_reason()], None
    said = dict.fromkeys(OPTIONAL, "") | dict.fromkeys(headings, "")
    said |= {name: cell.strip() for name, cell in zip(headings, cells, strict=False)}
    reasons = [problem.as_reason() for problem in _problems(said)]
    if reasons:
        return reasons, None
    return [], Profile(
        business_number=normalised_business_number(said["business_number"]),
        neq=without_separators(said["neq"]) or None,
        legal_name=said["legal_name"],
        kind=said["kind"].casefold(),
        province=said["province"].upper(),
        employees=int(without_separators(said["employees"])),
        for_profit=said["for_profit"].casefold() in YES,
        incorporated_in_canada=said["incorporated_in_canada"].casefold() in YES,
        naics=without_separators(said["naics"]) or None,
        legal_name_en=said["legal_name_en"] or None,
        legal_name_fr=said["legal_name_fr"] or None,
    )


def _problems(said: dict[str, str]) -> Iterable[Refusal]:
    for name, value in said.items():
        if len(value) > LONGEST_CELL:
            shown = f"{value[:20]}…"
            yield CellNotValid(value=shown, field=name, accepted={"longest": LONGEST_CELL})
    employees = without_separators(said["employees"])
    if not (employees.isascii() and employees.isdigit()) or not (
        len(employees) <= LONGEST_CELL and int(employees) <= MOST_EMPLOYEES
    ):
        yield CellNotValid(
            value=said["employees"][:20],
            field="employees",
            accepted={"minimum": 0, "maximum": MOST_EMPLOYEES},
        )
    for name in ("for_profit", "incorporated_in_canada"):
        if said[name].casefold() not in (*YES, *NO):
            yield CellNotValid(value=said[name][:20], field=name, accepted=[*YES, *NO])
