"""What impact publishes: what happens to surveys, and what they say of indicators."""

from typing import Any

from services.impact.domain.indicators import BY_CODE
from services.impact.domain.scorecard import ScorecardMeasured
from services.impact.domain.survey_events import (
    IndicatorsReported,
    ResponseSubmitted,
    SurveyEvent,
    SurveyLapsed,
    SurveyOpened,
    SurveyValidated,
)
from shared.contracts import impact as contracts
from shared.contracts.base import Contract
from shared.eventstore.store import Recorded


def to_contract(recorded: Recorded) -> Contract | None:  # noqa: PLR0911  # one per contract
    """The contract of one event; nothing for what stays at home, such as who answered."""
    match recorded.event:
        case SurveyOpened() as event:
            return contracts.SurveyOpened(**_about(event))
        case ResponseSubmitted() as event:
            return contracts.SurveySubmitted(late=event.late, **_about(event))
        case SurveyValidated() as event:
            return contracts.SurveyValidated(**_about(event))
        case SurveyLapsed() as event:
            return contracts.SurveyLapsed(**_about(event))
        case IndicatorsReported() as event:
            return contracts.IndicatorReported(
                values=tuple(
                    contracts.IndicatorValue(
                        indicator=each.indicator,
                        unit=BY_CODE[each.indicator].unit,
                        value=each.value,
                    )
                    for each in event.values
                ),
                validated=event.validated,
                **_about(event),
            )
        case ScorecardMeasured() as event:
            return contracts.ScorecardMeasured(
                effective_on=event.effective_on,
                quarter=event.quarter,
                as_of=event.as_of,
                objectives=tuple(
                    contracts.ObjectiveMeasured(
                        code=each.code,
                        numerator=each.numerator,
                        base=each.base,
                        unit=each.unit,
                        target_bp=each.target_bp,
                    )
                    for each in event.objectives
                ),
            )
        case _:
            return None


def _about(event: SurveyEvent) -> dict[str, Any]:
    return {
        "effective_on": event.effective_on,
        "project_id": event.project_id,
        "survey_id": event.survey_id,
        "participant_id": event.participant_id,
        "programme_code": event.programme_code,
        "year": event.year,
        "due_on": event.due_on,
    }
