"""The five tables as the corporate plan lays them out, in both languages."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from services.finance.domain.events import MATCH_SOURCE
from services.finance.domain.report import Column, ColumnKind, Note, Report, Value, Words
from services.finance.domain.tables import (
    OPERATIONS_ROW,
    OTHER_ROW,
    RECEIVABLE_ROW,
    Basis,
    Figure,
    FiveTables,
    Table,
)
from shared.kernel.periods import fiscal_year_ends_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What codes are called. What is not known is called by its code."""

    programmes: Mapping[str, Words]
    pockets: Mapping[str, Words]
    funder_agreements: Mapping[str, Words]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What the tables were asked with, and the plan they stand on (none: no plan is approved)."""

    fiscal_year: int
    basis: Basis
    as_of: date
    until: date | None
    plan_version: int | None
    plan_approved_on: date | None


_TITLES = (
    Words(en="Summary of commitments by programme", fr="Sommaire des engagements par volet"),
    Words(
        en="Summary of commitments by source of funds",
        fr="Sommaire des engagements par source de financement",
    ),
    Words(en="Summary of total spending", fr="Sommaire des dépenses totales"),
    Words(
        en="Summary of total sources of funds",
        fr="Sommaire des sources de financement totales",
    ),
    Words(en="Cash flow requirements", fr="Exigences en matière de flux de trésorerie"),
)
_CODE = Column(code="code", heading=Words(en="Code", fr="Code"), kind=ColumnKind.CODE)
_PROGRAMME = Words(en="Programme", fr="Volet du programme")
_SOURCE = Words(en="Source of funds", fr="Source de financement")
_TOTAL = Words(en="Total", fr="Total")

_ROWS = {
    OPERATIONS_ROW: Words(en="Operations and administration", fr="Opérations et administration"),
    OTHER_ROW: Words(en="Other revenue", fr="Autres revenus"),
    MATCH_SOURCE: Words(en="Industry match", fr="Contreparties de l’industrie"),
}
_PHASE = re.compile(r"P([1-9])")
_RECEIVABLE = RECEIVABLE_ROW.format(funder="")


def reports(tables: FiveTables, asked: Heading, names: Names) -> list[Report]:
    """The five tables, in millions where they are printed."""
    year = asked.fiscal_year
    return [
        _report(
            asked,
            number=1,
            heading=_PROGRAMME,
            amount=Words(en="Commitments", fr="Engagements"),
            table=tables.by_programme,
            called=names.programmes.get,
            footnotes=(
                Words(
                    en="All sources, the industry match included; excludes operations and "
                    "administration.",
                    fr="Toutes sources, contreparties de l’industrie comprises; exclut les coûts "
                    "associés aux opérations et à l’administration.",
                ),
            ),
        ),
        _report(
            asked,
            number=2,
            heading=_SOURCE,
            amount=Words(en="Funding", fr="Financement"),
            table=tables.by_source,
            called=names.pockets.get,
            footnotes=(
                Words(
                    en="The commitments of table 1: the total is the same.",
                    fr="Les engagements du tableau 1 : le total est le même.",
                ),
            ),
        ),
        _report(
            asked,
            number=3,
            heading=_PROGRAMME,
            amount=Words(en="Spending", fr="Dépenses"),
            table=tables.spending,
            called=_phase,
            footnotes=_without_match(tables),
        ),
        _report(
            asked,
            number=4,
            heading=_SOURCE,
            amount=Words(en="Funding", fr="Financement"),
            table=tables.sources_of_funds,
            called=names.funder_agreements.get,
            footnotes=(*_without_match(tables), _surplus(tables, asked.basis)),
        ),
        _cash_flow(
            asked,
            tables.cash_flow,
            called=lambda code: _receivable(code, year) or names.funder_agreements.get(code),
        ),
    ]


def _report(
    asked: Heading,
    *,
    number: int,
    heading: Words,
    amount: Words,
    table: Table,
    called: Callable[[str], Words | None],
    footnotes: tuple[Words, ...],
) -> Report:
    """One of the tables 1 to 4."""
    return Report(
        code=f"table-{number}",
        title=_title(number, asked.fiscal_year),
        base=_base(asked),
        columns=(
            _CODE,
            Column(code="name", heading=heading, kind=ColumnKind.TEXT),
            Column(code="amount", heading=amount, kind=ColumnKind.MONEY),
        ),
        rows=tuple((row.code, _called(row.code, called), row.total) for row in table.rows),
        total=(None, _TOTAL, table.total),
        footnotes=footnotes,
    )


def _cash_flow(asked: Heading, table: Table, called: Callable[[str], Words | None]) -> Report:
    quarters = tuple(
        Column(
            code=f"q{number}",
            heading=Words(en=f"Q{number}", fr=f"T{number}"),
            kind=ColumnKind.MONEY,
        )
        for number in range(1, 5)
    )
    owed = tuple(
        Note(
            en="On {day}, {funder} owed {amount} for earlier years.",
            fr="Au {day}, {funder} devait {amount} pour les années précédentes.",
            values={
                "day": fiscal_year_ends_on(asked.fiscal_year - 1),
                "funder": row.code.removeprefix(_RECEIVABLE),
                "amount": row.total,
            },
        )
        for row in table.rows
        if row.code.startswith(_RECEIVABLE)
    )
    return Report(
        code="table-5",
        title=_title(5, asked.fiscal_year),
        base=_base(asked),
        columns=(
            _CODE,
            Column(
                code="name",
                heading=Words(en="Source of cash", fr="Source du flux de trésorerie"),
                kind=ColumnKind.TEXT,
            ),
            *quarters,
            Column(code="total", heading=_TOTAL, kind=ColumnKind.MONEY),
        ),
        rows=tuple(
            (row.code, _called(row.code, called), *row.cells, row.total) for row in table.rows
        ),
        total=(None, _TOTAL, *table.totals, table.total),
        footnotes=owed,
        across="total",
    )


def _title(number: int, fiscal_year: int) -> Words:
    title, year = _TITLES[number - 1], f"{fiscal_year - 1}-{fiscal_year}"
    return Words(
        en=f"Table {number}: {title.en}, fiscal year {year}",
        fr=f"Tableau {number} : {title.fr}, exercice financier {year}",
    )


def _base(asked: Heading) -> Note:
    match asked.basis:
        case Basis.PLAN:
            en = "As planned: version {version} of the plan, approved on {approved_on}"
            fr = "Selon le plan : version {version}, approuvée le {approved_on}"
        case Basis.FORECAST:
            en, fr = "As forecast", "Selon les prévisions"
        case Basis.ACTUAL:
            en, fr = "As it turned out", "Résultats réels"
    values: dict[str, Value] = {
        "version": str(asked.plan_version),
        "approved_on": asked.plan_approved_on,
        "as_of": asked.as_of,
        "until": asked.until,
    }
    en, fr = f"{en}. Known on {{as_of}}.", f"{fr}. Connu le {{as_of}}."
    if asked.until is not None:
        en = f"{en} Only what had happened by {{until}}."
        fr = f"{fr} Seulement ce qui était survenu au {{until}}."
    return Note(en=en, fr=fr, values=values)


def _without_match(tables: FiveTables) -> tuple[Words, ...]:
    found = [row.total for row in tables.by_source.rows if row.code == MATCH_SOURCE]
    return (
        Note(
            en="Excludes the industry match of table 2 ({match}).",
            fr="Excluant les contreparties de l’industrie du tableau 2 ({match}).",
            values={"match": found[0] if found else Figure(0)},
        ),
    )


def _surplus(tables: FiveTables, basis: Basis) -> Note:
    cents = tables.surplus.cents
    en, fr = ("deficit", "déficit") if cents < 0 else ("surplus", "surplus")
    qualified = {
        Basis.PLAN: Words(en=f"planned {en}", fr=f"{fr} prévu au budget"),
        Basis.FORECAST: Words(en=f"forecast {en}", fr=f"{fr} prévu"),
        Basis.ACTUAL: Words(en=en, fr=fr),
    }[basis]
    return Note(
        en=f"The {qualified.en} (table 4 less table 3) is {{surplus}}.",
        fr=f"Le {qualified.fr} (tableau 4 moins tableau 3) est de {{surplus}}.",
        values={"surplus": abs(cents)},
    )


def _called(code: str, called: Callable[[str], Words | None]) -> Value:
    return called(code) or _ROWS.get(code) or code


def _phase(code: str) -> Words | None:
    found = _PHASE.fullmatch(code)
    return Words(en=f"Phase {found[1]}", fr=f"Phase {found[1]}") if found else None


def _receivable(code: str, fiscal_year: int) -> Words | None:
    if not code.startswith(_RECEIVABLE):
        return None
    funder = code.removeprefix(_RECEIVABLE)
    return Words(
        en=f"{funder} — receivable of fiscal year {fiscal_year - 1}",
        fr=f"{funder} — compte débiteur, exercice financier {fiscal_year - 1}",
    )
