"""
Fact → entry: which of the facts that finance keeps move money, and how.

What other services say is read from their contracts as received; the rest is finance's own.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from services.finance.domain import ledger, ledger_recoveries
from services.finance.domain.actuals import ACCOUNT_OF
from services.finance.domain.events import (
    ActualRecorded,
    AuthorityChanged,
    AuthorityLapsed,
    DrawdownReceived,
    DrawdownSubmitted,
    IncreaseReservationEnded,
    PocketAmount,
    PocketOpened,
    ReservationEnded,
)
from services.finance.domain.ledger import Entry, Line, OfClaim, Project
from shared.contracts import claims, selection
from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, MatchCell, total_by_pocket


def entry_of(fact: Any) -> Entry | None:
    """
    The entry of one fact; nothing for a fact that moves no money.

    Raises ``UnbalancedEntry`` for a contract whose amounts do not add up in every pocket.
    """
    match fact:
        case claims.AgreementContract():
            return _of_an_agreement(fact)
        case selection.AwardApproved():
            return ledger.award_approved(
                Project(fact.programme_code, fact.project_id), fact.funding
            )
        case selection.IncreaseReserved():
            return ledger.increase_reserved(
                Project(fact.programme_code, fact.project_id), fact.funding
            )
        case IncreaseReservationEnded():
            return ledger.increase_reservation_ended(
                Project(fact.programme_code, fact.project_id), fact.funding
            )
        case ReservationEnded():
            return ledger.reservation_ended(
                Project(fact.programme_code, fact.project_id), fact.funding
            )
        case _:
            return _of_ours(fact)


def _of_an_agreement(  # noqa: PLR0911  # one return per kind of entry
    fact: claims.AgreementContract,
) -> Entry | None:
    project = Project(fact.programme_code, fact.project_id)
    match fact:
        case claims.AgreementExecuted():
            return ledger.agreement_executed(project, fact.funding, fact.match)
        case claims.AgreementAmended():
            return ledger.agreement_amended(project, fact.funding, fact.match)
        case claims.CommitmentReleased():
            return ledger.commitment_released(project, fact.funding, fact.match)
        case claims.ForecastRevised():
            return ledger.forecast_revised(project, fact.funding)
        case (
            claims.ClaimApproved()
            | claims.HoldbackReleased()
            | claims.HoldbackForfeited()
            | claims.PaymentDisbursed()
            | claims.PaymentReturned()
        ):
            claim = OfClaim(
                project=project, participant_id=fact.participant_id, quarter=fact.quarter
            )
            return _of_a_claim(fact, claim)
        case claims.MoneyContract():
            return _of_a_recovery(fact, project) or _of_an_advance(fact, project)
        case _:
            return None


def _of_an_advance(fact: claims.MoneyContract, project: Project) -> Entry | None:
    match fact:
        case (
            claims.AdvanceApproved()
            | claims.AdvanceCancelled()
            | claims.AdvanceDisbursed()
            | claims.AdvanceReturned()
        ):
            advance = OfClaim(
                project=project, participant_id=fact.participant_id, quarter=fact.quarter
            )
        case _:
            return None
    match fact:
        case claims.AdvanceApproved():
            return ledger_recoveries.advance_approved(advance, fact.drawn, _shares(fact.payable))
        case claims.AdvanceCancelled():
            return ledger_recoveries.advance_cancelled(advance, fact.drawn)
        case claims.AdvanceDisbursed():
            return ledger_recoveries.advance_disbursed(advance, _shares(fact.paid))
        case claims.AdvanceReturned():
            return ledger_recoveries.advance_returned(advance, _shares(fact.returned))


def _of_a_recovery(fact: claims.MoneyContract, project: Project) -> Entry | None:
    match fact:
        case claims.RecoveryRequested():
            return ledger_recoveries.recovery_requested(project, fact.parts)
        case claims.RecoveryReceived():
            return ledger_recoveries.recovery_received(
                project,
                fact.received,
                interest=fact.interest,
                on=Quarter.of(fact.effective_on),
            )
        case claims.RecoveryWrittenOff():
            return ledger_recoveries.recovery_written_off(project, fact.written_off)
        case claims.RecoveryCancelled():
            return ledger_recoveries.recovery_cancelled(project, fact.cancelled)
        case _:
            return None


def _of_a_claim(
    fact: claims.ClaimApproved
    | claims.HoldbackReleased
    | claims.HoldbackForfeited
    | claims.PaymentDisbursed
    | claims.PaymentReturned,
    claim: OfClaim,
) -> Entry:
    match fact:
        case claims.ClaimApproved():
            return ledger.claim_approved(
                claim,
                drawn=fact.drawn,
                payable=_shares(fact.payable),
                held_back=_shares(fact.held_back),
                match=MatchCell(
                    participant_id=fact.participant_id,
                    quarter=fact.quarter,
                    cash=fact.match_cash,
                    in_kind=fact.match_in_kind,
                ),
                set_off=_set_off(fact, claim),
            )
        case claims.HoldbackReleased():
            return ledger.holdback_released(claim, _shares(fact.released))
        case claims.HoldbackForfeited():
            return ledger.holdback_forfeited(claim, _shares(fact.forfeited))
        case claims.PaymentDisbursed():
            return ledger.payment_disbursed(claim, _shares(fact.paid))
        case claims.PaymentReturned():
            return ledger.payment_returned(claim, _shares(fact.returned))


def _set_off(fact: claims.ClaimApproved, claim: OfClaim) -> Iterable[Line]:
    if not fact.advance_set_off and not fact.recovery_set_off:
        return ()
    kept = total_by_pocket(fact.drawn)
    for share in (*fact.payable, *fact.held_back):
        kept[share.pocket] = kept.get(share.pocket, ZERO) - share.amount
    return ledger_recoveries.set_off_lines(
        claim,
        kept=kept,
        advances=_cells(fact.advance_set_off, claim.participant_id),
        recoveries=_cells(fact.recovery_set_off, claim.participant_id),
        on=Quarter.of(fact.effective_on),
    )


def _cells(parts: Iterable[claims.SetOff], participant_id: UUID) -> list[FundingCell]:
    return [
        FundingCell(
            participant_id=participant_id,
            pocket=part.pocket,
            quarter=part.quarter,
            amount=part.amount,
        )
        for part in parts
    ]


def _of_ours(fact: Any) -> Entry | None:
    match fact:
        case PocketOpened() | AuthorityChanged() | AuthorityLapsed():
            return _of_a_pocket(fact)
        case DrawdownSubmitted():
            return ledger.drawdown_submitted(_shares(fact.pockets))
        case DrawdownReceived():
            return ledger.drawdown_received(_shares(fact.pockets))
        case ActualRecorded():
            return ledger.actual_recorded(
                ACCOUNT_OF[fact.kind],
                code=fact.code,
                quarter=Quarter.of(fact.effective_on),
                amount=fact.amount,
            )
        case _:
            return None


def _of_a_pocket(fact: PocketOpened | AuthorityChanged | AuthorityLapsed) -> Entry | None:
    match fact:
        case PocketOpened():
            return ledger.pocket_opened(fact.pocket, fact.authority)
        case AuthorityLapsed():
            return ledger.authority_lapsed(fact.pocket, fact.lapsed)
        case AuthorityChanged():
            if fact.authority == fact.previous:  # only yearly ceilings
                return None
            return ledger.authority_changed(fact.pocket, fact.previous, fact.authority)


def _shares(parts: Iterable[PocketAmount | claims.PocketShare]) -> dict[str, Money]:
    shares: dict[str, Money] = {}
    for part in parts:
        shares[part.pocket] = shares.get(part.pocket, Money(0)) + part.amount
    return shares
