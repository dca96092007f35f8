from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.claims.domain.agreement import DECIDER
from services.claims.domain.changes import ParticipantAddition, ParticipantWithdrawal
from services.claims.domain.claim_calendar import next_occasion, periods, reminder_day
from services.claims.domain.commands import (
    AgreementCommand,
    OpenClaimPeriods,
    RemindOfClaimPeriod,
    TerminateAgreement,
)
from services.claims.domain.events import (
    AgreementAmended,
    AgreementEvent,
    ClaimPeriodCancelled,
    ClaimPeriodOpened,
    ClaimPeriodReminded,
    ClaimPeriodRescheduled,
)
from services.claims.domain.state import Agreement, AgreementState
from services.claims.domain.values import Claimant, ClaimFrequency, Occasion
from shared.kernel.identifiers import derived_id
from shared.kernel.periods import fiscal_year_of
from tests.unit.claims.scenario import (
    ADOPTER,
    ADOPTER_ORG,
    OFFICER,
    PROJECT,
    PROVIDER,
    PROVIDER_ORG,
    STRANGER_ORG,
    T1,
    T2,
    TERMS,
    accepted,
    agreement_after,
    amending,
    approving_amendment,
    certifying,
    claiming,
    executed,
    form,
    happened,
    match_cell,
    party,
    proposing,
    scenario,
    signing_amendment,
)

DAY = timedelta(days=1)
LONGEST = {
    ClaimFrequency.MONTHLY: 31,
    ClaimFrequency.QUARTERLY: 92,
    ClaimFrequency.SEMI_ANNUAL: 184,
}
BOTH = (
    Claimant(participant_id=ADOPTER, organisation_id=ADOPTER_ORG),
    Claimant(participant_id=PROVIDER, organisation_id=PROVIDER_ORG),
)
WITH_DUE_DAYS = replace(TERMS, claim_due_days=45)
IN_FORCE = executed(
    terms=WITH_DUE_DAYS,
    match=(match_cell(T1, 600_00), match_cell(T2, 600_00), match_cell(T1, 1, 0, PROVIDER)),
)


def opening(on: date) -> OpenClaimPeriods:
    return OpenClaimPeriods(on=on)


def opened(
    starts_on: date = T1.starts_on,
    ends_on: date = T1.ends_on,
    *,
    on: date = T1.starts_on,
    due_on: date | None = date(2023, 8, 14),
) -> ClaimPeriodOpened:
    return ClaimPeriodOpened(
        effective_on=on,
        project_id=PROJECT,
        programme_code="IND-P1",
        period_starts_on=starts_on,
        period_ends_on=ends_on,
        due_on=due_on,
        participants=BOTH,
    )


def ending_on(day: date, *given: AgreementCommand) -> Agreement:
    """The agreement after commands and an amendment that moved its end."""
    amended = AgreementAmended(
        effective_on=date(2024, 5, 15),
        project_id=PROJECT,
        programme_code="IND-P1",
        amendment_id=derived_id("amendment", day),
        kind="time-extension",
        ends_on=day,
        funding=(),
        match=(),
        rates=(),
        amended_by=OFFICER,
    )
    state = DECIDER.fold([*happened(*given), amended])
    assert isinstance(state, Agreement)
    return state


def then(agreement: Agreement, on: date) -> tuple[list[AgreementEvent], Agreement]:
    """What opening periods leads to, and the agreement after it."""
    events = list(DECIDER.decide(opening(on), agreement))
    state: AgreementState = agreement
    for event in events:
        state = DECIDER.evolve(state, event)
    assert isinstance(state, Agreement)
    return events, state


