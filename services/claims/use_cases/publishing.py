"""
What claims publishes: every fact that moves committed money, and that a project is completed.

People, lines of claims, documents and drafts stay inside.
"""

from collections.abc import Iterable
from typing import Any

from services.claims.domain import events, values
from shared.contracts import claims as contracts
from shared.contracts.base import Contract, Party
from shared.eventstore.store import Recorded


def to_contract(  # noqa: PLR0911  # one branch per published event
    recorded: Recorded,
) -> Contract | None:
    """The contract that tells an event; None for what is nobody else's business."""
    event = recorded.event
    match event:
        case events.AgreementExecuted():
            return contracts.AgreementExecuted(
                **_about(recorded),
                award_id=event.award_id,
                participants=_parties(event.participants),
                starts_on=event.starts_on,
                ends_on=event.ends_on,
                funding=event.funding,
                match=event.match,
            )
        case events.AgreementAmended():
            return contracts.AgreementAmended(
                **_about(recorded),
                amendment_id=event.amendment_id,
                kind=event.kind,
                ends_on=event.ends_on,
                funding=event.funding,
                match=event.match,
            )
        case events.ForecastRevised():
            return contracts.ForecastRevised(**_about(recorded), funding=event.funding)
        case events.ClaimApproved():
            return contracts.ClaimApproved(
                **_about(recorded),
                claim_id=event.claim_id,
                participant_id=event.participant_id,
                quarter=event.quarter,
                period_starts_on=event.period_starts_on,
                period_ends_on=event.period_ends_on,
                drawn=event.drawn,
                payable=_shares(event.payable),
                held_back=_shares(event.held_back),
                match_cash=event.match_cash,
                match_in_kind=event.match_in_kind,
            )
        case events.PaymentDisbursed() if event.claim_id is not None:
            return contracts.PaymentDisbursed(
                **_about(recorded),
                payment_id=event.payment_id,
                claim_id=event.claim_id,
                participant_id=event.participant_id,
                quarter=event.quarter,
                paid=_shares(event.paid),
            )
        case events.PaymentReturned() if event.claim_id is not None:
            return contracts.PaymentReturned(
                **_about(recorded),
                payment_id=event.payment_id,
                claim_id=event.claim_id,
                participant_id=event.participant_id,
                quarter=event.quarter,
                returned=_shares(event.returned),
                reason=event.reason,
            )
        case events.HoldbackReleased():
            return contracts.HoldbackReleased(
                **_about(recorded),
                claim_id=event.claim_id,
                participant_id=event.participant_id,
                quarter=event.quarter,
                released=_shares(event.released),
            )
        case events.CommitmentReleased():
            return contracts.CommitmentReleased(
                **_about(recorded),
                reason=event.reason,
                funding=event.funding,
                match=event.match,
            )
        case events.ProjectCompleted():
            return contracts.ProjectCompleted(
                **_about(recorded),
                title=event.title,
                participants=_parties(event.participants),
            )
        case _:
            return None


def _about(recorded: Recorded) -> dict[str, Any]:
    """What every contract about an agreement says."""
    event: events.AgreementFact = recorded.event
    return {
        "effective_on": event.effective_on,
        "project_id": event.project_id,
        "programme_code": event.programme_code,
        "agreement_id": recorded.stream.id,
    }


def _parties(parties: Iterable[values.Party]) -> tuple[Party, ...]:
    return tuple(
        Party(
            participant_id=party.participant_id,
            organisation_id=party.organisation_id,
            role=party.role,
            name=party.name,
            province=party.province,
            sme=party.sme,
        )
        for party in parties
    )


def _shares(shares: Iterable[values.PocketShare]) -> tuple[contracts.PocketShare, ...]:
    return tuple(
        contracts.PocketShare(pocket=share.pocket, amount=share.amount) for share in shares
    )
