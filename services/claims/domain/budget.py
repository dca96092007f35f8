"""
The budget of an agreement: what each participant plans to spend, by category.

It says in other words what the schedule says: per participant, its cash is the contracted public
money and the participant's own cash, and its in kind the match in kind. An agreement may have none.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias
from uuid import UUID

from services.claims.domain.commands import SetBudget
from services.claims.domain.events import AgreementEvent, BudgetSet
from services.claims.domain.standing import must_be_unsigned
from services.claims.domain.state import Agreement
from services.claims.domain.values import BudgetLine, Match
from shared.kernel.frozen import replace
from shared.kernel.money import ZERO, Money, total
from shared.kernel.refusals import Invalid, Refusal, RuleBroken

Budget: TypeAlias = Mapping[tuple[UUID, str], Match]
"""By participant and category."""


class BudgetNotInOrder(RuleBroken):
    """The budget breaks rules; every one is named."""

    en = "The budget is not in order; see the reasons."
    fr = "Le budget n’est pas en règle; voir les motifs."


class BudgetOfUnknownParticipant(RuleBroken):
    """A budget is of the agreement's participants."""

    en = "The agreement has no such participant."
    fr = "L’entente ne compte pas ce participant."


class BudgetCategoryUnknown(RuleBroken):
    """A budget has the cost categories of the programme."""

    en = "{category} is not a cost category of the programme."
    fr = "{category} n’est pas une catégorie de coûts du programme."


class BudgetLineTwice(Invalid):
    """A participant has one line per category."""

    en = "The participant has another line for {category}."
    fr = "Le participant a une autre ligne pour {category}."


class BudgetAmountNegative(Invalid):
    """What is budgeted is nil or more."""

    en = "The budget of {category} would be negative."
    fr = "Le budget de {category} deviendrait négatif."


class BudgetCashNotContracted(RuleBroken):
    """A participant budgets in cash the public money and the own cash it contracted."""

    en = "A participant budgets {budgeted} in cash, and contracted {contracted}."
    fr = "Un participant a un budget de {budgeted} en espèces pour {contracted} d’engagements."


class BudgetInKindNotContracted(RuleBroken):
    """A participant budgets in kind what it promised in kind."""

    en = "A participant budgets {budgeted} in kind, and promised {contracted}."
    fr = "Un participant a un budget de {budgeted} en nature pour {contracted} promis."


def set_budget(command: SetBudget, agreement: Agreement) -> list[AgreementEvent]:
    """Write the budget of a draft that nobody signed yet; the whole, however often."""
    must_be_unsigned(agreement)
    refusals = list(_refusals(command.lines, agreement))
    if not refusals:
        budget = budget_after({}, command.lines)
        refusals += add_up(budget, replace(agreement, budget=budget))
    if refusals:
        raise BudgetNotInOrder(reasons=[refusal.as_reason() for refusal in refusals])
    return [
        BudgetSet(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            lines=command.lines,
            set_by=command.by,
        )
    ]


def _refusals(lines: Iterable[BudgetLine], agreement: Agreement) -> Iterator[Refusal]:
    seen = set()
    for index, line in enumerate(lines):
        where = f"lines[{index}]"
        if line.participant_id not in agreement.participants:
            yield BudgetOfUnknownParticipant(field=f"{where}.participant_id")
        if (line.participant_id, line.category) in seen:
            yield BudgetLineTwice(field=f"{where}.category", category=line.category)
        seen.add((line.participant_id, line.category))
        if line.cash < ZERO or line.in_kind < ZERO:
            yield BudgetAmountNegative(field=where, accepted=0, category=line.category)
    yield from categories_known(lines, agreement, field="lines")


def categories_known(
    lines: Iterable[BudgetLine], agreement: Agreement, *, field: str
) -> Iterator[Refusal]:
    """A programme that names categories knows no others."""
    known = agreement.terms.cost_categories
    for index, line in enumerate(lines):
        if known and line.category not in known:
            yield BudgetCategoryUnknown(
                field=f"{field}[{index}].category", accepted=list(known), category=line.category
            )


def add_up(budget: Budget, agreement: Agreement) -> Iterator[Refusal]:
    """Every participant that has not left budgets exactly what ``agreement`` contracts with it."""
    for participant_id in agreement.active_participants:
        lines = [amounts for (one, _), amounts in budget.items() if one == participant_id]
        match = agreement.contracted_match.get(participant_id, Match())
        public = total(agreement.contracted.get(participant_id, {}).values())
        refused: type[Refusal]
        for refused, budgeted, contracted in (
            (BudgetCashNotContracted, total(each.cash for each in lines), public + match.cash),
            (BudgetInKindNotContracted, total(each.in_kind for each in lines), match.in_kind),
        ):
            if budgeted != contracted:
                yield refused(
                    field=f"budget[{participant_id}]",
                    accepted=contracted.cents,
                    budgeted=budgeted,
                    contracted=contracted,
                )


def budget_after(budget: Budget, changes: Iterable[BudgetLine]) -> dict[tuple[UUID, str], Match]:
    """A budget after differences; a category stays in it where it comes to nil."""
    result = dict(budget)
    for line in changes:
        key = (line.participant_id, line.category)
        result[key] = result.get(key, Match()) + Match(line.cash, line.in_kind)
    return result


def left_in_budget(agreement: Agreement, participant_id: UUID) -> tuple[BudgetLine, ...]:
    """
    How the budget of a participant that leaves changes: down to what it claimed.

    Its categories share what stays (contracted less what is still committed, and the match it
    reported) by largest remainder with its budget as weights.
    """
    keys = [key for key in agreement.budget if key[0] == participant_id]
    cash = [agreement.budget[key].cash for key in keys]
    in_kind = [agreement.budget[key].in_kind for key in keys]
    left = [match for (one, _), match in agreement.match_to_report.items() if one == participant_id]
    gone_cash = agreement.committed_to(participant_id) + total(match.cash for match in left)
    gone_in_kind = total(match.in_kind for match in left)
    return tuple(
        BudgetLine(participant_id=one, category=category, cash=-less_cash, in_kind=-less_in_kind)
        for (one, category), less_cash, less_in_kind in zip(
            keys, _shared(gone_cash, cash), _shared(gone_in_kind, in_kind), strict=True
        )
        if less_cash or less_in_kind
    )


def _shared(gone: Money, weights: list[Money]) -> list[Money]:
    if not any(weights):
        return list(weights)  # nothing was budgeted, so that nothing can go
    return gone.split([weight.cents for weight in weights])


def after_budget(agreement: Agreement, event: BudgetSet) -> Agreement:
    """The budget is this one."""
    return replace(agreement, budget=budget_after({}, event.lines))
