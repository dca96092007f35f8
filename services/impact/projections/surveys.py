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

from services.impact.domain.survey_events import (
    ResponseSubmitted,
    SurveyMarkedLate,
    SurveyOpened,
    SurveyPlanned,
)
from services.impact.domain.survey_state import Status
from shared.eventstore.store import Recorded
from shared.projecting.projection import Change, Delta, Insert, Projection

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
    schema="surveys",
)


def deltas(recorded: Recorded) -> Iterable[Delta]:
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
            yield Change(SURVEY, {"survey_id": event.survey_id}, {"state": Status.OPEN})
        case SurveyMarkedLate() as event:
            yield Change(SURVEY, {"survey_id": event.survey_id}, {"state": Status.LATE})
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
                yield Insert(
                    ANSWER,
                    {
                        "survey_id": event.survey_id,
                        "indicator": answer.indicator,
                        "programme_code": event.programme_code,
                        "participant_id": event.participant_id,
                        "year": event.year,
                        "value": answer.value,
                    },
                )


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
