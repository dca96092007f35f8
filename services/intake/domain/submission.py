"""
Submitting an application, giving it back, and submitting it again: each time a numbered version.

What is submitted stays as it was: a version is the history up to the event that submitted it.
"""

from collections.abc import Iterable
from datetime import date

from services.intake.domain.application_commands import ReturnApplication, SubmitApplication
from services.intake.domain.application_events import (
    ApplicationReturned,
    ApplicationSubmitted,
    Event,
)
from services.intake.domain.application_state import (
    Draft,
    Eligible,
    NotStarted,
    Started,
    State,
    Submitted,
    evolve,
)
from services.intake.domain.definition import Definition, NotAmongThese
from services.intake.domain.expectations import indicators_without
from services.intake.domain.judgement import judge
from services.intake.domain.participation import unconfirmed
from services.intake.domain.people import must_sign
from services.intake.domain.rules import Submission
from services.intake.domain.sealing import content_sha256
from services.intake.domain.stages import ReasonMissing, must_be_another, not_at_stage
from shared.kernel.periods import civil_date
from shared.kernel.refusals import Invalid, Reason, Refusal, RuleBroken


class NotCertified(Invalid):
    """A submission is certified by whoever sends it."""

    en = "The application must be certified to be submitted."
    fr = "La demande doit être attestée pour être déposée."


class ApplicationNotAcceptable(RuleBroken):
    """The rules of the programme speak against the application."""

    en = "The application cannot be submitted; every reason is given."
    fr = "La demande ne peut pas être déposée; toutes les raisons sont données."


class TooLateToResubmit(RuleBroken):
    """An application that was returned is submitted again by the day that was given."""

    en = "It could be submitted again until {resubmit_by}."
    fr = "Elle pouvait être déposée de nouveau jusqu’au {resubmit_by}."


class ReturnNotValid(Invalid):
    """Whoever gives an application back says why, where, and until when it may come again."""

    en = "The application cannot be returned so."
    fr = "La demande ne peut pas être retournée ainsi."


class DayIsPast(Invalid):
    """A day until which something may be done is not over."""

    en = "{day} is past."
    fr = "Le {day} est passé."


def submit(command: SubmitApplication, draft: Draft) -> list[Event]:
    """Certify and send; raises every objection at once: form, confirmations and rules."""
    proposal, returned = draft.proposal, draft.returned
    must_sign(command.by, proposal)
    if reasons := _objections(command, draft):
        raise ApplicationNotAcceptable(reasons=reasons)
    return [
        ApplicationSubmitted(
            effective_on=command.on,
            application_id=proposal.application_id,
            number=1 if returned is None else returned.number + 1,
            submitted_at=command.now,
            programme_version=command.call.programme_version,
            definition=command.definition,
            by=command.by,
            content_sha256=content_sha256(proposal),
        )
    ]


def send_back(command: ReturnApplication, state: Started) -> list[Event]:
    """Give it back to its applicant, before it is assessed."""
    if not isinstance(state, Submitted | Eligible):
        raise not_at_stage(state, "submitted")
    must_be_another(command.by, state)
    if reasons := _problems_of_return(command, state.sent.definition):
        raise ReturnNotValid(reasons=reasons)
    return [
        ApplicationReturned(
            effective_on=command.on,
            application_id=state.proposal.application_id,
            reasons=command.reasons,
            sections=command.sections,
            resubmit_by=command.resubmit_by,
            by=command.by,
        )
    ]


def versions_of(history: Iterable[Event]) -> list[tuple[int, Submitted]]:
    """
    Every version that was submitted, the first one first, as it was at that instant.

    Each with the version of the application at which it was submitted.
    """
    state: State = NotStarted()
    versions = []
    for ordinal, event in enumerate(history, start=1):
        state = evolve(state, event)
        if isinstance(event, ApplicationSubmitted) and isinstance(state, Submitted):
            versions.append((ordinal, state))
    return versions


def _objections(command: SubmitApplication, draft: Draft) -> list[Reason]:
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
        answers=proposal.answers,
        documents=tuple(document.kind for document in proposal.documents),
        unconfirmed=unconfirmed(proposal),
        resubmission=draft.returned is not None,
        on_hold=command.on_hold,
        others=command.others,
    )
    refusals: list[Refusal] = []
    if not command.certified:
        refusals.append(NotCertified(field="certified", accepted=True))
    if draft.returned is not None and civil_date(command.now) > draft.returned.resubmit_by:
        refusals.append(_too_late(draft.returned.resubmit_by))
    return [
        *(refusal.as_reason() for refusal in refusals),
        *indicators_without(proposal.expectations, definition.indicators),
        *judge(submission, definition),
    ]


def _too_late(resubmit_by: date) -> Refusal:
    return TooLateToResubmit(
        resubmit_by=resubmit_by,
        field="resubmit_by",
        accepted={"maximum": resubmit_by.isoformat()},
    )


def _problems_of_return(command: ReturnApplication, definition: Definition) -> list[Reason]:
    return [problem.as_reason() for problem in _wrong_with_return(command, definition)]


def _wrong_with_return(command: ReturnApplication, definition: Definition) -> Iterable[Refusal]:
    if not command.reasons or not all(reason.strip() for reason in command.reasons):
        yield ReasonMissing(field="reasons")
    codes = [section.code for section in definition.sections]
    for index, code in enumerate(command.sections):
        if code not in codes:
            yield NotAmongThese(value=code, field=f"sections[{index}]", accepted=codes)
    if command.resubmit_by < command.on:
        yield DayIsPast(
            day=command.resubmit_by,
            field="resubmit_by",
            accepted={"minimum": command.on.isoformat()},
        )
