"""Where the money stands, as a person reads it."""

from collections.abc import Sequence
from datetime import date

from services.finance.api.positions import (
    AgesOut,
    BandOut,
    CashRequirementOut,
    CommitmentAgesOut,
    OutstandingOut,
    PayableAgesOut,
    PocketYearsOut,
    YearEndOut,
)
from services.finance.domain.account_names import ACCOUNT_NAMES
from services.finance.domain.report import (
    Column,
    ColumnKind,
    Note,
    Report,
    Value,
    Words,
    based,
)
from shared.kernel.money import Money
from shared.kernel.periods import fiscal_year_ends_on

_TOTAL = Words(en="Total", fr="Total")
_POCKET = Column(code="pocket", heading=Words(en="Envelope", fr="Enveloppe"), kind=ColumnKind.TEXT)
_TOTALS = Column(code="total", heading=_TOTAL, kind=ColumnKind.MONEY)


def commitment_ages(ages: CommitmentAgesOut) -> list[Report]:
    """What agreements still commit, by age."""
    return [
        Report(
            code="commitments-by-age",
            title=Words(
                en="Outstanding commitments by age of the agreement",
                fr="Engagements en cours selon l’âge de l’entente",
            ),
            base=_on(ages.on),
            columns=(
                _POCKET,
                *_bands(ages.total.bands),
                _TOTALS,
                _money("overdue", "Of which overdue", "Dont en retard"),
            ),
            rows=tuple((item.pocket, *_aged(item), item.overdue.cents) for item in ages.items),
            total=(_TOTAL, *_aged(ages.total), ages.overdue.cents),
            footnotes=(
                Words(
                    en="Overdue: planned for a quarter that is over, and not claimed.",
                    fr="En retard : prévu pour un trimestre terminé, et non réclamé.",
                ),
            ),
            across="total",
        )
    ]


def payable_ages(ages: PayableAgesOut) -> list[Report]:
    """What is owed to participants, by age."""
    return [
        Report(
            code="payables-by-age",
            title=Words(
                en="Payables to participants by age",
                fr="Comptes à payer aux participants selon leur âge",
            ),
            base=_on(ages.on),
            columns=(_POCKET, *_bands(ages.total.bands), _TOTALS),
            rows=tuple((item.pocket, *_aged(item)) for item in ages.items),
            total=(_TOTAL, *_aged(ages.total)),
            across="total",
        )
    ]


def pocket_years(found: PocketYearsOut, *, as_of: date, until: date | None) -> list[Report]:
    """What remains of every pocket, in all and per fiscal year."""
    return [
        Report(
            code="pockets-in-all",
            title=Words(en="Remaining in all", fr="Solde global"),
            base=based(as_of, until),
            columns=(
                _POCKET,
                _money("authority", "Authority", "Autorisation"),
                _money("available", "Available", "Disponible"),
            ),
            rows=tuple(
                (item.pocket, item.authority.cents, item.available.cents) for item in found.items
            ),
            total=(
                _TOTAL,
                sum(item.authority.cents for item in found.items),
                sum(item.available.cents for item in found.items),
            ),
        ),
        Report(
            code="pockets-by-year",
            title=Words(en="Remaining by fiscal year", fr="Solde par exercice financier"),
            base=based(as_of, until),
            columns=(
                _POCKET,
                _text("fiscal_year", "Fiscal year", "Exercice financier"),
                _money("ceiling", "Ceiling", "Plafond"),
                _money("reserved", "Reserved", "Réservé"),
                _money("committed", "Committed", "Engagé"),
                _money("spent", "Spent", "Dépensé"),
                _money("remaining", "Remaining", "Solde"),
            ),
            rows=tuple(
                (
                    year.pocket,
                    f"{year.fiscal_year - 1}-{year.fiscal_year}",
                    _cents(year.ceiling),
                    year.reserved.cents,
                    year.committed.cents,
                    year.spent.cents,
                    _cents(year.remaining),
                )
                for item in found.items
                for year in item.years
            ),
            footnotes=(
                Words(
                    en="A year without a ceiling is bounded by the authority alone.",
                    fr="Un exercice sans plafond n’est limité que par l’autorisation.",
                ),
            ),
        ),
    ]


