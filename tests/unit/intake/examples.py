"""Organisations, a programme, a call and a budget that every rule is content with."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

import pytest

from services.intake.domain.bilingual import Bilingual
from services.intake.domain.budget import Budget, Cost, Request
from services.intake.domain.call import Call
from services.intake.domain.consortium import Participant, participant_id_of
from services.intake.domain.definition import Criterion, Definition, PocketTerms
from services.intake.domain.organisation import Profile, organisation_id_of
from services.intake.domain.rules import AskedRule, Submission
from shared.kernel.decider import Decider
from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from shared.kernel.refusals import Refusal

TODAY = date(2023, 4, 3)
NOW = datetime(2023, 4, 3, 13, tzinfo=UTC)
APPLICATION = UUID(int=1)
CALL = UUID(int=2)
T1, T2 = Quarter(2024, 1), Quarter(2024, 2)

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")


def scenario(
    decider: Decider[C, S, E], *, given: Sequence[E], when: C, then: Sequence[E] | type[Refusal]
) -> Refusal | None:
    """Given facts, when a command comes, then facts follow or it is refused."""
    state = decider.fold(given)
    if isinstance(then, type):
        with pytest.raises(then) as refusal:
            decider.decide(when, state)
        return refusal.value
    assert list(decider.decide(when, state)) == list(then)
    return None


def profile(business_number: str = "123026635", **changes: Any) -> Profile:
    """A small Québec firm."""
    return replace(
        Profile(
            business_number=business_number,
            neq=None,
            legal_name=f"Firm {business_number}",
            kind="sme",
            province="QC",
            employees=40,
            for_profit=True,
            incorporated_in_canada=True,
        ),
        **changes,
    )


def participant(role: str, business_number: str, **changes: Any) -> Participant:
    """An organisation in the consortium of ``APPLICATION``."""
    organisation_id = organisation_id_of(business_number)
    return Participant(
        participant_id=participant_id_of(APPLICATION, organisation_id),
        organisation_id=organisation_id,
        role=role,
        profile=profile(business_number, **changes),
    )


lead = participant("lead", "123026635")
adopter = participant(
    "adopter", "123456782", kind="large", employees=9_000, province="ON", legal_name="Big Adopter"
)
provider = participant("ai-provider", "100000009", legal_name="AI Provider")
consortium = (lead, adopter, provider)


def cost(
    whose: Participant, quarter: Quarter, cash: int, in_kind: int = 0, category: str = "labour"
) -> Cost:
    """A line of costs, in dollars."""
    return Cost(
        participant_id=whose.participant_id,
        category=category,
        quarter=quarter,
        cash=Money(cash * 100),
        in_kind=Money(in_kind * 100),
    )


def request(whose: Participant, quarter: Quarter, amount: int) -> Request:
    """What is asked for, in dollars."""
    return Request(participant_id=whose.participant_id, quarter=quarter, amount=Money(amount * 100))


budget = Budget(
    costs=(
        cost(lead, T1, 500_000, 20_000),
        cost(adopter, T1, 300_000),
        cost(provider, T2, 200_000),
    ),
    requests=(
        request(lead, T1, 175_000),
        request(adopter, T1, 100_000),
        request(provider, T2, 75_000),
    ),
    other_government=ZERO,
)
"""One million in cash, of which 350 000 is asked for; 20 000 in kind."""

ALL_RULES = (
    AskedRule(name="call-open", parameters={}),
    AskedRule(name="adopter-and-ai-provider", parameters={}),
    AskedRule(name="minimum-participants", parameters={"at_least": 3}),
    AskedRule(name="minimum-smes", parameters={"at_least": 2}),
    AskedRule(name="public-share-within-rate", parameters={}),
    AskedRule(name="one-participant-share", parameters={"at_most_bp": 7_000}),
    AskedRule(name="in-kind-share", parameters={"at_most_bp": 2_500}),
    AskedRule(name="stacking-limit", parameters={"at_most_bp": 5_000}),
    AskedRule(name="duration-within", parameters={"at_least_months": 6, "at_most_months": 18}),
    AskedRule(name="business-numbers-valid", parameters={}),
    AskedRule(name="lead-is-incorporated-for-profit", parameters={}),
    AskedRule(name="match-never-negative", parameters={}),
)

definition = Definition(
    code="IND-P1",
    names=Bilingual(en="Industry-led projects", fr="Projets menés par l’industrie"),
    purpose=Bilingual(en="AI in supply chains", fr="L’IA dans les chaînes d’approvisionnement"),
    phase="P1",
    pockets=(
        PocketTerms(code="ISED-P1-PROJECTS"),
        PocketTerms(code="MEIE-P1-PROJECTS", provinces=("QC",), share_bp=2_000),
    ),
    reimbursement_rate_bp=3_500,
    holdback_bp=1_000,
    claim_frequency="quarterly",
    survey_years=5,
    rules=ALL_RULES,
    scoring_grid=(
        Criterion(criterion="impact", out_of=10),
        Criterion(criterion="team", out_of=5),
    ),
    cost_categories=("labour", "equipment"),
)

call = Call(
    call_id=CALL,
    programme_code="IND-P1",
    programme_version=1,
    title=Bilingual(en="Call", fr="Appel"),
    opens_at=datetime(2023, 3, 27, 4, tzinfo=UTC),
    closes_at=datetime(2023, 5, 16, 3, 59, tzinfo=UTC),
)

submission = Submission(
    at=NOW,
    opens_at=call.opens_at,
    closes_at=call.closes_at,
    reimbursement_rate_bp=definition.reimbursement_rate_bp,
    starts_on=date(2023, 4, 15),
    ends_on=date(2024, 4, 14),
    lead_organisation_id=lead.organisation_id,
    participants=consortium,
    budget=budget,
)
