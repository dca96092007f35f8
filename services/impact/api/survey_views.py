"""What is shown of the answers to a survey."""

from typing import Any

from services.impact.api.answer_schemas import (
    CorrectionOut,
    QueryOut,
    ReplyOut,
    corrections_out,
    value_out,
)
from services.impact.api.schemas import AnswerOut, DraftOut
from services.impact.domain.survey_events import Answer, Reply, SurveyCorrected
from services.impact.domain.survey_state import Status, Survey


def answered(state: Survey, *, shows_draft: bool) -> dict[str, Any]:
    """The parts of ``SurveyOut`` that are about answers."""
    draft = state.draft if shows_draft else None
    query = state.query if state.status is Status.QUERIED else None
    return {
        "answers": _answers(state.answers),
        "replies": _replies(state.replies),
        "corrections": _corrections(state),
        "query": query
        and QueryOut(queried_on=query.effective_on, codes=list(query.codes), text=query.text),
        "draft": draft
        and DraftOut(
            saved_on=draft.effective_on,
            answers=_answers(draft.answers),
            replies=_replies(draft.replies),
        ),
    }


def _answers(answers: tuple[Answer, ...]) -> list[AnswerOut]:
    return [AnswerOut(indicator=each.indicator, value=each.value) for each in answers]


def _replies(replies: tuple[Reply, ...]) -> list[ReplyOut]:
    return [ReplyOut(question=each.question, value=value_out(each.value)) for each in replies]


def _corrections(state: Survey) -> list[CorrectionOut]:
    return [
        each
        for event in state.corrections
        for each in corrections_out(
            event.corrections,
            event.effective_on,
            event.reason if isinstance(event, SurveyCorrected) else "asked-by-officer",
        )
    ]
