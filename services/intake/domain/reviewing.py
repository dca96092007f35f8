"""
What officers do with an application: assignment, eligibility, assessment, forwarding.

Where a programme asks for due diligence, an application is forwarded by another person than the one
who assessed it: what such a programme puts before its committee has been seen by two. Where it asks
for none, one officer may do both, as small programmes with few officers do.
"""

from collections.abc import Sequence
from typing import assert_never

from services.intake.domain import due_diligence, information_requests
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
from services.intake.domain.definition import ListedTwice, NotAmongThese
from services.intake.domain.forms import (
    AssessmentNotValid,
    problems_of_scores,
)
from services.intake.domain.funding import (
    checked_funding,
    split_over_pockets,
)
from services.intake.domain.open_points import must_have_no_open_points
from services.intake.domain.review_commands import (
    AssignOfficer,
    CloseInformationRequest,
    ConcludeTheme,
    CorrectFinding,
    MarkInformationOverdue,
    OpenDueDiligence,
    RecordFinding,
    ReopenTheme,
    RequestInformation,
    ResolveFinding,
    ReviewCommand,
    SupplyInformation,
)
from services.intake.domain.review_events import OfficerAssigned, ReviewEvent
from services.intake.domain.stages import (
    ReasonMissing,
    is_of_the_applicant,
    may_still_be_reviewed,
    must_be_another,
    not_at_stage,
)
from shared.kernel.periods import civil_date
from shared.kernel.refusals import Invalid, Reason, Refusal, RuleBroken


class ConfirmationHasReasons(Invalid):
    """Reasons are given for a refusal, not for a confirmation."""

    en = "Eligibility is confirmed without reasons."
    fr = "L’admissibilité est confirmée sans raisons."


class EligibilityFindingsNotValid(Invalid):
    """An officer goes through the rules of the programme, each once."""

    en = "What was found of the rules cannot be as described."
    fr = "Les constats sur les règles ne peuvent pas être tels que décrits."


class RuleNotMet(Invalid):
    """What is eligible meets every rule that was looked at."""

    en = "The rule {rule} is not met: eligibility cannot be confirmed."
    fr = "La règle {rule} n’est pas respectée\u00a0: l’admissibilité ne peut pas être confirmée."


class OfficerSubmittedIt(RuleBroken):
    """An application is not given to whoever submitted it."""

    en = "This person submitted the application; someone else reviews it."
    fr = "Cette personne a déposé la demande; quelqu’un d’autre l’étudie."


class AssessorCannotForward(RuleBroken):
    """After due diligence, another person forwards than the one who assessed."""

    en = "You assessed this application; someone else forwards it."
    fr = "Vous avez évalué cette demande; quelqu’un d’autre la transmet."


def decide(command: ReviewCommand, state: Started) -> Sequence[ReviewEvent]:  # noqa: C901, PLR0911  # one case per command
    """What follows from a step of the review that leaves the stage as it is."""
    match command:
        case AssignOfficer():
            return assign(command, state)
        case RequestInformation():
            return information_requests.ask(command, state)
        case SupplyInformation():
            return information_requests.supply(command, state)
        case MarkInformationOverdue():
            return information_requests.mark_overdue(command, state)
        case CloseInformationRequest():
            return information_requests.close(command, state)
        case OpenDueDiligence():
            return due_diligence.open_it(command, state)
        case RecordFinding():
            return due_diligence.record(command, state)
        case CorrectFinding():
            return due_diligence.correct(command, state)
        case ResolveFinding():
            return due_diligence.resolve(command, state)
        case ConcludeTheme():
            return due_diligence.conclude(command, state)
        case ReopenTheme():
            return due_diligence.reopen(command, state)
        case unreachable:
            assert_never(unreachable)


def assign(command: AssignOfficer, state: Started) -> list[ReviewEvent]:
    """Say who sees to it. It organises the work: any officer may still take a step."""
    reviewed = may_still_be_reviewed(state)
    if is_of_the_applicant(command.officer_id, reviewed):
        raise OfficerSubmittedIt(field="officer_id")
    if reviewed.review.officer_id == command.officer_id:
        return []
    return [
        OfficerAssigned(
            effective_on=command.on,
            application_id=reviewed.proposal.application_id,
            officer_id=command.officer_id,
            by=command.by,
        )
    ]


def decide_eligibility(command: DecideEligibility, state: Started) -> list[Event]:
    """Find it eligible, or not and say why."""
    if not isinstance(state, Submitted):
        raise not_at_stage(state, "submitted")
    must_be_another(command.by, state)
    application_id = state.proposal.application_id
    if reasons := _problems_of_findings(command, state):
        raise EligibilityFindingsNotValid(reasons=reasons)
    if command.confirmed:
        if command.reasons:
            raise ConfirmationHasReasons(field="reasons", accepted=[])
        return [
            EligibilityConfirmed(
                effective_on=command.on,
                application_id=application_id,
                by=command.by,
                findings=command.findings,
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
            findings=command.findings,
        )
    ]


def assess(command: AssessApplication, state: Started) -> list[Event]:
    """Fill in the grid, every criterion once."""
    # An assessment may be corrected until the committee has it.
    if not isinstance(state, Eligible | Assessed):
        raise not_at_stage(state, "eligible")
    must_be_another(command.by, state)
    must_have_no_open_points(state)
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
    must_be_another(command.by, state)
    if state.sent.definition.due_diligence and command.by == state.assessed_by:
        raise AssessorCannotForward
    must_have_no_open_points(state)
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
            risks=state.review.risks,
            expectations=proposal.expectations,
        )
    ]


def _problems_of_findings(command: DecideEligibility, state: Submitted) -> list[Reason]:
    asked = [rule.name for rule in state.sent.definition.rules]
    problems: list[Refusal] = []
    seen: set[str] = set()
    for index, finding in enumerate(command.findings):
        field = f"findings[{index}]"
        if finding.rule not in asked:
            problems.append(
                NotAmongThese(value=finding.rule, field=f"{field}.rule", accepted=asked)
            )
        if finding.rule in seen:
            problems.append(ListedTwice(value=finding.rule, field=f"{field}.rule"))
        if command.confirmed and not finding.met:
            problems.append(RuleNotMet(rule=finding.rule, field=f"{field}.met", accepted=[True]))
        seen.add(finding.rule)
    return [problem.as_reason() for problem in problems]
