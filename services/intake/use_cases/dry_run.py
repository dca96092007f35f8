"""
What would become of an application under a definition that nobody has published yet.

The steps of an applicant are decided by the same domain that decides them in earnest; nothing is
stored. What is wrong with a step is told with that step; the rules are asked once all steps stand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.intake.domain import application_commands as commands
from services.intake.domain import organisation as organisations
from services.intake.domain.application import DECIDER
from services.intake.domain.application_state import NotStarted, State
from services.intake.domain.bilingual import Bilingual
from services.intake.domain.budget import Budget
from services.intake.domain.call import Call
from services.intake.domain.consortium import Participant, participant_id_of
from services.intake.domain.definition import Definition
from services.intake.domain.organisation import Profile, organisation_id_of
from shared.kernel.decider import Decider
from shared.kernel.periods import civil_date
from shared.kernel.refusals import Reason, Refusal

APPLICATION = UUID(int=1)
"""The id under which an example is judged: there is one at a time."""
_CALL = UUID(int=2)
_BY = "dry-run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An organisation and its role."""

    profile: Profile
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A complete application, as its applicant sends it; ids follow from ``APPLICATION``."""

    opens_at: datetime
    closes_at: datetime | None
    submitted_at: datetime
    title: str
    starts_on: date
    ends_on: date
    lead: str
    """Business number of the organisation that applies."""
    members: tuple[Member, ...]
    budget: Budget
    certified: bool


def judge(definition: Definition, example: Example) -> list[Reason]:
    """Every reason why the example would be refused; none: it would be accepted."""
    reasons = [*_organisations(example)]
    state: State = NotStarted()
    for command in _steps(definition, example):
        state, refused = _taken(DECIDER, state, command)
        reasons += refused
    if not reasons:
        _, refused = _taken(DECIDER, state, _submission(definition, example))
        return refused
    return reasons


def _organisations(example: Example) -> Iterable[Reason]:
    for index, member in enumerate(example.members):
        registration = organisations.RegisterOrganisation(
            profile=member.profile, on=civil_date(example.submitted_at), by=_BY
        )
        _, refused = _taken(organisations.DECIDER, organisations.DECIDER.initial, registration)
        for reason in refused:
            yield Reason(
                code=reason.code,
                en=reason.en,
                fr=reason.fr,
                field=f"participants[{index}].{reason.field}",
                accepted=reason.accepted,
            )


def _steps(definition: Definition, example: Example) -> Sequence[commands.Command]:
    on = civil_date(example.submitted_at)
    participants = tuple(_participant(member) for member in example.members)
    return (
        commands.StartApplication(
            application_id=APPLICATION,
            call=_call(definition, example),
            title=example.title,
            starts_on=example.starts_on,
            ends_on=example.ends_on,
            lead=next(
                participant
                for participant, member in zip(participants, example.members, strict=True)
                if member.profile.business_number == example.lead
            ),
            on=on,
            by=_BY,
        ),
        commands.SetConsortium(participants=participants, on=on, by=_BY),
        commands.SetBudget(budget=example.budget, definition=definition, on=on, by=_BY),
    )


def _submission(definition: Definition, example: Example) -> commands.Command:
    return commands.SubmitApplication(
        certified=example.certified,
        call=_call(definition, example),
        definition=definition,
        now=example.submitted_at,
        on=civil_date(example.submitted_at),
        by=_BY,
    )


def _call(definition: Definition, example: Example) -> Call:
    return Call(
        call_id=_CALL,
        programme_code=definition.code,
        programme_version=1,
        title=Bilingual(en="Dry run", fr="Essai à blanc"),
        opens_at=example.opens_at,
        closes_at=example.closes_at,
    )


def _participant(member: Member) -> Participant:
    organisation_id = organisation_id_of(member.profile.business_number)
    return Participant(
        participant_id=participant_id_of(APPLICATION, organisation_id),
        organisation_id=organisation_id,
        role=member.role,
        profile=member.profile,
    )


def _taken(decider: Decider[Any, Any, Any], state: Any, command: Any) -> tuple[Any, list[Reason]]:
    """The state after a step and nothing against it; or the state before, and every reason."""
    try:
        events = decider.decide(command, state)
    except Refusal as refusal:
        return state, list(refusal.reasons or (refusal.as_reason(),))
    for event in events:
        state = decider.evolve(state, event)
    return state, []
