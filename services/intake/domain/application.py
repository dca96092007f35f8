"""
An application: from a draft to what a committee decides.

    draft → submitted → eligible → assessed → forwarded → awarded → (lapsed)
      any before the decision → withdrawn     submitted → ineligible     forwarded → declined

What a form got wrong is answered with every reason at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from services.intake.domain.application_events import (
    ApplicationAssessed,
    ApplicationAwarded,
    ApplicationDeclined,
    ApplicationForwarded,
    ApplicationStarted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    AwardLapsed,
    BudgetSet,
    ConsortiumSet,
    EligibilityConfirmed,
    EligibilityRefused,
    Event,
    Score,
)
from services.intake.domain.application_state import (
    STAGES,
    UNDECIDED,
    Assessed,
    Awarded,
    Draft,
    Eligible,
    Forwarded,
    Lapsed,
    NotStarted,
    Sent,
    Started,
    State,
    Submitted,
    evolve,
    stage_of,
)
from services.intake.domain.budget import Budget
from services.intake.domain.call import Call
from services.intake.domain.consortium import Participant
from services.intake.domain.definition import Definition
from services.intake.domain.forms import (
    ApplicationNotValid,
    AssessmentNotValid,
    BudgetNotValid,
    ConsortiumNotValid,
    problems_of_budget,
    problems_of_consortium,
    problems_of_scores,
    problems_of_start,
)
from services.intake.domain.funding import (
    GivenCell,
    checked_funding,
    split_over_pockets,
    unfundable,
)
from services.intake.domain.rules import Submission, reasons_for_refusal
from shared.kernel.decider import Decider
from shared.kernel.periods import civil_date
from shared.kernel.refusals import Invalid, NotFound, Reason, RuleBroken

# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class StartApplication:
    """Begin to answer a call. ``lead`` is the organisation that applies."""

    application_id: UUID
    call: Call
    title: str
    starts_on: date
    ends_on: date
    lead: Participant
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetConsortium:
    """Say who takes part, the lead included."""

    participants: tuple[Participant, ...]
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBudget:
    """Say what it costs and what is asked for. ``definition`` is the call's version."""

    budget: Budget
    definition: Definition
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitApplication:
    """Certify and send. ``definition`` is version ``call.programme_version``."""

    certified: bool
    call: Call
    definition: Definition
    now: datetime
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawApplication:
    """Take it back."""

    reason: str
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideEligibility:
    """Find it eligible, or not and say why."""

    confirmed: bool
    reasons: tuple[str, ...]
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessApplication:
    """Score it on the grid: criterion and score, in any order."""

    scores: tuple[tuple[str, int], ...]
    summary: str
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardApplication:
    """Put it before the committee. ``funding`` None: split by the programme's pockets."""

    funding: tuple[GivenCell, ...] | None
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAward:
    """Selection said that the committee funds it."""

    award_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDecline:
    """Selection said that the committee does not fund it."""

    meeting_id: UUID
    reasons: tuple[str, ...]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLapse:
    """Selection said that the award fell."""

    award_id: UUID
    reason: str
    on: date


Command: TypeAlias = (
    StartApplication
    | SetConsortium
    | SetBudget
    | SubmitApplication
    | WithdrawApplication
    | DecideEligibility
    | AssessApplication
    | ForwardApplication
    | RecordAward
    | RecordDecline
    | RecordLapse
)


# Refusals


class ApplicationAlreadyStarted(RuleBroken):
    """An application is started once."""

    en = "This application is already started."
    fr = "Cette demande est déjà commencée."


class ApplicationNotAtThisStage(RuleBroken):
    """Each step follows the one before it."""

    en = "The application is {stage}; this step needs it to be {needed}."
    fr = "L’état de la demande est « {stage_fr} »; cette étape exige « {needed_fr} »."


class ApplicationIsDecided(RuleBroken):
    """An application is withdrawn before it is decided, and once."""

    en = "The application is {stage}; it can no longer be withdrawn."
    fr = "L’état de la demande est « {stage_fr} »; elle ne peut plus être retirée."


