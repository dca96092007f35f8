from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.claims.domain.changes import (
    ParticipantAddition,
    ParticipantWithdrawal,
    TimeExtension,
)
from services.claims.domain.claim import NotYourOrganisation
from services.claims.domain.commands import (
    AcceptReport,
    ReturnReport,
    SubmitReport,
    TerminateAgreement,
)
from services.claims.domain.events import ReportsExpected
from services.claims.domain.report import (
    ReportAlreadyAccepted,
    ReportNotExpected,
    ReportNotSubmitted,
    ReportTooEarly,
    overdue,
)
from services.claims.domain.reporting import AcceptedReport, ReportDue, ReturnedReport
from services.claims.domain.values import ClosingRequirement
from shared.kernel.identifiers import derived_id
from shared.kernel.periods import Quarter
from tests.unit.claims.scenario import (
    ADOPTER,
    ADOPTER_ORG,
    EXECUTED_ON,
    NEXT_T1,
    OFFICER,
    PREPARER,
    PROVIDER,
    PROVIDER_ORG,
    STRANGER_ORG,
    T1,
    T2,
    T3,
    T4,
    TERMS,
    TODAY,
    accepted,
    agreement_after,
    amending,
    approved_claim,
    approving_amendment,
    executed,
    form,
    happened,
    party,
    proposing,
    scenario,
    scheduling,
    signing_amendment,
)

HOLDING = replace(TERMS, reports_hold_payments=True)
FINAL_ONLY = replace(TERMS, closing_requirements=(ClosingRequirement.FINAL_REPORT,))
EXECUTED = executed(terms=HOLDING)


def submitting(quarter: Quarter | None = T1, *, on: date = date(2023, 7, 10)) -> SubmitReport:
    return SubmitReport(
        participant_id=ADOPTER,
        quarter=quarter,
        text="The model is trained.",
        document_sha256="ab" * 32,
        by=PREPARER,
        by_organisation_id=ADOPTER_ORG,
        on=on,
    )


ACCEPTANCE = AcceptReport(participant_id=ADOPTER, quarter=T1, by=OFFICER, on=date(2023, 7, 20))
RETURN = ReturnReport(
    participant_id=ADOPTER, quarter=T1, reason="no figures", by=OFFICER, on=date(2023, 7, 20)
)
ALL_QUARTERS = (submitting(), *(submitting(each, on=TODAY) for each in (T2, T3, T4)))


class TestWhatIsExpected:
    def test_of_a_programme_whose_reports_hold_payments(self) -> None:
        """Each participant reports on each quarter within 30 days, and at the end on the whole."""
        *_, event = happened(*EXECUTED)
        assert isinstance(event, ReportsExpected)
        assert event.reports == tuple(
            ReportDue(participant_id=participant, quarter=quarter, due_on=due_on)
            for participant in (ADOPTER, PROVIDER)
            for quarter, due_on in (
                (T1, date(2023, 7, 30)),
                (T2, date(2023, 10, 30)),
                (T3, date(2024, 1, 30)),
                (T4, date(2024, 4, 30)),
                (None, date(2024, 7, 30)),
            )
        )

    def test_of_a_programme_that_closes_with_a_final_report(self) -> None:
        """Where only closing asks for a report, only the final one is expected."""
        reports = agreement_after(*executed(terms=FINAL_ONLY)).reports
        assert set(reports) == {(ADOPTER, None), (PROVIDER, None)}

    def test_of_a_programme_that_asks_for_none(self) -> None:
        """A programme that says nothing of reports expects none."""
        assert agreement_after(*executed()).reports == {}
        scenario(given=executed(), when=submitting(), then=ReportNotExpected)

    def test_after_a_time_extension(self) -> None:
        """A later end brings more quarters and moves the final report."""
        extension = TimeExtension(ends_on=date(2024, 9, 30))
        asked = proposing(extension, effective_on=EXECUTED_ON)
        *_, event = accepted([*EXECUTED, asked], approving_amendment())
        assert isinstance(event, ReportsExpected)
        assert [(each.quarter, each.due_on) for each in event.reports[:2]] == [
            (NEXT_T1, date(2024, 7, 30)),
            (None, date(2024, 10, 30)),
        ]
        agreement = agreement_after(*EXECUTED, asked, approving_amendment())
        assert agreement.reports[ADOPTER, None].due_on == date(2024, 10, 30)
        assert agreement.reports[ADOPTER, T1].due_on == date(2023, 7, 30)

    def test_of_participants_that_come_and_go(self) -> None:
        """Who joins reports from then on; a report on a time after it left holds nothing."""
        newcomer = party(derived_id("participant", "new"), STRANGER_ORG, "other")
        joining = (
            proposing(ParticipantAddition(party=newcomer), effective_on=T3.starts_on),
            signing_amendment(),
            approving_amendment(),
        )
        joined = agreement_after(*EXECUTED, *joining).reports
        theirs = [quarter for one, quarter in joined if one == newcomer.participant_id]
        assert theirs == [T3, T4, None]
        leave = amending(ParticipantWithdrawal(participant_id=PROVIDER), effective_on=T2.ends_on)
        left = agreement_after(*EXECUTED, *leave)
        late = [report.quarter for report in overdue(left, PROVIDER, date(2024, 6, 30))]
        assert late == [T1, T2]


