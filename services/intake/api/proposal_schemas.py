"""What an applicant wrote beside consortium and budget, as it is answered."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from services.intake.api.application_schemas import AmountOut, ApplicationOut, CostOut
from services.intake.domain.consortium import Participant, Person
from services.intake.domain.definition import Section
from services.intake.domain.participation import Standing, standing_of, standing_reply
from services.intake.domain.proposal import Proposal
from services.intake.domain.sealing import part_sha256
from services.intake.domain.sections import problems_of_section
from shared.kernel.money import Money


class TextOut(BaseModel):
    """One text in English and in French."""

    en: str
    fr: str


class ProblemOut(BaseModel):
    """What keeps a section from being complete."""

    path: str | None
    """Where in ``answers``, e.g. ``risks[0].text``; null: the section as a whole."""
    code: str
    en: str
    fr: str
    accepted: Any = None
    """What would be accepted, in the words of JSON Schema."""


class SectionOut(BaseModel):
    """A section of the form, and how far it is answered."""

    code: str
    titles: TextOut
    required: bool
    answer_schema: dict[str, Any]
    """JSON Schema 2020-12 of ``answers``."""
    answers: dict[str, Any] | None
    """null: it was never saved."""
    complete: bool
    problems: list[ProblemOut]

    @classmethod
    def of(cls, section: Section, answers: Mapping[str, Any] | None) -> "SectionOut":
        """A section and its answers, checked as they are now."""
        problems = problems_of_section(section, answers)
        return cls(
            code=section.code,
            titles=TextOut(en=section.titles.en, fr=section.titles.fr),
            required=section.required,
            answer_schema=dict(section.schema),
            answers=None if answers is None else dict(answers),
            complete=not problems,
            problems=[
                ProblemOut(
                    path=problem.field,
                    code=problem.code,
                    en=problem.en,
                    fr=problem.fr,
                    accepted=problem.accepted,
                )
                for problem in problems
            ],
        )


class PersonOut(BaseModel):
    """Someone of the lead organisation, by an opaque id, in one role."""

    person_id: str
    role: Literal["lead", "contributor", "signatory"]


class PeopleOut(BaseModel):
    """Who of the lead organisation works on an application."""

    people: list[PersonOut]
    named: bool
    """false: nobody was named yet, and anyone of the organisation may write and submit."""

    @classmethod
    def of(cls, people: tuple[Person, ...], *, named: bool) -> "PeopleOut":
        """The people as they are."""
        return cls(
            people=[PersonOut.model_validate(each, from_attributes=True) for each in people],
            named=named,
        )


class InvitationOut(BaseModel):
    """What an organisation is asked to confirm: its role, its costs and its requests."""

    application_id: UUID
    title: str
    programme_code: str
    call_id: UUID
    starts_on: date
    ends_on: date
    lead_organisation_id: UUID
    participant_id: UUID
    organisation_id: UUID
    name: str
    role: str
    standing: Standing
    reason: str | None
    """Why it refused."""
    costs: list[CostOut]
    requests: list[AmountOut]
    cash: Money
    in_kind: Money
    requested: Money
    content_sha256: str
    """Of the part as it is shown here: send it back to confirm or to refuse."""

    @classmethod
    def of(cls, proposal: Proposal, participant: Participant) -> "InvitationOut":
        """One participant's part of an application."""
        budget, mine = proposal.budget, participant.participant_id
        organisation_id = participant.organisation_id
        reply = standing_reply(proposal, participant)
        return cls.model_validate(
            {
                "application_id": proposal.application_id,
                "title": proposal.title,
                "programme_code": proposal.programme_code,
                "call_id": proposal.call_id,
                "starts_on": proposal.starts_on,
                "ends_on": proposal.ends_on,
                "lead_organisation_id": proposal.lead_organisation_id,
                "participant_id": mine,
                "organisation_id": organisation_id,
                "name": participant.profile.legal_name,
                "role": participant.role,
                "standing": standing_of(proposal, participant),
                "reason": reply.reason if reply is not None and not reply.confirmed else None,
                "costs": [
                    CostOut(
                        organisation_id=organisation_id,
                        category=cost.category,
                        quarter=cost.quarter,
                        cash=cost.cash,
                        in_kind=cost.in_kind,
                    )
                    for cost in budget.costs
                    if cost.participant_id == mine
                ],
                "requests": [
                    AmountOut(
                        organisation_id=organisation_id,
                        quarter=request.quarter,
                        amount=request.amount,
                    )
                    for request in budget.requests
                    if request.participant_id == mine
                ],
                "cash": budget.cash_of(mine),
                "in_kind": budget.in_kind_of(mine),
                "requested": budget.requested_by(mine),
                "content_sha256": part_sha256(proposal, participant),
            }
        )


class VersionLine(BaseModel):
    """A version that was submitted."""

    number: int
    submitted_at: datetime
    programme_version: int
    content_sha256: str
    """Of what was proposed, in hex; empty for what was submitted before hashes were taken."""


class VersionOut(BaseModel):
    """A version as it was submitted, whatever became of it."""

    application: ApplicationOut
    sections: list[SectionOut]
