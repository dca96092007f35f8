"""A programme with a form and indicators, and the steps of an application that answers it."""

from dataclasses import replace
from typing import Any

from services.intake.domain.application import DECIDER
from services.intake.domain.application_commands import (
    ConfirmParticipation,
    NamePeople,
    RefuseParticipation,
    ReturnApplication,
    SaveSection,
    SetExpectations,
)
from services.intake.domain.application_events import (
    ApplicationReturned,
    ApplicationSubmitted,
    Event,
    ExpectationsSet,
    ParticipationConfirmed,
    ParticipationRefused,
    PeopleNamed,
    SectionSaved,
)
from services.intake.domain.application_state import Draft
from services.intake.domain.bilingual import Bilingual
from services.intake.domain.consortium import Participant, Person
from services.intake.domain.definition import Section
from services.intake.domain.expectations import Expectation
from services.intake.domain.proposal import Proposal
from services.intake.domain.rules import AskedRule
from services.intake.domain.sealing import part_sha256
from tests.unit.intake.examples import TODAY, adopter, definition, lead
from tests.unit.intake.test_application import common, draft, submit, submitted

MARKET = Section(
    code="market",
    titles=Bilingual(en="Market", fr="Marché"),
    schema={
        "type": "object",
        "properties": {
            "size": {
                "type": "integer",
                "minimum": 1,
                "title": "Size of the market",
                "x-title-fr": "Taille du marché",
            },
            "rivals": {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "title": "Rivals",
                "x-title-fr": "Concurrents",
            },
        },
        "required": ["size"],
        "additionalProperties": False,
    },
)
EXTRAS = replace(MARKET, code="extras", titles=Bilingual(en="More", fr="Plus"), required=False)

with_form = replace(
    definition,
    sections=(MARKET, EXTRAS),
    indicators=("JOBS-CREATED",),
    rules=(*definition.rules, AskedRule(name="participants-confirmed", parameters={})),
)

save = SaveSection(code="market", answers={"size": 7}, definition=with_form, on=TODAY, by="p1")
saved = SectionSaved(**common, code="market", answers={"size": 7}, complete=True, by="p1")

PEOPLE = (
    Person(person_id="p1", role="lead"),
    Person(person_id="p2", role="contributor"),
    Person(person_id="p3", role="signatory"),
)
name = NamePeople(people=PEOPLE, on=TODAY, by="p1")
named = PeopleNamed(**common, people=PEOPLE, by="p1")

JOBS = Expectation(
    participant_id=lead.participant_id, indicator="JOBS-CREATED", baseline=None, expected=12
)
expect = SetExpectations(expectations=(JOBS,), definition=with_form, on=TODAY, by="p1")
expected = ExpectationsSet(**common, expectations=(JOBS,), by="p1")


def proposal_after(history: list[Event]) -> Proposal:
    """What is written after these events."""
    state = DECIDER.fold(history)
    assert isinstance(state, Draft)
    return state.proposal


def part(history: list[Event], whose: Participant) -> str:
    """The hash of one participant's part after these events."""
    return part_sha256(proposal_after(history), whose)


def confirm(history: list[Event], whose: Participant) -> ConfirmParticipation:
    """An organisation agrees to its part as it is after these events."""
    return ConfirmParticipation(
        organisation_id=whose.organisation_id,
        content_sha256=part(history, whose),
        on=TODAY,
        by="q1",
    )


def confirmed(history: list[Event], whose: Participant) -> ParticipationConfirmed:
    """It has agreed."""
    return ParticipationConfirmed(
        **common,
        participant_id=whose.participant_id,
        content_sha256=part(history, whose),
        by="q1",
    )


refuse = RefuseParticipation(
    organisation_id=adopter.organisation_id,
    content_sha256=part(draft, adopter),
    reason="Too little money",
    on=TODAY,
    by="q1",
)
refused = ParticipationRefused(
    **common,
    participant_id=adopter.participant_id,
    content_sha256=part(draft, adopter),
    reason="Too little money",
    by="q1",
)

send_back = ReturnApplication(
    reasons=("Say how large the market is",),
    sections=(),
    resubmit_by=TODAY,
    on=TODAY,
    by="o1",
)
sent_back = ApplicationReturned(
    **common,
    reasons=("Say how large the market is",),
    sections=(),
    resubmit_by=TODAY,
    by="o1",
)
came_back: list[Event] = [*draft, submitted, sent_back]


def submission(**changes: Any) -> ApplicationSubmitted:
    """The first submission, but for some of it."""
    return replace(submitted, **changes)


submit_form = replace(submit, definition=with_form)
