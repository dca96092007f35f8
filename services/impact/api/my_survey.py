"""The survey that a personal link opens: read, drafted, answered, or handed to a colleague."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from services.impact.api import schemas
from services.impact.api.contact_schemas import PersonIn
from services.impact.api.link_door import LinkDesk, LinkReader, OpenedHere
from services.impact.api.links import SurveyNotAwaitingAnswer
from services.impact.api.transactions import transaction_of
from services.impact.domain import follow_up, indicators, survey
from services.impact.domain.survey_commands import SubmitResponse
from services.impact.domain.survey_events import Answer
from services.impact.domain.survey_state import Status
from services.impact.use_cases import contacts, streams
from services.impact.use_cases.awaiting import about, awaits_answer
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer

router = APIRouter(prefix="/v1/my-survey", tags=["my survey"])


class ReceiptOut(BaseModel):
    """That the survey was answered, and what was said."""

    answered_on: date
    late: bool
    answers: list[schemas.AnswerOut]


class MySurveyOut(BaseModel):
    """One survey, as whoever answers it sees it."""

    survey_id: UUID
    project_title: str
    programme_code: str
    year: int
    """Years after completion."""
    due_on: date
    state: Status
    questionnaire_version: int
    """0: every indicator may be answered."""
    indicators: list[schemas.IndicatorOut]
    draft: list[schemas.AnswerOut] | None
    """What was saved for later; null where nothing was, and once it is submitted."""
    receipt: ReceiptOut | None
    """Null until it is submitted."""
    version: int


@router.get("")
def read_my_survey(reader: LinkReader, opened: OpenedHere) -> MySurveyOut:
    """The survey with its questions, and the draft or the receipt."""
    state, version = reader.state(survey.DECIDER, streams.survey(opened.survey_id))
    event, response = about(state), state.response
    if event is None:
        raise NotFound(kind="survey")
    plan = follow_up.DECIDER.fold(reader.store.events(streams.follow_up(event.project_id)))
    return MySurveyOut(
        survey_id=opened.survey_id,
        project_title=plan.title if isinstance(plan, follow_up.Planned) else "",
        programme_code=event.programme_code,
        year=event.year,
        due_on=event.due_on,
        state=state.status,
        questionnaire_version=state.questionnaire_version,
        indicators=[schemas.IndicatorOut.of(each) for each in indicators.INDICATORS],
        draft=None if state.draft is None else _answers(state.draft.answers),
        receipt=None
        if response is None
        else ReceiptOut(
            answered_on=response.effective_on,
            late=response.late,
            answers=_answers(state.answers),
        ),
        version=version,
    )


@router.post("/response", status_code=201)
def respond(response: schemas.ResponseIn, desk: LinkDesk, opened: OpenedHere) -> CommandAnswer:
    """Answer the survey, once, and certify the answers. A late answer is accepted and marked."""
    command = SubmitResponse(
        answers=tuple(answer.to_domain() for answer in response.answers),
        certified=response.certified,
        organisation_id=opened.organisation_id,
        by=desk.caller.id,
        on=desk.today,
    )
    return desk.carry_out(survey.DECIDER, streams.survey(opened.survey_id), command)


@router.post("/hand-over")
def hand_over(colleague: PersonIn, desk: LinkDesk, opened: OpenedHere) -> CommandAnswer:
    """
    Let a colleague answer in your place: they are sent a link, and this one is revoked.

    Asking again with this link is refused like anything else: it opens nothing any more.
    """
    state = desk.state(survey.DECIDER, streams.survey(opened.survey_id))
    event = about(state)
    if event is None or not awaits_answer(state):
        raise SurveyNotAwaitingAnswer
    with desk.transaction() as connection:
        outcome = contacts.hand_over(
            transaction_of(desk, connection),
            desk.new_id("contact"),
            colleague.to_person(),
            event,
            by=desk.caller.id,
            on=desk.today,
        )
        return desk.answer(outcome)


def _answers(answers: Iterable[Answer]) -> list[schemas.AnswerOut]:
    return [schemas.AnswerOut(indicator=each.indicator, value=each.value) for each in answers]