class NotCertified(Invalid):
    """A submission is certified by whoever sends it."""

    en = "The application must be certified to be submitted."
    fr = "La demande doit être attestée pour être déposée."


class NothingRequested(RuleBroken):
    """An application asks for public money."""

    en = "The budget asks for no public money."
    fr = "Le budget ne demande aucun fonds public."


class ApplicationNotAcceptable(RuleBroken):
    """The rules of the programme speak against the application."""

    en = "The application cannot be submitted; every reason is given."
    fr = "La demande ne peut pas être déposée; toutes les raisons sont données."


class SubmitterCannotDecide(RuleBroken):
    """Whoever submitted an application neither assesses it nor passes it on."""

    en = "You submitted this application; someone else decides about it."
    fr = "Vous avez déposé cette demande; quelqu’un d’autre en décide."


class ConfirmationHasReasons(Invalid):
    """Reasons are given for a refusal, not for a confirmation."""

    en = "Eligibility is confirmed without reasons."
    fr = "L’admissibilité est confirmée sans raisons."


class ReasonMissing(Invalid):
    """Whoever says no says why."""

    en = "At least one reason is needed."
    fr = "Il faut au moins une raison."


# Decide


def decide(command: Command, state: State) -> Sequence[Event]:  # noqa: C901, PLR0911, PLR0912  # one case per command
    """What follows from a command; see the functions below."""
    if isinstance(command, StartApplication):
        return _start(command, state)
    if isinstance(state, NotStarted):
        raise NotFound(kind="application")
    match command:
        case SetConsortium():
            return _set_consortium(command, _draft(state))
        case SetBudget():
            return _set_budget(command, _draft(state))
        case SubmitApplication():
            return _submit(command, _draft(state))
        case WithdrawApplication():
            return _withdraw(command, state)
        case DecideEligibility():
            return _decide_eligibility(command, state)
        case AssessApplication():
            return _assess(command, state)
        case ForwardApplication():
            return _forward(command, state)
        case RecordAward():
            return _record_award(command, state)
        case RecordDecline():
            return _record_decline(command, state)
        case RecordLapse():
            return _record_lapse(command, state)
        case unreachable:
            assert_never(unreachable)


def _start(command: StartApplication, state: State) -> list[Event]:
    if not isinstance(state, NotStarted):
        raise ApplicationAlreadyStarted
    if reasons := problems_of_start(command.title, command.starts_on, command.ends_on):
        raise ApplicationNotValid(reasons=reasons)
    return [
        ApplicationStarted(
            effective_on=command.on,
            application_id=command.application_id,
            call_id=command.call.call_id,
            programme_code=command.call.programme_code,
            title=command.title,
            starts_on=command.starts_on,
            ends_on=command.ends_on,
            lead=command.lead,
            by=command.by,
        )
    ]


def _set_consortium(command: SetConsortium, draft: Draft) -> list[Event]:
    proposal = draft.proposal
    if reasons := problems_of_consortium(command.participants, proposal.lead_organisation_id):
        raise ConsortiumNotValid(reasons=reasons)
    events: list[Event] = [
        ConsortiumSet(
            effective_on=command.on,
            application_id=proposal.application_id,
            participants=command.participants,
            by=command.by,
        )
    ]
    staying = {participant.participant_id for participant in command.participants}
    left = proposal.budget.only_of(staying)
    if left != proposal.budget:
        events.append(
            BudgetSet(
                effective_on=command.on,
                application_id=proposal.application_id,
                budget=left,
                by=command.by,
            )
        )
    return events


def _set_budget(command: SetBudget, draft: Draft) -> list[Event]:
    proposal = draft.proposal
    reasons = problems_of_budget(
        command.budget,
        participants=proposal.participants,
        categories=command.definition.cost_categories,
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
    )
    if reasons:
        raise BudgetNotValid(reasons=reasons)
    return [
        BudgetSet(
            effective_on=command.on,
            application_id=proposal.application_id,
            budget=command.budget,
            by=command.by,
        )
    ]


