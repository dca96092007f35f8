"""The surveys there are, their state, and what was answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Index,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    select,
    tuple_,
)

from services.impact.domain.indicators import BY_CODE
from services.impact.domain.survey_events import (
    IndicatorsReported,
    ResponseSubmitted,
    SurveyCorrected,
    SurveyEvent,
    SurveyExcused,
    SurveyLapsed,
    SurveyMarkedLate,
    SurveyOpened,
    SurveyPlanned,
    SurveyQueried,
    SurveyQueryAnswered,
    SurveyReassigned,
    SurveyRescheduled,
    SurveyValidated,
)
from services.impact.domain.survey_state import Status
from shared.eventstore.store import Recorded
from shared.projecting.projection import Change, Delta, Insert, Projection, Put, Remove

METADATA = MetaData()

SURVEY = Table(
    "survey",
    METADATA,
    Column("survey_id", Uuid, primary_key=True),
    Column("project_id", Uuid, nullable=False),
    Column("programme_code", Text, nullable=False),
    Column("participant_id", Uuid, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("year", Integer, nullable=False),
    Column("opens_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("answered_on", Date),
    Column("answered_late", Boolean),
    Column("questionnaire_version", Integer),
    Column("validated_on", Date),
    Index("survey_in_order", "due_on", "survey_id"),
    Index("survey_of_project", "project_id"),
    Index("survey_of_organisation", "organisation_id"),
    schema="surveys",
)

ANSWER = Table(
    "answer",
    METADATA,
    Column("survey_id", Uuid, primary_key=True),
    Column("indicator", Text, primary_key=True),
    Column("programme_code", Text, nullable=False),
    Column("participant_id", Uuid, nullable=False),
    Column("year", Integer, nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("validated", Boolean, nullable=False),
    schema="surveys",
)


def deltas(  # noqa: C901, PLR0912  # one case per event
    recorded: Recorded,
) -> Iterable[Delta]:
    """What one event changes."""
    match recorded.event:
        case SurveyPlanned() as event:
            yield Insert(
                SURVEY,
                {
                    "survey_id": event.survey_id,
                    "project_id": event.project_id,
                    "programme_code": event.programme_code,
                    "participant_id": event.participant_id,
                    "organisation_id": event.organisation_id,
                    "year": event.year,
                    "opens_on": event.opens_on,
                    "due_on": event.due_on,
                    "state": Status.PLANNED,
                },
            )
        case SurveyOpened() as event:
            yield _becomes(event, Status.OPEN, questionnaire_version=event.questionnaire_version)
        case SurveyMarkedLate() as event:
            yield _becomes(event, Status.LATE)
        case SurveyLapsed() as event:
            yield _becomes(event, Status.LAPSED)
        case SurveyExcused() as event:
            yield _becomes(event, Status.EXCUSED)
        case SurveyRescheduled() as event:
            yield _becomes(event, Status.PLANNED, opens_on=event.opens_on, due_on=event.due_on)
        case SurveyReassigned() as event:
            key = {"survey_id": event.survey_id}
            yield Change(SURVEY, key, {"organisation_id": event.organisation_id})
        case SurveyQueried() as event:
            yield _becomes(event, Status.QUERIED)
        case SurveyQueryAnswered() as event:
            yield _becomes(event, Status.ANSWERED)
            yield from _corrected(event)
        case SurveyCorrected() as event:
            yield _becomes(event, Status.SUBMITTED, validated_on=None)
            yield from _corrected(event)
        case SurveyValidated() as event:
            yield _becomes(event, Status.VALIDATED, validated_on=event.effective_on)
        case IndicatorsReported() as event:
            for answer in event.values:
                yield _answer(event, answer.indicator, answer.value, validated=event.validated)
        case ResponseSubmitted() as event:
            yield Change(
                SURVEY,
                {"survey_id": event.survey_id},
                {
                    "state": Status.SUBMITTED,
                    "answered_on": event.effective_on,
                    "answered_late": event.late,
                },
            )
            for answer in event.answers:
                yield _answer(event, answer.indicator, answer.value, validated=False)


def _becomes(event: SurveyEvent, state: Status, **values: Any) -> Change:
    return Change(SURVEY, {"survey_id": event.survey_id}, {"state": state, **values})


def _answer(event: SurveyEvent, indicator: str, value: int, *, validated: bool) -> Put:
    return Put(
        ANSWER,
        {"survey_id": event.survey_id, "indicator": indicator},
        {
            "programme_code": event.programme_code,
            "participant_id": event.participant_id,
            "year": event.year,
            "value": value,
            "validated": validated,
        },
    )


def _corrected(event: SurveyCorrected | SurveyQueryAnswered) -> Iterable[Delta]:
    """What is not answered any more goes; what is, is told by the report that follows."""
    for each in event.corrections:
        if each.code in BY_CODE and each.new is None:
            yield Remove(ANSWER, {"survey_id": event.survey_id, "indicator": each.code})


PROJECTION = Projection("surveys", 2, METADATA, deltas)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which surveys to list; what is None does not matter."""

    state: str | None = None
    project_id: UUID | None = None
    organisation_id: UUID | None = None


def surveys(
    connection: Connection,
    wanted: Wanted,
    *,
    limit: int | None = None,
    after: tuple[date, UUID] | None = None,
) -> list[Row[Any]]:
    """The surveys that are wanted, by due date; ``after`` the key of one, if given."""
    query = select(SURVEY).order_by(SURVEY.c.due_on, SURVEY.c.survey_id).limit(limit)
    for name in ("state", "project_id", "organisation_id"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(SURVEY.c[name] == value)
    if after is not None:
        query = query.where(tuple_(SURVEY.c.due_on, SURVEY.c.survey_id) > tuple_(*after))
    return list(connection.execute(query).all())
