"""
What a claim is worth: named rules in one fixed order, each with the amount that it leaves.

``RULES`` names them in that order, which is the order of ``Calculation.steps``:

1. ``accepted``: the accepted cash costs.
2. ``overhead``: plus the programme's overhead on the categories that have one.
3. ``rate``: the participant's public share of them; contracted, or overridden.
4. ``category-cap``: without costs beyond a category's share of the contracted cash costs.
5. ``participant-cap``: at most the participant's share of the agreement's public money.
6. ``stacking``: at most what all government money together may still pay.
7. ``commitment``: at most what remains committed or advanced. This is what is *reimbursed*.
8. ``holdback``: less what is kept until closing.
9. ``advance-set-off``: less what an outstanding advance has paid already.
10. ``recovery-set-off``: less what the participant owes back. This is what is *payable*.

Costs, caps and stacking look at all approved claims of the participant, so that no cap is passed
by claiming in parts. Directive on Transfer Payments (TBS 14208): maximum share and stacking limit;
set-off: FAA s. 155.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.claims.domain.reimbursement import (
    Cell,
    Cells,
    Outstanding,
    as_shares,
    by_pocket,
    draw,
    reimbursable,
    set_off,
    taken_from,
    without,
)
from services.claims.domain.state import Agreement, ApprovedClaim
from services.claims.domain.values import (
    AcceptedLine,
    CategoryTerms,
    ClaimForm,
    PocketShare,
    ProgrammeTerms,
    ReimbursementRate,
    SetOff,
    Step,
)
from shared.kernel.money import BASIS_POINTS, ZERO, Money, total
from shared.kernel.periods import Quarter

RULES = (
    "accepted",
    "overhead",
    "rate",
    "category-cap",
    "participant-cap",
    "stacking",
    "commitment",
    "holdback",
    "advance-set-off",
    "recovery-set-off",
)

Costs = Mapping[str, Money]
"""Cash costs by category."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the participant's approved claims have come to so far."""

    costs: Costs
    """Accepted cash costs by category, overhead included."""
    other_government: Money
    reimbursed: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a claim's worth depends on beside its own costs."""

    terms: ProgrammeTerms
    quarter: Quarter
    """Where the claim's spending belongs."""
    rate: ReimbursementRate
    category_rates: Mapping[str, ReimbursementRate]
    """Of the categories with a rate of their own."""
    contracted_public: Money
    """Public money of the agreement, over all participants."""
    contracted_costs: Money
    """The participant's contracted cash costs: its public money and its cash match."""
    before: Before
    committed: Cells
    advances: Sequence[Outstanding]
    recoveries: Sequence[Outstanding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculation:
    """What a claim is worth, and where every cent of it goes."""

    costs: Money
    """Eligible cash costs, overhead included."""
    reimbursable: Money
    """The rate on them, before any cap."""
    reimbursed: Money
    """After every cap: drawn from the commitment, or advanced before."""
    drawn: Mapping[Cell, Money]
    held_back: tuple[PocketShare, ...]
    payable: tuple[PocketShare, ...]
    advance_set_off: tuple[SetOff, ...]
    recovery_set_off: tuple[SetOff, ...]
    steps: tuple[Step, ...]

    @property
    def match_cash(self) -> Money:
        """The participant's own part of the costs."""
        return self.costs - self.reimbursed


def with_overhead(costs: Costs, categories: Iterable[CategoryTerms]) -> dict[str, Money]:
    """Costs with the overhead of their categories, rounded once per category."""
    overhead_bp = {each.category: each.overhead_bp or 0 for each in categories}
    return {
        category: amount + amount.at_rate(overhead_bp.get(category, 0))
        for category, amount in costs.items()
    }


def at_the_rate(
    costs: Costs, rate: ReimbursementRate, category_rates: Mapping[str, ReimbursementRate]
) -> Money:
    """
    The public part of costs.

    Rounded once for every category with a rate of its own, and once for all the others together.
    """
    others = total(amount for category, amount in costs.items() if category not in category_rates)
    return reimbursable(others, rate) + total(
        reimbursable(costs[category], own)
        for category, own in category_rates.items()
        if category in costs
    )


def within_category_caps(
    costs: Costs, before: Costs, categories: Iterable[CategoryTerms], contracted_costs: Money
) -> dict[str, Money]:
    """Costs up to each category's share of the contracted cash costs, over all claims."""
    caps = {
        each.category: contracted_costs.at_rate(each.share_bp)
        for each in categories
        if each.share_bp is not None
    }
    return {
        category: min(amount, _room(caps[category], before.get(category, ZERO)))
        if category in caps
        else amount
        for category, amount in costs.items()
    }


def within_participant_cap(
    amount: Money, before: Money, share_bp: int | None, contracted_public: Money
) -> Money:
    """At most the participant's share of the agreement's public money, over all claims."""
    if share_bp is None:
        return amount
    return min(amount, _room(contracted_public.at_rate(share_bp), before))


def within_stacking_limit(
    amount: Money, *, costs: Money, other_government: Money, before: Before, limit_bp: int | None
) -> Money:
    """
    At most what all government money together may still pay of the participant's costs.

    Over all claims: the limit on the eligible cash costs so far, less other governments' support
    for them and what was reimbursed of them before.
    """
    if limit_bp is None:
        return amount
    limit = (total(before.costs.values()) + costs).at_rate(limit_bp)
    return min(amount, _room(limit, before.other_government + other_government + before.reimbursed))


def within_commitment(amount: Money, committed: Cells, advances: Iterable[Outstanding]) -> Money:
    """At most what is committed to the participant, or was advanced of it and is outstanding."""
    advanced = total(each.amount for each in advances)
    return min(amount, total(committed.values()) + advanced)


def _room(limit: Money, used: Money) -> Money:
    return max(ZERO, limit - used)


def calculate(cash: Costs, other_government: Money, circumstances: Circumstances) -> Calculation:
    """What accepted ``cash`` costs by category are worth; see the module for the order."""
    its, before = circumstances, circumstances.before
    terms = its.terms
    costs = with_overhead(cash, terms.categories)
    eligible = total(costs.values())
    worth = at_the_rate(costs, its.rate, its.category_rates)
    capped_costs = within_category_caps(costs, before.costs, terms.categories, its.contracted_costs)
    category_capped = at_the_rate(capped_costs, its.rate, its.category_rates)
    participant_capped = within_participant_cap(
        category_capped, before.reimbursed, terms.participant_share_bp, its.contracted_public
    )
    stacked = within_stacking_limit(
        participant_capped,
        costs=eligible,
        other_government=other_government,
        before=before,
        limit_bp=terms.stacking_limit_bp,
    )
    reimbursed = within_commitment(stacked, its.committed, its.advances)
    # What is held back comes out of the commitment: an advance was paid and cannot be kept.
    held_back = min(reimbursed.at_rate(terms.holdback_bp), total(its.committed.values()))
    advanced = total(each.amount for each in its.advances)
    advance_taken = min(advanced, reimbursed - held_back)
    drawn = draw(its.committed, quarter=its.quarter, amount=reimbursed - advance_taken)
    shares = by_pocket(drawn)
    kept = taken_from(shares, held_back)
    released = without(shares, kept)
    owed_back = total(each.amount for each in its.recoveries)
    recovery_taken = min(owed_back, total(released.values()))
    payable = without(released, taken_from(released, recovery_taken))
    return Calculation(
        costs=eligible,
        reimbursable=worth,
        reimbursed=reimbursed,
        drawn=drawn,
        held_back=as_shares(kept),
        payable=as_shares(payable),
        advance_set_off=set_off(its.advances, advance_taken),
        recovery_set_off=set_off(its.recoveries, recovery_taken),
        steps=tuple(
            Step(rule=rule, amount=amount)
            for rule, amount in zip(
                RULES,
                (
                    total(cash.values()),
                    eligible,
                    worth,
                    category_capped,
                    participant_capped,
                    stacked,
                    reimbursed,
                    reimbursed - held_back,
                    reimbursed - held_back - advance_taken,
                    total(payable.values()),
                ),
                strict=True,
            )
        ),
    )


def worth_of(
    form: ClaimForm, accepted: Sequence[AcceptedLine], agreement: Agreement
) -> Calculation:
    """What accepted lines of a form are worth under the agreement as it stands."""
    return calculate(
        _costs_of(form, accepted), form.other_government, _circumstances(form, agreement)
    )


def worth_as_claimed(form: ClaimForm, agreement: Agreement) -> Calculation:
    """What a form would be worth if every line were accepted."""
    return worth_of(form, as_claimed(form), agreement)


def as_claimed(form: ClaimForm) -> tuple[AcceptedLine, ...]:
    """Every line accepted whole."""
    return tuple(
        AcceptedLine(line=index, cash=line.cash, in_kind=line.in_kind, reason=None)
        for index, line in enumerate(form.lines)
    )


def _costs_of(form: ClaimForm, accepted: Iterable[AcceptedLine]) -> dict[str, Money]:
    costs: dict[str, Money] = {}
    for each in accepted:
        category = form.lines[each.line].category
        costs[category] = costs.get(category, ZERO) + each.cash
    return costs


def _circumstances(form: ClaimForm, agreement: Agreement) -> Circumstances:
    who = form.participant_id
    rate, category_rates = _rates(who, form.quarter, agreement)
    contracted = agreement.contracted.get(who, {})
    match = agreement.contracted_match.get(who)
    return Circumstances(
        terms=agreement.terms,
        quarter=form.quarter,
        rate=rate,
        category_rates=category_rates,
        contracted_public=total(
            amount for shares in agreement.contracted.values() for amount in shares.values()
        ),
        contracted_costs=total(contracted.values()) + (match.cash if match else ZERO),
        before=_before(who, agreement),
        committed=agreement.committed.get(who, {}),
        advances=agreement.advance_outstanding(who),
        recoveries=agreement.recovery_outstanding(who),
    )


def _rates(
    participant_id: UUID, quarter: Quarter, agreement: Agreement
) -> tuple[ReimbursementRate, dict[str, ReimbursementRate]]:
    """The participant's rate for claims of the quarter, and those of categories with their own."""
    rate = agreement.rates[participant_id]
    category_rates: dict[str, ReimbursementRate] = {}
    for override in agreement.rate_overrides:
        if override.participant_id != participant_id:
            continue
        own = ReimbursementRate(
            participant_id=participant_id, public=override.rate_bp, costs=BASIS_POINTS
        )
        if override.category is not None:
            category_rates[override.category] = own
        elif override.quarter == quarter:
            rate = own
    return rate, category_rates


def _before(participant_id: UUID, agreement: Agreement) -> Before:
    approved = [
        claim for claim in agreement.claims_of(participant_id) if isinstance(claim, ApprovedClaim)
    ]
    costs: dict[str, Money] = {}
    for claim in approved:
        cash = _costs_of(claim.form, claim.accepted)
        for category, amount in with_overhead(cash, agreement.terms.categories).items():
            costs[category] = costs.get(category, ZERO) + amount
    return Before(
        costs=costs,
        other_government=total(claim.form.other_government for claim in approved),
        reimbursed=total(claim.reimbursed for claim in approved),
    )
