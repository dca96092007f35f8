"""What may be granted, and how a promise ends."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.selection.domain import award
from services.selection.domain.award import (
    ApproveAward,
    AwardApproved,
    AwardCommitted,
    AwardLapsed,
    CommitAward,
    LapseAward,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.schedule import FundingCell
from tests.unit.selection.examples import (
    ADOPTER,
    APRIL_3,
    AWARD,
    FUNDING,
    ISED,
    MEETING,
    MEIE,
    PROPOSAL,
    PROVIDER,
    ROBOTS,
    SEPTEMBER_30,
    cell,
    codes,
    scenario,
)

AGREEMENT = derived_id("agreement", AWARD)

approve = ApproveAward(
    award_id=AWARD,
    application_id=ROBOTS,
    meeting_id=MEETING,
    proposal=PROPOSAL,
    funding=FUNDING,
    lapses_on=SEPTEMBER_30,
    on=APRIL_3,
)
approved = AwardApproved(
    award_id=AWARD,
    application_id=ROBOTS,
    meeting_id=MEETING,
    programme_code=PROPOSAL.programme_code,
    programme_version=PROPOSAL.programme_version,
    title=PROPOSAL.title,
    participants=PROPOSAL.participants,
    starts_on=PROPOSAL.starts_on,
    ends_on=PROPOSAL.ends_on,
    funding=FUNDING,
    match=PROPOSAL.match,
    lapses_on=SEPTEMBER_30,
    effective_on=APRIL_3,
)
lapsed = AwardLapsed(
    award_id=AWARD,
    application_id=ROBOTS,
    programme_code="IND-P2",
    funding=FUNDING,
    reason="not executed in time",
    effective_on=SEPTEMBER_30,
)
committed = AwardCommitted(award_id=AWARD, agreement_id=AGREEMENT, effective_on=SEPTEMBER_30)

lapse = LapseAward(reason="not executed in time", on=SEPTEMBER_30)
commit = CommitAward(agreement_id=AGREEMENT, on=SEPTEMBER_30)


class TestApproving:
    def test_as_asked(self) -> None:
        """An award holds the terms of its application and the money it grants."""
        scenario(award.DECIDER, given=[], when=approve, then=[approved])
        scenario(award.DECIDER, given=[approved], when=approve, then=[])

    def test_less(self) -> None:
        """Less than was asked can be granted, and planned for other quarters of the project."""
        less = (cell(ADOPTER, ISED, "2025-T4", 29_999), cell(PROVIDER, ISED, "2024-T2", 1))
        scenario(
            award.DECIDER,
            given=[],
            when=replace(approve, funding=less),
            then=[replace(approved, funding=less)],
        )

    @pytest.mark.parametrize(
        ("funding", "code"),
        [
            ((cell(ADOPTER, ISED, "2024-T1", 30_001),), "more-than-asked"),
            ((cell(PROVIDER, MEIE, "2024-T1", 1),), "more-than-asked"),
            ((cell(ADOPTER, ISED, "2024-T1", 1),) * 2, "cell-twice"),
            ((cell(ADOPTER, ISED, "2023-T4", 1),), "outside-the-project"),
            ((cell(ADOPTER, ISED, "2026-T1", 1),), "outside-the-project"),
            ((), "nothing-granted"),
            ((cell(ADOPTER, ISED, "2024-T1", -1),), "nothing-granted"),
        ],
    )
    def test_what_was_not_asked(self, funding: tuple[FundingCell, ...], code: str) -> None:
        """No participant is granted more of a pocket than it asked, nor outside the project."""
        refusal = scenario(
            award.DECIDER,
            given=[],
            when=replace(approve, funding=funding),
            then=award.AwardNotValid,
        )
        assert codes(refusal) == {code}

    def test_that_lapses_at_once(self) -> None:
        """An award lapses on a later day than that of its decision."""
        refusal = scenario(
            award.DECIDER,
            given=[],
            when=replace(approve, lapses_on=APRIL_3),
            then=award.AwardNotValid,
        )
        assert codes(refusal) == {"lapses-too-soon"}
        tomorrow = APRIL_3 + timedelta(days=1)
        scenario(
            award.DECIDER,
            given=[],
            when=replace(approve, lapses_on=tomorrow),
            then=[replace(approved, lapses_on=tomorrow)],
        )


class TestEnding:
    def test_by_lapsing(self) -> None:
        """An award that is not executed lapses, once."""
        scenario(award.DECIDER, given=[approved], when=lapse, then=[lapsed])
        scenario(award.DECIDER, given=[approved, lapsed], when=lapse, then=[])

    def test_by_execution(self) -> None:
        """An award whose agreement is executed does not lapse."""
        scenario(award.DECIDER, given=[approved], when=commit, then=[committed])
        scenario(award.DECIDER, given=[approved, committed], when=commit, then=[])
        scenario(award.DECIDER, given=[approved, committed], when=lapse, then=[])

    def test_by_an_execution_heard_of_late(self) -> None:
        """A signed agreement stands, even when its award has lapsed before it was heard of."""
        scenario(award.DECIDER, given=[approved, lapsed], when=commit, then=[committed])

    def test_what_was_never_approved(self) -> None:
        """Nothing ends that did not begin."""
        scenario(award.DECIDER, given=[], when=lapse, then=[])
        scenario(award.DECIDER, given=[], when=commit, then=[])
