"""Finance's own decisions: envelopes, drawdowns, plans and actuals."""

from dataclasses import replace
from datetime import date

import pytest

from services.finance.domain import actuals, drawdown, funder_agreement, plan, pocket
from services.finance.domain.events import (
    ActualRecorded,
    AuthorityChanged,
    DrawdownReceived,
    DrawdownSubmitted,
    FunderAgreementOpened,
    LineKind,
    PlanApproved,
    PlanLine,
    PlanLinesSet,
    PocketAmount,
    PocketOpened,
    YearlyCeiling,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.kernel.refusals import NotFound

TODAY = date(2023, 4, 3)
YESTERDAY = date(2023, 4, 2)
TOMORROW = date(2023, 4, 4)
DRAWDOWN = derived_id("drawdown", "one")
ACTUAL = derived_id("actual", "one")

opened = FunderAgreementOpened(
    code="ISED-P1",
    funder="ISED",
    name_en="Phase 1",
    name_fr="Phase 1",
    pockets=("P", "Q"),
    effective_on=TODAY,
)
pocket_opened = PocketOpened(
    pocket="P",
    funder="ISED",
    funder_agreement="ISED-P1",
    name_en="Projects",
    name_fr="Projets",
    authority=Money(1_000),
    effective_on=TODAY,
)


def part(code: str, cents: int) -> PocketAmount:
    """An amount of a pocket."""
    return PocketAmount(pocket=code, amount=Money(cents))


class TestOpeningAFunderAgreement:
    def open(self, *pockets: str) -> funder_agreement.OpenFunderAgreement:
        """Ask to open one."""
        return funder_agreement.OpenFunderAgreement(
            code="ISED-P1",
            funder="ISED",
            name_en="Phase 1",
            name_fr="Phase 1",
            pockets=pockets,
            opened_on=TODAY,
        )

    def test_once(self) -> None:
        """It is open from the day its funder signed."""
        decider = funder_agreement.DECIDER
        assert decider.decide(self.open("P", "Q"), decider.initial) == [opened]

    def test_twice(self) -> None:
        """Its code is taken."""
        decider = funder_agreement.DECIDER
        with pytest.raises(funder_agreement.FunderAgreementAlreadyOpened):
            decider.decide(self.open("P"), decider.fold([opened]))

    def test_with_a_pocket_named_twice(self) -> None:
        """Each envelope has its own code; the refusal says which place is wrong."""
        decider = funder_agreement.DECIDER
        with pytest.raises(funder_agreement.PocketNamedTwice) as refused:
            decider.decide(self.open("P", "Q", "P"), decider.initial)
        assert refused.value.field == "pockets[2].code"


class TestAPocket:
    def change(self, cents: int, agreement: str = "ISED-P1") -> pocket.ChangeAuthority:
        """Ask to change its authority."""
        return pocket.ChangeAuthority(
            pocket="P",
            funder_agreement=agreement,
            authority=Money(cents),
            effective_on=TODAY,
        )

    def test_is_opened_under_one_agreement(self) -> None:
        """A code in use cannot be opened again, under any agreement."""
        command = pocket.OpenPocket(
            pocket="P",
            funder="MEIE",
            funder_agreement="MEIE-P1",
            name_en="",
            name_fr="",
            authority=Money(1),
            opened_on=TODAY,
        )
        with pytest.raises(pocket.PocketAlreadyOpened):
            pocket.DECIDER.decide(command, pocket.DECIDER.fold([pocket_opened]))

    def test_whose_authority_changes(self) -> None:
        """The event says from what to what."""
        changed = AuthorityChanged(
            pocket="P",
            funder="ISED",
            funder_agreement="ISED-P1",
            previous=Money(1_000),
            authority=Money(700),
            effective_on=TODAY,
        )
        state = pocket.DECIDER.fold([pocket_opened])
        assert pocket.DECIDER.decide(self.change(700), state) == [changed]
        assert pocket.DECIDER.decide(self.change(700), pocket.DECIDER.evolve(state, changed)) == []

    def test_of_another_agreement(self) -> None:
        """There is no such pocket under that agreement."""
        with pytest.raises(NotFound):
            pocket.DECIDER.decide(self.change(700, "MEIE-P1"), pocket.DECIDER.fold([pocket_opened]))

    def test_below_zero(self) -> None:
        """A funder cannot grant less than nothing."""
        with pytest.raises(pocket.AuthorityBelowZero):
            pocket.DECIDER.decide(self.change(-1), pocket.DECIDER.fold([pocket_opened]))


class TestYearlyCeilings:
    yearly = (
        YearlyCeiling(fiscal_year=2024, ceiling=Money(400)),
        YearlyCeiling(fiscal_year=2025, ceiling=Money(900)),
    )
    change = pocket.ChangeAuthority(
        pocket="P", funder_agreement="ISED-P1", authority=Money(1_000), effective_on=TODAY
    )

    def test_change_with_or_without_the_authority(self) -> None:
        """Ceilings replace those before them; not named, they stay as they are."""
        decider = pocket.DECIDER
        state = decider.fold([pocket_opened])
        [changed] = decider.decide(replace(self.change, yearly=self.yearly), state)
        assert isinstance(changed, AuthorityChanged)
        assert (changed.previous, changed.authority) == (Money(1_000), Money(1_000))
        assert changed.yearly == self.yearly
        state = decider.evolve(state, changed)
        assert decider.decide(replace(self.change, yearly=self.yearly), state) == []
        [more] = decider.decide(replace(self.change, authority=Money(1_100)), state)
        assert more.yearly == self.yearly
        [none] = decider.decide(replace(self.change, yearly=()), state)
        assert none.yearly == ()

    def test_that_make_no_sense(self) -> None:
        """A fiscal year has one ceiling and none is below zero; all that is wrong is said."""
        wrong = (
            YearlyCeiling(fiscal_year=2024, ceiling=Money(-1)),
            YearlyCeiling(fiscal_year=2024, ceiling=Money(1)),
        )
        with pytest.raises(pocket.CeilingsNotValid) as refused:
            pocket.DECIDER.decide(
                replace(self.change, yearly=wrong), pocket.DECIDER.fold([pocket_opened])
            )
        assert [(reason.code, reason.field) for reason in refused.value.reasons] == [
            ("ceiling-below-zero", "yearly[0].ceiling"),
            ("year-named-twice", "yearly[1].fiscal_year"),
        ]


class TestADrawdown:
    submitted = DrawdownSubmitted(
        drawdown_id=DRAWDOWN,
        funder_agreement="ISED-P1",
        pockets=(part("P", 200), part("Q", 100)),
        effective_on=YESTERDAY,
    )

    def submit(self, *pockets: PocketAmount, on: date = YESTERDAY) -> drawdown.SubmitDrawdown:
        """Ask to submit one."""
        return drawdown.SubmitDrawdown(
            drawdown_id=DRAWDOWN,
            funder_agreement="ISED-P1",
            agreement_pockets=("P", "Q"),
            pockets=pockets,
            submitted_on=on,
            on=TODAY,
        )

    def receive(self, cents: int, on: date = TODAY) -> drawdown.ReceiveDrawdown:
        """Ask to record a receipt."""
        return drawdown.ReceiveDrawdown(amount=Money(cents), received_on=on, on=TODAY)

    def test_is_submitted(self) -> None:
        """It claims an amount from each pocket it names."""
        decider = drawdown.DECIDER
        command = self.submit(part("P", 200), part("Q", 100))
        assert decider.decide(command, decider.initial) == [self.submitted]

    def test_that_is_wrong_in_several_ways(self) -> None:
        """Every reason is given at once, with its place."""
        decider = drawdown.DECIDER
        with pytest.raises(drawdown.DrawdownNotRight) as refused:
            decider.decide(self.submit(part("X", 200), part("Q", 0), on=TOMORROW), decider.initial)
        assert [(reason.code, reason.field) for reason in refused.value.reasons] == [
            ("not-yet-happened", "submitted_on"),
            ("not-a-pocket-of-the-agreement", "pockets[0].pocket"),
            ("amount-not-positive", "pockets[1].amount"),
        ]

    def test_of_nothing(self) -> None:
        """A drawdown claims something."""
        with pytest.raises(drawdown.DrawdownNotRight):
            drawdown.DECIDER.decide(self.submit(), drawdown.DECIDER.initial)

    def test_is_received_in_part(self) -> None:
        """A receipt is split over what each pocket is still owed, to the cent."""
        decider = drawdown.DECIDER
        (first,) = decider.decide(self.receive(100), decider.fold([self.submitted]))
        assert first == DrawdownReceived(
            drawdown_id=DRAWDOWN,
            funder_agreement="ISED-P1",
            pockets=(part("P", 67), part("Q", 33)),
            effective_on=TODAY,
        )
        (rest,) = decider.decide(self.receive(200), decider.fold([self.submitted, first]))
        assert rest.pockets == (part("P", 133), part("Q", 67))

    def test_that_would_be_paid_more_than_was_claimed(self) -> None:
        """What is received never exceeds what is due."""
        decider = drawdown.DECIDER
        with pytest.raises(drawdown.MoreThanIsDue):
            decider.decide(self.receive(301), decider.fold([self.submitted]))

    def test_received_before_it_was_submitted(self) -> None:
        """Money cannot come for a claim that was not made."""
        decider = drawdown.DECIDER
        with pytest.raises(drawdown.ReceivedBeforeSubmitted):
            decider.decide(self.receive(1, on=date(2023, 4, 1)), decider.fold([self.submitted]))

    def test_that_does_not_exist(self) -> None:
        """Nothing is received for it."""
        with pytest.raises(NotFound):
            drawdown.DECIDER.decide(self.receive(1), drawdown.DECIDER.initial)


def line(
    kind: LineKind = LineKind.NEW_BUSINESS,
    code: str = "P",
    programme: str | None = "IND-P1",
    quarter: str = "2024-T1",
    cents: int = 1_00,
) -> PlanLine:
    """A line of a plan."""
    return PlanLine(
        kind=kind,
        code=code,
        programme=programme,
        quarter=Quarter.parse(quarter),
        amount=Money(cents),
    )


class TestAPlan:
    def set(self, *lines: PlanLine) -> plan.SetLines:
        """Ask to write its lines."""
        return plan.SetLines(
            fiscal_year=2024, lines=lines, sources=frozenset({"P", "MATCH"}), on=TODAY
        )

    def test_whose_lines_are_right(self) -> None:
        """They are kept as a whole."""
        lines = (
            line(),
            line(code="MATCH"),
            line(kind=LineKind.OPERATIONS, code="RENT", programme=None),
        )
        assert plan.DECIDER.decide(self.set(*lines), plan.DECIDER.initial) == [
            PlanLinesSet(fiscal_year=2024, lines=lines, effective_on=TODAY)
        ]

    def test_whose_lines_are_wrong(self) -> None:
        """All that is wrong is said at once."""
        with pytest.raises(plan.PlanNotRight) as refused:
            plan.DECIDER.decide(
                self.set(
                    line(quarter="2025-T1"),
                    line(cents=-1),
                    line(programme=None),
                    line(kind=LineKind.OPERATIONS, code="RENT"),
                    line(code="X"),
                    line(),
                    line(),
                ),
                plan.DECIDER.initial,
            )
        assert [(reason.code, reason.field) for reason in refused.value.reasons] == [
            ("quarter-outside-the-year", "lines[0].quarter"),
            ("amount-below-zero", "lines[1].amount"),
            ("programme-only-of-new-business", "lines[2].programme"),
            ("programme-only-of-new-business", "lines[3].programme"),
            ("unknown-pocket", "lines[4].code"),
            ("line-given-twice", "lines[5]"),
            ("line-given-twice", "lines[6]"),
        ]

    def test_that_is_approved_twice(self) -> None:
        """Approving freezes the lines as they are; approving again is the next version."""
        approve = plan.ApprovePlan(fiscal_year=2024, approved_on=YESTERDAY, on=TODAY)
        history: list[plan.Event] = [
            PlanLinesSet(fiscal_year=2024, lines=(line(),), effective_on=TODAY)
        ]
        history += plan.DECIDER.decide(approve, plan.DECIDER.fold(history))
        history += [PlanLinesSet(fiscal_year=2024, lines=(), effective_on=TODAY)]
        history += plan.DECIDER.decide(approve, plan.DECIDER.fold(history))
        approvals = [event for event in history if isinstance(event, PlanApproved)]
        assert approvals == [
            PlanApproved(fiscal_year=2024, version=1, lines=(line(),), effective_on=YESTERDAY),
            PlanApproved(fiscal_year=2024, version=2, lines=(), effective_on=YESTERDAY),
        ]

    def test_that_is_not_yet_approved(self) -> None:
        """An approval is recorded once it has been given."""
        command = plan.ApprovePlan(fiscal_year=2024, approved_on=TOMORROW, on=TODAY)
        with pytest.raises(plan.ApprovedInTheFuture):
            plan.DECIDER.decide(command, plan.DECIDER.initial)


class TestAnActual:
    def record(
        self, kind: LineKind = LineKind.OPERATIONS, cents: int = 5, on: date = TODAY
    ) -> actuals.RecordActual:
        """Ask to record one."""
        return actuals.RecordActual(
            actual_id=ACTUAL,
            kind=kind,
            code="RENT",
            amount=Money(cents),
            happened_on=on,
            on=TODAY,
        )

    def test_is_recorded_once(self) -> None:
        """Another one corrects it; the same one is not recorded again."""
        recorded = ActualRecorded(
            actual_id=ACTUAL,
            kind=LineKind.OPERATIONS,
            code="RENT",
            amount=Money(5),
            effective_on=TODAY,
        )
        decider = actuals.DECIDER
        assert decider.decide(self.record(), decider.initial) == [recorded]
        with pytest.raises(actuals.ActualAlreadyRecorded):
            decider.decide(self.record(), decider.fold([recorded]))

    @pytest.mark.parametrize(
        ("kind", "cents", "on", "refusal"),
        [
            (LineKind.NEW_BUSINESS, 5, TODAY, actuals.NotAnActual),
            (LineKind.OPERATIONS, 0, TODAY, actuals.NothingToRecord),
            (LineKind.OPERATIONS, 5, TOMORROW, actuals.ActualInTheFuture),
        ],
    )
    def test_that_is_not_one(
        self, kind: LineKind, cents: int, on: date, refusal: type[Exception]
    ) -> None:
        """Spending on projects, nothing at all and the future are no actuals."""
        with pytest.raises(refusal):
            actuals.DECIDER.decide(self.record(kind, cents, on), actuals.DECIDER.initial)
