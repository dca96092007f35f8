"""
Fact → entry: which of the facts that finance keeps move money, and how.

What other services say is read from their contracts as received; the rest is finance's own.
"""

from collections.abc import Iterable
from typing import Any

from services.finance.domain import ledger
from services.finance.domain.actuals import ACCOUNT_OF
from services.finance.domain.events import (
    ActualRecorded,
    AuthorityChanged,
    DrawdownReceived,
    DrawdownSubmitted,
    PocketAmount,
    PocketOpened,
    ReservationEnded,
)
from services.finance.domain.ledger import Entry, OfClaim, Project
from shared.contracts import claims, selection
from shared.kernel.money import Money
from shared.kernel.periods import Quarter


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
        case ReservationEnded():
            return ledger.reservation_ended(
                Project(fact.programme_code, fact.project_id), fact.funding
            )
        case _:
            return _of_ours(fact)


def _of_an_agreement(fact: claims.AgreementContract) -> Entry | None:
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
            | claims.PaymentDisbursed()
            | claims.PaymentReturned()
        ):
            claim = OfClaim(
                project=project, participant_id=fact.participant_id, quarter=fact.quarter
            )
            return _of_a_claim(fact, claim)
        case _:
            return None


def _of_a_claim(
    fact: claims.ClaimApproved
    | claims.HoldbackReleased
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
                match=fact.match_cash + fact.match_in_kind,
            )
        case claims.HoldbackReleased():
            return ledger.holdback_released(claim, _shares(fact.released))
        case claims.PaymentDisbursed():
            return ledger.payment_disbursed(claim, _shares(fact.paid))
        case claims.PaymentReturned():
            return ledger.payment_returned(claim, _shares(fact.returned))


def _of_ours(fact: Any) -> Entry | None:
    match fact:
        case PocketOpened():
            return ledger.pocket_opened(fact.pocket, fact.authority)
        case AuthorityChanged():
            return ledger.authority_changed(fact.pocket, fact.previous, fact.authority)
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


def _shares(parts: Iterable[PocketAmount | claims.PocketShare]) -> dict[str, Money]:
    shares: dict[str, Money] = {}
    for part in parts:
        shares[part.pocket] = shares.get(part.pocket, Money(0)) + part.amount
    return shares
