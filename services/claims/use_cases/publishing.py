"""
What claims publishes: every fact that moves committed money, and that a project is completed.

People, lines of claims, documents and drafts stay inside.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from services.claims.domain import events, values
from services.claims.use_cases.publishing_advances import of_a_recovery, of_an_advance, shares
from shared.contracts import claims as contracts
from shared.contracts.base import Contract, Party
from shared.eventstore.store import Recorded


def to_contract(  # noqa: C901, PLR0911, PLR0912  # one branch per published event
    recorded: Recorded,
) -> Contract | None:
    """The contract that tells an event; None for what is nobody else's business."""
    event = recorded.event
    match event:
        case events.AgreementExecuted():
            return contracts.AgreementExecuted(
                **_moved(recorded),
                award_id=event.award_id,
                participants=_parties(event.participants),
                starts_on=event.starts_on,
                ends_on=event.ends_on,
                funding=event.funding,
                match=event.match,
            )
        case events.AgreementAmended():
            return contracts.AgreementAmended(
                **_moved(recorded),
                amendment_id=event.amendment_id,
                kind=event.kind,
                ends_on=event.ends_on,
                funding=event.funding,
                match=event.match,
                added=_parties(event.added),
                withdrawn=event.withdrawn,
            )
        case events.ForecastRevised():
            return contracts.ForecastRevised(**_moved(recorded), funding=event.funding)
        case events.ClaimApproved():
            return contracts.ClaimApproved(
                **_moved(recorded),
                claim_id=event.claim_id,
                participant_id=event.participant_id,
                quarter=event.quarter,
                period_starts_on=event.period_starts_on,
                period_ends_on=event.period_ends_on,
                drawn=event.drawn,
                payable=shares(event.payable),
                held_back=shares(event.held_back),
                match_cash=event.match_cash,
                match_in_kind=event.match_in_kind,
                advance_set_off=_set_off(event.advance_set_off),
                recovery_set_off=_set_off(event.recovery_set_off),
            )
        case events.PaymentDisbursed(advance_id=UUID()) | events.PaymentReturned(advance_id=UUID()):
            return of_an_advance(event, _moved(recorded))
        case events.PaymentDisbursed(claim_id=UUID() as claim_id):
            return contracts.PaymentDisbursed(
                **_moved(recorded),
                payment_id=event.payment_id,
                claim_id=claim_id,
                participant_id=event.participant_id,
                quarter=event.quarter,
                paid=shares(event.paid),
            )
        case events.PaymentReturned(claim_id=UUID() as claim_id):
            return contracts.PaymentReturned(
                **_moved(recorded),
                payment_id=event.payment_id,
                claim_id=claim_id,
                participant_id=event.participant_id,
                quarter=event.quarter,
                returned=shares(event.returned),
                reason=event.reason,
            )
        case events.HoldbackReleased():
            return contracts.HoldbackReleased(
                **_moved(recorded),
                claim_id=event.claim_id,
                participant_id=event.participant_id,
                quarter=event.quarter,
                released=shares(event.released),
            )
        case events.CommitmentReleased():
            return contracts.CommitmentReleased(
                **_moved(recorded),
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
        case events.AdvanceApproved() | events.AdvanceCancelled():
            return of_an_advance(event, _moved(recorded))
        case (
            events.RecoveryRequested()
            | events.RecoveryReceived()
            | events.RecoveryWrittenOff()
            | events.RecoveryCancelled()
        ):
            return of_a_recovery(event, _moved(recorded))
        case events.HoldbackForfeited():
            return contracts.HoldbackForfeited(
                **_moved(recorded),
                claim_id=event.claim_id,
                participant_id=event.participant_id,
                quarter=event.quarter,
                forfeited=shares(event.forfeited),
            )
        case events.AmendmentProposed() if event.funding:
            return contracts.IncreaseProposed(
                **_about(recorded), amendment_id=event.amendment_id, funding=event.funding
            )
        case events.AmendmentRejected() | events.AmendmentWithdrawn() if event.funding:
            return contracts.IncreaseWithdrawn(
                **_about(recorded), amendment_id=event.amendment_id, funding=event.funding
            )
        case events.IpDeclared():
            made = event.intellectual_property
            return contracts.IpDeclared(
                **_about(recorded),
                declaration_id=event.declaration_id,
                participant_id=event.participant_id,
                intellectual_property=contracts.IntellectualProperty(
                    title=made.title,
                    kind=made.kind.value,
                    owner_organisation_id=made.owner_organisation_id,
                    canadian_owned=made.canadian_owned,
                    reuse_allowed=made.reuse_allowed,
                    commercialised=made.commercialised,
                ),
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


def _moved(recorded: Recorded) -> dict[str, Any]:
    """What every contract that moves money says."""
    event: events.MoneyFact = recorded.event
    balances = tuple(
        contracts.PocketBalance(
            pocket=each.pocket,
            contracted=each.contracted,
            committed=each.committed,
            payable=each.payable,
            held_back=each.held_back,
            paid=each.paid,
            released=each.released,
        )
        for each in event.balances_after
    )
    return _about(recorded) | {"balances_after": balances}


def _set_off(parts: Iterable[values.SetOff]) -> tuple[contracts.SetOff, ...]:
    return tuple(
        contracts.SetOff(of=part.of, pocket=part.pocket, quarter=part.quarter, amount=part.amount)
        for part in parts
    )


def _parties(parties: Iterable[values.Party]) -> tuple[Party, ...]:
    return tuple(
        Party(
            participant_id=party.participant_id,
            organisation_id=party.organisation_id,
            role=party.role,
            name=party.name,
            province=party.province,
            sme=party.sme,
            naics=party.naics,
        )
        for party in parties
    )
