"""
The tolerance of an agreement: how much of its budget may move without an approval.

The budget is looked at part by part: per participant its public money, its cash and its match in
kind, in all and by planned quarter, and by category where there is a budget. What leaves a part
without an approval, added up since the last approved amendment, is at most the tolerance of what
the part held then. So many small moves are not larger than one.
"""

from collections.abc import Mapping

from services.claims.domain.state import Agreement
from services.claims.domain.values import BudgetPart
from shared.kernel.money import ZERO, Money


def parts(agreement: Agreement) -> dict[BudgetPart, Money]:
    """What every part of the budget holds."""
    held: dict[BudgetPart, Money] = {}

    def add(part: BudgetPart, amount: Money) -> None:
        held[part] = held.get(part, ZERO) + amount

    for participant_id, shares in agreement.contracted.items():
        for amount in shares.values():
            add(BudgetPart(participant_id, "public", "all"), amount)
    for participant_id, cells in agreement.committed.items():
        for (quarter, _), amount in cells.items():
            add(BudgetPart(participant_id, "public", str(quarter)), amount)
    for participant_id, match in agreement.contracted_match.items():
        add(BudgetPart(participant_id, "cash", "all"), match.cash)
        add(BudgetPart(participant_id, "in-kind", "all"), match.in_kind)
    for (participant_id, quarter), match in agreement.match_to_report.items():
        add(BudgetPart(participant_id, "cash", str(quarter)), match.cash)
        add(BudgetPart(participant_id, "in-kind", str(quarter)), match.in_kind)
    for (participant_id, category), budgeted in agreement.budget.items():
        add(BudgetPart(participant_id, "cash", f"category {category}"), budgeted.cash)
        add(BudgetPart(participant_id, "in-kind", f"category {category}"), budgeted.in_kind)
    return held


def taken(before: Agreement, after: Agreement) -> dict[BudgetPart, Money]:
    """What left each part, where something did."""
    held, holds = parts(before), parts(after)
    return {
        part: amount - holds.get(part, ZERO)
        for part, amount in held.items()
        if amount > holds.get(part, ZERO)
    }


def is_within_tolerance(before: Agreement, after: Agreement) -> bool:
    """Whether the moves that lead from one to the other need no approval."""
    held, already = parts(before), before.freely_moved
    bp = before.terms.reallocation_tolerance_bp
    return all(
        already.get(part, ZERO) + amount <= (held[part] + already.get(part, ZERO)).at_rate(bp)
        for part, amount in taken(before, after).items()
    )


def freely_moved_after(before: Agreement, after: Agreement) -> Mapping[BudgetPart, Money]:
    """What was moved without an approval since the last one, these moves included."""
    result = dict(before.freely_moved)
    for part, amount in taken(before, after).items():
        result[part] = result.get(part, ZERO) + amount
    return result
