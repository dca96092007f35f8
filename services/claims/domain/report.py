"""
Progress reports: which are expected, when they are overdue, and what is done with them.

Only programmes that ask for them expect any: quarterly ones where an overdue report holds payments,
a final one where closing needs it too. Directive on Transfer Payments (TBS 14208), Appendix G:
agreements say what is reported, and when.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from uuid import UUID

from services.claims.domain.claim import party_acted_for
from services.claims.domain.commands import AcceptReport, ReturnReport, SubmitReport
from services.claims.domain.events import (
    AgreementEvent,
    ReportAccepted,
    ReportReturned,
    ReportsExpected,
    ReportSubmitted,
)
from services.claims.domain.reporting import (
    AcceptedReport,
    ExpectedReport,
    Report,
    ReportDue,
    ReportKey,
    ReturnedReport,
    SubmittedReport,
    WrittenReport,
)
from services.claims.domain.state import Agreement
from services.claims.domain.values import ClosingRequirement
from shared.kernel.frozen import replace
from shared.kernel.periods import Quarter
from shared.kernel.refusals import NotFound, RuleBroken

DUE_DAYS = 30
"""A report is due this many calendar days after the end of what it is about."""


class ReportNotExpected(NotFound):
    """Only a report that is expected is submitted and answered."""

    en = "The agreement expects no such report of this participant."
    fr = "L’entente ne prévoit pas ce rapport pour ce participant."


class ReportTooEarly(RuleBroken):
    """A quarter is reported on once it is over."""

    en = "{quarter} ends on {ends_on}; report on it then."
    fr = "Le trimestre {quarter} se termine le {ends_on}; faites-en rapport à ce moment."


class ReportAlreadyAccepted(RuleBroken):
    """An accepted report stays as it is."""

    en = "The report is already accepted."
    fr = "Le rapport est déjà accepté."


class ReportNotSubmitted(RuleBroken):
    """A report is answered once it has come."""

    en = "The report does not await an answer."
    fr = "Le rapport n’attend pas de réponse."


def newly_expected(agreement: Agreement, on: date) -> list[AgreementEvent]:
    """What is expected of the agreement as it now is, and was not, or not on that day."""
    due = tuple(each for each in _schedule(agreement) if _is_news(each, agreement))
    if not due:
        return []
    return [
        ReportsExpected(
            effective_on=on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            reports=due,
        )
    ]


def _schedule(agreement: Agreement) -> Iterator[ReportDue]:
    terms = agreement.terms
    asks_final = ClosingRequirement.FINAL_REPORT in terms.closing_requirements
    if agreement.executed_on is None or not (terms.reports_hold_payments or asks_final):
        return
    quarters = list(_quarters(agreement)) if terms.reports_hold_payments else []
    for participant_id in agreement.active_participants:
        since = agreement.joined_on.get(participant_id, agreement.starts_on)
        for quarter in quarters:
            if quarter.ends_on < since:
                continue  # the participant was not there yet
            # An agreement can be executed when its first quarters are over.
            over = max(quarter.ends_on, agreement.executed_on)
            yield ReportDue(
                participant_id=participant_id,
                quarter=quarter,
                due_on=over + timedelta(days=DUE_DAYS),
            )
        yield ReportDue(
            participant_id=participant_id,
            quarter=None,
            due_on=agreement.ends_on + timedelta(days=DUE_DAYS),
        )


def _quarters(agreement: Agreement) -> Iterator[Quarter]:
    """Those that are over before the one in which the agreement ends: the final report has it."""
    quarter, last = Quarter.of(agreement.starts_on), Quarter.of(agreement.ends_on)
    while quarter < last:
        yield quarter
        quarter = quarter.next()


def _is_news(due: ReportDue, agreement: Agreement) -> bool:
    known = agreement.reports.get((due.participant_id, due.quarter))
    if known is None:
        return True
    # A quarter's day stands; the end of the agreement may move, and the final report with it.
    return due.quarter is None and known.due_on != due.due_on


def overdue(agreement: Agreement, participant_id: UUID, on: date) -> list[Report]:
    """
    The participant's reports that are late on a day: not submitted, or returned.

    After a termination, the completion or its withdrawal only what was over by then is expected.
    """
    ends = (
        agreement.terminated_on,
        agreement.completed_on,
        agreement.withdrawn_on.get(participant_id),
    )
    ended_on = min((each for each in ends if each is not None), default=None)
    return [
        report
        for report in agreement.reports.values()
        if report.participant_id == participant_id
        and isinstance(report, ExpectedReport | ReturnedReport)
        and report.due_on < on
        and (ended_on is None or report.quarter is None or report.quarter.starts_on <= ended_on)
    ]


def submit(command: SubmitReport, agreement: Agreement) -> list[AgreementEvent]:
    """Report for a participant, by somebody of its organisation; again until it is accepted."""
    party_acted_for(agreement, command.participant_id, command.by_organisation_id)
    report = _report((command.participant_id, command.quarter), agreement)
    if isinstance(report, AcceptedReport):
        raise ReportAlreadyAccepted
    if command.quarter is not None and command.quarter.ends_on >= command.on:
        raise ReportTooEarly(
            field="period", quarter=command.quarter, ends_on=command.quarter.ends_on
        )
    return [
        ReportSubmitted(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            participant_id=command.participant_id,
            quarter=command.quarter,
            text=command.text,
            document_sha256=command.document_sha256,
            submitted_by=command.by,
        )
    ]


def accept(command: AcceptReport, agreement: Agreement) -> list[AgreementEvent]:
    """Accept a submitted report; once."""
    report = _report((command.participant_id, command.quarter), agreement)
    if isinstance(report, AcceptedReport):
        return []
    _must_await_an_answer(report)
    return [
        ReportAccepted(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            participant_id=command.participant_id,
            quarter=command.quarter,
            accepted_by=command.by,
        )
    ]


def give_back(command: ReturnReport, agreement: Agreement) -> list[AgreementEvent]:
    """Give a submitted report back to be written again."""
    report = _report((command.participant_id, command.quarter), agreement)
    if isinstance(report, AcceptedReport):
        raise ReportAlreadyAccepted
    _must_await_an_answer(report)
    return [
        ReportReturned(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            participant_id=command.participant_id,
            quarter=command.quarter,
            reason=command.reason,
            returned_by=command.by,
        )
    ]


def _report(key: ReportKey, agreement: Agreement) -> Report:
    report = agreement.reports.get(key)
    if report is None:
        raise ReportNotExpected
    return report


def _must_await_an_answer(report: Report) -> None:
    if not isinstance(report, SubmittedReport):
        raise ReportNotSubmitted


def after_expectation(agreement: Agreement, event: ReportsExpected) -> Agreement:
    """Reports are due, or due on another day."""
    known = agreement.reports
    return _with(
        agreement,
        (
            replace(known[due.participant_id, due.quarter], due_on=due.due_on)
            if (due.participant_id, due.quarter) in known
            else ExpectedReport(
                participant_id=due.participant_id, quarter=due.quarter, due_on=due.due_on
            )
            for due in event.reports
        ),
    )


def after_submission(agreement: Agreement, event: ReportSubmitted) -> Agreement:
    """It came."""
    report = SubmittedReport(
        participant_id=event.participant_id,
        quarter=event.quarter,
        due_on=agreement.reports[event.participant_id, event.quarter].due_on,
        text=event.text,
        document_sha256=event.document_sha256,
        submitted_by=event.submitted_by,
        submitted_on=event.effective_on,
    )
    return _with(agreement, (report,))


def after_acceptance(agreement: Agreement, event: ReportAccepted) -> Agreement:
    """It stays."""
    written = _written(agreement, event)
    report = AcceptedReport(
        participant_id=written.participant_id,
        quarter=written.quarter,
        due_on=written.due_on,
        text=written.text,
        document_sha256=written.document_sha256,
        submitted_by=written.submitted_by,
        submitted_on=written.submitted_on,
        accepted_by=event.accepted_by,
        accepted_on=event.effective_on,
    )
    return _with(agreement, (report,))


def after_return(agreement: Agreement, event: ReportReturned) -> Agreement:
    """It is expected as before."""
    written = _written(agreement, event)
    report = ReturnedReport(
        participant_id=written.participant_id,
        quarter=written.quarter,
        due_on=written.due_on,
        text=written.text,
        document_sha256=written.document_sha256,
        submitted_by=written.submitted_by,
        submitted_on=written.submitted_on,
        reason=event.reason,
        returned_by=event.returned_by,
        returned_on=event.effective_on,
    )
    return _with(agreement, (report,))


def _written(agreement: Agreement, event: ReportAccepted | ReportReturned) -> WrittenReport:
    report = agreement.reports[event.participant_id, event.quarter]
    if not isinstance(report, WrittenReport):
        raise TypeError(f"the report on {event.quarter} was answered before it came")
    return report


def _with(agreement: Agreement, reports: Iterable[Report]) -> Agreement:
    changed = {report.key: report for report in reports}
    return replace(agreement, reports={**agreement.reports, **changed})
