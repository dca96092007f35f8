"""
One participant's survey of one year.

It opens 60 days before it is due and is late from the day after. A late answer is still wanted:
it is accepted and marked. Its life is drawn in ``survey_state``; what each command leads to is in
``survey_calendar``, ``survey_answering``, ``survey_review`` and ``survey_documents``.
"""

from collections.abc import Sequence
from typing import assert_never

from services.impact.domain import (
    survey_answering,
    survey_calendar,
    survey_documents,
    survey_review,
)
from services.impact.domain.survey_commands import (
    AnswerQuery,
    AttachDocument,
    Command,
    CorrectResponse,
    DetachDocument,
    ExcuseSurvey,
    LapseSurvey,
    MarkSurveyLate,
    OpenSurvey,
    PlanSurvey,
    QueryResponse,
    ReassignSurvey,
    SaveDraft,
    SubmitResponse,
    ValidateResponse,
)
from services.impact.domain.survey_events import Event
from services.impact.domain.survey_state import Survey, evolve, planned_of
from shared.kernel.decider import Decider


def decide(command: Command, state: Survey) -> Sequence[Event]:  # noqa: C901, PLR0911, PLR0912  # one case per command
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
        case SaveDraft():
            return survey_answering.save_draft(command, state, planned_of(state))
        case QueryResponse():
            return survey_review.query(command, state, planned_of(state))
        case AnswerQuery():
            return survey_review.answer_query(command, state, planned_of(state))
        case ValidateResponse():
            return survey_review.validate(command, state, planned_of(state))
        case CorrectResponse():
            return survey_review.correct(command, state, planned_of(state))
        case ExcuseSurvey():
            return survey_calendar.excuse(command, state)
        case LapseSurvey():
            return survey_calendar.lapse(command, state)
        case ReassignSurvey():
            return survey_calendar.reassign(command, state)
        case AttachDocument():
            return survey_documents.attach(command, state, planned_of(state))
        case DetachDocument():
            return survey_documents.detach(command, state, planned_of(state))
        case unreachable:
            assert_never(unreachable)


DECIDER: Decider[Command, Survey, Event] = Decider(initial=Survey(), decide=decide, evolve=evolve)
