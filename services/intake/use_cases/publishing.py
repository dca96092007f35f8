"""What others may know of what happens here; everything else stays inside."""

from services.intake.domain.application_events import ApplicationForwarded, ApplicationWithdrawn
from services.intake.domain.claim_terms import ClaimTerms
from services.intake.domain.consortium import Participant
from services.intake.domain.programme import ProgrammePublished
from shared.contracts import intake as contracts
from shared.contracts.base import Contract, Party
from shared.eventstore.store import Recorded


def to_contract(recorded: Recorded) -> Contract | None:
    """The contract that tells an event; None for what is nobody else's business."""
    match recorded.event:
        case ProgrammePublished() as published:
            return _programme_published(published)
        case ApplicationForwarded() as forwarded:
            return _application_forwarded(forwarded)
        case ApplicationWithdrawn(was_forwarded=True) as withdrawn:
            return contracts.ApplicationWithdrawn(
                effective_on=withdrawn.effective_on, project_id=withdrawn.application_id
            )
        case _:
            return None


def _programme_published(published: ProgrammePublished) -> contracts.ProgrammePublished:
    definition = published.definition
    return contracts.ProgrammePublished(
        effective_on=published.effective_on,
        code=definition.code,
        version=published.version,
        name_en=definition.names.en,
        name_fr=definition.names.fr,
        phase=definition.phase,
        pockets=tuple(pocket.code for pocket in definition.pockets),
        reimbursement_rate_bp=definition.reimbursement_rate_bp,
        holdback_bp=definition.holdback_bp,
        claim_frequency=definition.claim_frequency,
        survey_years=definition.survey_years,
        cost_categories=definition.cost_categories,
        claims=_claim_terms(definition.claims),
        pocket_terms=tuple(
            contracts.PocketTerms(
                code=pocket.code, provinces=pocket.provinces, share_bp=pocket.share_bp
            )
            for pocket in definition.pockets
        ),
        indicators=definition.indicators,
    )


def _claim_terms(terms: ClaimTerms) -> contracts.ClaimTerms:
    return contracts.ClaimTerms(
        categories=tuple(
            contracts.CategoryTerms(
                category=each.category, overhead_bp=each.overhead_bp, share_bp=each.share_bp
            )
            for each in terms.categories
        ),
        participant_share_bp=terms.participant_share_bp,
        stacking_limit_bp=terms.stacking_limit_bp,
        in_kind_share_bp=terms.in_kind_share_bp,
        sales_tax=terms.sales_tax,
        documents=terms.documents,
        reallocation_tolerance_bp=terms.reallocation_tolerance_bp,
        advances_allowed=terms.advances_allowed,
        reports_hold_payments=terms.reports_hold_payments,
        claim_due_days=terms.claim_due_days,
        closing_requirements=terms.closing_requirements,
        approval_levels=tuple(
            contracts.ApprovalLevelTerms(role=each.role, up_to=each.up_to)
            for each in terms.approval_levels
        ),
        overdue_interest_bp=terms.overdue_interest_bp,
    )


def _application_forwarded(forwarded: ApplicationForwarded) -> contracts.ApplicationForwarded:
    return contracts.ApplicationForwarded(
        effective_on=forwarded.effective_on,
        project_id=forwarded.application_id,
        programme_code=forwarded.programme_code,
        programme_version=forwarded.programme_version,
        title=forwarded.title,
        lead_organisation_id=forwarded.lead_organisation_id,
        participants=tuple(_party(participant) for participant in forwarded.participants),
        starts_on=forwarded.starts_on,
        ends_on=forwarded.ends_on,
        funding=forwarded.funding,
        match=forwarded.match,
        scores=tuple(
            contracts.ScoredCriterion(
                criterion=line.criterion, score=line.score, out_of=line.out_of
            )
            for line in forwarded.scores
        ),
        summary=forwarded.summary,
        submitted_on=forwarded.submitted_on,
        risks=forwarded.risks,
        expectations=tuple(
            contracts.Expectation(
                participant_id=each.participant_id,
                indicator=each.indicator,
                baseline=each.baseline,
                expected=each.expected,
            )
            for each in forwarded.expectations
        ),
    )


def _party(participant: Participant) -> Party:
    return Party(
        participant_id=participant.participant_id,
        organisation_id=participant.organisation_id,
        role=participant.role,
        name=participant.profile.legal_name,
        province=participant.profile.province,
        sme=participant.profile.sme,
        naics=participant.profile.naics,
    )
