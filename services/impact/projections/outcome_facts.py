"""
Who is followed, what was asked, reported and expected, each with the day from which it holds.

Figures are summed when they are asked for, so that they can be asked for as of any day: what was
reported by that day. Of several reports of one survey on one day the last one counts.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.impact.domain.expectations import ExpectationsNoted
from services.impact.domain.follow_up import FollowUpPlanned, FollowUpReplanned
from services.impact.domain.scorecard import ScorecardMeasured
from services.impact.domain.survey_events import (
    IndicatorsReported,
    ResponseSubmitted,
    SurveyEvent,
    SurveyExcused,
    SurveyLapsed,
    SurveyMarkedLate,
    SurveyOpened,
    SurveyPlanned,
    SurveyRescheduled,
)
from shared.eventstore.store import Recorded
from shared.kernel.periods import fiscal_year_of
from shared.projecting.projection import Change, Delta, Insert, Projection, Put

METADATA = MetaData()
SCHEMA = "outcomes"

PROJECT = Table(
    "project",
    METADATA,
    Column("project_id", Uuid, primary_key=True),
    Column("programme_code", Text, nullable=False),
    Column("completed_on", Date, nullable=False),
    Column("cohort", Integer, nullable=False),
    schema=SCHEMA,
)
"""A completed project; its cohort is the fiscal year of its completion, as it is known now."""

PARTICIPANT = Table(
    "participant",
    METADATA,
    Column("project_id", Uuid, primary_key=True),
    Column("participant_id", Uuid, primary_key=True),
    Column("province", Text),
    Column("sector", Text),
    schema=SCHEMA,
)
"""Who is, or was, asked about a project; the sector is the first two digits of its NAICS number."""

SURVEY = Table(
    "survey",
    METADATA,
    Column("survey_id", Uuid, primary_key=True),
    Column("project_id", Uuid, nullable=False),
    Column("participant_id", Uuid, nullable=False),
    Column("year", Integer, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("opened_on", Date),
    Column("late_on", Date),
    Column("submitted_on", Date),
    Column("submitted_late", Boolean),
    Column("lapsed_on", Date),
    Column("excused_on", Date),
    schema=SCHEMA,
)
"""A survey and the days on which things happened to it."""

REPORT = Table(
    "report",
    METADATA,
    Column("survey_id", Uuid, primary_key=True),
    Column("reported_on", Date, primary_key=True),
    Column("validated", Boolean, nullable=False),
    Column("answered", JSONB, nullable=False),
    schema=SCHEMA,
)
"""All that a survey says of indicators from a day on: ``{indicator: value}``."""

EXPECTATION = Table(
    "expectation",
    METADATA,
    Column("project_id", Uuid, primary_key=True),
    Column("noted_on", Date, primary_key=True),
    Column("expected", JSONB, nullable=False),
    schema=SCHEMA,
)
"""What a project is held against from a day on: ``[{participant_id, indicator, expected}]``."""

SCORECARD = Table(
    "scorecard",
    METADATA,
    Column("position", BigInteger, primary_key=True),
    Column("quarter", Text, nullable=False, index=True),
    Column("as_of", Date, nullable=False),
    Column("measured_on", Date, nullable=False),
    Column("objectives", JSONB, nullable=False),
    Column("changes", JSONB, nullable=False),
    schema=SCHEMA,
)
"""Every measurement of every quarter."""


def deltas(recorded: Recorded) -> Iterable[Delta]:  # noqa: C901  # one case per event
    """What one event changes."""
    match recorded.event:
        case FollowUpPlanned() | FollowUpReplanned() as event:
            yield from _followed(event)
        case SurveyPlanned() as event:
            yield Insert(
                SURVEY,
                {
                    "survey_id": event.survey_id,
                    "project_id": event.project_id,
                    "participant_id": event.participant_id,
                    "year": event.year,
                    "due_on": event.due_on,
                },
            )
        case SurveyRescheduled() as event:
            yield _survey(event, due_on=event.due_on)
        case SurveyOpened() as event:
            yield _survey(event, opened_on=event.effective_on)
        case SurveyMarkedLate() as event:
            yield _survey(event, late_on=event.effective_on)
        case SurveyLapsed() as event:
            yield _survey(event, lapsed_on=event.effective_on)
        case SurveyExcused() as event:
            yield _survey(event, excused_on=event.effective_on)
        case ResponseSubmitted() as event:
            yield _survey(event, submitted_on=event.effective_on, submitted_late=event.late)
            # The report that follows says the same; in the first histories none follows.
            yield _report(event, event.answers, validated=False)
        case IndicatorsReported() as event:
            yield _report(event, event.values, validated=event.validated)
        case ExpectationsNoted() as event:
            yield Put(
                EXPECTATION,
                {"project_id": event.project_id, "noted_on": event.effective_on},
                {
                    "expected": [
                        {
                            "participant_id": str(each.participant_id),
                            "indicator": each.indicator,
                            "expected": each.expected,
                        }
                        for each in event.expectations
                    ]
                },
            )
        case ScorecardMeasured() as event:
            yield Insert(
                SCORECARD,
                {
                    "position": recorded.position,
                    "quarter": str(event.quarter),
                    "as_of": event.as_of,
                    "measured_on": event.effective_on,
                    "objectives": [
                        asdict(each) | {"rate_bp": each.rate_bp} for each in event.objectives
                    ],
                    "changes": [asdict(each) for each in event.changes],
                },
            )


def _followed(event: FollowUpPlanned | FollowUpReplanned) -> Iterable[Delta]:
    yield Put(
        PROJECT,
        {"project_id": event.project_id},
        {
            "programme_code": event.programme_code,
            "completed_on": event.effective_on,
            "cohort": fiscal_year_of(event.effective_on),
        },
    )
    described = {each.participant_id: each for each in event.participants}
    asked = dict.fromkeys(each.participant_id for each in event.surveys)
    for participant_id in {**asked, **described}:
        known = described.get(participant_id)
        yield Put(
            PARTICIPANT,
            {"project_id": event.project_id, "participant_id": participant_id},
            {}
            if known is None
            else {"province": known.province, "sector": known.naics and known.naics[:2]},
        )


def _survey(event: SurveyEvent, **values: Any) -> Change:
    return Change(SURVEY, {"survey_id": event.survey_id}, values)


def _report(event: SurveyEvent, answers: Iterable[Any], *, validated: bool) -> Put:
    return Put(
        REPORT,
        {"survey_id": event.survey_id, "reported_on": event.effective_on},
        {"validated": validated, "answered": {each.indicator: each.value for each in answers}},
    )


PROJECTION = Projection(SCHEMA, 1, METADATA, deltas)
