from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.claims.domain.claim import ParticipantUnknown
from services.claims.domain.commands import (
    AgreementCommand,
    ReturnPayment,
    TerminateAgreement,
)
from services.claims.domain.events import (
    ClaimApproved,
    RecoveryCancelled,
    RecoveryReceived,
    RecoveryRequested,
    RecoveryWriteOffProposed,
    RecoveryWrittenOff,
)
from services.claims.domain.payment import DateInTheFuture
from services.claims.domain.recovery import (
    AdvanceNotOutstanding,
    AdvanceNotOverdue,
    ProposerApprovesWriteOff,
    RecoveryNotOpen,
    RecoveryUnknown,
    RequesterCancelsRecovery,
    WriteOffNotProposed,
)
from services.claims.domain.recovery_rules import (
    PaymentAskedBack,
    interest_on,
    recoverable,
)
from services.claims.domain.state import Agreement, Recovery
from services.claims.domain.values import SetOff
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money
from tests.unit.claims.advances import (
    ADVANCE,
    FINANCE,
    GRANTED,
    IN_FORCE,
    OTHER_FINANCE,
    PAID,
    RECOVERY,
    TERMS_OF_ADVANCES,
    Step,
    after,
    asking_back,
    giving_up,
    in_all,
    lived,
    outstanding,
    proposing,
    receiving,
    recovering,
    writing_off,
)
from tests.unit.claims.scenario import (
    ADOPTER,
    ISED,
    MEIE,
    OFFICER,
    OTHER_CLAIM,
    PAYMENT,
    PROJECT,
    PROVIDER,
    T1,
    T2,
    TODAY,
    approved_claim,
    cell,
    drafting,
    executed,
    form,
    line,
    match_cell,
    paying,
    scenario,
    told,
)

WHOSE = {
    "project_id": PROJECT,
    "programme_code": "IND-P1",
    "participant_id": ADOPTER,
    "recovery_id": RECOVERY,
}
PAID_CLAIM: tuple[AgreementCommand, ...] = (
    *IN_FORCE,
    *approved_claim(form(line(500_00))),
    *paying(),
)
"""200 dollars for the first quarter: 20 held back, 180 paid."""
ASKED_BACK: tuple[AgreementCommand, ...] = (*PAID_CLAIM, asking_back())
LATER = TODAY + timedelta(days=31)


def kept(agreement: Agreement) -> Recovery:
    return agreement.recoveries[RECOVERY]


