"""
What can be asked of a programme's terms and of an agreement.

``on`` is the civil date today in Toronto and ``by`` the opaque id of the person who asks.
"""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID

from services.claims.domain.values import (
    AcceptedLine,
    ClaimForm,
    DuplicateOf,
    Occasion,
    Party,
    ProgrammeTerms,
    Question,
    RateOverride,
)
from shared.kernel.schedule import FundingCell, MatchCell


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordProgrammeTerms:
    """Keep one version of a programme's terms."""

    programme_code: str
    terms: ProgrammeTerms
    effective_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftAgreement:
    """Turn an award into an agreement to sign."""

    project_id: UUID
    programme_code: str
    award_id: UUID
    title: str
    participants: tuple[Party, ...]
    starts_on: date
    ends_on: date
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]
    terms: ProgrammeTerms
    lapses_on: date
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseAgreement:
    """Give up a draft whose award has lapsed."""

    reason: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SignAgreement:
    """Sign for one participant."""

    participant_id: UUID
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteAgreement:
    """Bring a signed agreement into force."""

    executed_on: date
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendAgreement:
    """Change the schedule or the end of an agreement in force, by differences."""

    amendment_id: UUID
    kind: str
    """``time-extension``, ``reprofile``, ``reduction`` or ``increase``."""
    ends_on: date | None
    """``None``: it stays."""
    funding: tuple[FundingCell, ...]
    match: tuple[MatchCell, ...]
    effective_on: date
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftClaim:
    """Write down a participant's costs of one period."""

    claim_id: UUID
    form: ClaimForm
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RedraftClaim:
    """Replace a draft."""

    claim_id: UUID
    form: ClaimForm
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawClaim:
    """Take a draft back."""

    claim_id: UUID
    reason: str
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifyClaim:
    """Certify a draft and so submit it."""

    claim_id: UUID
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignClaim:
    """Give a submitted claim to an analyst, or to another one."""

    claim_id: UUID
    assigned_to: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryClaim:
    """Ask the participant about its claim."""

    claim_id: UUID
    query_id: UUID
    questions: tuple[Question, ...]
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerQuery:
    """Answer the analyst, with another form where the claim was wrong."""

    claim_id: UUID
    query_id: UUID
    text: str
    form: ClaimForm | None
    by: str
    by_organisation_id: UUID | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessClaim:
    """Judge a certified claim; a line that is not in ``accepted`` is accepted as claimed."""

    claim_id: UUID
    accepted: tuple[AcceptedLine, ...]
    suspected: tuple[DuplicateOf, ...]
    """Lines of other agreements that may show the same costs."""
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBackClaim:
    """Have an assessed claim assessed again."""

    claim_id: UUID
    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveClaim:
    """Approve a claim as it was assessed."""

    claim_id: UUID
    suspected: tuple[DuplicateOf, ...]
    """Lines of other agreements that may show the same costs, as known now."""
    by: str
    by_roles: tuple[str, ...]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRates:
    """Replace contracted rates, for exactly these participants and categories or quarters."""

    overrides: tuple[RateOverride, ...]
    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PayClaim:
    """Pay all that is payable of a claim."""

    payment_id: UUID
    claim_id: UUID
    paid_on: date
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPayment:
    """Record that a payment came back."""

    payment_id: UUID
    returned_on: date
    reason: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminateAgreement:
    """End an agreement before its time."""

    terminated_on: date
    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteProject:
    """Close a project whose last claim is decided."""

    completed_on: date
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenClaimPeriods:
    """Open the periods of claims that have begun."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindOfClaimPeriod:
    """Remind those who have not claimed a period."""

    period_starts_on: date
    occasion: Occasion
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDocument:
    """Ask for the document behind a line of a claim."""

    claim_id: UUID
    line: int
    note: str | None
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyDocument:
    """Show a document that was asked for and is kept."""

    claim_id: UUID
    line: int
    document_sha256: str
    by: str
    by_organisation_id: UUID | None
    on: date


AgreementCommand: TypeAlias = (
    DraftAgreement
    | LapseAgreement
    | SignAgreement
    | ExecuteAgreement
    | AmendAgreement
    | DraftClaim
    | RedraftClaim
    | WithdrawClaim
    | CertifyClaim
    | AssignClaim
    | QueryClaim
    | AnswerQuery
    | AssessClaim
    | SendBackClaim
    | ApproveClaim
    | OverrideRates
    | PayClaim
    | ReturnPayment
    | TerminateAgreement
    | CompleteProject
    | OpenClaimPeriods
    | RemindOfClaimPeriod
    | RequestDocument
    | SupplyDocument
)
