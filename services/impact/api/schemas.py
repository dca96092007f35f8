"""What goes in and comes out over HTTP."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from services.impact.domain.survey_events import Answer
from services.impact.domain.survey_state import Status
from shared.web.schemas import Request


class AnswerIn(Request):
    """The answer to one indicator, in whole units of it."""

    indicator: str = Field(min_length=1, max_length=100, examples=["JOBS-CREATED"])
    value: int

    def to_domain(self) -> Answer:
        """As the domain speaks of it."""
        return Answer(indicator=self.indicator, value=self.value)


class ResponseIn(Request):
    """A participant's answers. Leave out what you do not know: it is not counted as zero."""

    answers: list[AnswerIn] = Field(max_length=100)
    certified: bool
    """True: the answers are true to the best of your knowledge."""


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


class AnswerOut(BaseModel):
    """The answer to one indicator, in whole units of it."""

    indicator: str
    value: int


class SurveyOut(SurveySummary):
    """A survey with what was answered."""

    answers: list[AnswerOut]
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
    unit: str
    accrual: str
    """``adds-up`` over the years, or the latest year ``replaces`` those before."""
    may_be_negative: bool


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
