from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.claims.domain.payment_run import (
    DECIDER,
    MOST_ITEMS,
    ApproverHandledAClaim,
    ApproverProposedTheRun,
    ExecutionInThePast,
    RunAlreadyLeft,
    RunEmpty,
    RunNoLongerProposed,
    RunNotApproved,
    RunNotExported,
    RunNotInOrder,
    RunTooLong,
    RunUnknown,
)
from services.claims.domain.payment_run_life import (
    ApproveRun,
    ClosedRun,
    ConfirmRun,
    Disbursed,
    ExportRun,
    Failed,
    FileHash,
    ItemResult,
    PaymentRunClosed,
    PaymentRunCommand,
    PaymentRunConfirmed,
    PaymentRunEvent,
    PaymentRunProposed,
    ProposeRun,
    RejectRun,
    RunItem,
    stage_of,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from shared.kernel.refusals import Refusal

TODAY = date(2023, 7, 24)
RUN = derived_id("payment-run", "one")


def item(number: int, cents: int = 100_00) -> RunItem:
    return RunItem(
        payment_id=derived_id("payment", number),
        agreement_id=derived_id("agreement"),
        claim_id=derived_id("claim", number),
        advance_id=None,
        participant_id=derived_id("participant"),
        organisation_id=derived_id("organisation"),
        account_id=derived_id("bank-account"),
        amount=Money(cents),
    )


ONE, TWO = item(1), item(2, 50_01)
PROPOSAL = ProposeRun(run_id=RUN, execution_on=TODAY, items=(ONE, TWO), by="payer", on=TODAY)
APPROVAL = ApproveRun(handlers=frozenset({"preparer"}), by="finance", on=TODAY)
REJECTION = RejectRun(reason="wrong month", by="finance", on=TODAY)
EXPORT = ExportRun(
    paying_account_id=derived_id("bank-account", "ours"),
    files=(FileHash(format="csv", sha256="ab" * 32),),
    written_at=datetime(2023, 7, 24, 17, tzinfo=UTC),
    by="payer",
    on=TODAY,
)


def left(of: RunItem, paid_on: date = TODAY) -> Disbursed:
    return Disbursed(payment_id=of.payment_id, paid_on=paid_on)


def failed(of: RunItem) -> Failed:
    return Failed(payment_id=of.payment_id, reason="account closed")


def confirming(*results: ItemResult) -> ConfirmRun:
    return ConfirmRun(results=results, by="payer", on=TODAY)


def happened(*commands: PaymentRunCommand) -> list[PaymentRunEvent]:
    events: list[PaymentRunEvent] = []
    for command in commands:
        events += DECIDER.decide(command, DECIDER.fold(events))
    return events


def refused(*commands: PaymentRunCommand, by: type[Refusal]) -> Refusal:
    *given, when = commands
    state = DECIDER.fold(happened(*given))
    with pytest.raises(by) as refusal:
        DECIDER.decide(when, state)
    return refusal.value


class TestProposing:
    def test_a_run(self) -> None:
        """A run says what leaves, and how much in all."""
        (event,) = happened(PROPOSAL)
        assert isinstance(event, PaymentRunProposed)
        assert event.amount == Money(150_01)
        assert happened(PROPOSAL, PROPOSAL) == [event]

    def test_nothing_or_too_much(self) -> None:
        """A run pays something, and no more than somebody can look through."""
        refused(replace(PROPOSAL, items=()), by=RunEmpty)
        most = tuple(item(number) for number in range(MOST_ITEMS + 1))
        refused(replace(PROPOSAL, items=most), by=RunTooLong)
        assert happened(replace(PROPOSAL, items=most[:-1]))

    def test_for_yesterday(self) -> None:
        """The bank cannot pay in the past."""
        yesterday = TODAY - timedelta(days=1)
        refused(replace(PROPOSAL, execution_on=yesterday), by=ExecutionInThePast)
        assert happened(replace(PROPOSAL, execution_on=TODAY + timedelta(days=3)))


class TestApproving:
    def test_by_a_second_person(self) -> None:
        """Neither the proposer nor anybody who handled a claim approves; anybody else may."""
        refused(PROPOSAL, replace(APPROVAL, by="payer"), by=ApproverProposedTheRun)
        refused(PROPOSAL, replace(APPROVAL, by="preparer"), by=ApproverHandledAClaim)
        assert happened(PROPOSAL, APPROVAL)[-1].effective_on == TODAY

    def test_once(self) -> None:
        """A run that is approved or rejected no longer awaits approval."""
        refused(PROPOSAL, APPROVAL, APPROVAL, by=RunNoLongerProposed)
        refused(PROPOSAL, REJECTION, APPROVAL, by=RunNoLongerProposed)
        refused(APPROVAL, by=RunUnknown)


class TestRejecting:
    def test_until_the_file_is_made(self) -> None:
        """A run can be stopped before its file exists, also when it was approved."""
        assert happened(PROPOSAL, REJECTION)
        assert happened(PROPOSAL, APPROVAL, REJECTION)
        refused(PROPOSAL, APPROVAL, EXPORT, REJECTION, by=RunAlreadyLeft)
        refused(PROPOSAL, REJECTION, REJECTION, by=RunAlreadyLeft)


class TestExporting:
    def test_an_approved_run_once(self) -> None:
        """A file is made of what was approved, and no second one of other accounts."""
        refused(PROPOSAL, EXPORT, by=RunNotApproved)
        refused(PROPOSAL, APPROVAL, EXPORT, EXPORT, by=RunNotApproved)
        assert happened(PROPOSAL, APPROVAL, EXPORT)


class TestConfirming:
    EXPORTED = (PROPOSAL, APPROVAL, EXPORT)

    def test_some_now_and_the_rest_later(self) -> None:
        """A run is closed when every payment has a result."""
        first = happened(*self.EXPORTED, confirming(left(ONE)))[-1]
        assert isinstance(first, PaymentRunConfirmed)
        events = happened(*self.EXPORTED, confirming(left(ONE)), confirming(failed(TWO)))
        closed = events[-1]
        assert isinstance(closed, PaymentRunClosed)
        assert (closed.disbursed, closed.failed) == (Money(100_00), Money(50_01))
        run = DECIDER.fold(events)
        assert isinstance(run, ClosedRun)
        assert stage_of(run) == "closed"
        assert run.results == {ONE.payment_id: left(ONE), TWO.payment_id: failed(TWO)}

    def test_before_the_file_or_after_the_end(self) -> None:
        """Only payments that a bank was asked for have results, and each of them one."""
        refused(PROPOSAL, APPROVAL, confirming(left(ONE)), by=RunNotExported)
        settled = confirming(left(ONE), left(TWO))
        refused(*self.EXPORTED, settled, settled, by=RunNotExported)

    @pytest.mark.parametrize(
        ("results", "fields"),
        [
            ((left(item(9)),), ["results[0].payment_id"]),
            ((left(ONE), left(ONE)), ["results[1].payment_id"]),
            ((left(ONE), failed(ONE)), ["results[1].payment_id"]),
            ((left(ONE, date(2023, 7, 23)),), ["results[0].paid_on"]),
            ((), ["results"]),
            (
                (left(item(9)), left(ONE, date(2023, 7, 23))),
                ["results[0].payment_id", "results[1].paid_on"],
            ),
        ],
    )
    def test_what_cannot_have_come(
        self, results: tuple[ItemResult, ...], fields: list[str]
    ) -> None:
        """A result is of a payment of the run, once, from the day of the file on."""
        refusal = refused(*self.EXPORTED, confirming(*results), by=RunNotInOrder)
        assert [reason.field for reason in refusal.reasons] == fields

    def test_the_same_payment_later(self) -> None:
        """What has a result keeps it."""
        commands = (*self.EXPORTED, confirming(left(ONE)), confirming(failed(ONE), left(TWO)))
        refusal = refused(*commands, by=RunNotInOrder)
        assert [reason.field for reason in refusal.reasons] == ["results[0].payment_id"]
