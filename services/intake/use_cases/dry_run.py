"""
What would become of an application under a definition that nobody has published yet.

Organisations are registered and the application is judged by the same domain as in earnest;
nothing is stored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.intake.domain import organisation as organisations
from services.intake.domain.budget import Budget
from services.intake.domain.consortium import Participant, participant_id_of
from services.intake.domain.definition import Definition
from services.intake.domain.judgement import judge_at_once
from services.intake.domain.organisation import Profile, organisation_id_of
from services.intake.domain.rules import Submission
from services.intake.domain.submission import NotCertified
from shared.kernel.periods import civil_date
from shared.kernel.refusals import Reason, Refusal

APPLICATION = UUID(int=1)
"""The id under which an example is judged: there is one at a time."""
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
    answers: Mapping[str, Mapping[str, Any]]
    """By the code of the section."""
    documents: tuple[str, ...]
    """Kinds of the documents attached."""
    unconfirmed: frozenset[str]
    """Business numbers of participants that have not confirmed their part."""
    certified: bool


def judge(definition: Definition, example: Example) -> list[Reason]:
    """Every reason why the example would be refused; none: it would be accepted."""
    participants = tuple(_participant(member) for member in example.members)
    submission = Submission(
        at=example.submitted_at,
        opens_at=example.opens_at,
        closes_at=example.closes_at,
        reimbursement_rate_bp=definition.reimbursement_rate_bp,
        starts_on=example.starts_on,
        ends_on=example.ends_on,
        lead_organisation_id=organisation_id_of(example.lead),
        participants=participants,
        budget=example.budget,
        title=example.title,
        answers=example.answers,
        documents=example.documents,
        unconfirmed=tuple(
            participant
            for participant in participants
            if participant.profile.business_number in example.unconfirmed
        ),
    )
    reasons = [*_organisations(example), *judge_at_once(submission, definition)]
    if not example.certified:
        reasons.append(NotCertified(field="certified", accepted=True).as_reason())
    return reasons


def _organisations(example: Example) -> Iterable[Reason]:
    """What would keep an organisation from being registered."""
    decider, on = organisations.DECIDER, civil_date(example.submitted_at)
    for index, member in enumerate(example.members):
        registration = organisations.RegisterOrganisation(profile=member.profile, on=on, by=_BY)
        try:
            decider.decide(registration, decider.initial)
        except Refusal as refusal:
            for reason in refusal.reasons or (refusal.as_reason(),):
                yield Reason(
                    code=reason.code,
                    en=reason.en,
                    fr=reason.fr,
                    field=f"participants[{index}].{reason.field}",
                    accepted=reason.accepted,
                )


def _participant(member: Member) -> Participant:
    organisation_id = organisation_id_of(member.profile.business_number)
    return Participant(
        participant_id=participant_id_of(APPLICATION, organisation_id),
        organisation_id=organisation_id,
        role=member.role,
        profile=member.profile,
    )
