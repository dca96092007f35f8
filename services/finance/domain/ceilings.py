"""Ceilings per fiscal year: of a pocket, or of what is claimed from a funder."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.finance.domain.events import YearlyCeiling
from shared.kernel.money import ZERO, Money
from shared.kernel.refusals import Invalid, Reason, Refusal


class CeilingBelowZero(Invalid):
    """A yearly ceiling is nothing or more, in dollars."""

    en = "The ceiling of fiscal year {fiscal_year} cannot be {ceiling}."
    fr = "Le plafond de l’exercice {fiscal_year} ne peut pas être {ceiling}."


class YearNamedTwice(Invalid):
    """A fiscal year has one ceiling."""

    en = "Fiscal year {fiscal_year} is named more than once."
    fr = "L’exercice {fiscal_year} est nommé plus d’une fois."


def wrong_with(yearly: Sequence[YearlyCeiling], field: str = "yearly") -> list[Reason]:
    """All that is wrong with the ceilings that ``field`` gives."""
    return [problem.as_reason() for problem in _problems(yearly, field)]


def _problems(yearly: Sequence[YearlyCeiling], field: str) -> Iterable[Refusal]:
    seen: set[int] = set()
    for index, each in enumerate(yearly):
        if each.ceiling < ZERO:
            yield CeilingBelowZero(
                fiscal_year=str(each.fiscal_year),
                ceiling=each.ceiling,
                field=f"{field}[{index}].ceiling",
                accepted={"minimum_cents": 0},
            )
        if each.fiscal_year in seen:
            yield YearNamedTwice(
                fiscal_year=str(each.fiscal_year), field=f"{field}[{index}].fiscal_year"
            )
        seen.add(each.fiscal_year)


def ceiling_of(yearly: Iterable[YearlyCeiling], fiscal_year: int) -> Money | None:
    """The ceiling of a year; None where it has none."""
    return next((each.ceiling for each in yearly if each.fiscal_year == fiscal_year), None)


def with_ceiling(
    yearly: Iterable[YearlyCeiling], fiscal_year: int, ceiling: Money
) -> tuple[YearlyCeiling, ...]:
    """The same ceilings, the one of ``fiscal_year`` (which has one) replaced."""
    return tuple(
        replace(each, ceiling=ceiling) if each.fiscal_year == fiscal_year else each
        for each in yearly
    )
