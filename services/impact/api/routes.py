"""Impact's endpoints."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Row

from services.impact.api import schemas
from services.impact.domain import follow_up, indicators, survey
from services.impact.domain.survey_commands import SubmitResponse
from services.impact.domain.survey_state import Status
from services.impact.projections import outcomes, surveys
from services.impact.use_cases import streams
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_desk
from shared.web.paging import AskedPage, Page

router = APIRouter(prefix="/v1", tags=["impact"])

STAFF = (
    "programme-manager",
    "intake-officer",
    "agreement-officer",
    "committee-secretary",
    "finance-officer",
)

AtTheCounter = Annotated[Reader, Depends(at_counter("recipient", *STAFF))]
StaffAtTheCounter = Annotated[Reader, Depends(at_counter(*STAFF))]
RecipientAtTheDesk = Annotated[Desk, Depends(at_desk("recipient"))]


@router.post("/surveys/{survey_id}/response", status_code=201)
def respond(
    survey_id: UUID, response: schemas.ResponseIn, desk: RecipientAtTheDesk
) -> CommandAnswer:
    """Answer a survey for your organisation. A late answer is accepted and marked."""
    command = SubmitResponse(
        answers=tuple(answer.to_domain() for answer in response.answers),
        certified=response.certified,
        organisation_id=desk.caller.organisation_id,
        by=desk.caller.id,
        on=desk.today,
    )
    stream = streams.survey(survey_id)
    desk.state(survey.DECIDER, stream)  # one that is not there is not found, rather than refused
    return desk.carry_out(survey.DECIDER, stream, command)


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
    """One survey, with its answers."""
    state, version = reader.state(survey.DECIDER, streams.survey(survey_id))
    planned, response = state.planned, state.response
    if planned is None or reader.caller.only_organisation not in {None, planned.organisation_id}:
        raise NotFound(kind="survey")
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
        answers=[
            schemas.AnswerOut(indicator=answer.indicator, value=answer.value)
            for answer in (response.answers if response else ())
        ],
        version=version,
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
            unit=each.unit,
            accrual=each.accrual,
            may_be_negative=each.may_be_negative,
        )
        for each in indicators.INDICATORS
    ]


def _summary(row: Row[Any]) -> schemas.SurveySummary:
    return schemas.SurveySummary(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for it
