"""What a survey asks, and what its answers are held against: for whoever hands answers in."""

from services.impact.domain import questionnaire, survey
from services.impact.domain.follow_up_dates import survey_id
from services.impact.domain.question import WHOLE_CATALOGUE, Asked
from services.impact.domain.survey_state import Survey, planned_of
from services.impact.use_cases import streams
from shared.eventstore.folds import AnyFolds
from shared.eventstore.store import EventStore


def asked_of(survey_state: Survey, store: EventStore, folds: AnyFolds) -> Asked:
    """The questions of the version that it opened with, and last year's answers."""
    version = survey_state.questionnaire_version
    if version == 0:
        return WHOLE_CATALOGUE
    planned = planned_of(survey_state)
    published, _ = folds.state(
        store, questionnaire.DECIDER, streams.questionnaire(planned.programme_code)
    )
    return Asked(
        questions=published.version(version).questions,
        last_year=last_year(survey_state, store, folds),
    )


def last_year(survey_state: Survey, store: EventStore, folds: AnyFolds) -> dict[str, int]:
    """What the same participant answered the year before, by indicator, as it stands."""
    before = year_before(survey_state, store, folds)
    return {each.indicator: each.value for each in before.answers}


def year_before(survey_state: Survey, store: EventStore, folds: AnyFolds) -> Survey:
    """The same participant's survey of the year before; an empty one where there was none."""
    planned = planned_of(survey_state)
    before = survey_id(planned.project_id, planned.participant_id, planned.year - 1)
    state, _ = folds.state(store, survey.DECIDER, streams.survey(before))
    return state