def cash_requirement(found: CashRequirementOut) -> list[Report]:
    """What will be needed month by month, and what there is of it."""
    months = found.months
    return [
        Report(
            code="cash-requirement",
            title=Words(en="Cash requirement by month", fr="Besoins de trésorerie par mois"),
            base=_on(found.on),
            columns=(
                Column(
                    code="month",
                    heading=Words(en="Month beginning", fr="Mois commençant le"),
                    kind=ColumnKind.DAY,
                ),
                _money("payable", "Payable", "À payer"),
                _money("committed", "Committed", "Engagé"),
                _money("held_back", "Held back", "Retenu"),
                _TOTALS,
                _money("to_be_drawn", "To be drawn", "À réclamer"),
            ),
            rows=tuple(
                (
                    month.starts_on or Words(en="Later", fr="Plus tard"),
                    month.payable.cents,
                    month.committed.cents,
                    month.held_back.cents,
                    month.total.cents,
                    month.to_be_drawn.cents,
                )
                for month in months
            ),
            total=(
                _TOTAL,
                sum(month.payable.cents for month in months),
                sum(month.committed.cents for month in months),
                sum(month.held_back.cents for month in months),
                found.total.cents,
                sum(month.to_be_drawn.cents for month in months),
            ),
            footnotes=(
                Note(
                    en="Cash at hand: {cash}. Due from funders, and not counted as cash: {due}.",
                    fr="Encaisse : {cash}. À recevoir des bailleurs de fonds, et non compté dans "
                    "l’encaisse : {due}.",
                    values={"cash": found.cash.cents, "due": found.due_from_funder.cents},
                ),
            ),
            across="total",
        )
    ]


def year_end(found: YearEndOut) -> list[Report]:
    """Receivables and payables on the last day of a fiscal year."""
    ended_on = fiscal_year_ends_on(found.fiscal_year)
    return [
        _outstanding(
            "receivables",
            Words(en="Receivables", fr="Comptes débiteurs"),
            ended_on,
            found.receivables,
            found.receivable,
        ),
        _outstanding(
            "payables",
            Words(en="Payables", fr="Comptes créditeurs"),
            ended_on,
            found.payables,
            found.payable,
        ),
    ]


def _outstanding(
    code: str, title: Words, on: date, found: Sequence[OutstandingOut], total: Money
) -> Report:
    return Report(
        code=code,
        title=title,
        base=_on(on),
        columns=(
            Column(code="account", heading=Words(en="Code", fr="Code"), kind=ColumnKind.CODE),
            _text("account_name", "Account", "Compte"),
            _POCKET,
            _text("funder", "Funder", "Bailleur de fonds"),
            _text("participant_id", "Participant", "Participant"),
            _text("project_id", "Project", "Projet"),
            _money("amount", "Amount", "Montant"),
        ),
        rows=tuple(
            (
                str(each.account),
                ACCOUNT_NAMES.get(each.account, str(each.account)),
                each.pocket,
                each.funder,
                _id(each.participant_id),
                _id(each.project_id),
                each.amount.cents,
            )
            for each in found
        ),
        total=(None, _TOTAL, None, None, None, None, total.cents),
    )


def _on(day: date) -> Note:
    return Note(en="On {day}.", fr="Au {day}.", values={"day": day})


def _money(code: str, en: str, fr: str) -> Column:
    return Column(code=code, heading=Words(en=en, fr=fr), kind=ColumnKind.MONEY)


def _text(code: str, en: str, fr: str) -> Column:
    return Column(code=code, heading=Words(en=en, fr=fr), kind=ColumnKind.TEXT)


def _bands(bands: Sequence[BandOut]) -> list[Column]:
    return [_band(band.over_days, band.up_to_days) for band in bands]


def _band(over: int | None, up_to: int | None) -> Column:
    match over, up_to:
        case None, _:
            return _money(f"up_to_{up_to}", f"Up to {up_to} days", f"Jusqu’à {up_to} jours")
        case int(), None:
            return _money(f"over_{over}", f"Over {over} days", f"Plus de {over} jours")
        case _:
            first = over + 1
            en, fr = f"{first} to {up_to} days", f"De {first} à {up_to} jours"
            return _money(f"up_to_{up_to}", en, fr)


def _aged(ages: AgesOut) -> tuple[Value, ...]:
    return (*(band.amount.cents for band in ages.bands), ages.total.cents)


def _cents(amount: Money | None) -> int | None:
    return None if amount is None else amount.cents


def _id(given: object) -> str | None:
    return None if given is None else str(given)
