"""What impact does about facts of other services and the calendar, and what it tells."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from services.impact.domain import follow_up, programme
from services.impact.domain import survey_events as survey
from services.impact.domain.indicators import INDICATORS
from services.impact.use_cases import calendar, policies, streams
from services.impact.use_cases.event_types import EVENT_TYPES
from services.impact.use_cases.publishing import to_contract
from shared.contracts import impact as contracts
from shared.contracts.base import Party
from shared.contracts.claims import ProjectCompleted
from shared.contracts.intake import ProgrammePublished
from shared.eventstore.store import Actor, Context, Recorded
from shared.timers.timer import Arm, Disarm

ABOUT: dict[str, Any] = {
    "survey_id": UUID(int=3),
    "project_id": UUID(int=7),
    "programme_code": "IND-P2",
    "participant_id": UUID(int=1),
    "organisation_id": UUID(int=11),
    "year": 1,
    "due_on": date(2026, 6, 30),
}
planned = survey.SurveyPlanned(effective_on=date(2025, 6, 30), opens_on=date(2026, 5, 1), **ABOUT)
opened = survey.SurveyOpened(effective_on=date(2026, 5, 1), **ABOUT)
late = survey.SurveyMarkedLate(effective_on=date(2026, 7, 1), **ABOUT)
answered = survey.ResponseSubmitted(
    effective_on=date(2026, 6, 1),
    answers=(survey.Answer(indicator="EXPORTS", value=100_00),),
    by="p-5",
    late=False,
    **ABOUT,
)
completed = ProjectCompleted(
    effective_on=date(2025, 6, 30),
    project_id=UUID(int=7),
    agreement_id=UUID(int=8),
    programme_code="IND-P2",
    title="Predictive yards",
    participants=(
        Party(
            participant_id=UUID(int=1),
            organisation_id=UUID(int=11),
            role="lead",
            name="Chantier",
            province="QC",
            sme=True,
        ),
    ),
)


def recorded(event: object) -> Recorded:
    return Recorded(
        position=1,
        event_id=UUID(int=1),
        stream=streams.survey(UUID(int=3)),
        version=1,
        type=EVENT_TYPES.encode(event)[0],
        event=event,
        context=Context(
            command_id=UUID(int=1),
            actor=Actor(id="p-5"),
            correlation_id=UUID(int=1),
            causation_id=UUID(int=1),
        ),
        recorded_at=datetime(2026, 6, 1, tzinfo=UTC),
    )


class TestWheneverSomethingHappensElsewhere:
    def test_a_project_completes(self) -> None:
        """Its participants are followed for as many years as its programme says."""
        command = policies.whenever_a_project_completes_plan_its_follow_up(
            completed, programme.Programme(version=2, survey_years=3)
        )
        assert command.survey_years == 3
        assert command.completed_on == date(2025, 6, 30)
        assert [each.organisation_id for each in command.participants] == [UUID(int=11)]

    def test_a_programme_that_we_never_heard_of(self) -> None:
        """Its projects are followed for five years."""
        command = policies.whenever_a_project_completes_plan_its_follow_up(
            completed, programme.DECIDER.initial
        )
        assert command.survey_years == 5

    def test_a_programme_is_published(self) -> None:
        """What we keep of it is for how long it follows its projects."""
        fact = ProgrammePublished(
            effective_on=date(2023, 4, 1),
            code="IND-P2",
            version=2,
            name_en="Industry-led projects",
            name_fr="Projets menés par l’industrie",
            phase="P2",
            pockets=("ISED-P2-PROJECTS",),
            reimbursement_rate_bp=4_000,
            holdback_bp=1_000,
            claim_frequency="quarterly",
            survey_years=4,
        )
        command = policies.whenever_a_programme_is_published_note_how_long_it_follows(fact)
        assert (command.code, command.version, command.survey_years) == ("IND-P2", 2, 4)

    def test_a_follow_up_is_planned(self) -> None:
        """Each of its surveys is planned in a stream of its own."""
        command = policies.whenever_a_project_completes_plan_its_follow_up(
            completed, programme.DECIDER.initial
        )
        (event,) = follow_up.decide(command, follow_up.DECIDER.initial)
        assert isinstance(event, follow_up.FollowUpPlanned)
        plans = policies.whenever_a_follow_up_is_planned_plan_its_surveys(event, event.effective_on)
        assert [plan.survey.year for plan in plans] == [1, 2, 3, 4, 5]
        assert len({streams.survey(plan.survey.survey_id) for plan in plans}) == 5


class TestTheCalendar:
    def test_a_planned_survey_arms_its_timers(self) -> None:
        """It opens on its day and becomes late the day after it was due."""
        timers = list(calendar.timers_of(recorded(planned)))
        assert [(arm.kind, arm.fires_on) for arm in timers if isinstance(arm, Arm)] == [
            ("survey-opens", date(2026, 5, 1)),
            ("survey-late", date(2026, 7, 1)),
        ]
        assert {arm.stream for arm in timers if isinstance(arm, Arm)} == {
            streams.survey(UUID(int=3))
        }

    def test_an_answer_disarms_what_would_mark_it_late(self) -> None:
        """Once answered, nothing waits for the due date."""
        _, late_timer = calendar.timers_of(recorded(planned))
        (lapse,) = calendar.timers_of(recorded(opened))
        assert list(calendar.timers_of(recorded(answered))) == [
            Disarm(late_timer.timer_id),
            Disarm(lapse.timer_id),
        ]

    def test_an_open_survey_lapses_at_last(self) -> None:
        """It lapses 180 days after it was due."""
        (arm,) = calendar.timers_of(recorded(opened))
        assert isinstance(arm, Arm)
        assert (arm.kind, arm.fires_on) == ("survey-lapses", date(2026, 12, 27))

    def test_an_excuse_disarms_everything(self) -> None:
        """Whoever is excused is neither asked nor late."""
        excused = survey.SurveyExcused(
            effective_on=date(2026, 1, 1), reason="closed", by="p-1", **ABOUT
        )
        assert len(list(calendar.timers_of(recorded(excused)))) == 3

    def test_being_late_leaves_timers_alone(self) -> None:
        """A late survey is still waited for."""
        assert list(calendar.timers_of(recorded(late))) == []


class TestPublishing:
    def test_an_opened_survey(self) -> None:
        """Others learn that a survey can be answered, ordered by project."""
        contract = to_contract(recorded(opened))
        assert isinstance(contract, contracts.SurveyOpened)
        assert contract.key == str(UUID(int=7))
        assert contract.due_on == date(2026, 6, 30)

    def test_an_answer_without_what_was_answered(self) -> None:
        """That a survey was answered is public between services; the answers are not."""
        contract = to_contract(recorded(answered))
        assert isinstance(contract, contracts.SurveySubmitted)
        assert contract.late is False
        assert "EXPORTS" not in contract.model_dump_json()

    def test_the_rest_stays_at_home(self) -> None:
        """Plans and lateness are impact's own business."""
        assert to_contract(recorded(planned)) is None
        assert to_contract(recorded(late)) is None


def test_every_event_survives_storage() -> None:
    """What is read back is what was written."""
    (plan,) = follow_up.decide(
        policies.whenever_a_project_completes_plan_its_follow_up(
            completed, programme.DECIDER.initial
        ),
        follow_up.DECIDER.initial,
    )
    noted = programme.ProgrammeNoted(
        effective_on=date(2023, 4, 1), code="IND-P2", version=1, survey_years=5
    )
    for event in (plan, noted, planned, opened, late, answered):
        name, version, data = EVENT_TYPES.encode(event)
        assert EVENT_TYPES.decode(name, version, data) == event


def test_indicators_are_named_in_both_languages() -> None:
    """Every indicator has its own code and a name in English and French."""
    assert len({each.code for each in INDICATORS}) == len(INDICATORS)
    assert all(each.name_en and each.name_fr for each in INDICATORS)
