"""The survey that a personal link opens: read, drafted, answered, or handed to a colleague."""

from fastapi import APIRouter

from services.impact.api import my_survey_schemas as schemas
from services.impact.api.answer_schemas import (
    DraftIn,
    QueryAnswerIn,
    QueryOut,
    ResponseIn,
    answers_to_domain,
    changes_to_domain,
)
from services.impact.api.contact_schemas import PersonIn
from services.impact.api.documents import documents_out
from services.impact.api.link_door import LinkDesk, LinkReader, OpenedHere
from services.impact.api.links import SurveyNotAwaitingAnswer
from services.impact.api.transactions import transaction_of
from services.impact.domain import follow_up, questionnaire, survey
from services.impact.domain.answer_schema import answer_schema
from services.impact.domain.indicators import INDICATORS
from services.impact.domain.questionnaire import QuestionnairePublished
from services.impact.domain.survey_answering import gathered
from services.impact.domain.survey_commands import AnswerQuery, SaveDraft, SubmitResponse
from services.impact.domain.survey_events import ReplyValue
from services.impact.domain.survey_state import Status, Survey, standing
from services.impact.use_cases import contacts, streams
from services.impact.use_cases.asking import asked_of, year_before
from services.impact.use_cases.awaiting import about, awaits_answer
from shared.eventstore.commands import FROM_THE_START
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer, Reader

router = APIRouter(prefix="/v1/my-survey", tags=["my survey"])


@router.get("")
def read_my_survey(reader: LinkReader, opened: OpenedHere) -> schemas.MySurveyOut:
    """The survey with its questions and last year's answers, and the draft or the receipt."""
    state, version = reader.state(survey.DECIDER, streams.survey(opened.survey_id))
    event, response = about(state), state.response
    query = state.query if state.status is Status.QUERIED else None
    if event is None:
        raise NotFound(kind="survey")
    plan = follow_up.DECIDER.fold(reader.store.events(streams.follow_up(event.project_id)))
    published = _published(reader, event.programme_code, state.questionnaire_version)
    before = year_before(state, reader.store, FROM_THE_START)
    return schemas.MySurveyOut(
        survey_id=opened.survey_id,
        project_title="" if isinstance(plan, follow_up.NotPlanned) else plan.title,
        programme_code=event.programme_code,
        year=event.year,
        due_on=event.due_on,
        state=state.status,
        questionnaire_version=state.questionnaire_version,
        questions=[schemas.indicator_out(each) for each in INDICATORS]
        if published is None
        else schemas.questions_out(published.questions, _so_far(state)),
        answers_schema=None if published is None else answer_schema(published),
        last_year=schemas.answers_out(before.answers, before.replies),
        draft=None
        if state.draft is None
        else schemas.answers_out(state.draft.answers, state.draft.replies),
        receipt=None
        if response is None
        else schemas.MyReceiptOut(
            answered_on=response.effective_on,
            late=response.late,
            answers=schemas.answers_out(state.answers, state.replies),
        ),
        query=query
        and QueryOut(queried_on=query.effective_on, codes=list(query.codes), text=query.text),
        documents=documents_out(state, opened.organisation_id),
        version=version,
    )


@router.put("/draft")
def save_draft(draft: DraftIn, desk: LinkDesk, opened: OpenedHere) -> CommandAnswer:
    """Keep answers for later. They need not be complete; each must be one that is possible."""
    stream = streams.survey(opened.survey_id)
    answers, replies = answers_to_domain(draft.answers)
    command = SaveDraft(
        answers=answers,
        replies=replies,
        organisation_id=opened.organisation_id,
        by=desk.caller.id,
        on=desk.today,
        asked=asked_of(desk.state(survey.DECIDER, stream), desk.store, desk.folds),
    )
    return desk.carry_out(survey.DECIDER, stream, command)


@router.post("/response", status_code=201)
def respond(response: ResponseIn, desk: LinkDesk, opened: OpenedHere) -> CommandAnswer:
    """Answer the survey, once, and certify the answers. A late answer is accepted and marked."""
    stream = streams.survey(opened.survey_id)
    answers, replies = answers_to_domain(response.answers)
    command = SubmitResponse(
        answers=answers,
        certified=response.certified,
        organisation_id=opened.organisation_id,
        by=desk.caller.id,
        on=desk.today,
        now=desk.now,
        replies=replies,
        surprises=response.surprises_to_domain(),
        asked=asked_of(desk.state(survey.DECIDER, stream), desk.store, desk.folds),
    )
    return desk.carry_out(survey.DECIDER, stream, command)


@router.post("/query-answer", status_code=201)
def answer_query(answer: QueryAnswerIn, desk: LinkDesk, opened: OpenedHere) -> CommandAnswer:
    """Answer an officer's question, correcting what it is about where it was wrong."""
    stream = streams.survey(opened.survey_id)
    command = AnswerQuery(
        text=answer.text,
        changes=changes_to_domain(answer.changes),
        organisation_id=opened.organisation_id,
        by=desk.caller.id,
        on=desk.today,
        asked=asked_of(desk.state(survey.DECIDER, stream), desk.store, desk.folds),
    )
    return desk.carry_out(survey.DECIDER, stream, command)


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


def _published(reader: Reader, programme: str, version: int) -> QuestionnairePublished | None:
    """The questionnaire that the survey opened with; None for version 0."""
    if version == 0:
        return None
    stream = streams.questionnaire(programme)
    return reader.one_of_many(questionnaire.DECIDER, stream).version(version)


def _so_far(state: Survey) -> dict[str, ReplyValue]:
    """What is answered: as it stands once it is submitted, in the draft until then."""
    if state.response is not None or state.draft is None:
        return standing(state)
    return gathered(state.draft.answers, state.draft.replies)
