from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from services.claims.domain import agreement, programme
from services.claims.domain.commands import LapseAgreement, RecordProgrammeTerms
from services.claims.domain.state import Agreement
from services.claims.domain.values import ClaimFrequency, ProgrammeTerms
from services.claims.use_cases.event_types import EVENT_TYPES
from services.claims.use_cases.policies import (
    ProgrammeTermsUnknown,
    whenever_a_programme_is_published_keep_its_terms,
    whenever_an_award_is_approved_draft_an_agreement,
    whenever_an_award_lapses_give_up_its_draft,
)
from services.claims.use_cases.streams import agreement_of_award
from shared.contracts.base import Party
from shared.contracts.intake import ProgrammePublished
from shared.contracts.selection import AwardApproved, AwardLapsed
from shared.eventstore.commands import carry_out
from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.store import Actor, Context
from shared.kernel.clock import FixedClock
from shared.kernel.identifiers import derived_id
from tests.unit.claims.scenario import ADOPTER, ADOPTER_ORG, AWARD, PROJECT, T1, cell, match_cell

PUBLISHED = ProgrammePublished(
    effective_on=date(2022, 4, 1),
    code="IND-P1",
    version=2,
    name_en="Industry",
    name_fr="Industrie",
    phase="P1",
    pockets=("ISED-P1",),
    reimbursement_rate_bp=3_500,
    holdback_bp=500,
    claim_frequency="semi-annual",
    survey_years=5,
    cost_categories=("labour",),
)
TERMS = ProgrammeTerms(
    version=2,
    reimbursement_rate_bp=3_500,
    holdback_bp=500,
    claim_frequency=ClaimFrequency.SEMI_ANNUAL,
    cost_categories=("labour",),
)
APPROVED = AwardApproved(
    effective_on=date(2023, 3, 1),
    project_id=PROJECT,
    award_id=AWARD,
    meeting_id=derived_id("meeting"),
    programme_code="IND-P1",
    programme_version=2,
    title="Forecasting of returns",
    participants=(
        Party(
            participant_id=ADOPTER,
            organisation_id=ADOPTER_ORG,
            role="lead",
            name="Adopter",
            province="QC",
            sme=False,
        ),
    ),
    starts_on=date(2023, 4, 1),
    ends_on=date(2024, 3, 31),
    funding=(cell(T1, 350_00),),
    match=(match_cell(T1, 650_00),),
    lapses_on=date(2023, 6, 30),
)
KNOWN = programme.Programme(versions={2: TERMS})
TODAY = date(2023, 3, 2)


def test_a_published_programme_is_kept() -> None:
    """What a programme says about claims is kept, version by version."""
    assert whenever_a_programme_is_published_keep_its_terms(PUBLISHED) == RecordProgrammeTerms(
        programme_code="IND-P1", terms=TERMS, effective_on=date(2022, 4, 1)
    )


def test_an_approved_award_becomes_an_agreement() -> None:
    """The award's schedule is drafted, under the version it was awarded under."""
    command = whenever_an_award_is_approved_draft_an_agreement(APPROVED, KNOWN, on=TODAY)
    assert command.terms == TERMS
    assert command.funding == APPROVED.funding
    assert command.match == APPROVED.match
    assert [party.organisation_id for party in command.participants] == [ADOPTER_ORG]
    assert (command.lapses_on, command.on) == (APPROVED.lapses_on, TODAY)


def test_an_award_of_an_unknown_version_waits() -> None:
    """An agreement is never drafted under terms that are not those of its award."""
    for known in (programme.Programme(), programme.Programme(versions={1: TERMS})):
        with pytest.raises(ProgrammeTermsUnknown):
            whenever_an_award_is_approved_draft_an_agreement(APPROVED, known, on=TODAY)


def test_a_lapsed_award_gives_up_its_draft() -> None:
    """The draft falls on the day on which the award fell."""
    lapsed = AwardLapsed(
        effective_on=date(2023, 7, 1),
        project_id=PROJECT,
        award_id=AWARD,
        programme_code="IND-P1",
        funding=APPROVED.funding,
        reason="deadline",
    )
    assert whenever_an_award_lapses_give_up_its_draft(lapsed) == LapseAgreement(
        reason="deadline", on=date(2023, 7, 1)
    )


def test_an_award_that_is_heard_of_twice_is_drafted_once() -> None:
    """The agreement's id follows from the award's, and its draft is idempotent."""
    clock = FixedClock(datetime(2023, 3, 2, 9, tzinfo=ZoneInfo("America/Toronto")))
    store = MemoryEventStore(EVENT_TYPES, clock)
    for delivery in ("first", "second"):
        message = derived_id("message", delivery)
        context = Context(
            command_id=message,
            actor=Actor(id="policy:claims"),
            correlation_id=message,
            causation_id=message,
        )
        command = whenever_an_award_is_approved_draft_an_agreement(APPROVED, KNOWN, on=TODAY)
        carry_out(store, agreement.DECIDER, agreement_of_award(AWARD), command, context)
    assert store.head() == 1
    history = store.load(agreement_of_award(AWARD))
    assert isinstance(agreement.DECIDER.fold(each.event for each in history), Agreement)