def _submit(command: SubmitApplication, draft: Draft) -> list[Event]:
    proposal, definition = draft.proposal, command.definition
    submission = Submission(
        at=command.now,
        opens_at=command.call.opens_at,
        closes_at=command.call.closes_at,
        reimbursement_rate_bp=definition.reimbursement_rate_bp,
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        lead_organisation_id=proposal.lead_organisation_id,
        participants=proposal.participants,
        budget=proposal.budget,
    )
    reasons: list[Reason] = []
    if not command.certified:
        reasons.append(NotCertified(field="certified", accepted=True).as_reason())
    if not proposal.budget.requested:
        reasons.append(NothingRequested(field="requests").as_reason())
    reasons += unfundable(proposal.participants, proposal.budget, definition.pockets)
    reasons += reasons_for_refusal(submission, definition.rules)
    if reasons:
        raise ApplicationNotAcceptable(reasons=reasons)
    return [
        ApplicationSubmitted(
            effective_on=command.on,
            application_id=proposal.application_id,
            number=1,  # nothing yet brings a submitted application back to its applicant
            submitted_at=command.now,
            programme_version=command.call.programme_version,
            definition=definition,
            by=command.by,
        )
    ]


def _withdraw(command: WithdrawApplication, state: Started) -> list[Event]:
    if not isinstance(state, UNDECIDED):
        raise ApplicationIsDecided(stage=stage_of(state), stage_fr=STAGES[stage_of(state)])
    if not command.reason.strip():
        raise ReasonMissing(field="reason")
    return [
        ApplicationWithdrawn(
            effective_on=command.on,
            application_id=state.proposal.application_id,
            reason=command.reason,
            was_forwarded=isinstance(state, Forwarded),
            by=command.by,
        )
    ]


def _decide_eligibility(command: DecideEligibility, state: Started) -> list[Event]:
    if not isinstance(state, Submitted):
        raise _not_at_stage(state, "submitted")
    _must_be_another(command.by, state.sent)
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


def _assess(command: AssessApplication, state: Started) -> list[Event]:
    # An assessment may be corrected until the committee has it.
    if not isinstance(state, Eligible | Assessed):
        raise _not_at_stage(state, "eligible")
    _must_be_another(command.by, state.sent)
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


def _forward(command: ForwardApplication, state: Started) -> list[Event]:
    if not isinstance(state, Assessed):
        raise _not_at_stage(state, "assessed")
    _must_be_another(command.by, state.sent)
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
        )
    ]


def _record_award(command: RecordAward, state: Started) -> list[Event]:
    # Only an application before its committee can be awarded. One withdrawn while the committee
    # decided stays withdrawn: selection hears of the withdrawal and sees to its award.
    # One whose award was replaced by another is awarded again.
    if not isinstance(state, Forwarded | Lapsed):
        return []
    if isinstance(state, Lapsed) and state.award_id == command.award_id:
        return []
    return [
        ApplicationAwarded(
            effective_on=command.on,
            application_id=state.proposal.application_id,
            award_id=command.award_id,
        )
    ]


def _record_decline(command: RecordDecline, state: Started) -> list[Event]:
    if not isinstance(state, Forwarded):
        return []
    return [
        ApplicationDeclined(
            effective_on=command.on,
            application_id=state.proposal.application_id,
            meeting_id=command.meeting_id,
            reasons=command.reasons,
        )
    ]


def _record_lapse(command: RecordLapse, state: Started) -> list[Event]:
    if not isinstance(state, Awarded) or state.award_id != command.award_id:
        return []
    return [
        AwardLapsed(
            effective_on=command.on,
            application_id=state.proposal.application_id,
            award_id=command.award_id,
            reason=command.reason,
        )
    ]


def _draft(state: Started) -> Draft:
    if not isinstance(state, Draft):
        raise _not_at_stage(state, "draft")
    return state


def _must_be_another(by: str, sent: Sent) -> None:
    if by == sent.by:
        raise SubmitterCannotDecide


def _not_at_stage(state: Started, needed: str) -> ApplicationNotAtThisStage:
    stage = stage_of(state)
    return ApplicationNotAtThisStage(
        stage=stage, stage_fr=STAGES[stage], needed=needed, needed_fr=STAGES[needed]
    )


DECIDER: Decider[Command, State, Event] = Decider(
    initial=NotStarted(), decide=decide, evolve=evolve
)