class TestTheCalendar:
    @given(
        starts_on=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
        days=st.integers(0, 3_653),
        frequency=st.sampled_from(ClaimFrequency),
    )
    def test_periods_tile_the_agreement(
        self, starts_on: date, days: int, frequency: ClaimFrequency
    ) -> None:
        """Every day of up to ten years is in exactly one period, and none crosses 31 March."""
        ends_on = starts_on + days * DAY
        found = list(periods(starts_on, ends_on, frequency))
        assert (found[0][0], found[-1][1]) == (starts_on, ends_on)
        for (first, last), following in zip(found, [*found[1:], None], strict=True):
            assert first <= last
            assert (last - first).days < LONGEST[frequency]
            assert fiscal_year_of(first) == fiscal_year_of(last)
            assert following is None or following[0] == last + DAY

    def test_an_agreement_of_no_days_has_no_period(self) -> None:
        """Nothing is claimed where nothing runs."""
        assert list(periods(T2.starts_on, T1.ends_on, ClaimFrequency.MONTHLY)) == []

    def test_reminders_come_in_order(self) -> None:
        """Fourteen days before the due day, on it, and fourteen days after."""
        due_on = date(2023, 8, 14)
        days = [reminder_day(due_on, each) for each in Occasion]
        assert days == [date(2023, 7, 31), due_on, date(2023, 8, 28)]
        assert next_occasion(due_on, after=date(2023, 7, 30)) is Occasion.BEFORE_DUE
        assert next_occasion(due_on, after=date(2023, 7, 31)) is Occasion.DUE
        assert next_occasion(due_on, after=date(2023, 8, 28)) is None


class TestOpening:
    def test_the_first_period(self) -> None:
        """One fact opens a period for every participant with money or match."""
        scenario(given=IN_FORCE, when=opening(T1.starts_on), then=[opened()])

    def test_a_participant_with_neither_money_nor_match(self) -> None:
        """Who has nothing here has nothing to claim."""
        (event,) = accepted(executed(), opening(T1.starts_on))
        assert isinstance(event, ClaimPeriodOpened)
        assert (event.participants, event.due_on) == (BOTH[:1], None)

    def test_several_that_have_begun(self) -> None:
        """An agreement executed late opens what has begun meanwhile."""
        t2 = opened(T2.starts_on, T2.ends_on, on=T2.starts_on, due_on=date(2023, 11, 14))
        first = replace(opened(), effective_on=T2.starts_on)
        scenario(given=IN_FORCE, when=opening(T2.starts_on), then=[first, t2])

    @pytest.mark.parametrize("day", [T1.starts_on, T1.ends_on])
    def test_twice(self, day: date) -> None:
        """A period is opened once."""
        scenario(given=(*IN_FORCE, opening(T1.starts_on)), when=opening(day), then=[])

    def test_a_draft(self) -> None:
        """Nothing is claimed before the agreement is in force."""
        scenario(given=IN_FORCE[:1], when=opening(T1.starts_on), then=[])

    def test_after_a_final_claim(self) -> None:
        """A participant whose final claim is certified claims no later period."""
        final = replace(form(), final=True)
        given = (*IN_FORCE, opening(T1.starts_on), claiming(final), certifying())
        (event,) = accepted(given, opening(T2.starts_on))
        assert isinstance(event, ClaimPeriodOpened)
        assert event.participants == BOTH[1:]


class TestParticipantsThatComeAndGo:
    def test_who_left_claims_nothing_more(self) -> None:
        """Claims of a participant that left were decided before: no period opens for it."""
        leave = amending(ParticipantWithdrawal(participant_id=PROVIDER))
        events = accepted([*IN_FORCE, *leave], opening(T1.starts_on))
        assert [each.participants for each in events if isinstance(each, ClaimPeriodOpened)] == [
            BOTH[:1]
        ]

    def test_who_joined_claims_from_then_on(self) -> None:
        """No period opens that was over when the participant joined."""
        newcomer = party(derived_id("participant", "new"), STRANGER_ORG, "other")
        joining = ParticipantAddition(
            party=newcomer,
            match=(match_cell(T2, 1_00, participant=newcomer.participant_id),),
        )
        given = [
            *IN_FORCE,
            proposing(joining, effective_on=T2.starts_on),
            signing_amendment(),
            approving_amendment(),
        ]
        events = accepted(given, opening(T2.starts_on))
        for_it = [
            each.period_starts_on
            for each in events
            if isinstance(each, ClaimPeriodOpened)
            and any(one.organisation_id == STRANGER_ORG for one in each.participants)
        ]
        assert for_it == [T2.starts_on]


