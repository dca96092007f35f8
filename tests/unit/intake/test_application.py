"""The life of an application, step by step."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from services.intake.domain.application import DECIDER
from services.intake.domain.application_commands import (
    AssessApplication,
    Command,
    DecideEligibility,
    ForwardApplication,
    RecordAward,
    RecordDecline,
    RecordLapse,
    SetBudget,
    SetConsortium,
    StartApplication,
    SubmitApplication,
    WithdrawApplication,
)
from services.intake.domain.application_events import (
    ApplicationAssessed,
    ApplicationAwarded,
    ApplicationDeclined,
    ApplicationForwarded,
    ApplicationStarted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    AwardLapsed,
    BudgetSet,
    ConsortiumSet,
    EligibilityConfirmed,
    EligibilityRefused,
    Event,
    Score,
)
from services.intake.domain.application_state import NotStarted, stage_of
from services.intake.domain.budget import Budget
from services.intake.domain.drafting import (
    ApplicationAlreadyStarted,
    ApplicationIsDecided,
)
from services.intake.domain.forms import (
    ApplicationNotValid,
    AssessmentNotValid,
    BudgetNotValid,
    ConsortiumNotValid,
)
from services.intake.domain.funding import FundingNotPossible, GivenCell, split_over_pockets
from services.intake.domain.proposal import begun, written
from services.intake.domain.reviewing import ConfirmationHasReasons
from services.intake.domain.sealing import content_sha256
from services.intake.domain.stages import (
    ApplicationNotAtThisStage,
    ReasonMissing,
    SubmitterCannotDecide,
)
from services.intake.domain.submission import ApplicationNotAcceptable
from shared.kernel.money import Money
from shared.kernel.periods import Quarter, civil_date
from shared.kernel.refusals import NotFound
from tests.unit.intake.examples import (
    APPLICATION,
    CALL,
    NOW,
    T1,
    TODAY,
    adopter,
    budget,
    call,
    consortium,
    cost,
    definition,
    lead,
    participant,
    provider,
    request,
    scenario,
)

AWARD, MEETING = UUID(int=7), UUID(int=8)
STARTS, ENDS = date(2023, 4, 15), date(2024, 4, 14)

start = StartApplication(
    application_id=APPLICATION,
    call=call,
    title="Robots",
    starts_on=STARTS,
    ends_on=ENDS,
    lead=lead,
    on=TODAY,
    by="p1",
)
set_consortium = SetConsortium(participants=consortium, on=TODAY, by="p1")
set_budget = SetBudget(budget=budget, definition=definition, on=TODAY, by="p1")
submit = SubmitApplication(
    certified=True, call=call, definition=definition, now=NOW, on=TODAY, by="p1"
)
withdraw = WithdrawApplication(reason="No partner", on=TODAY, by="p1")
confirm = DecideEligibility(confirmed=True, reasons=(), on=TODAY, by="o1")
refuse = DecideEligibility(confirmed=False, reasons=("Work abroad",), on=TODAY, by="o1")
assess = AssessApplication(scores=(("team", 4), ("impact", 9)), summary="Strong", on=TODAY, by="o1")
forward = ForwardApplication(funding=None, on=TODAY, by="o1")
award = RecordAward(award_id=AWARD, on=TODAY)
decline = RecordDecline(meeting_id=MEETING, reasons=("Weak",), on=TODAY)
lapse = RecordLapse(award_id=AWARD, reason="Not signed", on=TODAY)

common: dict[str, Any] = {"effective_on": TODAY, "application_id": APPLICATION}
started = ApplicationStarted(
    **common,
    call_id=CALL,
    programme_code="IND-P1",
    title="Robots",
    starts_on=STARTS,
    ends_on=ENDS,
    lead=lead,
    by="p1",
)
consortium_set = ConsortiumSet(**common, participants=consortium, by="p1")
budget_set = BudgetSet(**common, budget=budget, by="p1")
proposal = written(written(begun(started), consortium_set), budget_set)
submitted = ApplicationSubmitted(
    **common,
    number=1,
    submitted_at=NOW,
    programme_version=1,
    definition=definition,
    by="p1",
    content_sha256=content_sha256(proposal),
)
withdrawn = ApplicationWithdrawn(**common, reason="No partner", was_forwarded=False, by="p1")
confirmed = EligibilityConfirmed(**common, by="o1")
refused = EligibilityRefused(**common, reasons=("Work abroad",), by="o1")
scores = (
    Score(criterion="impact", score=9, out_of=10),
    Score(criterion="team", score=4, out_of=5),
)
assessed = ApplicationAssessed(**common, scores=scores, summary="Strong", by="o1")
forwarded = ApplicationForwarded(
    **common,
    programme_code="IND-P1",
    programme_version=1,
    title="Robots",
    lead_organisation_id=lead.organisation_id,
    participants=consortium,
    starts_on=STARTS,
    ends_on=ENDS,
    funding=split_over_pockets(budget, consortium, definition.pockets),
    match=budget.match(),
    scores=scores,
    summary="Strong",
    by="o1",
    submitted_on=civil_date(NOW),
)
awarded = ApplicationAwarded(**common, award_id=AWARD)
declined = ApplicationDeclined(**common, meeting_id=MEETING, reasons=("Weak",))
lapsed = AwardLapsed(**common, award_id=AWARD, reason="Not signed")

draft: list[Event] = [started, consortium_set, budget_set]
eligible = [*draft, submitted, confirmed]
before_committee = [*eligible, assessed, forwarded]


def reasons(given: list[Event], when: Command, then: type[Any]) -> list[tuple[str, str | None]]:
    """The codes and fields of a refusal with several reasons."""
    refusal = scenario(DECIDER, given=given, when=when, then=then)
    assert refusal is not None
    assert all(reason.en.strip() and reason.fr.strip() for reason in refusal.reasons)
    return [(reason.code, reason.field) for reason in refusal.reasons]


class TestTheWholePath:
    def test_from_draft_to_lapse(self) -> None:
        """Each step leads to the next stage."""
        history: list[Event] = []
        stages = []
        for command in (
            start,
            set_consortium,
            set_budget,
            submit,
            confirm,
            assess,
            forward,
            award,
            lapse,
        ):
            history += DECIDER.decide(command, DECIDER.fold(history))
            state = DECIDER.fold(history)
            assert not isinstance(state, NotStarted)
            stages.append(stage_of(state))
        assert history == [*before_committee, awarded, lapsed]
        assert stages == [
            *["draft"] * 3, "submitted", "eligible", "assessed", "forwarded", "awarded", "lapsed",
        ]  # fmt: skip

    def test_an_impossible_history(self) -> None:
        """A history that no decision could have made is an alarm, not a state."""
        with pytest.raises(TypeError):
            DECIDER.fold([started, forwarded])


class TestStarting:
    def test_twice(self) -> None:
        """An application is started once."""
        scenario(DECIDER, given=[started], when=start, then=ApplicationAlreadyStarted)

    def test_every_problem_at_once(self) -> None:
        """A title and a period that makes sense are needed."""
        bad = replace(start, title=" ", starts_on=date(2024, 1, 1), ends_on=date(1024, 1, 1))
        assert reasons([], bad, ApplicationNotValid) == [
            ("title-missing", "title"),
            ("date-not-plausible", "ends_on"),
            ("ends-before-it-starts", "ends_on"),
        ]

    def test_nothing_else_comes_first(self) -> None:
        """What was not started cannot go on."""
        for command in (set_consortium, submit, withdraw, confirm, award):
            scenario(DECIDER, given=[], when=command, then=NotFound)


class TestTheConsortium:
    def test_it_replaces_the_one_before(self) -> None:
        """The consortium is set as a whole, and whoever leaves takes their budget along."""
        smaller = (lead, provider)
        left = budget.only_of({each.participant_id for each in smaller})
        scenario(
            DECIDER,
            given=draft,
            when=replace(set_consortium, participants=smaller),
            then=[
                replace(consortium_set, participants=smaller),
                replace(budget_set, budget=left),
            ],
        )
        assert left.cash == Money(700_000_00)

    def test_every_problem_at_once(self) -> None:
        """The lead is there, once, and nobody else has its role."""
        bad = replace(
            set_consortium,
            participants=(
                replace(adopter, role="lead"),
                replace(provider, role="guest"),
                provider,
            ),
        )
        assert reasons([started], bad, ConsortiumNotValid) == [
            ("lead-missing", "participants"),
            ("lead-is-another", "participants[0].role"),
            ("not-among-these", "participants[1].role"),
            ("listed-twice", "participants[2].organisation_id"),
        ]

    def test_the_lead_may_adopt(self) -> None:
        """The organisation that applies may itself be the adopter."""
        adopting = (replace(lead, role="adopter"), provider)
        scenario(
            DECIDER,
            given=[started],
            when=replace(set_consortium, participants=adopting),
            then=[replace(consortium_set, participants=adopting)],
        )


class TestTheBudget:
    def test_every_problem_at_once(self) -> None:
        """Each line is about the consortium, a category, a quarter of the project and an amount."""
        stranger = participant("other", "200000008")
        bad = Budget(
            costs=(
                cost(stranger, T1, 1),
                cost(lead, Quarter(2023, 4), 1),
                cost(lead, T1, 1, category="yachts"),
                cost(lead, T1, -1),
                cost(lead, T1, 1),
            ),
            requests=(
                request(lead, T1, 1),
                request(lead, T1, 1),
                replace(request(adopter, T1, 1), amount=Money(1, "USD")),
            ),
            other_government=Money(10**18),
        )
        assert reasons(draft, replace(set_budget, budget=bad), BudgetNotValid) == [
            ("not-in-consortium", "costs[0].organisation_id"),
            ("quarter-outside-project", "costs[1].quarter"),
            ("not-among-these", "costs[2].category"),
            ("amount-not-possible", "costs[3].cash"),
            ("listed-twice", "costs[4]"),
            ("amount-not-possible", "requests[2].amount"),
            ("listed-twice", "requests[1]"),
            ("amount-not-possible", "other_government"),
        ]


class TestSubmitting:
    def test_it_is_numbered_and_freezes_its_programme(self) -> None:
        """A submission copies the version of the programme that its call applies."""
        scenario(DECIDER, given=draft, when=submit, then=[submitted])

    def test_every_reason_at_once(self) -> None:
        """Without certification, money, partners or time, each is said."""
        late = replace(submit, certified=False, now=datetime(2023, 6, 1, tzinfo=UTC))
        assert reasons([started], late, ApplicationNotAcceptable) == [
            ("not-certified", "certified"),
            ("nothing-requested", "requests"),
            ("call-closed", "call_id"),
            ("adopter-missing", "participants"),
            ("ai-provider-missing", "participants"),
            ("too-few-participants", "participants"),
            ("too-few-smes", "participants"),
        ]

    def test_no_pocket_for_a_province(self) -> None:
        """Whoever no pocket may fund learns it before the committee does."""
        only_quebec = replace(definition, pockets=definition.pockets[1:])
        assert reasons(
            draft, replace(submit, definition=only_quebec), ApplicationNotAcceptable
        ) == [("no-pocket-for-participant", "participants[1].organisation_id")]

    @pytest.mark.parametrize("when", [submit, set_budget, set_consortium])
    def test_nothing_changes_afterwards(self, when: Command) -> None:
        """What is submitted is no longer written."""
        scenario(DECIDER, given=[*draft, submitted], when=when, then=ApplicationNotAtThisStage)


class TestWithdrawing:
    @pytest.mark.parametrize("given", [draft, [*draft, submitted], eligible, [*eligible, assessed]])
    def test_before_the_committee_has_it(self, given: list[Event]) -> None:
        """The applicant may take it back until it is decided."""
        scenario(DECIDER, given=given, when=withdraw, then=[withdrawn])

    def test_when_the_committee_has_it(self) -> None:
        """A committee that has it is told."""
        scenario(
            DECIDER,
            given=before_committee,
            when=withdraw,
            then=[replace(withdrawn, was_forwarded=True)],
        )

    @pytest.mark.parametrize(
        "given",
        [
            [*draft, submitted, refused],
            [*before_committee, awarded],
            [*before_committee, declined],
            [*draft, withdrawn],
        ],
    )
    def test_when_it_is_decided(self, given: list[Event]) -> None:
        """What is decided, or withdrawn, cannot be withdrawn."""
        scenario(DECIDER, given=given, when=withdraw, then=ApplicationIsDecided)

    def test_without_a_reason(self) -> None:
        """Whoever takes it back says why."""
        scenario(DECIDER, given=draft, when=replace(withdraw, reason=" "), then=ReasonMissing)


class TestEligibility:
    def test_refused(self) -> None:
        """A refusal says why, and ends it."""
        scenario(DECIDER, given=[*draft, submitted], when=refuse, then=[refused])
        scenario(
            DECIDER,
            given=[*draft, submitted],
            when=replace(refuse, reasons=()),
            then=ReasonMissing,
        )
        scenario(
            DECIDER,
            given=[*draft, submitted, refused],
            when=assess,
            then=ApplicationNotAtThisStage,
        )

    def test_confirmed_with_reasons(self) -> None:
        """A confirmation has no reasons against it."""
        scenario(
            DECIDER,
            given=[*draft, submitted],
            when=replace(confirm, reasons=("Hm",)),
            then=ConfirmationHasReasons,
        )

    @pytest.mark.parametrize(
        ("given", "when"),
        [([*draft, submitted], confirm), (eligible, assess), ([*eligible, assessed], forward)],
    )
    def test_by_whoever_submitted_it(self, given: list[Event], when: Command) -> None:
        """Whoever submitted an application decides nothing about it."""
        themselves: Any = replace(when, by=submitted.by)  # type: ignore[type-var]
        scenario(DECIDER, given=given, when=themselves, then=SubmitterCannotDecide)

    @pytest.mark.parametrize("when", [confirm, refuse])
    def test_of_a_draft(self, when: Command) -> None:
        """Only what is submitted is looked at."""
        scenario(DECIDER, given=draft, when=when, then=ApplicationNotAtThisStage)


class TestAssessing:
    def test_in_the_order_of_the_grid(self) -> None:
        """Scores are kept in the order of the grid, each with what it is out of."""
        scenario(DECIDER, given=eligible, when=assess, then=[assessed])

    def test_again(self) -> None:
        """An assessment may be corrected until the committee has it."""
        better = replace(assess, summary="Better")
        scenario(
            DECIDER,
            given=[*eligible, assessed],
            when=better,
            then=[replace(assessed, summary="Better")],
        )
        scenario(DECIDER, given=before_committee, when=better, then=ApplicationNotAtThisStage)

    def test_every_problem_at_once(self) -> None:
        """Every criterion of the grid is scored once, within what it is out of."""
        bad = replace(assess, scores=(("impact", 11), ("luck", 1), ("impact", 3)), summary="")
        assert reasons(eligible, bad, AssessmentNotValid) == [
            ("out-of-bounds", "scores[0].score"),
            ("not-among-these", "scores[1].criterion"),
            ("listed-twice", "scores[2].criterion"),
            ("criterion-not-scored", "scores"),
            ("summary-missing", "summary"),
        ]


class TestForwarding:
    def test_split_by_the_programme(self) -> None:
        """Not told otherwise, the programme's pockets are drawn on in its order."""
        scenario(DECIDER, given=[*eligible, assessed], when=forward, then=[forwarded])

    def test_split_by_hand(self) -> None:
        """An officer may give the split; the version frozen at submission says which pockets."""
        by_hand = tuple(
            GivenCell(
                participant_id=each.participant_id,
                pocket="ISED-P1-PROJECTS",
                quarter=each.quarter,
                amount=each.amount,
            )
            for each in budget.requests
        )
        [event] = DECIDER.decide(
            replace(forward, funding=by_hand), DECIDER.fold([*eligible, assessed])
        )
        assert isinstance(event, ApplicationForwarded)
        assert {cell.pocket for cell in event.funding} == {"ISED-P1-PROJECTS"}
        scenario(
            DECIDER,
            given=[*eligible, assessed],
            when=replace(forward, funding=by_hand[1:]),
            then=FundingNotPossible,
        )

    @pytest.mark.parametrize("given", [draft, eligible, before_committee])
    def test_at_another_stage(self, given: list[Event]) -> None:
        """Only what is assessed is forwarded, once."""
        scenario(DECIDER, given=given, when=forward, then=ApplicationNotAtThisStage)


class TestHearingTheDecision:
    @pytest.mark.parametrize(
        ("given", "when", "then"),
        [
            (before_committee, award, [awarded]),
            (before_committee, decline, [declined]),
            ([*before_committee, awarded], lapse, [lapsed]),
            ([*before_committee, awarded], award, []),
            ([*before_committee, declined], decline, []),
            ([*before_committee, awarded, lapsed], lapse, []),
            ([*before_committee, replace(withdrawn, was_forwarded=True)], award, []),
            ([*before_committee, awarded], replace(lapse, award_id=MEETING), []),
            ([*before_committee, awarded, lapsed], award, []),
            (
                [*before_committee, awarded, lapsed],
                replace(award, award_id=MEETING),
                [replace(awarded, award_id=MEETING)],
            ),
            (
                [*before_committee, awarded, lapsed, replace(awarded, award_id=MEETING)],
                replace(lapse, award_id=MEETING),
                [replace(lapsed, award_id=MEETING)],
            ),
        ],
    )
    def test_once(self, given: list[Event], when: Command, then: list[Event]) -> None:
        """A decision is recorded once; hearing of it again, or too late, changes nothing."""
        scenario(DECIDER, given=given, when=when, then=then)
