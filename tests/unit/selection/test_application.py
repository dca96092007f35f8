"""An application is decided once."""

from dataclasses import replace

import pytest

from services.selection.domain import application
from services.selection.domain.application import (
    ApplicationDeclined,
    ApplicationFunded,
    ApplicationNotBeforeCommittee,
    ApplicationReceived,
    ApplicationWithdrawn,
    ConflictNoted,
    DeclineApplication,
    FundApplication,
    NoteConflict,
    ReceiveApplication,
    WithdrawApplication,
)
from tests.unit.selection.examples import (
    APRIL_3,
    AWARD,
    MARCH_1,
    MEETING,
    PROPOSAL,
    ROBOTS,
    scenario,
)

receive = ReceiveApplication(application_id=ROBOTS, proposal=PROPOSAL, on=MARCH_1)
received = ApplicationReceived(application_id=ROBOTS, proposal=PROPOSAL, effective_on=MARCH_1)
fund = FundApplication(application_id=ROBOTS, meeting_id=MEETING, award_id=AWARD, on=APRIL_3)
funded = ApplicationFunded(
    application_id=ROBOTS, meeting_id=MEETING, award_id=AWARD, effective_on=APRIL_3
)
decline = DeclineApplication(
    application_id=ROBOTS, meeting_id=MEETING, reasons=("too early",), on=APRIL_3
)
declined = ApplicationDeclined(
    application_id=ROBOTS, meeting_id=MEETING, reasons=("too early",), effective_on=APRIL_3
)
withdraw = WithdrawApplication(application_id=ROBOTS, on=APRIL_3)
withdrawn = ApplicationWithdrawn(application_id=ROBOTS, effective_on=APRIL_3)
note = NoteConflict(application_id=ROBOTS, person_id="insider", on=APRIL_3)
noted = ConflictNoted(application_id=ROBOTS, person_id="insider", effective_on=APRIL_3)


class TestReceiving:
    def test_once(self) -> None:
        """What is forwarded is received; the same again is no news."""
        scenario(application.DECIDER, given=[], when=receive, then=[received])
        scenario(application.DECIDER, given=[received], when=receive, then=[])

    def test_with_changes(self) -> None:
        """Before it is decided, what is forwarded again replaces what was; conflicts stay."""
        changed = replace(PROPOSAL, title="Robots that sort better")
        again = replace(received, proposal=changed)
        scenario(
            application.DECIDER,
            given=[received, noted],
            when=replace(receive, proposal=changed),
            then=[again],
        )
        state = application.DECIDER.fold([received, noted, again])
        assert state == application.Waiting(
            proposal=changed,
            conflicted=frozenset({"insider"}),
            received_on=received.effective_on,
        )

    @pytest.mark.parametrize("end", [funded, declined, withdrawn])
    def test_after_the_end(self, end: application.Event) -> None:
        """What was decided or withdrawn is not received again: a new try is a new application."""
        scenario(application.DECIDER, given=[received, end], when=receive, then=[])


class TestDeciding:
    @pytest.mark.parametrize(("command", "event"), [(fund, funded), (decline, declined)])
    def test_what_waits(self, command: application.Command, event: application.Event) -> None:
        """What waits can be funded or declined."""
        scenario(application.DECIDER, given=[received], when=command, then=[event])

    @pytest.mark.parametrize("command", [fund, decline, note])
    @pytest.mark.parametrize(
        "history",
        [[], [received, funded], [received, declined], [received, withdrawn]],
        ids=["never received", "funded", "declined", "withdrawn"],
    )
    def test_what_does_not_wait(
        self, history: list[application.Event], command: application.Command
    ) -> None:
        """What was never received, is decided or was withdrawn is not decided."""
        scenario(
            application.DECIDER,
            given=history,
            when=command,
            then=ApplicationNotBeforeCommittee,
        )

    def test_conflict_noted_once(self) -> None:
        """A conflict is noted once."""
        scenario(application.DECIDER, given=[received], when=note, then=[noted])
        scenario(application.DECIDER, given=[received, noted], when=note, then=[])


class TestWithdrawing:
    def test_what_waits_or_was_funded(self) -> None:
        """What waits can be taken back, and so can an award that is not executed yet."""
        scenario(application.DECIDER, given=[received], when=withdraw, then=[withdrawn])
        scenario(application.DECIDER, given=[received, funded], when=withdraw, then=[withdrawn])
        state = application.DECIDER.fold([received, funded, withdrawn])
        assert isinstance(state, application.Withdrawn)
        assert state.award_id == AWARD

    @pytest.mark.parametrize("history", [[], [received, declined], [received, withdrawn]])
    def test_what_is_gone(self, history: list[application.Event]) -> None:
        """Taking back what is not there changes nothing."""
        scenario(application.DECIDER, given=history, when=withdraw, then=[])
