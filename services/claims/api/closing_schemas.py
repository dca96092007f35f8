"""What requests about the end of an agreement say, and what its closing checklist shows."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.claims.api.claim_schemas import Reason, Sha256
from services.claims.domain.checklist import checklist
from services.claims.domain.state import Agreement
from services.claims.domain.values import (
    ClosingRequirement,
    IntellectualProperty,
    IpKind,
    ParticipantShare,
)
from shared.kernel.money import Money
from shared.web.schemas import Request


class RecoveryPartIn(Request):
    """What of the money paid to one participant from one pocket is to be asked back."""

    participant_id: UUID
    pocket: str = Field(min_length=1, max_length=100)
    amount: Money


class RecoveryIn(Request):
    """That money is to be asked back, and how much."""

    parts: Annotated[tuple[RecoveryPartIn, ...], Field(min_length=1, max_length=2_000)] | None = (
        None
    )
    """Null: all that was paid."""

    def to_domain(self) -> Literal["all"] | tuple[ParticipantShare, ...]:
        """As the domain speaks of it."""
        if self.parts is None:
            return "all"
        return tuple(
            ParticipantShare(
                participant_id=part.participant_id, pocket=part.pocket, amount=part.amount
            )
            for part in self.parts
        )


class TerminationIn(Request):
    """When and why an agreement ended before its time."""

    terminated_on: date
    reason: Reason
    recovery: RecoveryIn | None = None
    """Null: nothing is asked back, and what was held back is owed."""


class CompletionIn(Request):
    """When a project was completed."""

    completed_on: date


class RequirementIn(Request):
    """When a closing requirement was met, and the document that shows it."""

    met_on: date
    document_sha256: Sha256


class IntellectualPropertyIn(Request):
    """One piece of intellectual property; it names no person."""

    title: str = Field(min_length=1, max_length=500, pattern=r"\S")
    kind: IpKind
    owner_organisation_id: UUID
    canadian_owned: bool
    reuse_allowed: bool
    """Others may use it outside the project."""
    commercialised: bool

    def to_domain(self) -> IntellectualProperty:
        """As the domain speaks of it."""
        return IntellectualProperty(
            title=self.title,
            kind=self.kind,
            owner_organisation_id=self.owner_organisation_id,
            canadian_owned=self.canadian_owned,
            reuse_allowed=self.reuse_allowed,
            commercialised=self.commercialised,
        )


class IpDeclarationIn(Request):
    """What a participant declares."""

    participant_id: UUID
    intellectual_property: IntellectualPropertyIn | None
    """Null: there is none to declare."""


class ChecklistItemOut(BaseModel):
    """One line of the checklist."""

    code: str
    done: bool
    en: str | None
    """What is missing."""
    fr: str | None
    of: list[str] = []
    """The participants whose part is missing."""


class IpDeclarationOut(BaseModel):
    """One declaration in the register."""

    declaration_id: UUID
    participant_id: UUID
    intellectual_property: IntellectualProperty


class MetRequirementOut(BaseModel):
    """What shows a closing requirement."""

    requirement: ClosingRequirement
    met_on: date
    document_sha256: str


class ClosingOut(BaseModel):
    """How far a project is from being completed."""

    agreement_id: UUID
    ready: bool
    items: list[ChecklistItemOut]
    requirements_met: list[MetRequirementOut]
    intellectual_property: list[IpDeclarationOut]
    """Those of its own organisation for a recipient."""
    none_declared: list[UUID]
    """Participants that declared to have none."""


def closing(agreement_id: UUID, agreement: Agreement, organisation_id: UUID | None) -> ClosingOut:
    """The checklist; ``organisation_id`` narrows the register to one organisation's."""
    items = [
        ChecklistItemOut(
            code=item.code,
            done=item.missing is None,
            en=item.missing and item.missing.says("en"),
            fr=item.missing and item.missing.says("fr"),
            of=_named(item.missing.accepted) if item.missing is not None else [],
        )
        for item in checklist(agreement)
    ]
    return ClosingOut(
        agreement_id=agreement_id,
        ready=all(item.done for item in items),
        items=items,
        requirements_met=[
            MetRequirementOut(
                requirement=requirement, met_on=met.met_on, document_sha256=met.document_sha256
            )
            for requirement, met in agreement.requirements_met.items()
        ],
        intellectual_property=[
            IpDeclarationOut(
                declaration_id=declaration_id,
                participant_id=participant_id,
                intellectual_property=made,
            )
            for declaration_id, (participant_id, made) in agreement.ip_declared.items()
            if organisation_id in {None, agreement.participants[participant_id].organisation_id}
        ],
        none_declared=sorted(agreement.no_ip_declared),
    )


def _named(accepted: object) -> list[str]:
    return [str(each) for each in accepted] if isinstance(accepted, list) else []