class TestSubmitting:
    def test_again_until_it_is_accepted(self) -> None:
        """A report may be replaced until it is accepted."""
        assert accepted(EXECUTED, submitting())
        assert accepted([*EXECUTED, submitting()], submitting())
        assert accepted([*EXECUTED, submitting(), RETURN], submitting())
        given = [*EXECUTED, submitting(), ACCEPTANCE]
        scenario(given=given, when=submitting(), then=ReportAlreadyAccepted)

    def test_before_the_quarter_is_over(self) -> None:
        """A quarter is reported on once it is over; the final report may come early."""
        early = submitting(on=date(2023, 6, 30))
        scenario(given=EXECUTED, when=early, then=ReportTooEarly)
        assert accepted(EXECUTED, replace(early, on=date(2023, 7, 1)))
        assert accepted(EXECUTED, submitting(None, on=date(2023, 6, 30)))

    def test_for_another_organisation(self) -> None:
        """People report for their own organisation."""
        other = replace(submitting(), by_organisation_id=PROVIDER_ORG)
        scenario(given=EXECUTED, when=other, then=NotYourOrganisation)


class TestAnswering:
    def test_accepting(self) -> None:
        """An accepted report stays; accepting it again changes nothing."""
        given = [*EXECUTED, submitting()]
        assert isinstance(agreement_after(*given, ACCEPTANCE).reports[ADOPTER, T1], AcceptedReport)
        scenario(given=[*given, ACCEPTANCE], when=ACCEPTANCE, then=[])
        scenario(given=[*given, ACCEPTANCE], when=RETURN, then=ReportAlreadyAccepted)

    def test_returning(self) -> None:
        """A returned report is expected as before, with the reason kept."""
        report = agreement_after(*EXECUTED, submitting(), RETURN).reports[ADOPTER, T1]
        assert isinstance(report, ReturnedReport)
        assert (report.reason, report.due_on) == ("no figures", date(2023, 7, 30))

    @pytest.mark.parametrize("answer", [ACCEPTANCE, RETURN])
    def test_what_did_not_come(self, answer: AcceptReport | ReturnReport) -> None:
        """Only a report that came is answered."""
        scenario(given=EXECUTED, when=answer, then=ReportNotSubmitted)
        scenario(given=[*EXECUTED, submitting(), RETURN], when=answer, then=ReportNotSubmitted)
        other = replace(answer, quarter=NEXT_T1)
        scenario(given=EXECUTED, when=other, then=ReportNotExpected)


class TestHolding:
    OWED = (*EXECUTED, *approved_claim(form()))

    def test_an_overdue_report_holds_payments(self) -> None:
        """Each overdue report of the participant is named; with all in, payments go out."""
        scenario(given=self.OWED, when=scheduling(), then=" ".join(["report-holds-payment"] * 4))
        given = [*self.OWED, *ALL_QUARTERS]
        assert accepted(given, scheduling())
        last = replace(scheduling(), on=TODAY + timedelta(days=31))
        scenario(given=given, when=last, then="report-holds-payment")  # the final one

    def test_a_returned_report_holds_payments_again(self) -> None:
        """A report that was given back is as one that has not come."""
        given = [*self.OWED, *ALL_QUARTERS, RETURN]
        scenario(given=given, when=scheduling(), then="report-holds-payment")

    def test_on_its_last_day_it_is_in_time(self) -> None:
        """A report is overdue from the day after it was due."""
        agreement = agreement_after(*EXECUTED)
        assert overdue(agreement, ADOPTER, date(2023, 7, 30)) == []
        assert len(overdue(agreement, ADOPTER, date(2023, 7, 31))) == 1

    def test_only_where_the_programme_says_so(self) -> None:
        """Elsewhere a late report is late, and payments go out."""
        given = [*executed(terms=FINAL_ONLY), *approved_claim(form())]
        late = replace(scheduling(), on=date(2025, 1, 1))
        assert len(overdue(agreement_after(*given), ADOPTER, late.on)) == 1
        assert accepted(given, late)

    def test_after_a_termination_later_quarters_are_not_expected(self) -> None:
        """Who stopped in one quarter does not report on the next."""
        termination = TerminateAgreement(
            terminated_on=date(2023, 8, 1), reason="insolvency", by=OFFICER, on=date(2023, 8, 1)
        )
        agreement = agreement_after(*EXECUTED, termination)
        late = overdue(agreement, ADOPTER, TODAY)
        assert [report.quarter for report in late] == [T1, T2]
