"""What officers look into before they assess, theme by theme."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.intake.domain.application import DECIDER
from services.intake.domain.application_commands import Command
from services.intake.domain.application_events import Event
from services.intake.domain.application_state import NotStarted, review_of
from services.intake.domain.conclusions import ConclusionNotValid
from services.intake.domain.due_diligence import (
    MOST_FINDINGS,
    AuthorCannotUnblock,
    DueDiligenceAlreadyOpened,
    DueDiligenceNotOpened,
    FindingAlreadyResolved,
    FindingNotValid,
    NoDueDiligenceAsked,
    ThemeIsConcluded,
    ThemeIsNotConcluded,
    TooManyFindings,
)
from services.intake.domain.review import Review
from services.intake.domain.review_events import CybersecurityPlan, EmissionsEstimate, IpPlan
from services.intake.domain.stages import (
    ApplicationNotAtThisStage,
    ReasonMissing,
    SubmitterCannotDecide,
)
from shared.kernel.refusals import NotFound
from tests.unit.intake.examples import scenario
from tests.unit.intake.review_examples import (
    ANALYST,
    APPLICANT,
    COLLEAGUE,
    at_desk,
    completed,
    conclude_emissions,
    conclude_financial,
    conclusions,
    correct,
    corrected,
    diligent,
    eligible,
    emissions_concluded,
    financial_concluded,
    looked_into,
    looking,
    open_it,
    opened,
    record,
    recorded,
    reopen,
    reopened,
    resolve,
    resolved,
    sent,
)
from tests.unit.intake.test_application import confirmed, draft, reasons
from tests.unit.intake.test_application import eligible as without_diligence

blocked: list[Event] = [*looking, recorded]


def review(given: list[Event]) -> Review:
    """What officers know after a history."""
    state = DECIDER.fold(given)
    assert not isinstance(state, NotStarted)
    return review_of(state)


class TestOpening:
    def test_what_the_programme_lists(self) -> None:
        """Due diligence is opened on the themes of the programme, once."""
        scenario(DECIDER, given=eligible, when=open_it, then=[opened])
        scenario(DECIDER, given=looking, when=open_it, then=DueDiligenceAlreadyOpened)

    def test_where_the_programme_lists_none(self) -> None:
        """A programme without themes asks for no due diligence."""
        scenario(DECIDER, given=without_diligence, when=open_it, then=NoDueDiligenceAsked)

    @pytest.mark.parametrize(
        "when", [open_it, record, correct, resolve, conclude_financial, reopen]
    )
    def test_of_what_is_not_eligible_yet(self, when: Command) -> None:
        """Due diligence is for eligible applications."""
        scenario(DECIDER, given=at_desk, when=when, then=ApplicationNotAtThisStage)

    @pytest.mark.parametrize(
        "when", [open_it, record, correct, resolve, conclude_financial, reopen]
    )
    def test_by_whoever_submitted_it(self, when: Any) -> None:
        """Nobody looks into their own application."""
        themselves = replace(when, by=APPLICANT)
        scenario(DECIDER, given=blocked, when=themselves, then=SubmitterCannotDecide)

    @pytest.mark.parametrize("when", [record, correct, resolve, conclude_financial, reopen])
    def test_before_it_is_opened(self, when: Command) -> None:
        """Findings and conclusions are part of due diligence that was opened."""
        scenario(DECIDER, given=eligible, when=when, then=DueDiligenceNotOpened)


class TestAFinding:
    def test_recorded(self) -> None:
        """A finding has a theme, a severity, words, and may name a document by its content."""
        scenario(DECIDER, given=looking, when=record, then=[recorded])

    def test_every_problem_at_once(self) -> None:
        """A finding is about a theme of the programme, has a severity, and says something."""
        bad = replace(record, theme="weather", severity="fatal", text=" ")
        assert reasons(looking, bad, FindingNotValid) == [
            ("not-among-these", "severity"),
            ("text-missing", "text"),
            ("not-among-these", "theme"),
        ]
        unsaid = replace(correct, severity="fatal", text=" ", reason=" ")
        assert reasons(blocked, unsaid, FindingNotValid) == [
            ("not-among-these", "severity"),
            ("text-missing", "text"),
            ("reason-missing", "reason"),
        ]
        silent = replace(resolve, resolution=" ")
        assert reasons(blocked, silent, FindingNotValid) == [("text-missing", "resolution")]

    def test_of_a_concluded_theme(self) -> None:
        """Who has more to say of a concluded theme opens it again."""
        given = [*looking, financial_concluded]
        scenario(DECIDER, given=given, when=record, then=ThemeIsConcluded)

    def test_more_than_can_be_read(self) -> None:
        """Findings are few enough to be read, and to be told."""
        full = [replace(recorded, finding_id=UUID(int=100 + n)) for n in range(MOST_FINDINGS)]
        scenario(DECIDER, given=[*looking, *full], when=record, then=TooManyFindings)

    def test_corrected(self) -> None:
        """A correction says why, and what was said before stays beside it."""
        scenario(DECIDER, given=blocked, when=correct, then=[corrected])
        [finding] = review([*blocked, corrected]).findings
        assert [(each.severity, each.text, each.by) for each in finding.versions] == [
            ("blocking", "The match is not secured.", ANALYST),
            ("major", "Half of the match is secured.", COLLEAGUE),
        ]
        assert finding.current.reason == "A letter came."

    def test_softened_by_its_author(self) -> None:
        """Whoever wrote a blocking finding does not take its teeth out; its words they may."""
        scenario(
            DECIDER, given=blocked, when=replace(correct, by=ANALYST), then=AuthorCannotUnblock
        )
        reworded = replace(correct, severity="blocking", by=ANALYST)
        scenario(
            DECIDER,
            given=blocked,
            when=reworded,
            then=[replace(corrected, severity="blocking", by=ANALYST)],
        )

    def test_resolved_by_another(self) -> None:
        """A blocking finding is settled by somebody who wrote no version of it."""
        scenario(DECIDER, given=blocked, when=resolve, then=[resolved])
        scenario(
            DECIDER, given=blocked, when=replace(resolve, by=ANALYST), then=AuthorCannotUnblock
        )
        reworded = replace(corrected, severity="blocking")
        scenario(DECIDER, given=[*blocked, reworded], when=resolve, then=AuthorCannotUnblock)

    def test_a_lesser_one_resolved_by_its_author(self) -> None:
        """What is not in the way may be settled by whoever wrote it."""
        major = replace(recorded, severity="major")
        scenario(
            DECIDER,
            given=[*looking, major],
            when=replace(resolve, by=ANALYST),
            then=[replace(resolved, by=ANALYST)],
        )

    def test_resolved_twice(self) -> None:
        """A finding is settled once."""
        scenario(DECIDER, given=[*blocked, resolved], when=resolve, then=FindingAlreadyResolved)

    def test_blocking_again_after_it_was_resolved(self) -> None:
        """What settled a finding settles nothing of what it says anew."""
        again = replace(corrected, severity="blocking")
        [finding] = review([*blocked, resolved, again]).findings
        assert finding.stands_in_the_way
        assert finding.resolved is None

    @pytest.mark.parametrize("when", [correct, resolve])
    def test_that_nobody_recorded(self, when: Command) -> None:
        """Only what was found is corrected or settled."""
        scenario(DECIDER, given=looking, when=when, then=NotFound)


class TestATheme:
    def test_concluded(self) -> None:
        """A theme is concluded with a score and words; the last one completes due diligence."""
        scenario(DECIDER, given=looking, when=conclude_financial, then=[financial_concluded])
        scenario(
            DECIDER,
            given=[*looking, financial_concluded],
            when=conclude_emissions,
            then=[emissions_concluded, completed],
        )

    def test_every_problem_at_once(self) -> None:
        """A conclusion has a score within bounds, words, and the facts of its theme only."""
        bad = replace(
            conclude_emissions,
            score=11,
            text=" ",
            emissions=None,
            ip_plan=IpPlan(plan_provided=True, owned_in_canada=True, reuse_allowed=False),
            cybersecurity=CybersecurityPlan(plan_provided=False, handles_personal_information=True),
        )
        assert reasons(looking, bad, ConclusionNotValid) == [
            ("out-of-bounds", "score"),
            ("text-missing", "text"),
            ("facts-of-another-theme", "ip_plan"),
            ("facts-missing", "emissions"),
            ("facts-of-another-theme", "cybersecurity"),
        ]
        unexplained = replace(conclude_emissions, emissions=EmissionsEstimate(tonnes=1, method=""))
        assert reasons(looking, unexplained, ConclusionNotValid) == [
            ("text-missing", "emissions.method")
        ]

    @pytest.mark.parametrize("theme", ["ip-plan", "cybersecurity"])
    def test_with_facts_of_its_own(self, theme: str) -> None:
        """The plans for intellectual property and cybersecurity are concluded with facts."""
        listed = replace(sent, definition=replace(diligent, due_diligence=(theme,)))
        given: list[Event] = [*draft, listed, confirmed, replace(opened, themes=(theme,))]
        facts: dict[str, Any] = {
            "ip_plan": IpPlan(plan_provided=True, owned_in_canada=True, reuse_allowed=True),
            "cybersecurity": CybersecurityPlan(
                plan_provided=True, handles_personal_information=False, framework="ITSG-33"
            ),
        }
        field = theme.replace("-plan", "_plan")
        bare: Any = replace(conclude_financial, theme=theme)
        assert reasons(given, bare, ConclusionNotValid) == [("facts-missing", field)]
        expected: Any = replace(financial_concluded, theme=theme, **{field: facts[field]})
        scenario(
            DECIDER,
            given=given,
            when=replace(bare, **{field: facts[field]}),
            then=[expected, completed],
        )

    def test_twice(self) -> None:
        """A theme has one conclusion that holds."""
        scenario(DECIDER, given=looked_into, when=conclude_financial, then=ThemeIsConcluded)

    def test_reopened(self) -> None:
        """A conclusion is taken back with a reason, and drawn anew."""
        scenario(DECIDER, given=looked_into, when=reopen, then=[reopened])
        again = [*looked_into, reopened]
        scenario(
            DECIDER, given=again, when=conclude_financial, then=[financial_concluded, completed]
        )
        scenario(DECIDER, given=looking, when=reopen, then=ThemeIsNotConcluded)
        scenario(DECIDER, given=looked_into, when=replace(reopen, reason=" "), then=ReasonMissing)

    @pytest.mark.parametrize("when", [conclude_financial, reopen])
    def test_that_the_programme_does_not_list(self, when: Any) -> None:
        """There are no other themes than those of the programme."""
        scenario(DECIDER, given=looking, when=replace(when, theme="weather"), then=NotFound)


class TestRisks:
    def test_what_the_committee_is_told(self) -> None:
        """Risks are the major and blocking findings as they read now, with what settled them."""
        minor = replace(recorded, finding_id=UUID(int=31), severity="minor", text="Small.")
        major = replace(recorded, finding_id=UUID(int=32), severity="major", text="New market.")
        assert review([*blocked, minor, major, resolved, *conclusions]).risks == (
            "The match is not secured. → The bank confirmed it.",
            "New market.",
        )
