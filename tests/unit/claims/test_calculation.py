from dataclasses import replace
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.claims.domain.agreement import DECIDER
from services.claims.domain.calculation import (
    RULES,
    Before,
    Calculation,
    Circumstances,
    at_the_rate,
    calculate,
    with_overhead,
    within_category_caps,
    within_commitment,
    within_participant_cap,
    within_stacking_limit,
)
from services.claims.domain.events import ClaimApproved
from services.claims.domain.reimbursement import Cells, Outstanding, by_pocket
from services.claims.domain.state import Agreement, ApprovedAdvance, ApprovedClaim, Recovery
from services.claims.domain.values import (
    CategoryTerms,
    PocketShare,
    ReimbursementRate,
    SetOff,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter
from tests.unit.claims.scenario import (
    ADOPTER,
    CLAIM,
    ISED,
    MEIE,
    OTHER_CLAIM,
    T1,
    T2,
    T3,
    TERMS,
    TODAY,
    accepted,
    approved_claim,
    approving,
    assessed_claim,
    cell,
    executed,
    form,
    happened,
    line,
    match_cell,
)

ADVANCE, RECOVERY = derived_id("advance"), derived_id("recovery")
LABOUR = CategoryTerms(category="labour", overhead_bp=1_500)
EQUIPMENT = CategoryTerms(category="equipment", share_bp=2_000)
NOTHING = Before(costs={}, other_government=ZERO, reimbursed=ZERO)


def rate(bp: int) -> ReimbursementRate:
    return ReimbursementRate(participant_id=ADOPTER, public=bp, costs=10_000)


def steps(calculation: Calculation | ClaimApproved) -> dict[str, int]:
    return {step.rule: step.amount.cents for step in calculation.steps}


def approved_under(*claims: Any, **terms: Any) -> ClaimApproved:
    """The last of several claims of 800 public to 1 200 own dollars."""
    commands = [*executed(terms=replace(TERMS, **terms))]
    for number, what in enumerate(claims[:-1]):
        commands += approved_claim(what, claim_id=derived_id("claim", number))
    commands += assessed_claim(claims[-1])
    (approved,) = accepted(commands, approving())
    assert isinstance(approved, ClaimApproved)
    return approved


class TestOverhead:
    def test_is_added_to_the_costs_of_its_category(self) -> None:
        """15 % on labour of 1.11, rounded once, and none on equipment."""
        costs = {"labour": Money(1_11), "equipment": Money(1_00)}
        assert with_overhead(costs, [LABOUR, EQUIPMENT]) == {
            "labour": Money(1_28),
            "equipment": Money(1_00),
        }

    def test_is_reimbursed_and_matched_like_costs(self) -> None:
        """100 of labour with 15 are 115: 46 public, 69 the participant's own."""
        approved = approved_under(form(line(100_00)), categories=(LABOUR,))
        assert (approved.reimbursable, approved.match_cash) == (Money(46_00), Money(69_00))
        assert steps(approved)["accepted"] == 100_00
        assert steps(approved)["overhead"] == 115_00


class TestTheRate:
    def test_is_rounded_once_for_all_categories_without_their_own(self) -> None:
        """Three categories of 1 cent at 50 % are 2 cents of 3, not three times 1."""
        costs = {name: Money(1) for name in "abc"}
        assert at_the_rate(costs, rate(5_000), {}) == Money(2)
        assert at_the_rate(costs, rate(5_000), {"a": rate(0)}) == Money(1)

    def test_of_a_category_without_costs_adds_nothing(self) -> None:
        """A rate for what was not claimed is no reason to pay."""
        assert at_the_rate({"a": Money(10)}, rate(5_000), {"b": rate(10_000)}) == Money(5)


class TestTheCategoryCap:
    def test_leaves_out_costs_beyond_the_share_of_the_contracted_costs(self) -> None:
        """Equipment counts up to 20 % of the 2 000 contracted: 400 of 500."""
        costs = {"labour": Money(100_00), "equipment": Money(500_00)}
        capped = within_category_caps(costs, {}, [LABOUR, EQUIPMENT], Money(2_000_00))
        assert capped == {"labour": Money(100_00), "equipment": Money(400_00)}
        before = {"equipment": Money(350_00)}
        capped = within_category_caps(costs, before, [EQUIPMENT], Money(2_000_00))
        assert capped["equipment"] == Money(50_00)

    def test_holds_over_claims(self) -> None:
        """300 of equipment in T1 leave 100 in T2, of which 40 % are reimbursed."""
        equipment = [
            form(line(300_00, category="equipment", period=quarter), period=quarter)
            for quarter in (T1, T2)
        ]
        approved = approved_under(*equipment, categories=(EQUIPMENT,))
        assert steps(approved)["rate"] == 120_00
        assert steps(approved)["category-cap"] == 40_00
        assert approved.match_cash == Money(260_00)


class TestTheParticipantCap:
    def test_is_a_share_of_the_agreements_public_money(self) -> None:
        """Of 1 000 public dollars, 70 % are 700, less what was reimbursed before."""
        assert within_participant_cap(
            Money(800_00), Money(100_00), 7_000, Money(1_000_00)
        ) == Money(600_00)
        assert within_participant_cap(Money(5), Money(900_00), 7_000, Money(1_000_00)) == ZERO
        assert within_participant_cap(Money(5), Money(900_00), None, Money(1_000_00)) == Money(5)

    def test_is_reached_in_the_middle_of_a_claim(self) -> None:
        """Of the agreement's 800 public dollars one participant gets 600: 400, then 200 of 320."""
        approved = approved_under(
            form(line(1_000_00)),
            form(line(800_00, period=T2), period=T2),
            participant_share_bp=7_500,
        )
        assert steps(approved)["rate"] == 320_00
        assert steps(approved)["participant-cap"] == 200_00
        assert approved.match_cash == Money(600_00)


class TestTheStackingLimit:
    def test_counts_all_government_money(self) -> None:
        """Of 1 000 of costs, 75 % may be public: other governments gave 500, so 250 remain."""
        assert within_stacking_limit(
            Money(400_00),
            costs=Money(1_000_00),
            other_government=Money(500_00),
            before=NOTHING,
            limit_bp=7_500,
        ) == Money(250_00)

    def test_holds_over_claims(self) -> None:
        """What other governments gave beyond the limit once lowers the next claim."""
        before = Before(
            costs={"labour": Money(100_00)}, other_government=Money(90_00), reimbursed=ZERO
        )
        assert within_stacking_limit(
            Money(40_00),
            costs=Money(100_00),
            other_government=Money(40_00),
            before=before,
            limit_bp=7_500,
        ) == Money(20_00)

    def test_is_asked_of_a_claim(self) -> None:
        """500 of costs with 300 of other support: 375 allowed leave 75 of the 200."""
        what = replace(form(), other_government=Money(300_00))
        approved = approved_under(what, stacking_limit_bp=7_500)
        assert steps(approved)["stacking"] == 75_00
        assert approved.match_cash == Money(425_00)
        assert steps(approved_under(what))["stacking"] == 200_00


class TestTheCommitment:
    def test_counts_what_was_advanced(self) -> None:
        """An advance was committed once, and pays for the costs it was given for."""
        advance = Outstanding(T1, ISED, ADVANCE, Money(30))
        assert within_commitment(Money(100), {(T1, ISED): Money(50)}, [advance]) == Money(80)
        assert within_commitment(Money(60), {(T1, ISED): Money(50)}, [advance]) == Money(60)


class TestTheHoldback:
    def test_is_rounded_once_per_claim(self) -> None:
        """10 % of 13.34 are 1.33, over drawn shares of 8.89 and 4.45: 0.89 and 0.44."""
        given = [
            *executed(
                funding=[cell(T1, 200_00), cell(T1, 100_00, pocket=MEIE)],
                match=[match_cell(T1, 450_00)],
            ),
            *assessed_claim(form(line(33_35))),
        ]
        (approved,) = accepted(given, approving())
        assert isinstance(approved, ClaimApproved)
        assert approved.held_back == (
            PocketShare(pocket=ISED, amount=Money(89)),
            PocketShare(pocket=MEIE, amount=Money(44)),
        )


def owing(
    *, advance: dict[tuple[Quarter, str], int], recovery: dict[tuple[Quarter, str], int]
) -> Agreement:
    """An agreement with an assessed claim of 500, worth 200, and what its participant owes."""
    state = DECIDER.fold(happened(*executed(), *assessed_claim(form())))
    assert isinstance(state, Agreement)

    def cells(amounts: dict[tuple[Quarter, str], int]) -> dict[tuple[Quarter, str], Money]:
        return {key: Money(cents) for key, cents in amounts.items()}

    paid = ApprovedAdvance(
        advance_id=ADVANCE,
        participant_id=ADOPTER,
        months=(),
        requested_by="somebody",
        requested_on=TODAY,
        approved_by="another",
        approved_on=TODAY,
        quarter=T1,
        drawn=(),
        payable={},
        paid=by_pocket(cells(advance)),
        outstanding=cells(advance),
    )
    asked_back = Recovery(
        recovery_id=RECOVERY,
        participant_id=ADOPTER,
        advance_id=None,
        parts=cells(recovery),
        outstanding=cells(recovery),
        due_on=TODAY,
        reason="not eligible",
        requested_by="somebody",
        requested_on=TODAY,
    )
    return replace(state, advances={ADVANCE: paid}, recoveries={RECOVERY: asked_back})


def left_of_advance(agreement: Agreement) -> Cells:
    advance = agreement.advances[ADVANCE]
    assert isinstance(advance, ApprovedAdvance)
    return advance.outstanding


class TestSettingOff:
    def test_an_advance_over_two_quarters(self) -> None:
        """200 less 20 held back is 180: the advance takes it all, and 20 are drawn."""
        agreement = owing(advance={(T1, ISED): 150_00, (T2, ISED): 150_00}, recovery={})
        (approved,) = DECIDER.decide(approving(), agreement)
        assert isinstance(approved, ClaimApproved)
        assert approved.drawn == (cell(T1, 20_00),)
        assert approved.payable == ()
        assert approved.held_back == (PocketShare(pocket=ISED, amount=Money(20_00)),)
        assert approved.advance_set_off == (
            SetOff(of=ADVANCE, pocket=ISED, quarter=T1, amount=Money(150_00)),
            SetOff(of=ADVANCE, pocket=ISED, quarter=T2, amount=Money(30_00)),
        )
        assert approved.match_cash == Money(300_00)
        after = DECIDER.evolve(agreement, approved)
        assert isinstance(after, Agreement)
        assert left_of_advance(after) == {(T2, ISED): Money(120_00)}
        claim = after.claims[CLAIM]
        assert isinstance(claim, ApprovedClaim)
        assert (claim.paid, claim.reimbursed) == ({ISED: Money(180_00)}, Money(200_00))

    def test_a_recovery_after_the_advance(self) -> None:
        """180 less an advance of 100 leave 80, of which 30 are owed back and 50 are paid."""
        agreement = owing(advance={(T1, ISED): 100_00}, recovery={(T3, MEIE): 30_00})
        (approved,) = DECIDER.decide(approving(), agreement)
        assert isinstance(approved, ClaimApproved)
        assert approved.drawn == (cell(T1, 100_00),)
        assert approved.payable == (PocketShare(pocket=ISED, amount=Money(50_00)),)
        assert approved.recovery_set_off == (
            SetOff(of=RECOVERY, pocket=MEIE, quarter=T3, amount=Money(30_00)),
        )
        assert list(steps(approved).values())[-4:] == [200_00, 180_00, 80_00, 50_00]
        after = DECIDER.evolve(agreement, approved)
        assert isinstance(after, Agreement)
        assert after.recoveries[RECOVERY].outstanding == {}
        assert left_of_advance(after) == {}

    def test_is_for_what_the_claims_own_participant_owes(self) -> None:
        """What another participant was advanced is no matter of this claim."""
        agreement = owing(advance={(T1, ISED): 100_00}, recovery={(T1, ISED): 100_00})
        agreement = replace(
            agreement,
            advances={
                key: replace(each, participant_id=OTHER_CLAIM)
                for key, each in agreement.advances.items()
            },
            recoveries={},
        )
        (approved,) = DECIDER.decide(approving(), agreement)
        assert isinstance(approved, ClaimApproved)
        assert approved.advance_set_off == approved.recovery_set_off == ()


amounts = st.integers(0, 10_000_00).map(Money)
shares_bp = st.integers(1, 10_000)
quarters = st.sampled_from([T1, T2, T3])
pockets = st.sampled_from([ISED, MEIE, "THIRD"])
cells_of_money = st.dictionaries(
    st.tuples(quarters, pockets), st.integers(1, 3_000_00).map(Money), max_size=6
)
categories = st.sampled_from(["labour", "equipment", "travel"])
costs_by_category = st.dictionaries(categories, amounts, max_size=3)


def outstanding(of: UUID) -> st.SearchStrategy[list[Outstanding]]:
    return cells_of_money.map(
        lambda cells: [
            Outstanding(quarter, pocket, of, amount) for (quarter, pocket), amount in cells.items()
        ]
    )


@st.composite
def any_circumstances(draw: st.DrawFn) -> Circumstances:
    """A participant of any programme, with any past."""
    maybe_bp = st.none() | shares_bp
    terms = replace(
        TERMS,
        holdback_bp=draw(st.integers(0, 10_000)),
        categories=tuple(
            CategoryTerms(
                category=category,
                overhead_bp=draw(st.none() | st.integers(0, 10_000)),
                share_bp=draw(maybe_bp),
            )
            for category in draw(st.sets(categories))
        ),
        participant_share_bp=draw(maybe_bp),
        stacking_limit_bp=draw(maybe_bp),
    )
    return Circumstances(
        terms=terms,
        quarter=draw(quarters),
        rate=draw(shares_bp.map(rate)),
        category_rates=draw(st.dictionaries(categories, shares_bp.map(rate), max_size=2)),
        contracted_public=draw(amounts),
        contracted_costs=draw(amounts),
        before=Before(
            costs=draw(costs_by_category),
            other_government=draw(amounts),
            reimbursed=draw(amounts),
        ),
        committed=draw(cells_of_money),
        advances=draw(outstanding(ADVANCE)),
        recoveries=draw(outstanding(RECOVERY)),
    )


class TestTheCalculation:
    @given(cash=costs_by_category, other=amounts, its=any_circumstances())
    def test_hands_out_every_cent_once(
        self, cash: dict[str, Money], other: Money, its: Circumstances
    ) -> None:
        """Reimbursed = drawn + advance set off; drawn = held back + payable + recovery set off."""
        made = calculate(cash, other, its)
        drawn = total(made.drawn.values())
        held, payable = (
            total(share.amount for share in shares) for shares in (made.held_back, made.payable)
        )
        advanced, recovered = (
            total(part.amount for part in parts)
            for parts in (made.advance_set_off, made.recovery_set_off)
        )
        assert made.reimbursed == drawn + advanced
        assert drawn == held + payable + recovered
        assert made.match_cash + made.reimbursed == made.costs
        for pocket in {pocket for _, pocket in made.drawn}:
            kept = total(
                share.amount for share in (*made.held_back, *made.payable) if share.pocket == pocket
            )
            assert kept <= total(cents for (_, of), cents in made.drawn.items() if of == pocket)

    @given(cash=costs_by_category, other=amounts, its=any_circumstances())
    def test_passes_no_cap(self, cash: dict[str, Money], other: Money, its: Circumstances) -> None:
        """No rule after the rate adds anything, and nothing is ever negative."""
        made = calculate(cash, other, its)
        left = [step.amount for step in made.steps]
        assert [step.rule for step in made.steps] == list(RULES)
        assert all(before >= after >= ZERO for before, after in pairwise(left[1:]))
        terms, before = its.terms, its.before
        if terms.participant_share_bp is not None and made.reimbursed:
            cap = its.contracted_public.at_rate(terms.participant_share_bp)
            assert before.reimbursed + made.reimbursed <= cap
        if terms.stacking_limit_bp is not None and made.reimbursed:
            all_costs = total(before.costs.values()) + made.costs
            public = before.reimbursed + before.other_government + other + made.reimbursed
            assert public <= all_costs.at_rate(terms.stacking_limit_bp)
        assert all(ZERO < taken <= its.committed[key] for key, taken in made.drawn.items())
        for parts, owed in (
            (made.advance_set_off, its.advances),
            (made.recovery_set_off, its.recoveries),
        ):
            held = {(each.of, each.quarter, each.pocket): each.amount for each in owed}
            assert all(
                ZERO < part.amount <= held[part.of, part.quarter, part.pocket] for part in parts
            )

    @given(cash=costs_by_category, other=amounts, its=any_circumstances())
    def test_does_not_depend_on_the_order_of_what_it_is_given(
        self, cash: dict[str, Money], other: Money, its: Circumstances
    ) -> None:
        """The same costs, cells and debts in another order are worth the same, to the cent."""
        turned = replace(
            its,
            committed=dict(reversed(list(its.committed.items()))),
            category_rates=dict(reversed(list(its.category_rates.items()))),
            advances=list(reversed(its.advances)),
            recoveries=list(reversed(its.recoveries)),
            terms=replace(its.terms, categories=tuple(reversed(its.terms.categories))),
        )
        turned_cash = dict(reversed(list(cash.items())))
        assert calculate(turned_cash, other, turned) == calculate(cash, other, its)

    @given(
        cash=st.integers(0, 10_000_00),
        bp=st.integers(1, 10_000),
        holdback=st.integers(0, 10_000),
        committed=cells_of_money,
    )
    def test_is_the_rate_within_the_commitment_where_nothing_else_is_said(
        self, cash: int, bp: int, holdback: int, committed: dict[tuple[Quarter, str], Money]
    ) -> None:
        """Without caps and debts: the lesser of rate and commitment, and the holdback of it."""
        its = Circumstances(
            terms=replace(TERMS, holdback_bp=holdback),
            quarter=T1,
            rate=rate(bp),
            category_rates={},
            contracted_public=ZERO,
            contracted_costs=ZERO,
            before=NOTHING,
            committed=committed,
            advances=[],
            recoveries=[],
        )
        made = calculate({"labour": Money(cash)}, ZERO, its)
        assert made.reimbursed == min(Money(cash).at_rate(bp), total(committed.values()))
        held = total(share.amount for share in made.held_back)
        assert held == made.reimbursed.at_rate(holdback)
