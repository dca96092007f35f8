"""Who may come in here, and how far they see."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.claims.domain.agreement import DECIDER, AgreementUnknown
from services.claims.domain.changes import ParticipantAddition
from services.claims.domain.state import Agreement, NotDrafted
from services.claims.use_cases import streams
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_desk

STAFF = (
    "agreement-officer",
    "claims-analyst",
    "claims-approver",
    "payer",
    "finance-officer",
    "programme-manager",
)
APPROVERS = ("claims-approver", "programme-manager", "finance-officer")
"""Who may approve, up to the amount that the programme gives their role."""

RecipientDesk = Annotated[Desk, Depends(at_desk("recipient"))]
OfficerDesk = Annotated[Desk, Depends(at_desk("agreement-officer"))]
DecidingDesk = Annotated[Desk, Depends(at_desk("agreement-officer", "programme-manager"))]
EitherDesk = Annotated[Desk, Depends(at_desk("recipient", "agreement-officer"))]
AnalystDesk = Annotated[Desk, Depends(at_desk("claims-analyst"))]
AssigningDesk = Annotated[Desk, Depends(at_desk("claims-analyst", *APPROVERS))]
ApproverDesk = Annotated[Desk, Depends(at_desk(*APPROVERS))]
PayerDesk = Annotated[Desk, Depends(at_desk("payer"))]
AnyReader = Annotated[Reader, Depends(at_counter("recipient", *STAFF))]


def agreement_seen_by(reader: Reader, agreement_id: UUID) -> Agreement:
    """The agreement, where the caller may see it: staff, its participants, who is asked to join."""
    state, _ = reader.state(DECIDER, streams.agreement(agreement_id))
    if isinstance(state, NotDrafted):
        raise AgreementUnknown
    ours = reader.caller.only_organisation
    if ours is not None and ours not in _organisations(state):
        raise AgreementUnknown
    return state


def _organisations(agreement: Agreement) -> set[UUID]:
    return {
        *(party.organisation_id for party in agreement.participants.values()),
        *(
            proposal.change.party.organisation_id
            for proposal in agreement.open_proposals()
            if isinstance(proposal.change, ParticipantAddition)
        ),
    }


def about(thing_id: UUID, answer: CommandAnswer) -> CommandAnswer:
    """The answer, about one thing of the agreement instead of the whole."""
    return answer.model_copy(update={"id": thing_id})
