"""What goes in and comes out over HTTP."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from services.impact.api.answer_schemas import (
    CorrectionOut,
    ExpectationOut,
    LastYearOut,
    QueryOut,
    ReplyOut,
)
from services.impact.domain.survey_state import Status


class SurveySummary(BaseModel):
    """One participant's survey of one year."""

    survey_id: UUID
    project_id: UUID
    programme_code: str
    participant_id: UUID
    organisation_id: UUID
    year: int
    """Years after completion."""
    opens_on: date
    due_on: date
    state: Status
    answered_on: date | None
    answered_late: bool | None
    questionnaire_version: int | None
    """None: not open yet; 0: every indicator of the catalogue is asked."""
    validated_on: date | None


class AnswerOut(BaseModel):
    """The answer to one indicator, in whole units of it."""

    indicator: str
    value: int


class DraftOut(BaseModel):
    """Answers that were kept for later."""

    saved_on: date
    answers: list[AnswerOut]
    replies: list[ReplyOut]


class SurveyOut(SurveySummary):
    """A survey with what was answered."""

    answers: list[AnswerOut]
    """As they stand, after corrections."""
    replies: list[ReplyOut]
    """To questions that are not about indicators."""
    corrections: list[CorrectionOut]
    query: QueryOut | None
    """What an officer asks, while it waits for its answer."""
    draft: DraftOut | None
    last_year: list[LastYearOut]
    expectations: list[ExpectationOut]
    version: int


class FollowUpOut(BaseModel):
    """A completed project and its surveys."""

    project_id: UUID
    programme_code: str
    title: str
    completed_on: date
    surveys: list[SurveySummary]


class Names(BaseModel):
    """A name in both languages."""

    en: str
    fr: str


class IndicatorOut(BaseModel):
    """One thing that surveys ask about."""

    code: str
    names: Names
    definitions: Names
    unit: str
    accrual: str
    """``adds-up`` over the years, or the latest year ``replaces`` those before."""
    may_be_negative: bool
    direction: str
    """Which way is better: ``higher-is-better`` or ``lower-is-better``."""
    target_bp: int | None
    """The share that the corporate plan aims for, in basis points; null: it names none."""


class ResponseRate(BaseModel):
    """How many answered, of one programme and year after completion."""

    programme: str
    year: int
    opened: int
    """The base of the rate: surveys that have been opened."""
    answered: int
    answered_late: int
    rate_bp: int
    """Answered of opened, in basis points, half up."""


class YearlyOut(BaseModel):
    """One indicator summed over the answers of one programme and year after completion."""

    programme: str
    indicator: str
    year: int
    total: int
    answers: int
    """How many answers are in the sum; a missing one is not a zero."""


class ToDateOut(BaseModel):
    """One indicator of one programme over all years."""

    programme: str
    indicator: str
    total: int
    participants: int
    """How many participants have answered it at least once."""


class OutcomesOut(BaseModel):
    """What changed because of the projects."""

    responses: list[ResponseRate]
    yearly: list[YearlyOut]
    to_date: list[ToDateOut]
