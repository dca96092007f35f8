"""
One participant's survey of one year.

It opens 60 days before it is due and is late from the day after. A late answer is still wanted:
it is accepted and marked. Its life is drawn in ``survey_state``; what each command leads to is in
``survey_calendar`` and ``survey_answering``.
"""

from collections.abc import Sequence
from typing import assert_never

from services.impact.domain import survey_answering, survey_calendar
from services.impact.domain.survey_commands import (
    Command,
    MarkSurveyLate,
    OpenSurvey,
    PlanSurvey,
    SubmitResponse,
)
from services.impact.domain.survey_events import Event
from services.impact.domain.survey_state import Survey, evolve, planned_of
from shared.kernel.decider import Decider


def decide(command: Command, state: Survey) -> Sequence[Event]:
    """What follows from a command. What was done before is not done again."""
    match command:
        case PlanSurvey():
            return survey_calendar.plan(command, state)
        case OpenSurvey():
            return survey_calendar.open_it(command, state)
        case MarkSurveyLate():
            return survey_calendar.mark_late(command, state)
        case SubmitResponse():
            return survey_answering.submit(command, state, planned_of(state))
        case unreachable:
            assert_never(unreachable)


DECIDER: Decider[Command, Survey, Event] = Decider(initial=Survey(), decide=decide, evolve=evolve)
