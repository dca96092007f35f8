"""
What is asked of a request for an advance.

Directive on Transfer Payments (TBS 14208): an advance meets immediate needs, and the value
advanced in a fiscal year does not exceed what the participant is to receive in that year.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from services.claims.domain.commands import RequestAdvance
from services.claims.domain.state import (
    Agreement,
    AnyAdvance,
    ApprovedAdvance,
    ApprovedClaim,
    RequestedAdvance,
    as_funding,
)
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter, fiscal_year_of, months_after
from shared.kernel.refusals import Invalid, Refusal, RuleBroken
from shared.kernel.schedule import FundingCell

MONTHS_AHEAD = 3
"""An advance is for needs of the next three months at most."""

MOST_MONTHS = 3


class AdvancesNotAllowed(RuleBroken):
    """Advances are paid where the programme's terms allow them."""

    en = "The programme pays no advances."
    fr = "Le programme ne verse pas d’avances."


class AdvanceStillOpen(RuleBroken):
    """A participant has one advance at a time: the last is accounted for before the next."""

    en = "An earlier advance of the participant is not settled yet."
    fr = "Une avance antérieure du participant n’est pas encore réglée."


class AdvanceMonthsWrong(Invalid):
    """An advance is for one to three months from now, each named once, by its first day."""

    en = "An advance is for one to three of the months from now to {last}, each once."
    fr = "Une avance porte sur un à trois des mois d’ici le {last}, chacun une seule fois."


class AdvanceAmountNotPositive(Invalid):
    """What is needed in a month is more than nothing, in the agreement's currency."""

    en = "The amount of a month is in {currency} and more than zero."
    fr = "Le montant d’un mois est en {currency} et supérieur à zéro."


class AdvanceAbovePlan(RuleBroken):
    """An advance is at most what is still committed for the quarters of the next three months."""

    en = "{planned} is still committed for {first} to {last}; {asked} is asked in advance."
    fr = "Il reste {planned} engagé de {first} à {last}; l’avance demandée est de {asked}."


class AdvanceAboveYear(RuleBroken):
    """What is advanced in a fiscal year is at most what is planned for that year (TBS)."""

    en = "{left} can still be advanced in fiscal year {fiscal_year}; {asked} is asked."
    fr = "{left} peut encore être avancé dans l’exercice {fiscal_year}; {asked} est demandé."


def wrong_with_form(command: RequestAdvance) -> Iterator[Refusal]:
    """Its months and amounts, before anything is compared with the agreement."""
    first = command.on.replace(day=1)
    accepted = [months_after(first, number) for number in range(MONTHS_AHEAD + 1)]
    months = [each.month for each in command.months]
    if (
        not 1 <= len(months) <= MOST_MONTHS
        or len(set(months)) < len(months)
        or any(month not in accepted for month in months)
    ):
        yield AdvanceMonthsWrong(
            field="months",
            accepted=[each.isoformat() for each in accepted],
            last=months_after(accepted[-1], 1) - timedelta(days=1),
        )
    for index, each in enumerate(command.months):
        if each.amount.currency != ZERO.currency or each.amount <= ZERO:
            yield AdvanceAmountNotPositive(field=f"months[{index}].amount", currency=ZERO.currency)


def wrong_with_amount(
    asked: Money, participant_id: UUID, agreement: Agreement, on: date
) -> Iterator[Refusal]:
    """What is planned for the next months and for the fiscal year covers it."""
    first, last = Quarter.of(on), Quarter.of(months_after(on, MONTHS_AHEAD))
    planned = total(
        amount
        for (quarter, _), amount in agreement.committed.get(participant_id, {}).items()
        if first <= quarter <= last
    )
    if asked > planned:
        yield AdvanceAbovePlan(
            field="months",
            accepted=planned.cents,
            planned=planned,
            first=first,
            last=last,
            asked=asked,
        )
    year = fiscal_year_of(on)
    left = _planned_in(year, participant_id, agreement) - total(
        cell.amount
        for advance in agreement.advances.values()
        if isinstance(advance, ApprovedAdvance)
        and advance.participant_id == participant_id
        and advance.quarter.fiscal_year == year
        for cell in advance.drawn
    )
    if asked > left:
        yield AdvanceAboveYear(
            field="months", accepted=left.cents, left=left, fiscal_year=year, asked=asked
        )


def _planned_in(fiscal_year: int, participant_id: UUID, agreement: Agreement) -> Money:
    """What the participant is to receive in a year: committed, and drawn from its quarters."""
    drawn: list[FundingCell] = [
        cell
        for thing in (*agreement.claims.values(), *agreement.advances.values())
        if isinstance(thing, ApprovedClaim | ApprovedAdvance)
        for cell in thing.drawn
    ]
    cells = (*as_funding(participant_id, agreement.committed.get(participant_id, {})), *drawn)
    return total(
        cell.amount
        for cell in cells
        if cell.participant_id == participant_id and cell.quarter.fiscal_year == fiscal_year
    )


def not_open_to(participant_id: UUID, agreement: Agreement) -> Iterator[Refusal]:
    """The programme pays advances, and the participant has settled its last one."""
    if not agreement.terms.advances_allowed:
        yield AdvancesNotAllowed()
    owes = any(
        recovery.advance_id is not None and recovery.outstanding
        for recovery in agreement.recoveries.values()
        if recovery.participant_id == participant_id
    )
    if owes or any(
        is_open(advance)
        for advance in agreement.advances.values()
        if advance.participant_id == participant_id
    ):
        yield AdvanceStillOpen()


def is_open(advance: AnyAdvance) -> bool:
    """Something is still to happen: a decision, a payment or an account of it."""
    if isinstance(advance, ApprovedAdvance):
        return bool(advance.payable or advance.outstanding)
    return isinstance(advance, RequestedAdvance)
