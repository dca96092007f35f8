"""How the year goes, as a person reads it."""

from collections.abc import Iterable, Sequence

from services.finance.api.performance import BasesOut, LeveragesOut, ReleasedOut
from services.finance.api.scenarios import ScenarioOut
from services.finance.api.scorecards import ObjectiveOut, ScorecardOut
from services.finance.domain.events import Unit
from services.finance.domain.performance import LeverageBase, ReleaseReason
from services.finance.domain.report import Column, ColumnKind, Note, Report, Value, Words, based
from services.finance.domain.tables import Figure
from shared.kernel.money import Money

_TOTAL = Words(en="Total", fr="Total")
_YEAR = Words(en="Year", fr="Exercice")
_TABLES = {
    1: Words(en="Commitments by programme", fr="Engagements par volet"),
    2: Words(en="Commitments by source", fr="Engagements par source"),
    3: Words(en="Spending", fr="Dépenses"),
    4: Words(en="Sources of funds", fr="Sources de financement"),
    5: Words(en="Cash flow", fr="Flux de trésorerie"),
}
_BASES = {
    LeverageBase.CONTRACTED: Words(en="Contracted", fr="Engagé"),
    LeverageBase.PAID: Words(en="Paid", fr="Versé"),
}
_REASONS = {
    ReleaseReason.TERMINATION: Words(en="Termination", fr="Résiliation"),
    ReleaseReason.COMPLETION: Words(en="Completion", fr="Achèvement"),
    ReleaseReason.AMENDMENT: Words(en="Amendment", fr="Avenant"),
    ReleaseReason.HOLDBACK_FORFEITED: Words(en="Holdback forfeited", fr="Retenue abandonnée"),
    ReleaseReason.RECOVERED: Words(en="Recovered", fr="Recouvré"),
}
_KIND_OF = {
    Unit.CAD_CENTS: ColumnKind.MONEY,
    Unit.COUNT: ColumnKind.COUNT,
    Unit.BASIS_POINTS: ColumnKind.RATE,
}


def bases(found: BasesOut) -> list[Report]:
    """A table per table of the plan: plan, forecast and actual by row and quarter."""
    return [
        Report(
            code=f"bases-{number}",
            title=Words(
                en=f"Table {number}: {title.en}, plan, forecast and actual",
                fr=f"Tableau {number} : {title.fr}, plan, prévisions et résultats",
            ),
            base=based(found.as_of, found.until),
            columns=(
                _text("row", "Row", "Ligne"),
                _text("quarter", "Quarter", "Trimestre"),
                _money("plan", "Plan", "Plan"),
                _money("forecast", "Forecast", "Prévisions"),
                _money("actual", "Actual", "Résultats"),
                _money("variance", "Actual less plan", "Résultats moins plan"),
            ),
            rows=tuple(
                (
                    cell.row or _TOTAL,
                    _YEAR if cell.quarter is None else str(cell.quarter),
                    *(
                        _millions(amount)
                        for amount in (cell.plan, cell.forecast, cell.actual, cell.variance)
                    ),
                )
                for cell in found.cells
                if cell.table == number
            ),
        )
        for number, title in _TABLES.items()
    ]


def leverage(found: LeveragesOut) -> list[Report]:
    """The participants' own money beside public money, by programme."""
    of_all: list[tuple[Value, ...]] = [
        (_TOTAL, _BASES[each.base], each.match.cents, each.public.cents, each.rate_bp)
        for each in found.total
    ]
    of_programmes: list[tuple[Value, ...]] = [
        (item.programme, _BASES[each.base], each.match.cents, each.public.cents, each.rate_bp)
        for item in found.items
        for each in item.leverage
    ]
    return [
        Report(
            code="leverage",
            title=Words(en="Leverage", fr="Effet de levier"),
            base=based(found.as_of, found.until),
            columns=(
                _text("programme", "Programme", "Volet"),
                _text("base", "Base", "Base"),
                _money("match", "Match", "Contrepartie"),
                _money("public", "Public money", "Fonds publics"),
                Column(
                    code="rate", heading=Words(en="Leverage", fr="Levier"), kind=ColumnKind.RATE
                ),
            ),
            rows=(*of_programmes, *of_all),
        )
    ]


