"""Assignment, eligibility rule by rule, and what keeps an application from its committee."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.intake.domain.application import DECIDER
from services.intake.domain.application_events import Event
from services.intake.domain.application_state import NotStarted, review_of
from services.intake.domain.open_points import ReviewHasOpenPoints
from services.intake.domain.review_events import RuleFinding
from services.intake.domain.reviewing import (
    AssessorCannotForward,
    EligibilityFindingsNotValid,
    OfficerSubmittedIt,
)
from services.intake.domain.stages import ApplicationNotUnderReview
from services.intake.use_cases.publishing import to_contract
from shared.contracts.intake import ApplicationForwarded
from tests.unit.intake.examples import scenario
from tests.unit.intake.review_examples import (
    ANALYST,
    APPLICANT,
    COLLEAGUE,
    FINDING,
    REQUEST,
    asked,
    assess,
    assign,
    assigned,
    at_desk,
    closed,
    completed,
    corrected,
    eligible,
    emissions_concluded,
    financial_concluded,
    forward,
    looked_into,
    looking,
    recorded,
    reopened,
    resolved,
    scored,
    supplied,
)
from tests.unit.intake.test_application import (
    assessed,
    before_committee,
    confirm,
    confirmed,
    draft,
    forwarded,
    reasons,
    refuse,
    refused,
)
from tests.unit.intake.test_application import eligible as without_diligence
from tests.unit.intake.test_views import recorded as stored

MET = RuleFinding(rule="call-open", met=True)
UNMET = RuleFinding(rule="minimum-smes", met=False, note="One is owned by a large firm.")


class TestAssigning:
    def test_to_an_officer(self) -> None:
        """An application is given to an officer, and to another later; the same is no news."""
        scenario(DECIDER, given=at_desk, when=assign, then=[assigned])
        scenario(DECIDER, given=[*at_desk, assigned], when=assign, then=[])
        other = replace(assign, officer_id=COLLEAGUE)
        scenario(
            DECIDER,
            given=[*at_desk, assigned],
            when=other,
            then=[replace(assigned, officer_id=COLLEAGUE)],
        )

    def test_to_whoever_submitted_it(self) -> None:
        """An application is not given to whoever submitted it."""
        themselves = replace(assign, officer_id=APPLICANT)
        scenario(DECIDER, given=at_desk, when=themselves, then=OfficerSubmittedIt)

    @pytest.mark.parametrize("given", [draft, before_committee])
    def test_what_is_not_reviewed(self, given: list[Event]) -> None:
        """Only what waits for officers is given to one."""
        scenario(DECIDER, given=given, when=assign, then=ApplicationNotUnderReview)


class TestEligibilityRuleByRule:
    def test_what_was_found_is_kept(self) -> None:
        """An officer may go through the rules, and each finding is kept with the decision."""
        scenario(
            DECIDER,
            given=at_desk,
            when=replace(confirm, findings=(MET,)),
            then=[replace(confirmed, findings=(MET,))],
        )
        scenario(
            DECIDER,
            given=at_desk,
            when=replace(refuse, findings=(MET, UNMET)),
            then=[replace(refused, findings=(MET, UNMET))],
        )

    def test_every_problem_at_once(self) -> None:
        """Findings are about rules of the programme, each once, and met where it is eligible."""
        unknown = RuleFinding(rule="lucky-number", met=True)
        bad = replace(confirm, findings=(unknown, MET, MET, UNMET))
        assert reasons(at_desk, bad, EligibilityFindingsNotValid) == [
            ("not-among-these", "findings[0].rule"),
            ("listed-twice", "findings[2].rule"),
            ("rule-not-met", "findings[3].met"),
        ]


class TestOpenPoints:
    def test_every_one_is_told_at_once(self) -> None:
        """Themes, requests and blocking findings are all named before anything is assessed."""
        given = [*looking, recorded, asked, emissions_concluded]
        assert reasons(given, assess, ReviewHasOpenPoints) == [
            ("theme-not-concluded", "themes.financial"),
            ("information-request-open", f"information-requests.{REQUEST}"),
            ("blocking-finding-stands", f"findings.{FINDING}"),
        ]

    def test_due_diligence_that_was_never_opened(self) -> None:
        """Where the programme lists themes, none is skipped by not beginning."""
        assert [code for code, _ in reasons(eligible, assess, ReviewHasOpenPoints)] == [
            "theme-not-concluded"
        ] * 2

    def test_an_answer_that_nobody_read(self) -> None:
        """An answer settles nothing before an officer closes the request."""
        given = [*without_diligence, asked, supplied]
        scenario(DECIDER, given=given, when=assess, then=ReviewHasOpenPoints)
        scenario(DECIDER, given=[*given, closed], when=assess, then=[assessed])

    @pytest.mark.parametrize(
        "since", [[asked], [reopened], [replace(corrected, severity="blocking")]]
    )
    def test_what_opened_after_the_assessment(self, since: list[Event]) -> None:
        """What comes up after the assessment stops the forwarding all the same."""
        major = replace(recorded, severity="major")
        given = [*looking, major, financial_concluded, emissions_concluded, completed, assessed]
        scenario(DECIDER, given=[*given, *since], when=forward, then=ReviewHasOpenPoints)

    def test_when_everything_is_finished(self) -> None:
        """With every theme concluded and every finding settled, it is assessed."""
        scenario(DECIDER, given=looked_into, when=assess, then=[assessed])
        settled = [*looking, recorded, resolved, financial_concluded, emissions_concluded]
        scenario(DECIDER, given=settled, when=assess, then=[assessed])


class TestForwarding:
    def test_by_the_one_who_assessed(self) -> None:
        """After due diligence, two people have seen what the committee gets."""
        themselves = replace(forward, by=ANALYST)
        scenario(DECIDER, given=scored, when=themselves, then=AssessorCannotForward)
        scenario(DECIDER, given=scored, when=forward, then=[replace(forwarded, by=COLLEAGUE)])

    def test_without_due_diligence(self) -> None:
        """Where the programme asks for none, one officer may assess and forward."""
        themselves = replace(forward, by=ANALYST)
        scenario(DECIDER, given=[*without_diligence, assessed], when=themselves, then=[forwarded])

    def test_with_its_risks(self) -> None:
        """The committee is told what may go wrong, without saying who found it."""
        given: list[Event] = [*looking, recorded, resolved, *looked_into[len(looking) :], assessed]
        [event] = DECIDER.decide(forward, DECIDER.fold(given))
        told = to_contract(stored([event])[0])
        assert isinstance(told, ApplicationForwarded)
        assert told.risks == ("The match is not secured. → The bank confirmed it.",)
        assert f'"{ANALYST}"' not in told.model_dump_json()


def test_a_review_cannot_begin_before_the_submission() -> None:
    """A history that no decision could have made is an alarm, not a state."""
    impossible: list[Any] = [[*draft, assigned], [*at_desk, supplied], [*looking, resolved]]
    for history in impossible:
        with pytest.raises(TypeError):
            DECIDER.fold(history)


def test_requests_are_told_apart() -> None:
    """Closing one request leaves the others open."""
    twin = replace(asked, request_id=UUID(int=99))
    state = DECIDER.fold([*at_desk, asked, twin, replace(closed, request_id=UUID(int=99))])
    assert not isinstance(state, NotStarted)
    assert [each.status for each in review_of(state).requests] == ["open", "closed"]
