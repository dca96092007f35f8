"""
Where a survey is in its life, and what its history leaves.

    planned → open → (late → (lapsed)) → submitted → (queried ⇄ answered) → validated
      before it is answered → excused        corrected after validation → submitted again
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from services.impact.domain.indicators import BY_CODE
from services.impact.domain.survey_events import (
    Answer,
    Correction,
    Event,
    IndicatorsReported,
    Reply,
    ReplyValue,
    ResponseSubmitted,
    SurveyCorrected,
    SurveyDocumentAttached,
    SurveyDocumentDetached,
    SurveyDraftSaved,
    SurveyExcused,
    SurveyLapsed,
    SurveyMarkedLate,
    SurveyOpened,
    SurveyPlanned,
    SurveyQueried,
    SurveyQueryAnswered,
    SurveyReassigned,
    SurveyRescheduled,
    SurveyValidated,
)
from shared.kernel.refusals import RuleBroken


class Status(StrEnum):
    """Where a survey is in its life."""

    UNKNOWN = "unknown"
    PLANNED = "planned"
    OPEN = "open"
    LATE = "late"
    LAPSED = "lapsed"
    SUBMITTED = "submitted"
    QUERIED = "queried"
    ANSWERED = "answered"
    """The officer's query is answered."""
    VALIDATED = "validated"
    EXCUSED = "excused"


AWAITS_RESPONSE = frozenset({Status.OPEN, Status.LATE, Status.LAPSED})
"""It has opened and can be answered."""
HAS_RESPONSE = frozenset({Status.SUBMITTED, Status.QUERIED, Status.ANSWERED, Status.VALIDATED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A survey, as its history tells it."""

    status: Status = Status.UNKNOWN
    planned: SurveyPlanned | None = None
    """As it is planned now: with the dates and the organisation that it has today."""
    questionnaire_version: int = 0
    draft: SurveyDraftSaved | None = None
    response: ResponseSubmitted | None = None
    """As it was submitted."""
    answers: tuple[Answer, ...] = ()
    """As they stand, after corrections."""
    replies: tuple[Reply, ...] = ()
    """As they stand, after corrections."""
    corrections: tuple[SurveyCorrected | SurveyQueryAnswered, ...] = ()
    """In the order in which they were made."""
    query: SurveyQueried | None = None
    """The newest."""
    validated_on: date | None = None
    """None where what was validated was corrected since."""
    documents: tuple[SurveyDocumentAttached, ...] = ()
    """In the order in which they were attached."""
    handed_in: frozenset[UUID] = frozenset()
    """Ids of the documents that came with the response, or with the answer to an officer."""
    answerers: frozenset[str] = frozenset()
    """Who submitted or corrected what stands."""


class SurveyNotForeseen(RuleBroken):
    """No such survey is foreseen."""

    en = "No such survey is foreseen."
    fr = "Ce sondage n’est pas prévu."


def planned_of(state: Survey) -> SurveyPlanned:
    """What was planned. Raises ``SurveyNotForeseen``."""
    if state.planned is None:
        raise SurveyNotForeseen
    return state.planned


def evolve(state: Survey, event: Event) -> Survey:  # noqa: C901, PLR0911, PLR0912  # one case per event
    """The survey after an event."""
    match event:
        case SurveyPlanned():
            return Survey(status=Status.PLANNED, planned=event)
        case SurveyOpened():
            return replace(
                state,
                status=Status.OPEN,
                questionnaire_version=event.questionnaire_version,
            )
        case SurveyMarkedLate():
            return replace(state, status=Status.LATE)
        case SurveyLapsed():
            return replace(state, status=Status.LAPSED)
        case SurveyExcused():
            return replace(state, status=Status.EXCUSED)
        case SurveyRescheduled() | SurveyReassigned():
            return replace(state, planned=_replanned(planned_of(state), event))
        case SurveyDraftSaved():
            return replace(state, draft=event)
        case ResponseSubmitted():
            return replace(
                state,
                status=Status.SUBMITTED,
                response=event,
                draft=None,
                answers=event.answers,
                replies=event.replies,
                handed_in=_ids(state),
                answerers=frozenset({event.by}),
            )
        case SurveyQueried():
            return replace(state, status=Status.QUERIED, query=event)
        case SurveyQueryAnswered():
            answered = replace(state, status=Status.ANSWERED, handed_in=_ids(state))
            return _corrected(answered, event)
        case SurveyCorrected():
            # What an officer took is not what stands any more.
            return _corrected(replace(state, status=Status.SUBMITTED, validated_on=None), event)
        case SurveyValidated():
            return replace(state, status=Status.VALIDATED, validated_on=event.effective_on)
        case IndicatorsReported():
            return state  # told for others: it says what the events before it come to
        case SurveyDocumentAttached():
            return replace(state, documents=(*state.documents, event))
        case SurveyDocumentDetached():
            left = (each for each in state.documents if each.document_id != event.document_id)
            return replace(state, documents=tuple(left))
        case unreachable:
            assert_never(unreachable)


def _ids(state: Survey) -> frozenset[UUID]:
    return frozenset(each.document_id for each in state.documents)


def _replanned(
    planned: SurveyPlanned, event: SurveyRescheduled | SurveyReassigned
) -> SurveyPlanned:
    if isinstance(event, SurveyRescheduled):
        return replace(planned, opens_on=event.opens_on, due_on=event.due_on)
    return replace(planned, organisation_id=event.organisation_id)


def _corrected(state: Survey, event: SurveyCorrected | SurveyQueryAnswered) -> Survey:
    if not event.corrections:
        return state
    answers, replies = corrected(state, event.corrections)
    return replace(
        state,
        answers=answers,
        replies=replies,
        corrections=(*state.corrections, event),
        answerers=state.answerers | {event.by},
    )


def corrected(
    state: Survey, corrections: tuple[Correction, ...]
) -> tuple[tuple[Answer, ...], tuple[Reply, ...]]:
    """The answers and the replies once these are changed; the others stay as they are."""
    answers = {each.indicator: each for each in state.answers}
    replies = {each.question: each for each in state.replies}
    for each in corrections:
        if each.code in BY_CODE:
            answers.pop(each.code, None)
            if isinstance(each.new, int):
                answers[each.code] = Answer(indicator=each.code, value=each.new)
        else:
            replies.pop(each.code, None)
            if each.new is not None:
                replies[each.code] = Reply(question=each.code, value=each.new)
    return tuple(answers.values()), tuple(replies.values())


def standing(state: Survey) -> dict[str, ReplyValue]:
    """What is answered, by question: the indicator's code where it asks about one."""
    return {
        **{each.indicator: each.value for each in state.answers},
        **{each.question: each.value for each in state.replies},
    }
