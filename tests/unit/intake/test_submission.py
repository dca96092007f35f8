"""An application is submitted in numbered versions; an officer may give it back in between."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.intake.domain.application import DECIDER
from services.intake.domain.application_events import Event
from services.intake.domain.application_state import Draft, Returned
from services.intake.domain.sealing import content_sha256
from services.intake.domain.stages import ApplicationNotAtThisStage, SubmitterCannotDecide
from services.intake.domain.submission import (
    ApplicationNotAcceptable,
    ReturnNotValid,
    versions_of,
)
from shared.kernel.money import Money
from tests.unit.intake.examples import TODAY, budget, scenario
from tests.unit.intake.test_application import (
    assessed,
    budget_set,
    confirmed,
    draft,
    proposal,
    reasons,
    set_budget,
    submit,
    submitted,
    withdraw,
    withdrawn,
)
from tests.unit.intake.writing import came_back, send_back, sent_back, submission, with_form

AFTER_THE_CLOSE = datetime(2023, 6, 1, 3, 59, 59, tzinfo=UTC)
"""The last second of 31 May in Toronto; the call closed on 15 May."""
LAST_DAY = date(2023, 5, 31)
given_until: list[Event] = [*draft, submitted, replace(sent_back, resubmit_by=LAST_DAY)]
again = replace(submit, now=AFTER_THE_CLOSE, on=LAST_DAY)


class TestReturning:
    @pytest.mark.parametrize("given", [[*draft, submitted], [*draft, submitted, confirmed]])
    def test_before_it_is_assessed(self, given: list[Event]) -> None:
        """An officer gives it back with reasons and a day; it is a draft again."""
        scenario(DECIDER, given=given, when=send_back, then=[sent_back])
        state = DECIDER.fold([*given, sent_back])
        assert state == Draft(
            proposal=proposal,
            returned=Returned(number=1, reasons=send_back.reasons, sections=(), resubmit_by=TODAY),
        )

    @pytest.mark.parametrize(
        "given", [draft, [*draft, submitted, confirmed, assessed], [*draft, withdrawn], came_back]
    )
    def test_at_another_stage(self, given: list[Event]) -> None:
        """What is being written, assessed or withdrawn is not given back."""
        scenario(DECIDER, given=given, when=send_back, then=ApplicationNotAtThisStage)

    def test_by_whoever_submitted_it(self) -> None:
        """Whoever submitted an application does not give it back to themselves."""
        theirs = replace(send_back, by=submitted.by)
        scenario(DECIDER, given=[*draft, submitted], when=theirs, then=SubmitterCannotDecide)

    def test_every_problem_at_once(self) -> None:
        """It has reasons, names sections of the programme, and leaves time."""
        bad = replace(
            send_back,
            reasons=(" ",),
            sections=("market", "weather"),
            resubmit_by=TODAY - timedelta(days=1),
        )
        history = [*draft, submission(definition=with_form)]
        assert reasons(history, bad, ReturnNotValid) == [
            ("reason-missing", "reasons"),
            ("not-among-these", "sections[1]"),
            ("day-is-past", "resubmit_by"),
        ]

    def test_it_can_be_withdrawn(self) -> None:
        """What came back may be taken back."""
        scenario(DECIDER, given=came_back, when=withdraw, then=[withdrawn])


class TestSubmittingAgain:
    def test_it_is_the_next_version(self) -> None:
        """What came back is submitted under the next number, also after the call closed."""
        history = [*given_until, *DECIDER.decide(set_budget, DECIDER.fold(given_until))]
        scenario(
            DECIDER,
            given=history,
            when=again,
            then=[
                replace(submitted, number=2, submitted_at=AFTER_THE_CLOSE, effective_on=LAST_DAY)
            ],
        )

    def test_after_the_day(self) -> None:
        """A second after the last day, in Toronto, is too late."""
        late = replace(again, now=AFTER_THE_CLOSE + timedelta(seconds=1))
        assert reasons(given_until, late, ApplicationNotAcceptable) == [
            ("too-late-to-resubmit", "resubmit_by")
        ]

    def test_what_was_never_submitted(self) -> None:
        """The close of the call holds for a first submission."""
        assert reasons(draft, again, ApplicationNotAcceptable) == [("call-closed", "call_id")]

    def test_a_third_time(self) -> None:
        """Numbers go on however often it comes back."""
        second = replace(submitted, number=2)
        history = [*came_back, second, sent_back]
        scenario(DECIDER, given=history, when=submit, then=[replace(submitted, number=3)])


class TestVersions:
    def test_each_is_as_it_was(self) -> None:
        """A version is what was submitted that time, with the hash that was taken of it."""
        changed = replace(budget_set, budget=replace(budget, other_government=Money(1_00)))
        history: list[Event] = [*came_back, changed]
        history += DECIDER.decide(submit, DECIDER.fold(history))
        (first_at, first), (second_at, second) = versions_of(history)
        assert (first_at, second_at) == (4, 7)
        assert (first.sent.number, second.sent.number) == (1, 2)
        assert first.proposal == proposal
        assert second.proposal.budget == changed.budget
        for version in (first, second):
            assert version.sent.content_sha256 == content_sha256(version.proposal)

    def test_none_before_the_first(self) -> None:
        """A draft has no versions."""
        assert versions_of(draft) == []
