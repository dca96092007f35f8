"""Voting in secret."""

from dataclasses import replace

import pytest

from services.selection.domain import meeting
from services.selection.domain.ballots import SecretCount
from services.selection.domain.meeting import DecisionNotValid, Outcome
from services.selection.domain.membership import BallotRule
from tests.unit.selection.examples import CALLED, OPENED, codes, scenario, votes
from tests.unit.selection.test_meeting import fund_robots, robots_funded

SECRET = replace(OPENED, ballot=BallotRule.SECRET)
VOTED = ("insider", "professor", "dean")
carried = SecretCount(voted=VOTED, votes_for=2, votes_against=1)
secretly = replace(fund_robots, votes=(), secret=carried)


def tied(casting_for: bool | None) -> SecretCount:
    return SecretCount(
        voted=VOTED, votes_for=1, votes_against=1, abstained=1, casting_for=casting_for
    )


class TestSecretBallots:
    def test_keep_the_count(self) -> None:
        """Of a secret ballot the count is kept and who voted, and no vote of anybody."""
        scenario(
            meeting.DECIDER,
            given=[CALLED, SECRET],
            when=secretly,
            then=[replace(robots_funded, votes=(), secret=carried)],
        )

    def test_and_open_ones_are_not_mixed(self) -> None:
        """Where votes are secret none is recorded by name, and the other way round."""
        refusal = scenario(
            meeting.DECIDER,
            given=[CALLED, SECRET],
            when=replace(secretly, votes=votes(insider="for")),
            then=DecisionNotValid,
        )
        assert "ballot-is-secret" in codes(refusal)
        refusal = scenario(
            meeting.DECIDER, given=[CALLED, OPENED], when=secretly, then=DecisionNotValid
        )
        assert codes(refusal) == {"ballot-is-by-name"}

    def test_without_a_count(self) -> None:
        """A secret decision needs votes as any other does."""
        refusal = scenario(
            meeting.DECIDER,
            given=[CALLED, SECRET],
            when=replace(secretly, secret=None),
            then=DecisionNotValid,
        )
        assert codes(refusal) == {"nobody-voted"}

    @pytest.mark.parametrize(
        ("count", "code"),
        [
            (replace(carried, votes_for=3), "count-does-not-add-up"),
            (replace(carried, votes_for=4, abstained=-2), "count-does-not-add-up"),
            (replace(carried, voted=("insider", "insider", "dean")), "voted-twice"),
            (
                replace(carried, voted=("insider", "investor", "dean")),
                "conflicted-member-has-no-vote",
            ),
            (replace(carried, voted=("insider", "stranger", "dean")), "voter-not-present"),
            (replace(carried, votes_for=1, votes_against=2), "no-majority"),
            (replace(carried, casting_for=True), "no-tie-to-break"),
            (
                SecretCount(
                    voted=("insider", "dean"), votes_for=1, votes_against=1, casting_for=True
                ),
                "chair-did-not-vote",
            ),
        ],
    )
    def test_that_do_not_count(self, count: SecretCount, code: str) -> None:
        """A count adds up, of entitled members who voted once, and only a tie is broken."""
        refusal = scenario(
            meeting.DECIDER,
            given=[CALLED, SECRET],
            when=replace(secretly, secret=count),
            then=DecisionNotValid,
        )
        assert codes(refusal) == {code}

    @pytest.mark.parametrize(
        ("casting_for", "outcome"), [(True, Outcome.FUND), (False, Outcome.DECLINE)]
    )
    def test_on_a_tie(self, casting_for: bool, outcome: Outcome) -> None:
        """The chair's casting vote breaks a tie, for or against."""
        command = replace(
            secretly,
            outcome=outcome,
            secret=tied(casting_for),
            reasons=("too early",),
        )
        [decided] = meeting.decide(command, meeting.DECIDER.fold([CALLED, SECRET]))
        assert isinstance(decided, meeting.ItemDecided)
        assert decided.outcome is outcome
        other = {Outcome.FUND: Outcome.DECLINE, Outcome.DECLINE: Outcome.FUND}[outcome]
        with pytest.raises(DecisionNotValid):
            meeting.decide(replace(command, outcome=other), meeting.DECIDER.fold([CALLED, SECRET]))

    def test_on_a_tie_that_nobody_breaks(self) -> None:
        """A tie without a casting vote fails."""
        assert not tied(None).is_carried
        scenario(
            meeting.DECIDER,
            given=[CALLED, SECRET],
            when=replace(secretly, secret=tied(None)),
            then=DecisionNotValid,
        )

    def test_to_defer(self) -> None:
        """Putting an item off needs no ballot."""
        command = replace(secretly, outcome=Outcome.DEFER, secret=None)
        assert meeting.decide(command, meeting.DECIDER.fold([CALLED, SECRET]))
