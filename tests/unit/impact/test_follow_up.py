"""A completed project is followed: which surveys, for whom, when."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.impact.domain import follow_up, programme
from services.impact.domain.follow_up import (
    FollowUpPlanned,
    FollowUpReplanned,
    ParticipantExcused,
    ParticipantReplaced,
    PlanFollowUp,
)
from services.impact.domain.follow_up_dates import Participant, anniversary

LEAD = Participant(participant_id=UUID(int=1), organisation_id=UUID(int=11))
ADOPTER = Participant(participant_id=UUID(int=2), organisation_id=UUID(int=12))


def plan(
    completed_on: date = date(2025, 6, 30), survey_years: int = 5, *participants: Participant
) -> PlanFollowUp:
    return PlanFollowUp(
        project_id=UUID(int=7),
        programme_code="IND-P2",
        title="Predictive yards",
        completed_on=completed_on,
        participants=participants or (LEAD, ADOPTER),
        survey_years=survey_years,
    )


def decided(command: PlanFollowUp) -> FollowUpPlanned:
    (event,) = follow_up.decide(command, follow_up.DECIDER.initial)
    assert isinstance(event, FollowUpPlanned)
    return event


class TestPlanningAFollowUp:
    def test_every_participant_every_year(self) -> None:
        """Each participant is asked once per year, on the anniversary of completion."""
        event = decided(plan(survey_years=2))
        assert [(each.participant_id, each.year, each.due_on) for each in event.surveys] == [
            (LEAD.participant_id, 1, date(2026, 6, 30)),
            (ADOPTER.participant_id, 1, date(2026, 6, 30)),
            (LEAD.participant_id, 2, date(2027, 6, 30)),
            (ADOPTER.participant_id, 2, date(2027, 6, 30)),
        ]
        assert event.effective_on == date(2025, 6, 30)

    def test_it_opens_sixty_days_before(self) -> None:
        """A participant has sixty days to answer."""
        first = decided(plan()).surveys[0]
        assert first.due_on - first.opens_on == timedelta(days=60)
        assert first.opens_on == date(2026, 5, 1)

    def test_a_project_completed_on_a_leap_day(self) -> None:
        """Where there is no 29 February, the anniversary is the 28th."""
        event = decided(plan(date(2024, 2, 29), 5, LEAD))
        assert [each.due_on for each in event.surveys] == [
            date(2025, 2, 28),
            date(2026, 2, 28),
            date(2027, 2, 28),
            date(2028, 2, 29),
            date(2029, 2, 28),
        ]

    def test_a_programme_that_does_not_follow(self) -> None:
        """With no survey years there is nothing to ask, and that is known."""
        assert decided(plan(survey_years=0)).surveys == ()

    def test_hearing_of_the_completion_again(self) -> None:
        """A completion told twice plans one follow-up."""
        state = follow_up.DECIDER.fold([decided(plan())])
        assert follow_up.decide(plan(), state) == []

    def test_surveys_have_ids_that_follow_from_what_they_are(self) -> None:
        """The same participant and year of the same project is the same survey."""
        once, again = decided(plan()), decided(plan())
        assert once == again
        assert len({each.survey_id for each in once.surveys}) == 10


class TestPlanningAgain:
    def test_a_completion_that_moved(self) -> None:
        """The same surveys come on the anniversaries of the day that is known now."""
        first = decided(plan())
        state = follow_up.DECIDER.fold([first])
        (event,) = follow_up.decide(plan(date(2025, 9, 15)), state)
        assert isinstance(event, FollowUpReplanned)
        assert [each.survey_id for each in event.surveys] == [
            each.survey_id for each in first.surveys
        ]
        assert event.surveys[0].due_on == date(2026, 9, 15)
        again = follow_up.DECIDER.fold([first, event])
        assert follow_up.decide(plan(date(2025, 9, 15)), again) == []

    def test_participants_that_came_and_left(self) -> None:
        """Who joined is asked for as many years; who left is named."""
        state = follow_up.DECIDER.fold([decided(plan(survey_years=2))])
        joined = Participant(participant_id=UUID(int=3), organisation_id=UUID(int=13))
        (event,) = follow_up.decide(plan(date(2025, 6, 30), 5, LEAD, joined), state)
        assert isinstance(event, FollowUpReplanned)
        assert [(each.participant_id, each.year) for each in event.surveys] == [
            (LEAD.participant_id, 1),
            (joined.participant_id, 1),
            (LEAD.participant_id, 2),
            (joined.participant_id, 2),
        ]
        assert event.withdrawn == (ADOPTER.participant_id,)

    def test_a_replaced_participant_stays_replaced(self) -> None:
        """What others still call the old organisation does not undo a merger."""
        first = decided(plan())
        replace = follow_up.ReplaceParticipant(
            participant_id=LEAD.participant_id,
            organisation_id=UUID(int=99),
            reason="merged",
            by="p-1",
            on=date(2026, 1, 1),
        )
        state = follow_up.DECIDER.fold([first])
        (replaced,) = follow_up.decide(replace, state)
        assert isinstance(replaced, ParticipantReplaced)
        state = follow_up.DECIDER.fold([first, replaced])
        assert follow_up.decide(replace, state) == []
        assert follow_up.decide(plan(), state) == []
        (event,) = follow_up.decide(plan(date(2025, 7, 1)), state)
        assert isinstance(event, FollowUpReplanned)
        assert {each.organisation_id for each in event.surveys} == {UUID(int=99), UUID(int=12)}

    def test_an_excused_participant_is_not_asked_again(self) -> None:
        """A new date for the project does not take an excuse back."""
        first = decided(plan())
        excuse = follow_up.ExcuseParticipant(
            participant_id=LEAD.participant_id, reason="closed", by="p-1", on=date(2026, 1, 1)
        )
        (excused,) = follow_up.decide(excuse, follow_up.DECIDER.fold([first]))
        assert isinstance(excused, ParticipantExcused)
        state = follow_up.DECIDER.fold([first, excused])
        assert follow_up.decide(plan(), state) == []
        (event,) = follow_up.decide(plan(date(2025, 7, 1)), state)
        assert isinstance(event, FollowUpReplanned)
        assert {each.participant_id for each in event.surveys} == {ADOPTER.participant_id}

    def test_reasons_are_known_ones(self) -> None:
        """A participant is excused or replaced for a reason that can be counted."""
        state = follow_up.DECIDER.fold([decided(plan())])
        excuse = follow_up.ExcuseParticipant(
            participant_id=LEAD.participant_id, reason="tired", by="p-1", on=date(2026, 1, 1)
        )
        with pytest.raises(follow_up.ChangeNotAcceptable):
            follow_up.decide(excuse, state)

    def test_somebody_who_took_no_part(self) -> None:
        """Only participants of the follow-up are replaced or excused."""
        state = follow_up.DECIDER.fold([decided(plan())])
        excuse = follow_up.ExcuseParticipant(
            participant_id=UUID(int=77), reason="closed", by="p-1", on=date(2026, 1, 1)
        )
        with pytest.raises(follow_up.ParticipantNotFollowed):
            follow_up.decide(excuse, state)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 9))
def test_anniversaries_keep_the_day(day: date, years: int) -> None:
    """An anniversary is the same day of the same month, or the last of February."""
    then = anniversary(day, years)
    assert then.year == day.year + years
    same_day = (then.month, then.day) == (day.month, day.day)
    assert same_day or ((day.month, day.day) == (2, 29) and (then.month, then.day) == (2, 28))


def test_the_state_remembers_the_plan() -> None:
    """What was planned can be shown as it was planned."""
    event = decided(plan(date(2025, 6, 30), 1, LEAD))
    state = follow_up.DECIDER.fold([event])
    assert isinstance(state, follow_up.Planned)
    assert (state.completed_on, state.surveys) == (date(2025, 6, 30), event.surveys)


def test_a_programme_is_remembered_at_its_newest_version() -> None:
    """Versions that arrive late or twice do not take a programme back."""

    def note(version: int, years: int) -> programme.NoteProgramme:
        return programme.NoteProgramme(
            code="SME", version=version, survey_years=years, published_on=date(2023, 4, 1)
        )

    decider = programme.DECIDER
    state = decider.fold(decider.decide(note(2, 3), decider.initial))
    assert state.survey_years == 3
    assert decider.decide(note(2, 4), state) == []
    assert decider.decide(note(1, 5), state) == []
    assert decider.initial.survey_years == 5
