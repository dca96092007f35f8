"""What an award asks before it stands, and every way in which it ends."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.selection.domain import award, pocket, promises
from services.selection.domain.award import (
    AwardReplaced,
    AwardWithdrawn,
    ConditionConfirmed,
    ReplaceAward,
    WithdrawAward,
)
from services.selection.domain.conditions import (
    Condition,
    ConditionConfirmedByAnother,
    ConditionMetBeforehand,
    ConditionPastItsDay,
    ConfirmCondition,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, total
from shared.kernel.refusals import NotFound, Refusal
from tests.unit.selection.examples import (
    APRIL_3,
    AWARD,
    FUNDING,
    ROBOTS,
    SEPTEMBER_30,
    codes,
    scenario,
)
from tests.unit.selection.test_award import approve, approved, commit, committed, lapse, lapsed

JUNE_30 = SEPTEMBER_30.replace(month=6)
JULY_1 = JUNE_30 + timedelta(days=1)
ANOTHER = derived_id("award", "another")
DAY = timedelta(days=1)

insured = Condition(
    condition_id=derived_id("condition", AWARD, 0),
    text_en="Proof of insurance.",
    text_fr="Preuve d’assurance.",
    due_on=JUNE_30,
    confirmed_by="agreement-officer",
)
audited = replace(
    insured,
    condition_id=derived_id("condition", AWARD, 1),
    text_en="Last audit.",
    text_fr="Dernier audit.",
    confirmed_by="finance-officer",
)
conditional = replace(approved, conditions=(insured, audited))
confirm = ConfirmCondition(
    condition_id=insured.condition_id,
    met_on=APRIL_3,
    on=JUNE_30,
    by="p-7",
    by_roles=("agreement-officer",),
)
confirmed = ConditionConfirmed(
    award_id=AWARD,
    condition_id=insured.condition_id,
    met_on=APRIL_3,
    by="p-7",
    role="agreement-officer",
    effective_on=JUNE_30,
)
withdrawn = AwardWithdrawn(
    award_id=AWARD,
    application_id=ROBOTS,
    programme_code="IND-P2",
    funding=FUNDING,
    effective_on=SEPTEMBER_30,
)
replaced = AwardReplaced(
    award_id=AWARD,
    application_id=ROBOTS,
    programme_code="IND-P2",
    funding=FUNDING,
    by_award_id=ANOTHER,
    effective_on=SEPTEMBER_30,
)


class TestSettingConditions:
    def test_that_make_sense(self) -> None:
        """An award is made with its conditions, each in two languages, with a day and a role."""
        scenario(
            award.DECIDER,
            given=[],
            when=replace(approve, conditions=(insured, audited)),
            then=[conditional],
        )

    @pytest.mark.parametrize(
        ("condition", "code", "field"),
        [
            (replace(insured, text_en=" "), "condition-text-missing", "conditions[0].text.en"),
            (replace(insured, text_fr=""), "condition-text-missing", "conditions[0].text.fr"),
            (
                replace(insured, due_on=APRIL_3),
                "condition-day-out-of-bounds",
                "conditions[0].due_on",
            ),
            (
                replace(insured, due_on=SEPTEMBER_30),
                "condition-day-out-of-bounds",
                "conditions[0].due_on",
            ),
            (
                replace(insured, confirmed_by="applicant"),
                "role-cannot-confirm",
                "conditions[0].confirmed_by",
            ),
        ],
    )
    def test_that_make_none(self, condition: Condition, code: str, field: str) -> None:
        """A condition without its text, out of the award's days or for nobody is refused."""
        refusal = scenario(
            award.DECIDER,
            given=[],
            when=replace(approve, conditions=(condition,)),
            then=award.AwardNotValid,
        )
        assert refusal is not None
        assert [(reason.code, reason.field) for reason in refusal.reasons] == [(code, field)]

    @pytest.mark.parametrize("due_on", [APRIL_3 + DAY, SEPTEMBER_30 - DAY])
    def test_on_the_first_and_the_last_day(self, due_on: object) -> None:
        """A condition is due on any day between the decision and the day the award lapses."""
        dated = replace(insured, due_on=due_on)
        scenario(
            award.DECIDER,
            given=[],
            when=replace(approve, conditions=(dated,)),
            then=[replace(approved, conditions=(dated,))],
        )

    def test_all_at_once(self) -> None:
        """Everything that is wrong with the conditions is said at once."""
        wrong = replace(insured, text_en="", text_fr="", due_on=APRIL_3, confirmed_by="nobody")
        refusal = scenario(
            award.DECIDER,
            given=[],
            when=replace(approve, conditions=(wrong,), lapses_on=APRIL_3),
            then=award.AwardNotValid,
        )
        assert codes(refusal) == {
            "condition-text-missing",
            "condition-day-out-of-bounds",
            "role-cannot-confirm",
            "lapses-too-soon",
        }


