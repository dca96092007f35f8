"""Impact's endpoints."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import Row

from services.impact.api import schemas
from services.impact.api.answer_schemas import ExpectationOut, LastYearOut
from services.impact.api.doors import AtTheCounter, StaffAtTheCounter, survey_seen
from services.impact.api.survey_views import answered
from services.impact.domain import expectations, follow_up, indicators
from services.impact.domain.survey_state import Status, planned_of
from services.impact.projections import outcomes, surveys
from services.impact.use_cases import streams
from services.impact.use_cases.asking import last_year
from shared.eventstore.commands import FROM_THE_START
from shared.kernel.refusals import NotFound
from shared.web.paging import AskedPage, Page

router = APIRouter(prefix="/v1", tags=["impact"])


@router.get("/surveys")
def list_surveys(
    reader: AtTheCounter,
    paging: AskedPage,
    state: Status | None = None,
    project_id: UUID | None = None,
    organisation_id: UUID | None = None,
) -> Page[schemas.SurveySummary]:
    """Surveys by due date. Recipients see those of their own organisation."""
    only = reader.caller.only_organisation
    if only is not None and organisation_id not in {None, only}:
        raise NotFound(kind="organisation")
    wanted = surveys.Wanted(
        state=state, project_id=project_id, organisation_id=only or organisation_id
    )
    with reader.view(surveys.PROJECTION) as connection:
        rows = surveys.surveys(
            connection, wanted, limit=paging.fetch, after=paging.after(date, UUID)
        )
    return paging.page(rows, key=lambda row: (row.due_on, row.survey_id), item=_summary)


@router.get("/surveys/{survey_id}")
def read_survey(survey_id: UUID, reader: AtTheCounter) -> schemas.SurveyOut:
    """
    One survey: its answers as they stand, corrections and an officer's question beside them.

    With what the application expected and what was answered last year. A draft is shown to whoever
    writes it, and to nobody else.
    """
    state, version = survey_seen(reader, survey_id)
    planned, response = planned_of(state), state.response
    expected, _ = FROM_THE_START.state(
        reader.store, expectations.DECIDER, streams.expectations(planned.project_id)
    )
    expectation = expected.of(planned.participant_id).values()
    return schemas.SurveyOut(
        survey_id=survey_id,
        project_id=planned.project_id,
        programme_code=planned.programme_code,
        participant_id=planned.participant_id,
        organisation_id=planned.organisation_id,
        year=planned.year,
        opens_on=planned.opens_on,
        due_on=planned.due_on,
        state=state.status,
        answered_on=response.effective_on if response else None,
        answered_late=response.late if response else None,
        questionnaire_version=state.questionnaire_version,
        validated_on=state.validated_on,
        version=version,
        **answered(state, shows_draft=reader.caller.only_organisation is not None),
        last_year=[
            LastYearOut(indicator=indicator, value=value)
            for indicator, value in last_year(state, reader.store, FROM_THE_START).items()
        ],
        expectations=[
            ExpectationOut(indicator=each.indicator, baseline=each.baseline, expected=each.expected)
            for each in expectation
        ],
    )


@router.get("/follow-ups/{project_id}")
def read_follow_up(project_id: UUID, reader: AtTheCounter) -> schemas.FollowUpOut:
    """The follow-up of a completed project. Recipients see their own organisation's surveys."""
    planned, _ = reader.state(follow_up.DECIDER, streams.follow_up(project_id))
    if isinstance(planned, follow_up.NotPlanned):
        raise NotFound(kind="follow-up")
    only = reader.caller.only_organisation
    if only is not None and only not in {each.organisation_id for each in planned.surveys}:
        raise NotFound(kind="follow-up")
    wanted = surveys.Wanted(project_id=project_id, organisation_id=only)
    with reader.view(surveys.PROJECTION) as connection:
        rows = surveys.surveys(connection, wanted)
    return schemas.FollowUpOut(
        project_id=project_id,
        programme_code=planned.programme_code,
        title=planned.title,
        completed_on=planned.completed_on,
        surveys=[_summary(row) for row in rows],
    )


@router.get("/outcomes")
def read_outcomes(
    reader: StaffAtTheCounter,
    programme: Annotated[str | None, Query(max_length=100)] = None,
) -> schemas.OutcomesOut:
    """Sums by indicator, programme and year after completion, with response rates."""
    with reader.view(surveys.PROJECTION) as connection:
        return schemas.OutcomesOut(
            responses=[
                schemas.ResponseRate(
                    programme=each.programme,
                    year=each.year,
                    opened=each.opened,
                    answered=each.answered,
                    answered_late=each.answered_late,
                    rate_bp=each.rate_bp,
                )
                for each in outcomes.responses(connection, programme)
            ],
            yearly=[
                schemas.YearlyOut(**asdict(each)) for each in outcomes.yearly(connection, programme)
            ],
            to_date=[
                schemas.ToDateOut(**asdict(each))
                for each in outcomes.to_date(connection, programme)
            ],
        )


@router.get("/indicators")
def list_indicators(_reader: AtTheCounter) -> list[schemas.IndicatorOut]:
    """What surveys ask about, in which unit."""
    return [
        schemas.IndicatorOut(
            code=each.code,
            names=schemas.Names(en=each.name_en, fr=each.name_fr),
            definitions=schemas.Names(en=each.definition_en, fr=each.definition_fr),
            direction=each.direction,
            target_bp=each.target_bp,
            unit=each.unit,
            accrual=each.accrual,
            may_be_negative=each.may_be_negative,
        )
        for each in indicators.INDICATORS
    ]


def _summary(row: Row[Any]) -> schemas.SurveySummary:
    return schemas.SurveySummary(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for it
