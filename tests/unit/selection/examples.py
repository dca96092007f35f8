"""People, applications and the one helper that says given, when, then."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.selection.domain.application import Participant, Proposal, Score
from services.selection.domain.committee import CommitteeEstablished
from services.selection.domain.meeting import (
    AgendaItem,
    Ballot,
    MeetingCalled,
    MeetingOpened,
    Vote,
)
from services.selection.domain.membership import Member, MemberKind
from shared.kernel.decider import Decider
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.kernel.refusals import Refusal
from shared.kernel.schedule import FundingCell, MatchCell

MARCH_1 = date(2023, 3, 1)
MARCH_15 = date(2023, 3, 15)
APRIL_3 = date(2023, 4, 3)
SEPTEMBER_30 = date(2023, 9, 30)

COMMITTEE = derived_id("committee", "projects")
MEETING = derived_id("meeting", "april")
ROBOTS = derived_id("application", "robots")
CLINIC = derived_id("application", "clinic")
AWARD = derived_id("award", ROBOTS, MEETING)

HYDRO = derived_id("organisation", "123456789")
LAB = derived_id("organisation", "987654321")
ADOPTER = derived_id("participant", ROBOTS, HYDRO)
PROVIDER = derived_id("participant", ROBOTS, LAB)

INSIDER = Member(person_id="insider", kind=MemberKind.EMPLOYEE)
COLLEAGUE = Member(person_id="colleague", kind=MemberKind.EMPLOYEE)
PROFESSOR = Member(person_id="professor", kind=MemberKind.INDEPENDENT)
INVESTOR = Member(person_id="investor", kind=MemberKind.INDEPENDENT, organisation_id=LAB)
DEAN = Member(person_id="dean", kind=MemberKind.INDEPENDENT)
MEMBERS = (INSIDER, COLLEAGUE, PROFESSOR, INVESTOR, DEAN)

ISED = "ISED-P2-PROJECTS"
MEIE = "MEIE-P1-PROJECTS"


def cell(participant_id: UUID, pocket: str, quarter: str, dollars: int) -> FundingCell:
    """One cell of public money, in whole dollars."""
    return FundingCell(
        participant_id=participant_id,
        pocket=pocket,
        quarter=Quarter.parse(quarter),
        amount=Money(dollars * 100),
    )


FUNDING = (
    cell(ADOPTER, ISED, "2024-T1", 30_000),
    cell(ADOPTER, MEIE, "2024-T2", 20_000),
    cell(PROVIDER, ISED, "2024-T2", 10_000),
)

PROPOSAL = Proposal(
    programme_code="IND-P2",
    programme_version=1,
    title="Robots that sort",
    lead_organisation_id=HYDRO,
    participants=(
        Participant(
            participant_id=ADOPTER,
            organisation_id=HYDRO,
            role="lead",
            name="Hydro",
            province="QC",
            sme=False,
        ),
        Participant(
            participant_id=PROVIDER,
            organisation_id=LAB,
            role="ai-provider",
            name="Lab",
            province="ON",
            sme=True,
        ),
    ),
    starts_on=date(2023, 4, 1),
    ends_on=date(2025, 3, 31),
    funding=FUNDING,
    match=(MatchCell(participant_id=ADOPTER, quarter=Quarter(2024, 1), cash=Money(70_000_00)),),
    scores=(Score(criterion="impact", score=8, out_of=10),),
    summary="Sorts what comes in.",
)

CLINIC_PROPOSAL = replace(PROPOSAL, title="Clinic that listens")

ESTABLISHED = CommitteeEstablished(
    committee_id=COMMITTEE,
    name="Projects",
    programmes=("IND-P2",),
    quorum=2,
    members=MEMBERS,
    chair="professor",
    agenda_closes_days=10,
    effective_on=MARCH_1,
)

CALLED = MeetingCalled(
    meeting_id=MEETING, committee_id=COMMITTEE, held_on=APRIL_3, effective_on=MARCH_1
)

OPENED = MeetingOpened(
    meeting_id=MEETING,
    members=MEMBERS,
    quorum=2,
    chair="professor",
    present=("colleague", "dean", "insider", "investor", "professor"),
    items=(
        AgendaItem(application_id=ROBOTS, conflicted=("investor",)),
        AgendaItem(application_id=CLINIC),
    ),
    effective_on=APRIL_3,
)


def votes(**by_person: str) -> tuple[Ballot, ...]:
    """Ballots: ``votes(insider="for", professor="against")``."""
    return tuple(Ballot(person_id=person, vote=Vote(vote)) for person, vote in by_person.items())


def scenario(
    decider: Decider[Any, Any, Any],
    *,
    given: Sequence[object],
    when: object,
    then: Sequence[object] | type[Refusal],
) -> Refusal | None:
    """Given these events, when this is commanded, then these events or this refusal follow."""
    state = decider.fold(given)
    if isinstance(then, type):
        with pytest.raises(then) as refused:
            decider.decide(when, state)
        assert type(refused.value) is then
        return refused.value
    assert list(decider.decide(when, state)) == list(then)
    return None


def codes(refusal: Refusal | None) -> set[str]:
    """The codes of a refusal's reasons."""
    assert refusal is not None
    return {reason.code for reason in refusal.reasons}
