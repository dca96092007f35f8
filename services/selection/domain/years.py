"""
Amounts per fiscal year: what a promise takes of each year, and what a funder allows for it.

A promise may be made without saying so (those of before yearly ceilings were): it then counts
against the whole pocket and against no year.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter


class Planned(Protocol):
    """An amount of a pocket that belongs to a quarter."""

    @property
    def pocket(self) -> str:
        """The code."""

    @property
    def quarter(self) -> Quarter:
        """The fiscal quarter."""

    @property
    def amount(self) -> Money:
        """How much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YearAmount:
    """An amount of one fiscal year."""

    fiscal_year: int
    """The calendar year in which it ends."""
    amount: Money


ByYear = tuple[YearAmount, ...]
"""Each year once, earliest first; amounts of zero are left out."""

Years = Mapping[int, Money]


def by_year(amounts: Iterable[tuple[int, Money]]) -> ByYear:
    """Add amounts up per fiscal year."""
    sums: dict[int, Money] = {}
    for year, amount in amounts:
        sums[year] = sums.get(year, ZERO) + amount
    return tuple(
        YearAmount(fiscal_year=year, amount=amount)
        for year, amount in sorted(sums.items())
        if amount
    )


def years_by_pocket(cells: Iterable[Planned]) -> dict[str, ByYear]:
    """What a schedule plans, per pocket and fiscal year."""
    planned: dict[str, list[tuple[int, Money]]] = {}
    for cell in cells:
        planned.setdefault(cell.pocket, []).append((cell.quarter.fiscal_year, cell.amount))
    return {code: by_year(amounts) for code, amounts in planned.items()}


def difference(after: ByYear, before: ByYear) -> ByYear:
    """What has to be added per year to come from ``before`` to ``after``; may be negative."""
    return by_year(
        [
            *((each.fiscal_year, each.amount) for each in after),
            *((each.fiscal_year, -each.amount) for each in before),
        ]
    )


def negative(amounts: ByYear) -> ByYear:
    """The same amounts, taken away."""
    return difference((), amounts)


def added(years: Years, amounts: ByYear) -> Years:
    """The years with these amounts added."""
    if not amounts:
        return years
    sums = dict(years)
    for each in amounts:
        sums[each.fiscal_year] = sums.get(each.fiscal_year, ZERO) + each.amount
    return MappingProxyType(sums)
