"""
What the terms of a funder agreement allow us to claim.

A drawdown is claimed for a period: a month ``2023-07``, a fiscal quarter ``2024-T2``, half a fiscal
year ``2024-H1`` or a fiscal year ``2024``. Where the terms name a frequency, every drawdown names a
period of that length, and no month is claimed for twice. Where they name ceilings, all drawdowns
of a fiscal year together stay below the year's.
"""

from collections.abc import Iterable
from datetime import date

from services.finance.domain.ceilings import ceiling_of, wrong_with
from services.finance.domain.events import ClaimFrequency, DrawdownCounted, FunderTerms
from shared.kernel.money import Money, total
from shared.kernel.periods import Quarter, fiscal_year_of
from shared.kernel.refusals import Invalid, RuleBroken

Month = tuple[int, int]
"""Calendar year, and 1 to 12."""

_MONTHS_OF_A_YEAR = 12


class TermsNotValid(Invalid):
    """The terms of a funder agreement make sense together."""

    en = "The terms have problems."
    fr = "Les modalités comportent des problèmes."


class PeriodNeeded(Invalid):
    """An agreement that is claimed from at a frequency is claimed from for a period."""

    en = "The funder agreement is claimed from {frequency}; the drawdown must say for which period."
    fr = (
        "La fréquence des réclamations de l’entente est « {frequency} »; la réclamation doit dire "
        "pour quelle période."
    )


class NotAPeriodOfTheAgreement(Invalid):
    """A drawdown is for a period as long as the terms say."""

    en = "{period} is not a period of an agreement that is claimed from {frequency}."
    fr = "{period} n’est pas une période d’une entente de fréquence « {frequency} »."


class PeriodAlreadyClaimed(RuleBroken):
    """Where the terms name a frequency, a period is claimed for once."""

    en = "{period} is already claimed for: {earlier}."
    fr = "{period} est déjà réclamée : {earlier}."


class AboveTheCeilingOfTheYear(RuleBroken):
    """All drawdowns of a fiscal year together stay below its ceiling."""

    en = (
        "{amount} is more than the {room} left of the ceiling of fiscal year {fiscal_year}, "
        "{ceiling}."
    )
    fr = (
        "{amount} dépasse les {room} qui restent du plafond de l’exercice {fiscal_year}, {ceiling}."
    )


def check_terms(terms: FunderTerms, field: str) -> None:
    """Raises ``TermsNotValid`` with everything that is wrong with them."""
    if reasons := wrong_with(terms.yearly, f"{field}.yearly"):
        raise TermsNotValid(reasons=reasons)


def frequency_of(period: str) -> ClaimFrequency:
    """How often there is a period like this one."""
    _, _, part = period.partition("-")
    if not part:
        return ClaimFrequency.ANNUAL
    if part.startswith("T"):
        return ClaimFrequency.QUARTERLY
    return ClaimFrequency.SEMI_ANNUAL if part.startswith("H") else ClaimFrequency.MONTHLY


def periods_of(frequency: ClaimFrequency, fiscal_year: int) -> list[str]:
    """The labels of a fiscal year's periods, in order."""
    match frequency:
        case ClaimFrequency.ANNUAL:
            return [str(fiscal_year)]
        case ClaimFrequency.SEMI_ANNUAL:
            return [f"{fiscal_year}-H1", f"{fiscal_year}-H2"]
        case ClaimFrequency.QUARTERLY:
            return [str(quarter) for quarter in Quarter.all_of(fiscal_year)]
        case ClaimFrequency.MONTHLY:
            return [f"{year}-{month:02}" for year, month in _months_of_year(fiscal_year)]


def months_of(period: str) -> frozenset[Month]:
    """The calendar months of a period."""
    year, _, part = period.partition("-")
    if frequency_of(period) is ClaimFrequency.MONTHLY:
        return frozenset({(int(year), int(part))})
    months = _months_of_year(int(year))
    if not part:
        return frozenset(months)
    length = 3 if part.startswith("T") else 6
    end = int(part[1]) * length
    return frozenset(months[end - length : end])


def fiscal_year_claimed(period: str | None, submitted_on: date) -> int:
    """The fiscal year of the period; without one, that of the day of the claim."""
    if period is None:
        return fiscal_year_of(submitted_on)
    year, month = max(months_of(period))
    return fiscal_year_of(date(year, month, 1))


def _months_of_year(fiscal_year: int) -> list[Month]:
    return [
        (fiscal_year - 1 + (month > _MONTHS_OF_A_YEAR), (month - 1) % _MONTHS_OF_A_YEAR + 1)
        for month in range(4, 4 + _MONTHS_OF_A_YEAR)
    ]


def check_drawdown(
    terms: FunderTerms,
    counted: Iterable[DrawdownCounted],
    *,
    period: str | None,
    submitted_on: date,
    amount: Money,
) -> int:
    """
    The fiscal year that a drawdown counts in, after those that were ``counted``.

    Raises ``PeriodNeeded``, ``NotAPeriodOfTheAgreement``, ``PeriodAlreadyClaimed`` and
    ``AboveTheCeilingOfTheYear``.
    """
    earlier = tuple(counted)
    fiscal_year = fiscal_year_claimed(period, submitted_on)
    if terms.claim_frequency is not None:
        _check_period(terms.claim_frequency, earlier, period, fiscal_year)
    ceiling = ceiling_of(terms.yearly, fiscal_year)
    if ceiling is not None:
        room = ceiling - total(each.amount for each in earlier if each.fiscal_year == fiscal_year)
        if amount > room:
            raise AboveTheCeilingOfTheYear(
                amount=amount,
                room=room,
                fiscal_year=str(fiscal_year),
                ceiling=ceiling,
                field="pockets",
            )
    return fiscal_year


def _check_period(
    frequency: ClaimFrequency,
    earlier: Iterable[DrawdownCounted],
    period: str | None,
    fiscal_year: int,
) -> None:
    accepted = periods_of(frequency, fiscal_year)
    if period is None:
        raise PeriodNeeded(frequency=frequency, field="period", accepted=accepted)
    if period not in accepted:
        raise NotAPeriodOfTheAgreement(
            period=period, frequency=frequency, field="period", accepted=accepted
        )
    months = months_of(period)
    for each in earlier:
        if each.period is not None and months & months_of(each.period):
            raise PeriodAlreadyClaimed(period=period, earlier=each.period, field="period")