def released(found: ReleasedOut) -> list[Report]:
    """What went back to its pockets, by reason and programme."""
    return [
        Report(
            code="released",
            title=Words(
                en=f"Released money, fiscal year {found.fiscal_year - 1}-{found.fiscal_year}",
                fr=f"Dégagements, exercice {found.fiscal_year - 1}-{found.fiscal_year}",
            ),
            base=based(found.as_of, found.until),
            columns=(
                _text("reason", "Reason", "Motif"),
                _text("programme", "Programme", "Volet"),
                _money("amount", "Amount", "Montant"),
            ),
            rows=tuple(
                (_reason(item.reason), item.programme, item.amount.cents) for item in found.items
            ),
            total=(_TOTAL, None, found.total.cents),
        )
    ]


def scorecard(found: ScorecardOut) -> list[Report]:
    """The objectives, a table per unit: what is not counted alike is not shown alike."""
    return [
        _objectives(unit, of_unit, based(found.as_of, found.until))
        for unit in Unit
        if (of_unit := [item for item in found.items if item.unit is unit])
    ]


def _objectives(unit: Unit, items: Sequence[ObjectiveOut], base: Note) -> Report:
    kind = _KIND_OF[unit]
    titles = {
        Unit.CAD_CENTS: Words(en="Objectives in dollars", fr="Objectifs en dollars"),
        Unit.COUNT: Words(en="Objectives that are counted", fr="Objectifs dénombrés"),
        Unit.BASIS_POINTS: Words(en="Objectives that are rates", fr="Objectifs en pourcentage"),
    }
    return Report(
        code=f"objectives-{unit}",
        title=titles[unit],
        base=base,
        columns=(
            _text("objective", "Objective", "Objectif"),
            _text("definition", "Definition", "Définition"),
            Column(code="target", heading=Words(en="Target", fr="Cible"), kind=kind),
            Column(code="actual", heading=Words(en="Actual", fr="Résultat"), kind=kind),
            Column(code="forecast", heading=Words(en="Forecast", fr="Prévision"), kind=kind),
            Column(
                code="measured_on",
                heading=Words(en="Measured on", fr="Mesuré le"),
                kind=ColumnKind.DAY,
            ),
        ),
        rows=tuple(
            (
                Words(en=item.names.en, fr=item.names.fr),
                Words(en=item.definition.en, fr=item.definition.fr),
                item.target,
                item.actual,
                item.forecast,
                item.measured_on,
            )
            for item in items
        ),
    )


def scenario(found: ScenarioOut) -> list[Report]:
    """The cells of the forecast that would change, and what would be available again."""
    return [
        Report(
            code="scenario",
            title=Words(en="What would change in the forecast", fr="Effet sur les prévisions"),
            base=based(found.as_of, found.until),
            columns=(
                _text("table", "Table", "Tableau"),
                _text("row", "Row", "Ligne"),
                _text("quarter", "Quarter", "Trimestre"),
                _money("before", "Before", "Avant"),
                _money("after", "After", "Après"),
                _money("difference", "Difference", "Écart"),
            ),
            rows=tuple(
                (
                    _TABLES[cell.table],
                    cell.row or _TOTAL,
                    _YEAR if cell.quarter is None else str(cell.quarter),
                    *(cell_of.cents for cell_of in (cell.before, cell.after, cell.difference)),
                )
                for cell in found.changes
            ),
        ),
        Report(
            code="freed",
            title=Words(en="Available again", fr="De nouveau disponible"),
            columns=(
                _text("pocket", "Envelope", "Enveloppe"),
                _money("amount", "Amount", "Montant"),
            ),
            rows=tuple((each.pocket, each.amount.cents) for each in found.freed),
            total=(_TOTAL, _sum(each.amount for each in found.freed)),
        ),
    ]


def _reason(code: str) -> Value:
    return _REASONS[ReleaseReason(code)] if code in set(ReleaseReason) else code


def _millions(amount: Money | None) -> Value:
    return None if amount is None else Figure(amount.cents)


def _sum(amounts: Iterable[Money]) -> int:
    return sum(amount.cents for amount in amounts)


def _text(code: str, en: str, fr: str) -> Column:
    return Column(code=code, heading=Words(en=en, fr=fr), kind=ColumnKind.TEXT)


def _money(code: str, en: str, fr: str) -> Column:
    return Column(code=code, heading=Words(en=en, fr=fr), kind=ColumnKind.MONEY)
