"""
Suspension: an agreement pauses and is resumed.

While it lasts nothing is paid, and costs incurred from its first day until the day before the
resumption do not count (``eligibility``), unless the suspension says otherwise.
"""

from services.claims.domain.commands import ResumeAgreement, SuspendAgreement
from services.claims.domain.events import AgreementEvent, AgreementResumed, AgreementSuspended
from services.claims.domain.life import Suspension
from services.claims.domain.payment import must_not_be_in_the_future
from services.claims.domain.standing import must_be_in_force, must_not_be_suspended
from services.claims.domain.state import Agreement
from shared.kernel.frozen import replace
from shared.kernel.refusals import RuleBroken


class AgreementNotSuspended(RuleBroken):
    """Only a suspended agreement is resumed."""

    en = "The agreement is not suspended."
    fr = "L’entente n’est pas suspendue."


class SuspendedTooEarly(RuleBroken):
    """A suspension starts after the execution and after the one before it."""

    en = "A suspension cannot start before {earliest}."
    fr = "Une suspension ne peut commencer avant le {earliest}."


class ResumedBeforeSuspended(RuleBroken):
    """An agreement is resumed on or after the day of its suspension."""

    en = "The agreement was suspended on {suspended_on}; it cannot have been resumed before."
    fr = "L’entente a été suspendue le {suspended_on}; elle n’a pu être rétablie avant."


def suspend(command: SuspendAgreement, agreement: Agreement) -> list[AgreementEvent]:
    """Pause an agreement in force."""
    must_be_in_force(agreement)
    must_not_be_suspended(agreement)
    must_not_be_in_the_future(command.suspended_on, command.on, field="suspended_on")
    # Spans that overlapped would leave it open which of them says whether costs count.
    ends = (each.ends_before for each in agreement.suspensions)
    earliest = max(each for each in (agreement.executed_on, *ends) if each is not None)
    if command.suspended_on < earliest:
        raise SuspendedTooEarly(
            field="suspended_on", accepted=earliest.isoformat(), earliest=earliest
        )
    return [
        AgreementSuspended(
            effective_on=command.suspended_on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            reason=command.reason,
            costs_eligible=command.costs_eligible,
            suspended_by=command.by,
        )
    ]


def resume(command: ResumeAgreement, agreement: Agreement) -> list[AgreementEvent]:
    """End the pause: costs count again from that day."""
    must_be_in_force(agreement)
    if agreement.suspended_on is None:
        raise AgreementNotSuspended
    must_not_be_in_the_future(command.resumed_on, command.on, field="resumed_on")
    if command.resumed_on < agreement.suspended_on:
        raise ResumedBeforeSuspended(
            field="resumed_on",
            accepted=agreement.suspended_on.isoformat(),
            suspended_on=agreement.suspended_on,
        )
    return [
        AgreementResumed(
            effective_on=command.resumed_on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            reason=command.reason,
            resumed_by=command.by,
        )
    ]


def after_suspension(agreement: Agreement, event: AgreementSuspended) -> Agreement:
    """A pause began."""
    pause = Suspension(
        starts_on=event.effective_on, ends_before=None, costs_eligible=event.costs_eligible
    )
    return replace(agreement, suspensions=(*agreement.suspensions, pause))


def after_resumption(agreement: Agreement, event: AgreementResumed) -> Agreement:
    """The pause ended."""
    *earlier, last = agreement.suspensions
    return replace(agreement, suspensions=(*earlier, replace(last, ends_before=event.effective_on)))
