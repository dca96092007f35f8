"""What an objective may be, and what may be recorded of it."""

from dataclasses import replace
from datetime import date

import pytest

from services.finance.domain import scorecard
from services.finance.domain.events import Measure, Objective, ObjectiveRecorded, Unit
from shared.kernel.refusals import NotFound

TODAY = date(2023, 10, 20)
EVENTS = Objective(
    code="EVENTS",
    name_en="Events",
    name_fr="Événements",
    definition_en="Held in the year.",
    definition_fr="Tenus dans l’exercice.",
    unit=Unit.COUNT,
    target=2,
    measure=Measure.RECORDED,
)
HEALTH = replace(
    EVENTS, code="HEALTH", unit=Unit.CAD_CENTS, measure=Measure.CONTRACTED, programmes=("HEALTH",)
)


def targets(*objectives: Objective) -> scorecard.SetTargets:
    """Write these."""
    return scorecard.SetTargets(fiscal_year=2024, objectives=objectives, on=TODAY)


def recording(code: str, value: int, measured_on: date = TODAY) -> scorecard.RecordObjective:
    """Record a value."""
    return scorecard.RecordObjective(
        fiscal_year=2024, code=code, value=value, forecast=None, measured_on=measured_on, on=TODAY
    )


def test_what_is_wrong_is_said_at_once() -> None:
    """Every objective is looked at: codes, what its measure needs, and its unit."""
    wrong = targets(
        EVENTS,
        EVENTS,
        replace(HEALTH, programmes=(), unit=Unit.COUNT),
        replace(EVENTS, code="REUSE", measure=Measure.IMPACT),
    )
    with pytest.raises(scorecard.ScorecardNotRight) as refused:
        scorecard.DECIDER.decide(wrong, scorecard.DECIDER.initial)
    assert [reason.field for reason in refused.value.reasons] == [
        "objectives[1].code",
        "objectives[2].programmes",
        "objectives[2].unit",
        "objectives[3].impact_objective",
    ]


def test_only_what_no_system_measures_is_recorded() -> None:
    """What the books say is never entered by hand, nor what is to come."""
    state = scorecard.DECIDER.fold(
        scorecard.DECIDER.decide(targets(EVENTS, HEALTH), scorecard.DECIDER.initial)
    )
    with pytest.raises(scorecard.NotRecordedByHand):
        scorecard.DECIDER.decide(recording("HEALTH", 1), state)
    with pytest.raises(NotFound):
        scorecard.DECIDER.decide(recording("OTHER", 1), state)
    with pytest.raises(scorecard.MeasuredInTheFuture):
        scorecard.DECIDER.decide(recording("EVENTS", 1, date(2023, 10, 21)), state)


def test_the_latest_day_counts() -> None:
    """A value of an earlier day that is recorded later does not replace a newer one."""
    events = [
        *scorecard.DECIDER.decide(targets(EVENTS), scorecard.DECIDER.initial),
        *(
            ObjectiveRecorded(
                fiscal_year=2024, code="EVENTS", value=value, forecast=None, effective_on=on
            )
            for value, on in ((1, date(2023, 6, 1)), (3, date(2023, 9, 1)), (2, date(2023, 8, 1)))
        ),
    ]
    state = scorecard.DECIDER.fold(events)
    latest = state.latest("EVENTS")
    assert latest is not None
    assert latest.value == 3
    rewritten = scorecard.DECIDER.decide(targets(replace(EVENTS, target=9)), state)
    assert scorecard.DECIDER.fold([*events, *rewritten]).latest("EVENTS") == latest
