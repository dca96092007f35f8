"""
A funder agreement year by year: what may be claimed, what was, and what its terms leave to claim.

    room      = the year's ceiling − what was claimed for the year
    share     = what its pockets spent in the year, at the funder's share
    claimable = share − claimed; negative where more was claimed than spent (in advance)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.finance.domain.ceilings import ceiling_of
from services.finance.domain.funder_agreement import Opened
from services.finance.domain.report import Column, ColumnKind, Report, Value, Words
from shared.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class FunderYear:
    """One fiscal year; amounts in cents, None where the agreement says nothing of it."""

    fiscal_year: int
    ceiling: int | None
    claimed: int
    room: int | None
    spent: int
    """Owed or paid out of the agreement's pockets, less what came back."""
    share: int | None
    claimable: int | None
    carried: int | None
    """None while the year has not been ended."""
    lapsed: int | None


def years_of(agreement: Opened, spent: Mapping[int, int]) -> list[FunderYear]:
    """Every fiscal year that something is said of, oldest first. ``spent`` is in cents."""
    terms = agreement.terms
    claimed: dict[int, int] = {}
    for drawdown in agreement.counted:
        year = drawdown.fiscal_year
        claimed[year] = claimed.get(year, 0) + drawdown.amount.cents
    ends = {each.fiscal_year: each.pockets for each in agreement.ended}
    named = {each.fiscal_year for each in terms.yearly}
    years = []
    for year in sorted(named | claimed.keys() | ends.keys() | spent.keys()):
        ceiling = ceiling_of(terms.yearly, year)
        so_far = claimed.get(year, 0)
        spending = spent.get(year, 0)
        share = None if terms.share_bp is None else Money(spending).at_rate(terms.share_bp).cents
        pockets = ends.get(year)
        years.append(
            FunderYear(
                fiscal_year=year,
                ceiling=None if ceiling is None else ceiling.cents,
                claimed=so_far,
                room=None if ceiling is None else ceiling.cents - so_far,
                spent=spending,
                share=share,
                claimable=None if share is None else share - so_far,
                carried=_sum(each.carried for each in pockets) if pockets else None,
                lapsed=_sum(each.lapsed for each in pockets) if pockets else None,
            )
        )
    return years


def _sum(amounts: Iterable[Money]) -> int:
    return sum(amount.cents for amount in amounts)


_MONEY = (
    ("ceiling", Words(en="Ceiling", fr="Plafond")),
    ("claimed", Words(en="Claimed", fr="Réclamé")),
    ("room", Words(en="Left of the ceiling", fr="Reste du plafond")),
    ("spent", Words(en="Spent", fr="Dépensé")),
    ("share", Words(en="Funder’s share", fr="Part du bailleur")),
    ("claimable", Words(en="Still to claim", fr="Reste à réclamer")),
    ("carried", Words(en="Carried over", fr="Reporté")),
    ("lapsed", Words(en="Lapsed", fr="Devenu caduc")),
)
_SUMMED = ("claimed", "spent")


def reports(agreement: Opened, years: Sequence[FunderYear]) -> list[Report]:
    """The years as one table. Only what every year has is added up."""
    return [
        Report(
            code="funder-years",
            title=Words(
                en=f"{agreement.name_en}: claims by fiscal year",
                fr=f"{agreement.name_fr} : réclamations par exercice",
            ),
            columns=(
                Column(
                    code="fiscal_year",
                    heading=Words(en="Fiscal year", fr="Exercice"),
                    kind=ColumnKind.TEXT,
                ),
                *(
                    Column(code=code, heading=heading, kind=ColumnKind.MONEY)
                    for code, heading in _MONEY
                ),
            ),
            rows=tuple(
                (str(year.fiscal_year), *(getattr(year, code) for code, _ in _MONEY))
                for year in years
            ),
            total=_total(years),
            footnotes=(
                Words(
                    en="The funder’s share is of what was spent in the year.",
                    fr="La part du bailleur est celle des dépenses de l’exercice.",
                ),
            ),
        )
    ]


def _total(years: Sequence[FunderYear]) -> tuple[Value, ...]:
    return (
        Words(en="Total", fr="Total"),
        *(
            sum(getattr(year, code) for year in years) if code in _SUMMED else None
            for code, _ in _MONEY
        ),
    )
