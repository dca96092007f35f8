"""Entries, what moved a figure, and what changed in a plan, as files."""

from datetime import date

from fastapi import APIRouter, Response

from services.finance.api import comparisons
from services.finance.api.asked_lines import AskedLines
from services.finance.api.comparisons import BeforeAsOf, BeforeUntil, ComparisonOut
from services.finance.api.doors import AskedDates, OfficersCounter
from services.finance.api.explanations import AskedCell
from services.finance.api.plan_versions import Number, Since, changes_between
from services.finance.api.report_files import FILE_ANSWER, AskedFile
from services.finance.domain import plan_versions
from services.finance.domain.account_names import ACCOUNT_NAMES
from services.finance.domain.ledger import Account
from services.finance.domain.report import (
    Column,
    ColumnKind,
    Note,
    Report,
    Value,
    Words,
    based,
)
from services.finance.domain.tables import Basis
from services.finance.projections.cells import counted, plan_lines_of
from services.finance.projections.entries import EntryRow, entries
from services.finance.projections.knowledge import Knowledge
from services.finance.projections.ledger import PROJECTION
from services.finance.projections.tables import tables_of
from shared.kernel.periods import civil_date
from shared.kernel.refusals import Invalid
from shared.web.schemas import FiscalYear

router = APIRouter(prefix="/v1", tags=["files"], default_response_class=Response)

MOST_ENTRIES = 10_000

_TOTAL = Words(en="Total", fr="Total")


class TooManyEntries(Invalid):
    """A file holds so many entries at most."""

    en = "These are more than {most} entries: ask for fewer, by quarter, pocket or project."
    fr = "Il y a plus de {most} écritures : en demander moins, par trimestre, enveloppe ou projet."


def _text(code: str, en: str, fr: str) -> Column:
    return Column(code=code, heading=Words(en=en, fr=fr), kind=ColumnKind.TEXT)


def _day(code: str, en: str, fr: str) -> Column:
    return Column(code=code, heading=Words(en=en, fr=fr), kind=ColumnKind.DAY)


_AMOUNT = Column(code="amount", heading=Words(en="Amount", fr="Montant"), kind=ColumnKind.MONEY)
_ENTRY = (
    _text("position", "Position", "Position"),
    _text("entry", "Entry", "Écriture"),
    _day("happened_on", "Happened on", "Survenu le"),
    _day("recorded_on", "Recorded on", "Inscrit le"),
)
_LINE = (
    Column(code="account", heading=Words(en="Code", fr="Code"), kind=ColumnKind.CODE),
    _text("account_name", "Account", "Compte"),
    _text("pocket", "Envelope", "Enveloppe"),
    _text("programme", "Programme", "Volet"),
    _text("project_id", "Project", "Projet"),
    _text("participant_id", "Participant", "Participant"),
    _text("quarter", "Quarter", "Trimestre"),
    _text("code", "Line code", "Code de ligne"),
    _AMOUNT,
)
_PLAN = (
    _text("kind", "Kind", "Type"),
    _text("source", "Source", "Source"),
    _text("programme", "Programme", "Volet"),
    _text("quarter", "Quarter", "Trimestre"),
    Column(code="planned", heading=Words(en="Planned", fr="Prévu"), kind=ColumnKind.MONEY),
    Column(code="amount", heading=Words(en="Counted", fr="Compté"), kind=ColumnKind.MONEY),
)


@router.get("/entries/export", responses=FILE_ANSWER)
def entries_file(
    reader: OfficersCounter, file: AskedFile, lines: AskedLines, dates: AskedDates
) -> Response:
    """The entries that a figure is the sum of, line by line; the filters are those of the view."""
    known = Knowledge(as_of=dates.as_of, until=dates.until)
    with reader.view(PROJECTION) as connection:
        rows = entries(connection, lines.condition(known), known, after=0, limit=MOST_ENTRIES + 1)
    seen_on = dates.as_of or reader.today
    return file.of([_entries(rows, based(seen_on, dates.until))], name="entries")


