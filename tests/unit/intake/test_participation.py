"""Invited organisations agree to their part by themselves, and are asked again when it changes."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.application import DECIDER
from services.intake.domain.application_events import Event
from services.intake.domain.budget import Budget, Cost, Request
from services.intake.domain.consortium import ROLES, Participant
from services.intake.domain.participation import (
    LeadNeedsNoInvitation,
    PartHasChanged,
    standing_of,
    unconfirmed,
)
from services.intake.domain.sealing import content_sha256, part_sha256
from services.intake.domain.stages import ApplicationNotAtThisStage, ReasonMissing
from services.intake.domain.submission import ApplicationNotAcceptable
from shared.kernel.money import Money
from shared.kernel.refusals import NotFound
from tests.unit.intake.examples import (
    T1,
    T2,
    adopter,
    budget,
    consortium,
    cost,
    lead,
    provider,
    request,
    scenario,
)
from tests.unit.intake.test_application import (
    budget_set,
    consortium_set,
    draft,
    reasons,
    started,
    submitted,
)
from tests.unit.intake.writing import (
    confirm,
    confirmed,
    expected,
    named,
    proposal_after,
    refuse,
    refused,
    saved,
    submit_form,
)

members = st.sampled_from([lead, adopter, provider])
amounts = st.integers(0, 3).map(lambda dollars: Money(dollars * 100))
costs = st.builds(
    Cost,
    participant_id=members.map(lambda member: member.participant_id),
    category=st.sampled_from(["labour", "equipment"]),
    quarter=st.sampled_from([T1, T2]),
    cash=amounts,
    in_kind=amounts,
)
requests = st.builds(
    Request,
    participant_id=members.map(lambda member: member.participant_id),
    quarter=st.sampled_from([T1, T2]),
    amount=amounts,
)
budgets = st.builds(
    Budget,
    costs=st.lists(costs, max_size=5).map(tuple),
    requests=st.lists(requests, max_size=4).map(tuple),
    other_government=amounts,
)
roles = st.sampled_from([role for role in ROLES if role != "lead"])


class TestConfirming:
    def test_ones_own_part(self) -> None:
        """An organisation agrees to its role, its costs and its requests as they are."""
        scenario(
            DECIDER,
            given=draft,
            when=confirm(draft, adopter),
            then=[confirmed(draft, adopter)],
        )

    def test_twice(self) -> None:
        """Agreeing to the same again changes nothing."""
        scenario(
            DECIDER,
            given=[*draft, confirmed(draft, adopter)],
            when=confirm(draft, adopter),
            then=[],
        )

    def test_what_has_changed_meanwhile(self) -> None:
        """An organisation agrees to what it has read."""
        changed: list[Event] = [*draft, replace(budget_set, budget=Budget())]
        scenario(DECIDER, given=changed, when=confirm(draft, adopter), then=PartHasChanged)

    def test_the_lead(self) -> None:
        """Whoever applies agrees by applying."""
        scenario(DECIDER, given=draft, when=confirm(draft, lead), then=LeadNeedsNoInvitation)

    def test_somebody_else(self) -> None:
        """Only who is invited is asked."""
        stranger = replace(confirm(draft, adopter), organisation_id=UUID(int=9))
        scenario(DECIDER, given=draft, when=stranger, then=NotFound)

    def test_after_submission(self) -> None:
        """What is submitted is no longer agreed to."""
        scenario(
            DECIDER,
            given=[*draft, submitted],
            when=confirm(draft, adopter),
            then=ApplicationNotAtThisStage,
        )


class TestRefusing:
    def test_with_a_reason(self) -> None:
        """An organisation says why it does not agree, also after it had."""
        scenario(DECIDER, given=draft, when=refuse, then=[refused])
        scenario(
            DECIDER,
            given=[*draft, confirmed(draft, adopter)],
            when=refuse,
            then=[refused],
        )
        scenario(DECIDER, given=draft, when=replace(refuse, reason=" "), then=ReasonMissing)

    def test_it_may_agree_later(self) -> None:
        """A refusal is not the end: the same organisation may agree after all."""
        after: list[Event] = [*draft, refused]
        assert standing_of(proposal_after(after), adopter) == "refused"
        scenario(
            DECIDER,
            given=after,
            when=confirm(draft, adopter),
            then=[confirmed(draft, adopter)],
        )


class TestStanding:
    def test_who_leaves_and_comes_back(self) -> None:
        """An organisation that left is asked again when it returns."""
        without = replace(consortium_set, participants=(lead, provider))
        history: list[Event] = [
            *draft,
            confirmed(draft, adopter),
            without,
            consortium_set,
            budget_set,
        ]
        assert standing_of(proposal_after(history), adopter) == "awaiting"

    @given(roles, roles, budgets, budgets)
    def test_it_falls_exactly_when_the_part_changes(
        self, role: str, other_role: str, before: Budget, after: Budget
    ) -> None:
        """A confirmation falls when that organisation's role or lines change, and only then."""

        def lines(budget: Budget) -> tuple[list[str], list[str]]:
            mine = budget.only_of({adopter.participant_id})
            return sorted(map(repr, mine.costs)), sorted(map(repr, mine.requests))

        def members_with(role: str) -> tuple[Participant, ...]:
            return (lead, replace(adopter, role=role), provider)

        history: list[Event] = [
            started,
            replace(consortium_set, participants=members_with(role)),
            replace(budget_set, budget=before),
        ]
        history.append(confirmed(history, members_with(role)[1]))
        history += [
            replace(consortium_set, participants=members_with(other_role)),
            replace(budget_set, budget=after),
        ]
        proposal = proposal_after(history)
        unchanged = role == other_role and lines(before) == lines(after)
        standing = standing_of(proposal, proposal.participants[1])
        assert (standing == "confirmed") == unchanged

    @given(st.permutations(budget.costs), st.permutations(budget.requests))
    def test_the_order_of_lines_is_no_change(
        self, costs: list[Cost], requests: list[Request]
    ) -> None:
        """The same lines in another order are the same part."""
        proposal = proposal_after(draft)
        shuffled = replace(
            proposal, budget=replace(budget, costs=tuple(costs), requests=tuple(requests))
        )
        for participant in consortium:
            assert part_sha256(shuffled, participant) == part_sha256(proposal, participant)

    def test_a_part_belongs_to_its_application(self) -> None:
        """Agreeing to one application is not agreeing to a like one."""
        proposal = proposal_after(draft)
        other = replace(proposal, application_id=UUID(int=9))
        assert part_sha256(other, adopter) != part_sha256(proposal, adopter)


