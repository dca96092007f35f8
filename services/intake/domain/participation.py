"""
What invited organisations say to their part: each by itself, to what it has read.

A reply is about a role, costs and requests. When these change, it no longer stands, and the
organisation is asked again.
"""

from typing import Literal
from uuid import UUID

from services.intake.domain.application_commands import (
    ConfirmParticipation,
    RefuseParticipation,
)
from services.intake.domain.application_events import (
    Event,
    ParticipationConfirmed,
    ParticipationRefused,
)
from services.intake.domain.application_state import Draft
from services.intake.domain.consortium import Participant
from services.intake.domain.proposal import Proposal, Reply
from services.intake.domain.sealing import part_sha256
from services.intake.domain.stages import ReasonMissing
from shared.kernel.refusals import NotFound, RuleBroken

Standing = Literal["awaiting", "confirmed", "refused"]
"""Where an invitation stands."""


class PartHasChanged(RuleBroken):
    """An organisation agrees to what it has read, and to nothing else."""

    en = "Your part of the application has changed since you read it; read it again."
    fr = "Votre part de la demande a changé depuis que vous l’avez lue; relisez-la."


class LeadNeedsNoInvitation(RuleBroken):
    """The organisation that applies agrees by applying."""

    en = "The organisation that leads the application has nothing to confirm."
    fr = "L’organisation responsable de la demande n’a rien à confirmer."


def confirm(command: ConfirmParticipation, draft: Draft) -> list[Event]:
    """Agree to one's part; agreeing twice changes nothing."""
    proposal = draft.proposal
    participant = _invited(proposal, command.organisation_id, command.content_sha256)
    if standing_of(proposal, participant) == "confirmed":
        return []
    return [
        ParticipationConfirmed(
            effective_on=command.on,
            application_id=proposal.application_id,
            participant_id=participant.participant_id,
            content_sha256=command.content_sha256,
            by=command.by,
        )
    ]


def refuse(command: RefuseParticipation, draft: Draft) -> list[Event]:
    """Do not agree to one's part, and say why; also after having agreed."""
    proposal = draft.proposal
    participant = _invited(proposal, command.organisation_id, command.content_sha256)
    if not command.reason.strip():
        raise ReasonMissing(field="reason")
    return [
        ParticipationRefused(
            effective_on=command.on,
            application_id=proposal.application_id,
            participant_id=participant.participant_id,
            content_sha256=command.content_sha256,
            reason=command.reason,
            by=command.by,
        )
    ]


def invited(proposal: Proposal) -> tuple[Participant, ...]:
    """Everybody who is asked to agree: all participants but the lead."""
    return tuple(
        participant
        for participant in proposal.participants
        if participant.organisation_id != proposal.lead_organisation_id
    )


def standing_reply(proposal: Proposal, participant: Participant) -> Reply | None:
    """What a participant said to its part as it is now; None when it said nothing to that."""
    reply = proposal.replies.get(participant.participant_id)
    if reply is None or reply.content_sha256 != part_sha256(proposal, participant):
        return None
    return reply


def standing_of(proposal: Proposal, participant: Participant) -> Standing:
    """What a participant said to its part as it is now."""
    reply = standing_reply(proposal, participant)
    if reply is None:
        return "awaiting"
    return "confirmed" if reply.confirmed else "refused"


def unconfirmed(proposal: Proposal) -> tuple[Participant, ...]:
    """Those who have not agreed to their part as it is now."""
    return tuple(
        participant
        for participant in invited(proposal)
        if standing_of(proposal, participant) != "confirmed"
    )


def _invited(proposal: Proposal, organisation_id: UUID, content_sha256: str) -> Participant:
    if organisation_id == proposal.lead_organisation_id:
        raise LeadNeedsNoInvitation
    for participant in proposal.participants:
        if participant.organisation_id == organisation_id:
            present = part_sha256(proposal, participant)
            if content_sha256 != present:
                raise PartHasChanged(field="content_sha256", accepted=present)
            return participant
    raise NotFound(kind="invitation")
