from datetime import date

import pytest

from services.claims.domain.changes import ParticipantAddition, ParticipantWithdrawal
from services.claims.domain.commands import ResumeAgreement, SuspendAgreement, TerminateAgreement
from services.claims.domain.eligibility import eligible_windows
from services.claims.domain.events import AgreementResumed, AgreementSuspended
from services.claims.domain.payment import DateInTheFuture
from services.claims.domain.standing import (
    AgreementIsSuspended,
    AgreementNotInForce,
    must_not_be_suspended,
)
from services.claims.domain.suspension import (
    AgreementNotSuspended,
    ResumedBeforeSuspended,
    SuspendedTooEarly,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.periods import Quarter
from tests.unit.claims.scenario import (
    ADOPTER,
    OFFICER,
    PROJECT,
    PROVIDER,
    STRANGER_ORG,
    T2,
    TODAY,
    accepted,
    agreement_after,
    amending,
    approved_claim,
    approving_amendment,
    claiming,
    drafting,
    executed,
    form,
    line,
    party,
    proposing,
    scenario,
    scheduling,
    signing_amendment,
)

IN_FORCE = executed()
START, END = date(2023, 4, 1), date(2024, 6, 30)
NEXT_T2 = Quarter(2025, 2)
JULY_15, AUGUST_15 = date(2023, 7, 15), date(2023, 8, 15)


def suspending(on: date = JULY_15, *, costs_eligible: bool = False) -> SuspendAgreement:
    return SuspendAgreement(
        suspended_on=on, reason="audit", costs_eligible=costs_eligible, by=OFFICER, on=TODAY
    )


def resuming(on: date = AUGUST_15) -> ResumeAgreement:
    return ResumeAgreement(resumed_on=on, reason="cleared", by=OFFICER, on=TODAY)


class TestSuspending:
    def test_and_resuming(self) -> None:
        """An agreement pauses on a day and goes on from another."""
        scenario(
            given=IN_FORCE,
            when=suspending(),
            then=[
                AgreementSuspended(
                    effective_on=JULY_15,
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    reason="audit",
                    costs_eligible=False,
                    suspended_by=OFFICER,
                )
            ],
        )
        paused = agreement_after(*IN_FORCE, suspending())
        assert paused.suspended_on == JULY_15
        with pytest.raises(AgreementIsSuspended):
            must_not_be_suspended(paused)
        (resumed,) = accepted([*IN_FORCE, suspending()], resuming())
        assert isinstance(resumed, AgreementResumed)
        again = agreement_after(*IN_FORCE, suspending(), resuming())
        assert again.suspended_on is None
        must_not_be_suspended(again)

    def test_twice_or_never(self) -> None:
        """One pause at a time; only a suspended agreement is resumed."""
        paused = [*IN_FORCE, suspending()]
        scenario(given=paused, when=suspending(AUGUST_15), then=AgreementIsSuspended)
        scenario(given=IN_FORCE, when=resuming(), then=AgreementNotSuspended)

    def test_out_of_order(self) -> None:
        """A pause starts after the execution and the pause before it, and ends after it starts."""
        early = suspending(date(2023, 4, 2))
        scenario(given=IN_FORCE, when=early, then=SuspendedTooEarly)
        paused = [*IN_FORCE, suspending()]
        scenario(given=paused, when=resuming(date(2023, 7, 14)), then=ResumedBeforeSuspended)
        second = suspending(date(2023, 8, 14))
        scenario(given=[*paused, resuming()], when=second, then=SuspendedTooEarly)
        assert accepted([*paused, resuming()], suspending(AUGUST_15))

    def test_tomorrow_or_out_of_force(self) -> None:
        """It is recorded once it has happened, to an agreement in force."""
        tomorrow = date(2024, 7, 1)
        scenario(given=IN_FORCE, when=suspending(tomorrow), then=DateInTheFuture)
        scenario(given=[*IN_FORCE, suspending()], when=resuming(tomorrow), then=DateInTheFuture)
        scenario(given=[drafting()], when=suspending(), then=AgreementNotInForce)


class TestPaymentsOfASuspendedAgreement:
    given = (*IN_FORCE, *approved_claim(form()))

    def test_wait_for_the_resumption(self) -> None:
        """Nothing is put in a payment run while an agreement is suspended."""
        paused = [*self.given, suspending()]
        scenario(given=paused, when=scheduling(), then="agreement-is-suspended")
        assert accepted([*paused, resuming()], scheduling())


class TestEligibleWindows:
    def test_leave_pauses_out(self) -> None:
        """Costs count until the day before the pause and from the day of the resumption."""
        resumed = agreement_after(*IN_FORCE, suspending(), resuming())
        assert eligible_windows(resumed, ADOPTER) == (
            (START, date(2023, 7, 14)),
            (AUGUST_15, END),
        )
        lasting = agreement_after(*IN_FORCE, suspending())
        assert eligible_windows(lasting, ADOPTER) == ((START, date(2023, 7, 14)),)

    def test_keep_a_pause_that_says_so(self) -> None:
        """A suspension may let costs count all the same."""
        paused = agreement_after(*IN_FORCE, suspending(costs_eligible=True))
        assert eligible_windows(paused, ADOPTER) == ((START, END),)

    def test_end_with_a_termination_during_a_pause(self) -> None:
        """What ends while it is suspended has no days after the pause."""
        end = TerminateAgreement(terminated_on=AUGUST_15, reason="end", by=OFFICER, on=TODAY)
        ended = agreement_after(*IN_FORCE, suspending(), end)
        assert eligible_windows(ended, ADOPTER) == ((START, date(2023, 7, 14)),)

    def test_are_those_of_the_participant(self) -> None:
        """Costs of who joined count from that day, of who left until that day."""
        newcomer = party(derived_id("participant", "new"), STRANGER_ORG, "other")
        joined = agreement_after(
            *IN_FORCE,
            proposing(ParticipantAddition(party=newcomer), effective_on=JULY_15),
            signing_amendment(),
            approving_amendment(),
        )
        assert eligible_windows(joined, newcomer.participant_id) == ((JULY_15, END),)
        leave = amending(ParticipantWithdrawal(participant_id=PROVIDER), effective_on=JULY_15)
        left = agreement_after(*IN_FORCE, *leave)
        assert eligible_windows(left, PROVIDER) == ((START, JULY_15),)

    @pytest.mark.parametrize(
        ("incurred", "code"),
        [
            ((date(2023, 7, 1), date(2023, 7, 14)), None),
            ((AUGUST_15, date(2023, 9, 30)), None),
            ((date(2023, 7, 1), JULY_15), "cost-not-in-eligible-window"),
            ((date(2023, 8, 14), date(2023, 8, 14)), "cost-not-in-eligible-window"),
            ((date(2023, 7, 1), date(2023, 9, 30)), "cost-not-in-eligible-window"),
        ],
        ids=["before", "after", "into", "during", "across"],
    )
    def test_are_asked_of_every_claim(self, incurred: tuple[date, date], code: str | None) -> None:
        """A cost lies within one window; one across a pause is claimed as two."""
        given = [*IN_FORCE, suspending(), resuming()]
        paid = line(incurred=incurred, period=T2, paid_on=date(2023, 9, 30))
        asked = claiming(form(paid, period=T2))
        if code is None:
            assert accepted(given, asked)
        else:
            scenario(given=given, when=asked, then=code)

    def test_leave_the_days_of_the_agreement_to_their_own_rule(self) -> None:
        """A cost after the end breaks one rule, and is told so once."""
        late = line(incurred=(date(2024, 7, 1), date(2024, 7, 1)), period=NEXT_T2)
        asked = claiming(form(late, period=NEXT_T2))
        scenario(given=IN_FORCE, when=asked, then="cost-not-eligible-yet-or-anymore")
