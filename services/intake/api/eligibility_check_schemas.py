"""
A complete application in one document: what the self-check takes, and worked examples are.

Organisations are named by their business numbers, for nobody needs to be registered.
"""

import re
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.intake.api.budget_schemas import Sources
from services.intake.api.organisation_schemas import OrganisationIn
from services.intake.api.reasons import told
from services.intake.api.words import MOST_LINES, MOST_PARTICIPANTS, Name
from services.intake.domain import organisation
from services.intake.domain.budget import Budget, Cost
from services.intake.domain.budget import Request as RequestedAmount
from services.intake.domain.call import Call
from services.intake.domain.consortium import Participant, participant_id_of
from services.intake.domain.definition import Definition
from services.intake.domain.judgement import judge_at_once
from services.intake.domain.organisation import organisation_id_of, without_separators
from services.intake.domain.rules import Submission
from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from shared.kernel.refusals import Reason
from shared.web.openapi import ProblemError
from shared.web.schemas import Request

MOST_SECTIONS = 30
MOST_REASONS = 200
"""Nobody mends more at once, and an answer that anyone may ask for stays small."""

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_NO_APPLICATION = UUID(int=0)
"""Participants have ids of an application; this one is not kept."""


class MemberDescribed(OrganisationIn):
    """An organisation of the consortium, described here, and its role."""

    role: Name
    confirmed: bool = True
    """It has confirmed its part, or will have; the lead needs not."""


class CostDescribed(Request):
    """What an organisation plans to spend on one category in one quarter."""

    business_number: Name
    category: Name
    quarter: Quarter
    cash: Money
    in_kind: Money = ZERO


class AmountDescribed(Request):
    """The public money an organisation asks for in one quarter."""

    business_number: Name
    quarter: Quarter
    amount: Money


class ApplicationDocument(Request):
    """An application, whole, with everything that a programme's rules may ask about."""

    title: Name
    starts_on: date
    ends_on: date
    lead_business_number: Name
    """The organisation that applies: one of the participants."""
    participants: Annotated[list[MemberDescribed], Field(max_length=MOST_PARTICIPANTS)]
    costs: Annotated[list[CostDescribed], Field(max_length=MOST_LINES)]
    requests: Annotated[list[AmountDescribed], Field(max_length=MOST_LINES)]
    other_government: Money | None = None
    sources: Sources = ()
    sections: Annotated[dict[Name, dict[str, Any]], Field(max_length=MOST_SECTIONS)] = Field(
        default_factory=dict
    )
    """The answers of each section, by its code."""
    documents: Annotated[tuple[Name, ...], Field(max_length=40)] = ()
    """The kinds of the documents that will be attached."""
    submitted_at: AwareDatetime | None = None
    """Judged as if it were submitted at this instant; null: now."""

    def to_submission(
        self, definition: Definition, call: Call | None, *, now: AwareDatetime
    ) -> Submission:
        """
        As the rules look at it; without a call, as if one were open without end.

        Who is on hold and what else was submitted is not looked up: it is not for everyone.
        """
        at = self.submitted_at or now
        participants = tuple(_participant(each) for each in self.participants)
        lead = _organisation_id(self.lead_business_number)
        return Submission(
            at=at,
            opens_at=at if call is None else call.opens_at,
            closes_at=None if call is None else call.closes_at,
            reimbursement_rate_bp=definition.reimbursement_rate_bp,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            lead_organisation_id=lead,
            participants=participants,
            budget=self._budget(),
            title=self.title,
            answers=self.sections,
            documents=self.documents,
            unconfirmed=tuple(
                participant
                for participant, described in zip(participants, self.participants, strict=True)
                if not described.confirmed and participant.organisation_id != lead
            ),
        )

    def judged(
        self, definition: Definition, call: Call | None, *, now: AwareDatetime
    ) -> list[Reason]:
        """Everything that speaks against it, in the words of this document; nothing: it may be."""
        reasons = [
            Reason(
                code=reason.code,
                en=reason.en,
                fr=reason.fr,
                field=f"participants[{index}].{reason.field}",
                accepted=reason.accepted,
            )
            for index, described in enumerate(self.participants)
            for reason in organisation.problems_of(described.to_domain())
        ]
        reasons += judge_at_once(self.to_submission(definition, call, now=now), definition)
        numbers = {
            str(organisation_id_of(number)): number
            for number in (
                without_separators(self.lead_business_number),
                *(without_separators(each.business_number) for each in self.participants),
            )
        }
        return [_in_words_of_the_document(reason, numbers) for reason in reasons]

    def _budget(self) -> Budget:
        return Budget(
            costs=tuple(
                Cost(
                    participant_id=_participant_id(cost.business_number),
                    category=cost.category,
                    quarter=cost.quarter,
                    cash=cost.cash,
                    in_kind=cost.in_kind,
                )
                for cost in self.costs
            ),
            requests=tuple(
                RequestedAmount(
                    participant_id=_participant_id(request.business_number),
                    quarter=request.quarter,
                    amount=request.amount,
                )
                for request in self.requests
            ),
            other_government=self.other_government or ZERO,
            sources=tuple(source.to_domain() for source in self.sources),
        )


class EligibilityOut(BaseModel):
    """Whether it could be submitted as it is."""

    eligible: bool
    """Nothing speaks against it. It is not a decision: an officer confirms eligibility."""
    programme_code: str
    programme_version: int
    reasons: list[ProblemError]
    """What speaks against it, each with its place and what would be accepted; the first 200."""
    more: int
    """How many reasons there are beyond those."""

    @classmethod
    def of(cls, call: Call, reasons: list[Reason]) -> "EligibilityOut":
        """The answer for an application to this call."""
        shown = reasons[:MOST_REASONS]
        return cls(
            eligible=not reasons,
            programme_code=call.programme_code,
            programme_version=call.programme_version,
            reasons=told(shown),
            more=len(reasons) - len(shown),
        )


def _participant(described: MemberDescribed) -> Participant:
    profile = described.to_domain()
    return Participant(
        participant_id=_participant_id(profile.business_number),
        organisation_id=organisation_id_of(profile.business_number),
        role=described.role,
        profile=profile,
    )


def _organisation_id(business_number: str) -> UUID:
    return organisation_id_of(without_separators(business_number))


def _participant_id(business_number: str) -> UUID:
    return participant_id_of(_NO_APPLICATION, _organisation_id(business_number))


def _in_words_of_the_document(reason: Reason, numbers: dict[str, str]) -> Reason:
    """An organisation's id, which its reader never saw, becomes its business number."""
    return Reason(
        code=reason.code,
        en=_renamed(reason.en, numbers),
        fr=_renamed(reason.fr, numbers),
        field=reason.field and reason.field.replace(".organisation_id", ".business_number"),
        accepted=_renamed(reason.accepted, numbers),
    )


def _renamed(value: Any, numbers: dict[str, str]) -> Any:
    match value:
        case str():
            return _ID.sub(lambda found: numbers.get(found[0], found[0]), value)
        case list():
            return [_renamed(each, numbers) for each in value]
        case dict():
            return {
                "business_number" if name == "organisation_id" else name: _renamed(each, numbers)
                for name, each in value.items()
            }
        case _:
            return value
