"""Answering a survey: by its organisation, all problems said at once, late answers too."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from services.impact.domain import answer_checks
from services.impact.domain.catalogue_answers import answers_unacceptable, not_indicators
from services.impact.domain.indicators import BY_CODE
from services.impact.domain.survey_commands import SaveDraft, SubmitResponse
from services.impact.domain.survey_events import (
    Answer,
    Event,
    IndicatorsReported,
    Reply,
    ReplyValue,
    ResponseSubmitted,
    Surprise,
    SurveyDraftSaved,
    SurveyPlanned,
    about,
)
from services.impact.domain.survey_state import Status, Survey
from shared.kernel.refusals import Invalid, NotAllowed, Reason, RuleBroken


class SurveyNotYetOpen(RuleBroken):
    """A survey is answered once it has opened, so that the year it asks about is nearly over."""

    en = "This survey opens on {opens_on}."
    fr = "Ce sondage ouvre le {opens_on}."


class SurveyAlreadyAnswered(RuleBroken):
    """A survey is answered once; afterwards it is corrected."""

    en = "This survey was answered on {answered_on}."
    fr = "Ce sondage a été rempli le {answered_on}."


class SurveyIsExcused(RuleBroken):
    """Nobody needs to answer an excused survey."""

    en = "This survey was excused: there is nothing to answer."
    fr = "Ce sondage a fait l’objet d’une dispense : il n’y a pas à y répondre."


class NotYourSurvey(NotAllowed):
    """A survey is answered by the organisation that it asks."""

    en = "This survey is for another organisation."
    fr = "Ce sondage s’adresse à une autre organisation."


class ResponseNotAcceptable(Invalid):
    """The answers cannot be taken as they are; every reason is given at once."""

    en = "The response cannot be accepted as it is."
    fr = "La réponse ne peut être acceptée telle quelle."


def save_draft(command: SaveDraft, state: Survey, planned: SurveyPlanned) -> Sequence[Event]:
    """Keep answers for later, as long as each could be one; the same ones again change nothing."""
    _must_be_answerable(command.organisation_id, state, planned)
    values = gathered(command.answers, command.replies)
    if command.asked.questions:
        reasons = list(answer_checks.unanswerable(command.asked.questions, values))
    else:
        answers, others = parted(values)
        reasons = [*not_indicators(others), *_of_the_catalogue(answers)]
    if reasons:
        raise ResponseNotAcceptable(reasons=reasons)
    answers, replies = parted(values)
    draft = state.draft
    if draft is not None and (draft.answers, draft.replies) == (answers, replies):
        return []
    return [
        SurveyDraftSaved(
            effective_on=command.on,
            answers=answers,
            replies=replies,
            by=command.by,
            **about(planned),
        )
    ]


def submit(command: SubmitResponse, state: Survey, planned: SurveyPlanned) -> Sequence[Event]:
    """Take the response. Raises what is wrong with it."""
    _must_be_answerable(command.organisation_id, state, planned)
    reasons = [*_certification_missing(command), *_answers_wrong(command)]
    if reasons:
        raise ResponseNotAcceptable(reasons=reasons)
    answers, replies = parted(gathered(command.answers, command.replies), command.surprises)
    return [
        ResponseSubmitted(
            effective_on=command.on,
            answers=answers,
            by=command.by,
            late=command.on > planned.due_on,
            replies=replies,
            lapsed=state.status is Status.LAPSED,
            submitted_at=command.now,
            documents=tuple(each.sha256 for each in state.documents),
            **about(planned),
        ),
        *reported(command.on, planned, answers, validated=False),
    ]


def reported(
    on: date, planned: SurveyPlanned, answers: tuple[Answer, ...], *, validated: bool
) -> Iterator[IndicatorsReported]:
    """What others are told of the indicators, even that nothing stands any more."""
    yield IndicatorsReported(effective_on=on, values=answers, validated=validated, **about(planned))


def gathered(answers: Iterable[Answer], replies: Iterable[Reply]) -> dict[str, ReplyValue]:
    """All answers by question."""
    return {
        **{each.indicator: each.value for each in answers},
        **{each.question: each.value for each in replies},
    }


def parted(
    values: Mapping[str, ReplyValue], surprises: Mapping[str, Surprise] | None = None
) -> tuple[tuple[Answer, ...], tuple[Reply, ...]]:
    """Answers about indicators, and the others, in the order in which they were given."""
    answers, replies = [], []
    for code, value in values.items():
        if code in BY_CODE and type(value) is int:
            surprise = (surprises or {}).get(code)
            answers.append(Answer(indicator=code, value=value, surprise=surprise))
        else:
            replies.append(Reply(question=code, value=value))
    return tuple(answers), tuple(replies)


def _must_be_answerable(
    organisation_id: UUID | None, state: Survey, planned: SurveyPlanned
) -> None:
    if organisation_id != planned.organisation_id:
        raise NotYourSurvey
    if state.response is not None:
        raise SurveyAlreadyAnswered(answered_on=state.response.effective_on)
    if state.status is Status.EXCUSED:
        raise SurveyIsExcused
    if state.status is Status.PLANNED:
        raise SurveyNotYetOpen(opens_on=planned.opens_on)


def _answers_wrong(command: SubmitResponse) -> Iterator[Reason]:
    values = gathered(command.answers, command.replies)
    asked = command.asked
    if not asked.questions:
        answers, others = parted({each.question: each.value for each in command.replies})
        yield from not_indicators(others)
        yield from answers_unacceptable((*command.answers, *answers))
        return
    yield from _answered_twice(command)
    yield from answer_checks.unanswerable(asked.questions, values)
    yield from answer_checks.incomplete(asked.questions, values)
    yield from answer_checks.unexplained(asked, values, command.surprises)


def _answered_twice(command: SubmitResponse) -> Iterator[Reason]:
    codes = [each.indicator for each in command.answers]
    codes += [each.question for each in command.replies]
    for code in dict.fromkeys(each for each in codes if codes.count(each) > 1):
        yield Reason(
            code="answered-twice",
            en=f"{code} is answered twice.",
            fr=f"{code} : il y a deux réponses.",
            field=f"answers.{code}",
        )


def _of_the_catalogue(answers: Sequence[Answer]) -> Iterator[Reason]:
    return answers_unacceptable(answers) if answers else iter(())


def _certification_missing(command: SubmitResponse) -> Iterator[Reason]:
    if not command.certified:
        yield Reason(
            code="not-certified",
            en="Certify that the answers are true to the best of your knowledge.",
            fr="Attestez que les réponses sont vraies au meilleur de votre connaissance.",
            field="certified",
            accepted=[True],
        )