class TestWhenTheEndMoves:
    GIVEN: tuple[AgreementCommand, ...] = (*IN_FORCE, opening(date(2024, 4, 1)))

    def test_earlier(self) -> None:
        """The open period ends where the agreement does."""
        events, after = then(ending_on(date(2024, 5, 31), *self.GIVEN), date(2024, 5, 15))
        assert events == [
            ClaimPeriodRescheduled(
                effective_on=date(2024, 5, 15),
                project_id=PROJECT,
                programme_code="IND-P1",
                period_starts_on=date(2024, 4, 1),
                period_ends_on=date(2024, 5, 31),
                due_on=date(2024, 7, 15),
                participants=BOTH,
            )
        ]
        assert after.claim_periods[date(2024, 4, 1)].ends_on == date(2024, 5, 31)

    def test_before_an_open_period(self) -> None:
        """What begins after the end is not to be claimed."""
        events, after = then(ending_on(date(2024, 3, 31), *self.GIVEN), date(2024, 5, 15))
        assert [type(each) for each in events] == [ClaimPeriodCancelled]
        assert date(2024, 4, 1) not in after.claim_periods

    def test_later_than_a_period_that_was_cut_short(self) -> None:
        """An extension gives the last period the days that the end had taken from it."""
        events, after = then(ending_on(date(2024, 9, 30), *self.GIVEN), date(2024, 7, 1))
        assert [type(each) for each in events] == [ClaimPeriodOpened]
        cut, _ = then(ending_on(date(2024, 5, 31), *self.GIVEN), date(2024, 5, 15))
        state: AgreementState = ending_on(date(2024, 9, 30), *self.GIVEN)
        state = DECIDER.evolve(state, cut[0])
        assert isinstance(state, Agreement)
        events, after = then(state, date(2024, 7, 1))
        assert [type(each) for each in events] == [ClaimPeriodRescheduled, ClaimPeriodOpened]
        assert after.claim_periods[date(2024, 4, 1)].ends_on == date(2024, 6, 30)

    def test_by_a_termination(self) -> None:
        """The last period ends with the agreement, and no other opens."""
        terminated = TerminateAgreement(
            terminated_on=date(2024, 5, 10), reason="end", by=OFFICER, on=date(2024, 5, 15)
        )
        given = (*self.GIVEN, terminated, opening(date(2024, 5, 10)))
        assert agreement_after(*given).claim_periods[date(2024, 4, 1)].ends_on == date(2024, 5, 10)
        scenario(given=given, when=opening(date(2024, 7, 1)), then=[])


class TestReminding:
    BEFORE = RemindOfClaimPeriod(
        period_starts_on=T1.starts_on, occasion=Occasion.BEFORE_DUE, on=date(2023, 7, 31)
    )
    GIVEN: tuple[AgreementCommand, ...] = (*IN_FORCE, opening(T1.starts_on))

    def test_those_who_have_not_claimed(self) -> None:
        """A claim that reaches the end of the period is certified, or its participant is told."""
        given = (*self.GIVEN, claiming(form()), certifying())
        scenario(
            given=given,
            when=self.BEFORE,
            then=[
                ClaimPeriodReminded(
                    effective_on=date(2023, 7, 31),
                    project_id=PROJECT,
                    programme_code="IND-P1",
                    period_starts_on=T1.starts_on,
                    period_ends_on=T1.ends_on,
                    due_on=date(2023, 8, 14),
                    occasion=Occasion.BEFORE_DUE,
                    participants=BOTH[1:],
                )
            ],
        )

    def test_a_draft_is_no_claim(self) -> None:
        """Who has only drafted is reminded like the others."""
        (event,) = accepted((*self.GIVEN, claiming(form())), self.BEFORE)
        assert isinstance(event, ClaimPeriodReminded)
        assert event.participants == BOTH

    def test_once_per_occasion(self) -> None:
        """The same reminder is not repeated."""
        scenario(given=(*self.GIVEN, self.BEFORE), when=self.BEFORE, then=[])

    @pytest.mark.parametrize(
        "when",
        [
            replace(BEFORE, period_starts_on=T2.starts_on),
            replace(BEFORE, on=date(2023, 8, 1)),
        ],
        ids=["of a period that is not open", "planned for another due day"],
    )
    def test_that_has_become_pointless(self, when: RemindOfClaimPeriod) -> None:
        """A reminder that no longer fits its period says nothing."""
        scenario(given=self.GIVEN, when=when, then=[])

    def test_without_a_due_day(self) -> None:
        """A programme that never finds a claim late reminds nobody."""
        scenario(given=(*executed(), opening(T1.starts_on)), when=self.BEFORE, then=[])

    def test_when_everybody_has_claimed(self) -> None:
        """Nobody is left to remind."""
        only_adopter = (*executed(terms=WITH_DUE_DAYS), opening(T1.starts_on))
        given = (*only_adopter, claiming(form()), certifying())
        scenario(given=given, when=self.BEFORE, then=[])