class TestMeetingConditions:
    def test_one_by_one(self) -> None:
        """Each condition is confirmed by itself, and kept with who confirmed it and when."""
        scenario(award.DECIDER, given=[conditional], when=confirm, then=[confirmed])
        state = award.DECIDER.fold([conditional, confirmed])
        assert isinstance(state, award.Approved)
        assert dict(state.met) == {insured.condition_id: confirmed}

    @pytest.mark.parametrize(
        ("change", "refusal"),
        [
            ({"condition_id": AWARD}, NotFound),
            ({"by_roles": ("finance-officer",)}, ConditionConfirmedByAnother),
            ({"met_on": JULY_1, "on": JULY_1}, ConditionPastItsDay),
            ({"met_on": JUNE_30, "on": APRIL_3}, ConditionPastItsDay),
        ],
    )
    def test_as_it_cannot_be(self, change: dict[str, object], refusal: type[Refusal]) -> None:
        """It is confirmed in its role, as met by its day and not on a day to come."""
        scenario(award.DECIDER, given=[conditional], when=replace(confirm, **change), then=refusal)

    def test_twice(self) -> None:
        """A condition is met once."""
        scenario(
            award.DECIDER,
            given=[conditional, confirmed],
            when=confirm,
            then=ConditionMetBeforehand,
        )

    @pytest.mark.parametrize("end", [lapsed, committed, withdrawn, replaced])
    def test_too_late(self, end: award.Event) -> None:
        """Nothing is confirmed of an award that fell or was executed."""
        scenario(
            award.DECIDER, given=[conditional, end], when=confirm, then=award.AwardNoLongerStands
        )

    def test_is_remembered(self) -> None:
        """What was met stays known whatever becomes of the award."""
        for end in (lapsed, committed, withdrawn, replaced):
            made = award.approved(award.DECIDER.fold([conditional, confirmed, end]))
            assert dict(made.met) == {insured.condition_id: confirmed}


class TestEnding:
    withdraw = WithdrawAward(on=SEPTEMBER_30)
    replace_it = ReplaceAward(by_award_id=ANOTHER, on=SEPTEMBER_30)

    def test_by_its_applicant(self) -> None:
        """An applicant may withdraw an award that stands, and only such a one."""
        scenario(award.DECIDER, given=[approved], when=self.withdraw, then=[withdrawn])
        for end in (lapsed, committed, withdrawn, replaced):
            scenario(
                award.DECIDER,
                given=[approved, end],
                when=self.withdraw,
                then=award.AwardNoLongerStands,
            )

    def test_by_another_decision(self) -> None:
        """An award that stands is replaced by another, and only such a one."""
        scenario(award.DECIDER, given=[approved], when=self.replace_it, then=[replaced])
        for end in (lapsed, committed, withdrawn, replaced):
            scenario(
                award.DECIDER,
                given=[approved, end],
                when=self.replace_it,
                then=award.AwardNoLongerStands,
            )

    @pytest.mark.parametrize("end", [withdrawn, replaced])
    def test_once(self, end: award.Event) -> None:
        """What ended otherwise does not lapse; an agreement that was signed in time stands."""
        scenario(award.DECIDER, given=[approved, end], when=lapse, then=[])
        scenario(award.DECIDER, given=[approved, end], when=commit, then=[committed])


COMMANDS = st.sampled_from(
    [
        replace(approve, conditions=(insured, audited)),
        confirm,
        replace(confirm, condition_id=audited.condition_id, by_roles=("finance-officer",)),
        lapse,
        commit,
        WithdrawAward(on=SEPTEMBER_30),
        ReplaceAward(by_award_id=ANOTHER, on=SEPTEMBER_30),
    ]
)


@given(st.lists(COMMANDS, max_size=12))
def test_an_award_ends_once_and_its_money_with_it(asked: list[award.Command]) -> None:
    """
    Whatever is asked, in any order: the money is reserved exactly as long as the award stands.

    It stands from its approval until it first falls or is executed.
    """
    state: award.Award = award.NotApproved()
    granted = total(cell.amount for cell in FUNDING)
    held = {
        code: pocket.Pocket(funder="F", funder_agreement="F-1", authority=granted)
        for code in {cell.pocket for cell in FUNDING}
    }
    ended = 0
    for command in asked:
        try:
            if isinstance(command, award.LapseAward | award.WithdrawAward | award.ReplaceAward):
                follows = promises.end(state, held, command)
            elif isinstance(command, award.CommitAward):
                if isinstance(state, award.NotApproved | award.Committed):
                    continue
                follows = promises.commit(
                    state,
                    held,
                    award_id=AWARD,
                    project_id=ROBOTS,
                    agreement_id=command.agreement_id,
                    executed=FUNDING,
                    on=command.on,
                )
            else:
                events = award.decide(command, state)
                reserves = any(isinstance(event, award.AwardApproved) for event in events)
                follows = promises.Consequences(
                    award=events,
                    pockets=(
                        promises.reserve(held, FUNDING, award_id=AWARD, on=APRIL_3)
                        if reserves
                        else {}
                    ),
                )
        except Refusal:
            continue
        stood = isinstance(state, award.Approved)
        for event in follows.award:
            state = award.evolve(state, event)
        for code, happened in follows.pockets.items():
            for event in happened:
                held[code] = pocket.evolve(held[code], event)
        ended += stood and not isinstance(state, award.Approved)
        reserved = total(each.reserved for each in held.values())
        assert reserved == (granted if isinstance(state, award.Approved) else ZERO)
    assert ended <= 1