class TestSubmitting:
    def test_everybody_has_agreed(self) -> None:
        """Where the programme asks for it, every participant but the lead has agreed."""
        history: list[Event] = [*draft, saved, expected, confirmed(draft, adopter)]
        assert unconfirmed(proposal_after(history)) == (provider,)
        found = reasons(history, submit_form, ApplicationNotAcceptable)
        assert len(found) == 1
        assert DECIDER.decide(submit_form, DECIDER.fold([*history, confirmed(draft, provider)]))


class TestTheHashOfTheWhole:
    @pytest.mark.parametrize(
        "event",
        [
            saved,
            expected,
            replace(consortium_set, participants=(lead, adopter)),
            replace(budget_set, budget=Budget(costs=(cost(lead, T1, 1),))),
            replace(budget_set, budget=replace(budget, requests=(request(lead, T1, 1),))),
        ],
    )
    def test_it_changes_with_what_is_proposed(self, event: Event) -> None:
        """Another section, expectation, participant or line is another proposal."""
        before, after = proposal_after(draft), proposal_after([*draft, event])
        assert content_sha256(before) != content_sha256(after)

    @pytest.mark.parametrize("event", [named, confirmed(draft, adopter), refused])
    def test_and_with_nothing_else(self, event: Event) -> None:
        """Who works on it and who agreed is not what is proposed."""
        before, after = proposal_after(draft), proposal_after([*draft, event])
        assert content_sha256(before) == content_sha256(after)

    def test_it_is_the_same_for_ever(self) -> None:
        """A hash that was taken can be taken again: this one is written down."""
        taken = "da81c2dafa9a3a8dd9005650767178df924a5ca67593cfc57891dffaf4be11da"
        assert content_sha256(proposal_after(draft)) == taken
