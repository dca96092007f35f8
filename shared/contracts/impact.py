"""What impact publishes: what happened to the surveys about a project's effects."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.base import Contract, ProjectContract
from shared.kernel.periods import Quarter


class SurveyContract(ProjectContract):
    """A fact about one participant's yearly survey."""

    survey_id: UUID
    participant_id: UUID
    programme_code: str
    year: int
    """1 to 5: years after completion."""
    due_on: date


class SurveyOpened(SurveyContract):
    """The participant can answer."""

    contract_type: ClassVar[str] = "impact.survey-opened.v1"


class SurveySubmitted(SurveyContract):
    """The participant answered; ``late`` when after the due date."""

    contract_type: ClassVar[str] = "impact.survey-submitted.v1"

    late: bool


class SurveyValidated(SurveyContract):
    """An officer took the answers as they stand; a correction has to be validated again."""

    contract_type: ClassVar[str] = "impact.survey-validated.v1"


class SurveyLapsed(SurveyContract):
    """Nobody answered, so long after it was due that nobody is asked any more."""

    contract_type: ClassVar[str] = "impact.survey-lapsed.v1"


class IndicatorValue(BaseModel):
    """What a participant says of one indicator for one year."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    indicator: str
    unit: str
    """``cad-cents``, ``count``, ``people``, ``tonnes-co2e``."""
    value: int
    """In whole units."""


class IndicatorReported(SurveyContract):
    """What a survey says of indicators: it replaces what was told of the same survey before."""

    contract_type: ClassVar[str] = "impact.indicator-reported.v1"

    values: tuple[IndicatorValue, ...]
    """All that were answered; one that is not there is missing, and never zero."""
    validated: bool
    """An officer took them."""


class ObjectiveMeasured(BaseModel):
    """How far one objective of the corporate plan is reached."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    """``COMMERCIALISATION``, ``REUSE``, ``RESPONSE-RATE``, ``REVENUE-AND-SAVINGS``, …"""
    numerator: int
    base: int
    """What the numerator is held against; 0: nothing yet."""
    unit: str
    """``pieces``, ``surveys``, ``cad-cents``, ``count``."""
    target_bp: int | None
    """The share of the base that the plan aims for, in basis points; None: it names none."""


class ScorecardMeasured(Contract):
    """The plan's objectives as of the end of a quarter; the newest stands for those before."""

    contract_type: ClassVar[str] = "impact.scorecard-measured.v1"

    quarter: Quarter
    as_of: date
    """The last day of the quarter."""
    objectives: tuple[ObjectiveMeasured, ...]

    @property
    def key(self) -> str:
        """The quarter."""
        return str(self.quarter)
