"""What an applicant does with an application: start, describe and withdraw it."""

from services.intake.domain.application_commands import (
    SetBudget,
    SetConsortium,
    SetExpectations,
    StartApplication,
    WithdrawApplication,
)
from services.intake.domain.application_events import (
    ApplicationStarted,
    ApplicationWithdrawn,
    BudgetSet,
    ConsortiumSet,
    Event,
    ExpectationsSet,
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
from services.intake.domain.expectations import ExpectationsNotValid, problems_of_expectations
from services.intake.domain.forms import (
    ApplicationNotValid,
    BudgetNotValid,
    ConsortiumNotValid,
    problems_of_budget,
    problems_of_consortium,
    problems_of_start,
)
from services.intake.domain.people import must_answer_for, must_write
from services.intake.domain.stages import ReasonMissing, not_at_stage
from shared.kernel.refusals import RuleBroken


class ApplicationAlreadyStarted(RuleBroken):
    """An application is started once."""

    en = "This application is already started."
    fr = "Cette demande est déjà commencée."


class ApplicationIsDecided(RuleBroken):
    """An application is withdrawn before it is decided, and once."""

    en = "The application is {stage}; it can no longer be withdrawn."
    fr = "L’état de la demande est « {stage_fr} »; elle ne peut plus être retirée."


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
    """Replace the consortium; whoever leaves takes their budget and expectations along."""
    proposal = draft.proposal
    must_write(command.by, proposal)
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
    expected = tuple(each for each in proposal.expectations if each.participant_id in staying)
    if expected != proposal.expectations:
        events.append(
            ExpectationsSet(
                effective_on=command.on,
                application_id=proposal.application_id,
                expectations=expected,
                by=command.by,
            )
        )
    return events


def set_budget(command: SetBudget, draft: Draft) -> list[Event]:
    """Replace the budget; raises every problem of its lines at once."""
    proposal = draft.proposal
    must_write(command.by, proposal)
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


def set_expectations(command: SetExpectations, draft: Draft) -> list[Event]:
    """Replace what is expected; raises every problem at once."""
    proposal = draft.proposal
    must_write(command.by, proposal)
    reasons = problems_of_expectations(
        command.expectations,
        participants=proposal.participants,
        indicators=command.definition.indicators,
    )
    if reasons:
        raise ExpectationsNotValid(reasons=reasons)
    return [
        ExpectationsSet(
            effective_on=command.on,
            application_id=proposal.application_id,
            expectations=command.expectations,
            by=command.by,
        )
    ]


def withdraw(command: WithdrawApplication, state: Started) -> list[Event]:
    """Take it back, before it is decided."""
    if not isinstance(state, UNDECIDED):
        raise ApplicationIsDecided(stage=stage_of(state), stage_fr=STAGES[stage_of(state)])
    must_answer_for(command.by, state.proposal)
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