class TestAskingBack:
    def test_names_pockets_and_quarters(self) -> None:
        """It stays paid until it comes back, and cannot be asked back twice."""
        scenario(
            given=PAID_CLAIM,
            when=asking_back(),
            then=[
                RecoveryRequested(
                    **WHOSE,
                    effective_on=TODAY,
                    advance_id=None,
                    parts=(cell(T1, 100_00),),
                    due_on=TODAY,
                    reason="not eligible",
                    requested_by=OFFICER,
                )
            ],
        )
        agreement = after(given=ASKED_BACK)
        assert in_all(agreement) == {"committed": 600, "held_back": 20, "paid": 180}
        assert recoverable(agreement, ADOPTER) == {(T1, ISED): Money(80_00)}
        assert kept(agreement).to_recover == Money(100_00)

    def test_twice_is_once(self) -> None:
        """The same request again changes nothing."""
        scenario(given=ASKED_BACK, when=asking_back(), then=[])

    @pytest.mark.parametrize(
        ("when", "then"),
        [
            (asking_back((T1, 180_01)), "recovery-above-paid"),
            (asking_back((T2, 1)), "recovery-above-paid"),
            (asking_back((T1, 1), pocket=MEIE), "recovery-above-paid"),
            (asking_back((T1, 1), participant=PROVIDER), "recovery-above-paid"),
            (asking_back((T1, 0)), "nothing-to-recover"),
            (asking_back((T1, 1), (T1, 2)), "nothing-to-recover"),
            (replace(asking_back(), parts=()), "nothing-to-recover"),
            (
                asking_back((T1, -1), (T2, 5), due_on=TODAY - timedelta(days=1)),
                "nothing-to-recover recovery-above-paid due-before-request",
            ),
        ],
    )
    def test_only_of_what_was_paid(self, when: AgreementCommand, then: str) -> None:
        """No more than was paid there, and everything that is wrong is said at once."""
        scenario(given=PAID_CLAIM, when=when, then=then)

    def test_of_somebody_else(self) -> None:
        """Whoever takes no part in the agreement was paid nothing under it."""
        stranger = asking_back(participant=derived_id("participant"))
        scenario(given=PAID_CLAIM, when=stranger, then=ParticipantUnknown)

    def test_before_the_agreement_was_in_force(self) -> None:
        """A draft has paid nothing."""
        then = "recovery-above-paid agreement-never-in-force"
        scenario(given=[drafting()], when=asking_back(), then=then)

    def test_after_the_end(self) -> None:
        """A terminated agreement can still ask money back."""
        end = TerminateAgreement(terminated_on=TODAY, reason="end", by=OFFICER, on=TODAY)
        agreement = after(end, asking_back((T1, 180_00)), receiving(180_00), given=PAID_CLAIM)
        assert in_all(agreement) == {"payable": 20, "released": 780}

    def test_a_payment_does_not_come_back_beside_it(self) -> None:
        """What is asked back cannot be returned by the bank as well."""
        back = ReturnPayment(payment_id=PAYMENT, returned_on=TODAY, reason="closed", on=TODAY)
        scenario(given=ASKED_BACK, when=back, then=PaymentAskedBack)
        cancelled = after(giving_up(), back, given=ASKED_BACK)
        assert in_all(cancelled) == {"committed": 600, "held_back": 20, "payable": 180}


class TestAskingAnAdvanceBack:
    def test_when_its_time_is_over(self) -> None:
        """All that claims have not accounted for, 45 days after the quarter of its payment."""
        with pytest.raises(AdvanceNotOverdue):
            lived(*PAID, recovering(on=date(2023, 8, 14), due_on=TODAY))
        in_time = approved_claim(form(line(500_00)))
        agreement = after(
            *PAID, *in_time, recovering(on=date(2024, 7, 1), due_on=date(2024, 7, 31))
        )
        assert kept(agreement).advance_id == ADVANCE
        assert kept(agreement).outstanding == {(T1, ISED): Money(120_00)}
        assert not outstanding(agreement)

    def test_or_when_the_agreement_has_ended(self) -> None:
        """After a termination nobody waits for more claims."""
        ended = date(2023, 5, 1)
        end = TerminateAgreement(terminated_on=ended, reason="end", by=OFFICER, on=ended)
        agreement = after(*PAID, end, recovering(on=ended), receiving(300_00))
        assert in_all(agreement) == {"released": 800}

    def test_only_what_was_paid_and_is_outstanding(self) -> None:
        """An advance that is only granted, or settled, or asked back already, owes nothing."""
        settled = approved_claim(form(line(1_000_00)))
        for given in (GRANTED, (*PAID, *settled), (*PAID, recovering())):
            with pytest.raises(AdvanceNotOutstanding):
                lived(*given, recovering(recovery_id=derived_id("recovery", "two")))

    def test_cancelled_it_is_outstanding_again(self) -> None:
        """Claims account for it as if nobody had asked."""
        agreement = after(*PAID, recovering(), giving_up())
        assert outstanding(agreement) == Money(300_00)
        assert in_all(agreement) == {"committed": 500, "paid": 300}


