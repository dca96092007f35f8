"""What an applicant does with an application: start, describe, submit and withdraw it."""

from services.intake.domain.application_commands import (
    SetBudget,
    SetConsortium,
    StartApplication,
    SubmitApplication,
    WithdrawApplication,
)
from services.intake.domain.application_events import (
    ApplicationStarted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    BudgetSet,
    ConsortiumSet,
    Event,
)
from services.intake.domain.application_state import (
    STAGES,
    UNDECIDED,
    Draft,
    Forwarded,
    NotStarted,
    Started,
    State,
    stage_of,
)
from services.intake.domain.forms import (
    ApplicationNotValid,
    BudgetNotValid,
    ConsortiumNotValid,
    problems_of_budget,
    problems_of_consortium,
    problems_of_start,
)
from services.intake.domain.judgement import judge
from services.intake.domain.rules import Submission
from services.intake.domain.stages import ReasonMissing, not_at_stage
from shared.kernel.refusals import Invalid, Reason, RuleBroken


class ApplicationAlreadyStarted(RuleBroken):
    """An application is started once."""

    en = "This application is already started."
    fr = "Cette demande est déjà commencée."


class ApplicationIsDecided(RuleBroken):
    """An application is withdrawn before it is decided, and once."""

    en = "The application is {stage}; it can no longer be withdrawn."
    fr = "L’état de la demande est « {stage_fr} »; elle ne peut plus être retirée."


class NotCertified(Invalid):
    """A submission is certified by whoever sends it."""

    en = "The application must be certified to be submitted."
    fr = "La demande doit être attestée pour être déposée."


class ApplicationNotAcceptable(RuleBroken):
    """The rules of the programme speak against the application."""

    en = "The application cannot be submitted; every reason is given."
    fr = "La demande ne peut pas être déposée; toutes les raisons sont données."


def start(command: StartApplication, state: State) -> list[Event]:
    """Begin; raises what is wrong with title and period."""
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


def set_consortium(command: SetConsortium, draft: Draft) -> list[Event]:
    """Replace the consortium; whoever leaves takes their lines of the budget along."""
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


def set_budget(command: SetBudget, draft: Draft) -> list[Event]:
    """Replace the budget; raises every problem of its lines at once."""
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


def submit(command: SubmitApplication, draft: Draft) -> list[Event]:
    """Certify and send; raises every objection of the programme's rules at once."""
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
        title=proposal.title,
        on_hold=command.on_hold,
        others=command.others,
        documents=tuple(each.kind for each in proposal.documents),
    )
    reasons: list[Reason] = []
    if not command.certified:
        reasons.append(NotCertified(field="certified", accepted=True).as_reason())
    reasons += judge(submission, definition)
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


def withdraw(command: WithdrawApplication, state: Started) -> list[Event]:
    """Take it back, before it is decided."""
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


def as_draft(state: Started) -> Draft:
    """The draft that a step needs. Raises ``ApplicationNotAtThisStage``."""
    if not isinstance(state, Draft):
        raise not_at_stage(state, "draft")
    return state
