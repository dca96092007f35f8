"""Who of the lead organisation does what with an application."""

from dataclasses import replace
from typing import Any

import pytest

from services.intake.domain.application import DECIDER
from services.intake.domain.application_commands import Command
from services.intake.domain.application_events import Event
from services.intake.domain.consortium import Person
from services.intake.domain.expectations import ExpectationsNotValid
from services.intake.domain.people import NotNamedForThis, PeopleNotValid, people_of
from services.intake.domain.stages import ApplicationNotAtThisStage
from services.intake.domain.submission import ApplicationNotAcceptable
from tests.unit.intake.examples import adopter, lead, participant, provider, scenario
from tests.unit.intake.test_application import (
    draft,
    reasons,
    set_budget,
    set_consortium,
    started,
    submit,
    submitted,
    withdraw,
)
from tests.unit.intake.test_attaching import attach, attached, detach
from tests.unit.intake.writing import (
    JOBS,
    PEOPLE,
    confirmed,
    expect,
    expected,
    name,
    named,
    proposal_after,
    save,
    saved,
    submit_form,
)

WRITING: list[Command] = [save, set_budget, set_consortium, expect]


def by(command: Command, person_id: str) -> Any:
    """The same command of somebody else."""
    return replace(command, by=person_id)  # type: ignore[call-arg]


class TestNaming:
    def test_by_whoever_began_it(self) -> None:
        """Whoever starts an application leads it and names its people."""
        assert people_of(proposal_after([started])) == (
            Person(person_id="p1", role="lead"),
            Person(person_id="p1", role="signatory"),
        )
        scenario(DECIDER, given=[started], when=name, then=[named])
        scenario(DECIDER, given=[started], when=by(name, "p2"), then=NotNamedForThis)

    def test_by_whoever_leads_it(self) -> None:
        """Once people are named, those who lead name them."""
        handed_over = (*PEOPLE[1:], Person(person_id="p2", role="lead"))
        again = replace(name, people=handed_over)
        now = [started, named, replace(named, people=handed_over)]
        scenario(DECIDER, given=[started, named], when=again, then=[now[-1]])
        scenario(DECIDER, given=[started, named], when=by(again, "p3"), then=NotNamedForThis)
        scenario(DECIDER, given=now, when=name, then=NotNamedForThis)

    def test_every_problem_at_once(self) -> None:
        """Somebody leads and somebody signs, in known roles, each named once per role."""
        bad = replace(name, people=(PEOPLE[1], PEOPLE[1], Person(person_id="p9", role="boss")))
        assert reasons([started], bad, PeopleNotValid) == [
            ("listed-twice", "people[1]"),
            ("not-among-these", "people[2].role"),
            ("nobody-in-role", "people"),
            ("nobody-in-role", "people"),
        ]

    def test_after_submission(self) -> None:
        """What is submitted has its people."""
        scenario(DECIDER, given=[*draft, submitted], when=name, then=ApplicationNotAtThisStage)


class TestWhoMayDoWhat:
    @pytest.mark.parametrize("command", [*WRITING, submit, withdraw])
    def test_anyone_while_nobody_is_named(self, command: Command) -> None:
        """As long as nobody is named, anyone of the organisation writes, submits, withdraws."""
        assert DECIDER.decide(by(command, "anyone"), DECIDER.fold(draft))

    @pytest.mark.parametrize("command", WRITING)
    @pytest.mark.parametrize(("person", "may"), [("p1", True), ("p2", True), ("p3", False)])
    def test_writing(self, command: Command, person: str, may: bool) -> None:
        """Those who lead or contribute write."""
        state = DECIDER.fold([*draft, named])
        if may:
            assert DECIDER.decide(by(command, person), state)
        else:
            with pytest.raises(NotNamedForThis):
                DECIDER.decide(by(command, person), state)

    @pytest.mark.parametrize(("person", "may"), [("p1", False), ("p2", False), ("p3", True)])
    def test_submitting(self, person: str, may: bool) -> None:
        """A signatory submits."""
        state = DECIDER.fold([*draft, named])
        if may:
            assert DECIDER.decide(by(submit, person), state)
        else:
            with pytest.raises(NotNamedForThis):
                DECIDER.decide(by(submit, person), state)

    @pytest.mark.parametrize(
        ("person", "may"), [("p1", True), ("p2", False), ("p3", True), ("p9", False)]
    )
    @pytest.mark.parametrize("given", [[*draft, named], [*draft, named, submitted]])
    def test_withdrawing(self, given: list[Event], person: str, may: bool) -> None:
        """Those who lead or sign take it back, submitted or not."""
        if may:
            assert DECIDER.decide(by(withdraw, person), DECIDER.fold(given))
        else:
            scenario(DECIDER, given=given, when=by(withdraw, person), then=NotNamedForThis)

    def test_documents(self) -> None:
        """Documents of the lead are attached and taken off by those who write."""
        given = [*draft, named]
        scenario(DECIDER, given=given, when=by(attach, "p2"), then=[replace(attached, by="p2")])
        scenario(DECIDER, given=given, when=by(attach, "p3"), then=NotNamedForThis)
        scenario(DECIDER, given=[*given, attached], when=by(detach, "p3"), then=NotNamedForThis)


class TestExpectations:
    def test_they_replace_those_before(self) -> None:
        """Expectations are set as a whole."""
        scenario(DECIDER, given=draft, when=expect, then=[expected])
        scenario(
            DECIDER,
            given=[*draft, expected],
            when=replace(expect, expectations=()),
            then=[replace(expected, expectations=())],
        )

    def test_every_problem_at_once(self) -> None:
        """Each is about the consortium, an indicator of the programme, and a plausible number."""
        stranger = participant("other", "200000008")
        bad = (
            replace(JOBS, participant_id=stranger.participant_id),
            replace(JOBS, indicator="SMILES"),
            replace(JOBS, expected=10**15, baseline=-(10**15)),
            JOBS,
        )
        assert reasons(draft, replace(expect, expectations=bad), ExpectationsNotValid) == [
            ("not-in-consortium", "expectations[0].organisation_id"),
            ("not-among-these", "expectations[1].indicator"),
            ("out-of-bounds", "expectations[2].baseline"),
            ("out-of-bounds", "expectations[2].expected"),
            ("listed-twice", "expectations[3]"),
        ]

    def test_whoever_leaves_takes_them_along(self) -> None:
        """Nothing is expected of an organisation that no longer takes part."""
        theirs = replace(JOBS, participant_id=adopter.participant_id)
        events = DECIDER.decide(
            replace(set_consortium, participants=(lead, provider)),
            DECIDER.fold([*draft, replace(expected, expectations=(JOBS, theirs))]),
        )
        assert events[-1] == expected

    def test_a_submission_needs_one_by_indicator(self) -> None:
        """Where the programme follows an indicator, an application says what to expect by it."""
        history = [*draft, saved, confirmed(draft, adopter), confirmed(draft, provider)]
        assert reasons(history, submit_form, ApplicationNotAcceptable) == [
            ("expectation-missing", "expectations")
        ]
        assert DECIDER.decide(submit_form, DECIDER.fold([*history, expected]))
