"""What officers do with an application: eligibility, assessment, forwarding."""

from services.intake.domain.application_commands import (
    AssessApplication,
    DecideEligibility,
    ForwardApplication,
)
from services.intake.domain.application_events import (
    ApplicationAssessed,
    ApplicationForwarded,
    EligibilityConfirmed,
    EligibilityRefused,
    Event,
    Score,
)
from services.intake.domain.application_state import (
    Assessed,
    Eligible,
    Started,
    Submitted,
)
from services.intake.domain.forms import (
    AssessmentNotValid,
    problems_of_scores,
)
from services.intake.domain.funding import (
    checked_funding,
    split_over_pockets,
)
from services.intake.domain.stages import ReasonMissing, must_be_another, not_at_stage
from shared.kernel.periods import civil_date
from shared.kernel.refusals import Invalid


class ConfirmationHasReasons(Invalid):
    """Reasons are given for a refusal, not for a confirmation."""

    en = "Eligibility is confirmed without reasons."
    fr = "L’admissibilité est confirmée sans raisons."


def decide_eligibility(command: DecideEligibility, state: Started) -> list[Event]:
    """Find it eligible, or not and say why."""
    if not isinstance(state, Submitted):
        raise not_at_stage(state, "submitted")
    must_be_another(command.by, state.sent)
    application_id = state.proposal.application_id
    if command.confirmed:
        if command.reasons:
            raise ConfirmationHasReasons(field="reasons", accepted=[])
        return [
            EligibilityConfirmed(
                effective_on=command.on, application_id=application_id, by=command.by
            )
        ]
    if not command.reasons or not all(reason.strip() for reason in command.reasons):
        raise ReasonMissing(field="reasons")
    return [
        EligibilityRefused(
            effective_on=command.on,
            application_id=application_id,
            reasons=command.reasons,
            by=command.by,
        )
    ]


def assess(command: AssessApplication, state: Started) -> list[Event]:
    """Fill in the grid, every criterion once."""
    # An assessment may be corrected until the committee has it.
    if not isinstance(state, Eligible | Assessed):
        raise not_at_stage(state, "eligible")
    must_be_another(command.by, state.sent)
    grid = state.sent.definition.scoring_grid
    if reasons := problems_of_scores(command.scores, command.summary, grid):
        raise AssessmentNotValid(reasons=reasons)
    given = dict(command.scores)
    return [
        ApplicationAssessed(
            effective_on=command.on,
            application_id=state.proposal.application_id,
            scores=tuple(
                Score(criterion=line.criterion, score=given[line.criterion], out_of=line.out_of)
                for line in grid
            ),
            summary=command.summary,
            by=command.by,
        )
    ]


def forward(command: ForwardApplication, state: Started) -> list[Event]:
    """Put it before the committee, with what is asked of each pocket."""
    if not isinstance(state, Assessed):
        raise not_at_stage(state, "assessed")
    must_be_another(command.by, state.sent)
    proposal, sent = state.proposal, state.sent
    pockets = sent.definition.pockets
    if command.funding is None:
        funding = split_over_pockets(proposal.budget, proposal.participants, pockets)
    else:
        funding = checked_funding(command.funding, proposal.budget, proposal.participants, pockets)
    return [
        ApplicationForwarded(
            effective_on=command.on,
            application_id=proposal.application_id,
            programme_code=proposal.programme_code,
            programme_version=sent.programme_version,
            title=proposal.title,
            lead_organisation_id=proposal.lead_organisation_id,
            participants=proposal.participants,
            starts_on=proposal.starts_on,
            ends_on=proposal.ends_on,
            funding=funding,
            match=proposal.budget.match(),
            scores=state.scores,
            summary=state.summary,
            by=command.by,
            submitted_on=civil_date(sent.submitted_at),
            expectations=proposal.expectations,
        )
    ]
