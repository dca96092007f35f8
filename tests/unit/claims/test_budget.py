from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from services.claims.domain.changes import BudgetMove, Change, Increase, ParticipantWithdrawal
from services.claims.domain.commands import AgreementCommand, SetBudget
from services.claims.domain.events import AmendmentProposed, BudgetSet
from services.claims.domain.standing import AgreementAlreadySigned, AgreementNoLongerADraft
from services.claims.domain.values import BudgetLine, Match
from shared.kernel.money import ZERO, Money
from tests.unit.claims.scenario import (
    ADOPTER,
    EXECUTION,
    OFFICER,
    PROJECT,
    PROVIDER,
    SIGNATURES,
    STRANGER_ORG,
    T1,
    T2,
    T3,
    TERMS,
    TODAY,
    accepted,
    agreement_after,
    amending,
    approved_claim,
    cell,
    drafting,
    executed,
    form,
    match_cell,
    proposing,
    scenario,
)


def budget_line(
    category: str, cash: int, in_kind: int = 0, participant: UUID = ADOPTER
) -> BudgetLine:
    return BudgetLine(
        participant_id=participant, category=category, cash=Money(cash), in_kind=Money(in_kind)
    )


def budgeting(*lines: BudgetLine) -> SetBudget:
    return SetBudget(lines=lines, by=OFFICER, on=TODAY)


LINES = (budget_line("labour", 1_500_00), budget_line("equipment", 500_00))
"""2 000 in cash: 800 public and 1 200 of the adopter's own."""
DRAFT = drafting(terms=replace(TERMS, reallocation_tolerance_bp=1_000))
IN_FORCE: tuple[AgreementCommand, ...] = (DRAFT, budgeting(*LINES), *SIGNATURES, EXECUTION)


class TestSettingABudget:
    def test_by_participant_and_category(self) -> None:
        """What each participant contracted is planned by category, before anybody signs."""
        scenario(
            given=[DRAFT],
            when=budgeting(*LINES),
            then=[
                BudgetSet(
                    effective_on=TODAY,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    lines=LINES,
                    set_by=OFFICER,
                )
            ],
        )
        state = agreement_after(DRAFT, budgeting(*LINES))
        assert state.budget[ADOPTER, "labour"] == Match(Money(1_500_00))

    def test_again(self) -> None:
        """The last one counts, whole."""
        state = agreement_after(
            DRAFT, budgeting(*LINES), budgeting(budget_line("labour", 2_000_00))
        )
        assert state.budget == {(ADOPTER, "labour"): Match(Money(2_000_00))}

    @pytest.mark.parametrize(
        ("lines", "codes"),
        [
            ((budget_line("labour", 1_999_99),), "budget-cash-not-contracted"),
            ((budget_line("labour", 2_000_01),), "budget-cash-not-contracted"),
            ((budget_line("labour", 2_000_00, 1),), "budget-in-kind-not-contracted"),
            ((*LINES, budget_line("labour", 1, 0, PROVIDER)), "budget-cash-not-contracted"),
            ((budget_line("champagne", 2_000_00),), "budget-category-unknown"),
            (
                (*LINES, budget_line("labour", 0), budget_line("equipment", -1, 0, STRANGER_ORG)),
                "budget-line-twice budget-of-unknown-participant budget-amount-negative",
            ),
        ],
        ids=["less", "more", "in kind", "of another", "category", "all at once"],
    )
    def test_that_says_something_else(self, lines: Sequence[BudgetLine], codes: str) -> None:
        """A budget says what was contracted, in the programme's categories."""
        scenario(given=[DRAFT], when=budgeting(*lines), then=codes)

    def test_under_a_signature_or_in_force(self) -> None:
        """What somebody signed does not change."""
        scenario(given=[DRAFT, SIGNATURES[0]], when=budgeting(*LINES), then=AgreementAlreadySigned)
        scenario(given=executed(), when=budgeting(*LINES), then=AgreementNoLongerADraft)


class TestMovingCategories:
    def moved(self, cents: int) -> BudgetMove:
        """So much of the equipment becomes labour."""
        return BudgetMove(budget=(budget_line("equipment", -cents), budget_line("labour", cents)))

    def test_within_the_tolerance(self) -> None:
        """A tenth of the equipment may become labour at once, and no cent more."""
        state = agreement_after(*IN_FORCE, proposing(self.moved(50_00)))
        assert state.budget[ADOPTER, "equipment"] == Match(Money(450_00))
        (only,) = accepted(IN_FORCE, proposing(self.moved(50_01)))
        assert isinstance(only, AmendmentProposed)

    def test_with_an_approval(self) -> None:
        """Above the tolerance another person approves, down to nothing."""
        state = agreement_after(*IN_FORCE, *amending(self.moved(500_00)))
        assert state.budget[ADOPTER, "equipment"] == Match(ZERO)
        scenario(given=IN_FORCE, when=proposing(self.moved(500_01)), then="budget-amount-negative")

    def test_that_adds_up_to_something(self) -> None:
        """Moving categories leaves what is contracted as it is."""
        change = BudgetMove(budget=(budget_line("labour", 1),))
        scenario(given=IN_FORCE, when=proposing(change), then="budget-cash-not-contracted")

    def test_without_a_budget(self) -> None:
        """An agreement without a budget has no categories to move."""
        scenario(given=executed(), when=proposing(self.moved(1)), then="no-budget-to-move")

    def test_to_an_unknown_category(self) -> None:
        """The programme's categories are all there are."""
        change = BudgetMove(budget=(budget_line("labour", -1), budget_line("champagne", 1)))
        scenario(given=IN_FORCE, when=proposing(change), then="budget-category-unknown")


class TestABudgetWithOtherAmendments:
    def test_follows_the_money(self) -> None:
        """Where money is added the budget says for what; without, the amendment is refused."""
        funding = (cell(T3, 100_00),)
        bare: Change = Increase(funding=funding)
        scenario(given=IN_FORCE, when=proposing(bare), then="budget-cash-not-contracted")
        whole = Increase(funding=funding, budget=(budget_line("labour", 100_00),))
        state = agreement_after(*IN_FORCE, *amending(whole))
        assert state.budget[ADOPTER, "labour"] == Match(Money(1_600_00))

    def test_of_a_participant_that_leaves(self) -> None:
        """Its categories keep what it claimed, in proportion; others budget what they get."""
        leave = ParticipantWithdrawal(
            participant_id=ADOPTER,
            funding=(cell(T2, 400_00, participant=PROVIDER),),
            match=(match_cell(T2, 600_00, participant=PROVIDER),),
            budget=(budget_line("labour", 1_000_00, participant=PROVIDER),),
        )
        given = [*IN_FORCE, *approved_claim(form())]  # 500 spent: 200 public, 300 own
        state = agreement_after(*given, *amending(leave))
        assert state.budget == {
            (ADOPTER, "labour"): Match(Money(375_00)),
            (ADOPTER, "equipment"): Match(Money(125_00)),
            (PROVIDER, "labour"): Match(Money(1_000_00)),
        }
        assert state.committed[PROVIDER] == {(T2, "ISED-P1"): Money(400_00)}
        assert T1 not in {quarter for quarter, _ in state.committed[ADOPTER]}