class TestReceiving:
    def test_in_parts(self) -> None:
        """What came back counts as released; the rest is still asked for."""
        scenario(
            given=ASKED_BACK,
            when=receiving(40_00),
            then=[
                RecoveryReceived(
                    **WHOSE,
                    effective_on=TODAY,
                    received=(cell(T1, 40_00),),
                    interest=ZERO,
                    interest_due=ZERO,
                    recorded_by=FINANCE,
                )
            ],
        )
        agreement = after(receiving(40_00), given=ASKED_BACK)
        assert kept(agreement).to_recover == Money(60_00)
        assert in_all(agreement) == {
            "committed": 600,
            "held_back": 20,
            "paid": 140,
            "released": 40,
        }

    def test_splits_over_pockets_and_quarters(self) -> None:
        """By largest remainder over what is still to be recovered."""
        given = [
            *executed(
                funding=[cell(T1, 200_00), cell(T1, 100_00, pocket=MEIE)],
                match=[match_cell(T1, 450_00)],
                terms=replace(TERMS_OF_ADVANCES, holdback_bp=0),
            ),
            *approved_claim(form(line(750_00))),
            *paying(),
        ]
        parts = (*asking_back((T1, 2_00)).parts, *asking_back((T1, 1_00), pocket=MEIE).parts)
        asked = replace(asking_back(), parts=parts)
        (event,) = told(lived(asked, receiving(1_00), given=given)[-1:])
        assert isinstance(event, RecoveryReceived)
        assert event.received == (cell(T1, 67), cell(T1, 33, pocket=MEIE))

    def test_with_interest_for_being_late(self) -> None:
        """A month late costs 1 % of 100.00; it is received apart and moves no public money."""
        later = date(2024, 7, 30)
        (event,) = lived(receiving(100_00, interest=1_00, received_on=later), given=ASKED_BACK)[-1:]
        assert isinstance(event, RecoveryReceived)
        assert (event.interest, event.interest_due) == (Money(1_00), Money(1_00))
        agreement = after(receiving(100_00, received_on=later), given=ASKED_BACK)
        assert interest_on(kept(agreement), agreement, later) == Money(1_00)
        paid = after(receiving(0, interest=1_00, received_on=later), given=ASKED_BACK)
        assert interest_on(kept(paid), paid, later) == ZERO
        assert kept(paid).to_recover == Money(100_00)

    @pytest.mark.parametrize(
        ("when", "then"),
        [
            (receiving(100_01), "received-above-debt"),
            (receiving(0), "nothing-received"),
            (receiving(-1), "nothing-received"),
            (receiving(1, interest=1), "interest-above-due"),
            (
                receiving(100_01, interest=1, received_on=TODAY - timedelta(days=1)),
                "received-above-debt interest-above-due received-before-request",
            ),
            (replace(receiving(1), received_on=LATER), DateInTheFuture),
            (receiving(1, recovery_id=PROJECT), RecoveryUnknown),
        ],
    )
    def test_no_more_than_is_owed(self, when: AgreementCommand, then: object) -> None:
        """Not more than the debt, its interest, or before it was asked for."""
        scenario(given=ASKED_BACK, when=when, then=then)  # type: ignore[arg-type]


class TestSettingOff:
    def test_keeps_what_a_claim_would_pay(self) -> None:
        """The claim pays the debt: nothing leaves, and the debt's money is released."""
        second = approved_claim(form(line(500_00, period=T2), period=T2), claim_id=OTHER_CLAIM)
        events = lived(*second, given=ASKED_BACK)
        (approved,) = [
            each
            for each in events
            if isinstance(each, ClaimApproved) and each.claim_id == OTHER_CLAIM
        ]
        assert approved.recovery_set_off == (
            SetOff(of=RECOVERY, pocket=ISED, quarter=T1, amount=Money(100_00)),
        )
        assert [share.amount for share in approved.payable] == [Money(80_00)]
        agreement = after(*second, given=ASKED_BACK)
        assert in_all(agreement) == {
            "committed": 400,
            "held_back": 40,
            "payable": 80,
            "paid": 180,
            "released": 100,
        }
        assert not kept(agreement).outstanding

    def test_stops_its_interest(self) -> None:
        """From the day of the set-off, what was set off costs nothing more."""
        asked = asking_back(due_on=TODAY)
        second = approved_claim(form(line(500_00, period=T2), period=T2), claim_id=OTHER_CLAIM)
        agreement = after(asked, *second, given=PAID_CLAIM)
        assert interest_on(kept(agreement), agreement, LATER) == ZERO