@router.get("/tables/{fiscal_year}/explanation/export", responses=FILE_ANSWER)
def explanation_file(
    fiscal_year: FiscalYear,
    cell: AskedCell,
    reader: OfficersCounter,
    file: AskedFile,
    dates: AskedDates,
    *,
    basis: Basis = Basis.FORECAST,
) -> Response:
    """What a cell of the five tables is made of: every line of the ledger, and of the plan."""
    seen_on = dates.as_of or reader.today
    with reader.view(PROJECTION) as connection:
        asked = tables_of(
            connection, fiscal_year=fiscal_year, basis=basis, as_of=seen_on, until=dates.until
        )
        rows = entries(
            connection,
            counted(connection, asked, cell),
            Knowledge(as_of=seen_on),
            after=0,
            limit=MOST_ENTRIES + 1,
        )
    lines = [each for each in plan_lines_of(asked, cell) if each.cents]
    base = based(seen_on, dates.until)
    of_the_plan = Report(
        code="plan-lines",
        title=Words(en="Lines of the plan that count", fr="Lignes du plan qui comptent"),
        base=base,
        columns=_PLAN,
        rows=tuple(
            (
                str(each.line.kind),
                each.line.code,
                each.line.programme,
                str(each.line.quarter),
                each.line.amount.cents,
                each.cents,
            )
            for each in lines
        ),
        total=(_TOTAL, None, None, None, None, sum(each.cents for each in lines)),
    )
    name = "-".join(
        str(part).lower() for part in ("explanation", fiscal_year, basis, "table", cell.table)
    )
    return file.of([_entries(rows, base), of_the_plan], name=name)


@router.get("/comparisons/export", responses=FILE_ANSWER)
def comparison_file(
    reader: OfficersCounter,
    file: AskedFile,
    lines: AskedLines,
    dates: AskedDates,
    *,
    before_as_of: BeforeAsOf,
    before_until: BeforeUntil = None,
) -> Response:
    """Why a figure is not what it was: the 500 entries that moved it most, and the rest."""
    found = comparisons.compare(
        reader,
        lines,
        before_as_of=before_as_of,
        before_until=before_until,
        as_of=dates.as_of,
        until=dates.until,
        limit=comparisons.MOST_CAUSES,
    )
    return file.of(
        [_comparison(found, before=before_as_of, after=dates.as_of or reader.today)],
        name="comparison",
    )


@router.get("/plans/{fiscal_year}/versions/{number}/differences/export", responses=FILE_ANSWER)
def differences_file(
    fiscal_year: FiscalYear,
    number: Number,
    since: Since,
    reader: OfficersCounter,
    file: AskedFile,
) -> Response:
    """What changed in a plan since another version, line by line."""
    changes = changes_between(reader, fiscal_year, since=since, number=number)
    return file.of(
        plan_versions.reports(changes), name=f"plan-{fiscal_year}-differences-{since}-{number}"
    )


def _entries(rows: list[EntryRow], base: Words) -> Report:
    """Every line of the entries. Raises ``TooManyEntries``."""
    if len(rows) > MOST_ENTRIES:
        raise TooManyEntries(most=MOST_ENTRIES, accepted={"maximum": MOST_ENTRIES})
    lines: list[tuple[Value, ...]] = [
        (
            str(row.position),
            row.entry,
            row.happened_on,
            civil_date(row.recorded_at),
            line.account,
            ACCOUNT_NAMES.get(Account(line.account), line.account),
            line.pocket,
            line.programme,
            _id(line.project_id),
            _id(line.participant_id),
            line.quarter,
            line.code,
            line.cents,
        )
        for row in rows
        for line in row.lines
    ]
    cents = sum(line.cents for row in rows for line in row.lines)
    return Report(
        code="entries",
        title=Words(en="Entries of the ledger", fr="Écritures du grand livre"),
        base=base,
        columns=(*_ENTRY, *_LINE),
        rows=tuple(lines),
        total=(_TOTAL, *([None] * (len(_ENTRY) + len(_LINE) - 2)), cents),
    )


def _comparison(found: ComparisonOut, *, before: date, after: date) -> Report:
    rest: tuple[Value, ...] = (
        None,
        Note(
            en="{count} more entries",
            fr="{count} autres écritures",
            values={"count": str(found.rest_entries)},
        ),
        None,
        None,
        found.rest.cents,
    )
    causes: tuple[tuple[Value, ...], ...] = tuple(
        (
            str(cause.position),
            cause.entry,
            cause.happened_on,
            civil_date(cause.recorded_at),
            cause.amount.cents,
        )
        for cause in found.causes
    )
    return Report(
        code="comparison",
        title=Words(en="What moved a figure", fr="Ce qui a fait varier un montant"),
        base=Note(
            en="{was} on {before}, {comes} on {after}.",
            fr="{was} le {before}, {comes} le {after}.",
            values={
                "was": found.before.cents,
                "comes": found.after.cents,
                "before": before,
                "after": after,
            },
        ),
        columns=(*_ENTRY, _AMOUNT),
        rows=(*causes, rest) if found.rest_entries else causes,
        total=(_TOTAL, None, None, None, found.difference.cents),
    )


def _id(given: object) -> str | None:
    return None if given is None else str(given)