class TestWritingOff:
    def test_takes_two_officers(self) -> None:
        """One proposes, another approves; it stays paid and is asked for no more."""
        scenario(
            given=ASKED_BACK,
            when=proposing(),
            then=[
                RecoveryWriteOffProposed(
                    **WHOSE, effective_on=TODAY, reason="insolvent", proposed_by=FINANCE
                )
            ],
        )
        scenario(given=ASKED_BACK, when=writing_off(), then=WriteOffNotProposed)
        proposed = (*ASKED_BACK, proposing())
        scenario(given=proposed, when=writing_off(by=FINANCE), then=ProposerApprovesWriteOff)
        scenario(
            given=proposed,
            when=writing_off(),
            then=[
                RecoveryWrittenOff(
                    **WHOSE,
                    effective_on=TODAY,
                    written_off=(cell(T1, 100_00),),
                    interest_waived=ZERO,
                    reason="insolvent",
                    proposed_by=FINANCE,
                    approved_by=OTHER_FINANCE,
                )
            ],
        )
        agreement = after(writing_off(), given=proposed)
        assert in_all(agreement) == {"committed": 600, "held_back": 20, "paid": 180}
        assert recoverable(agreement, ADOPTER) == {(T1, ISED): Money(80_00)}

    def test_waives_the_interest(self) -> None:
        """What is given up bears no interest, and what it bore is named."""
        later = date(2024, 7, 30)
        proposed = (*ASKED_BACK, proposing(on=later))
        (event,) = lived(writing_off(on=later), given=proposed)[-1:]
        assert isinstance(event, RecoveryWrittenOff)
        assert event.interest_waived == Money(1_00)
        agreement = after(writing_off(on=later), given=proposed)
        assert interest_on(kept(agreement), agreement, date(2030, 1, 1)) == ZERO

    def test_gives_up_interest_alone(self) -> None:
        """A debt that came back late without its interest can be closed."""
        later = date(2024, 7, 30)
        late: tuple[Step, ...] = (receiving(100_00, received_on=later), proposing(on=later))
        (event,) = lived(*late, writing_off(on=later), given=ASKED_BACK)[-1:]
        assert isinstance(event, RecoveryWrittenOff)
        assert (event.written_off, event.interest_waived) == ((), Money(1_00))

    @pytest.mark.parametrize("when", [proposing(), writing_off()])
    def test_needs_something_owed(self, when: AgreementCommand) -> None:
        """What came back in time is over."""
        scenario(given=[*ASKED_BACK, receiving(100_00)], when=when, then=RecoveryNotOpen)


class TestCancelling:
    def test_takes_another_person(self) -> None:
        """Whoever asked does not stop asking alone; what came back stays released."""
        given = (*ASKED_BACK, receiving(40_00))
        scenario(given=given, when=giving_up(by=OFFICER), then=RequesterCancelsRecovery)
        scenario(
            given=given,
            when=giving_up(),
            then=[
                RecoveryCancelled(
                    **WHOSE,
                    effective_on=TODAY,
                    cancelled=(cell(T1, 60_00),),
                    reason="mistake",
                    cancelled_by=FINANCE,
                )
            ],
        )
        agreement = after(giving_up(), given=given)
        assert recoverable(agreement, ADOPTER) == {(T1, ISED): Money(140_00)}

    def test_happens_once(self) -> None:
        """What is over is not cancelled."""
        scenario(given=[*ASKED_BACK, giving_up()], when=giving_up(), then=RecoveryNotOpen)
