"""After the response: an officer asks, takes it or not; what was wrong is corrected, not undone."""

from collections.abc import Iterator, Mapping, Sequence

from services.impact.domain import answer_checks
from services.impact.domain.catalogue_answers import answers_unacceptable, not_indicators
from services.impact.domain.indicators import BY_CODE
from services.impact.domain.question import LONGEST_TEXT, Asked
from services.impact.domain.survey_answering import (
    NotYourSurvey,
    ResponseNotAcceptable,
    parted,
    reported,
)
from services.impact.domain.survey_commands import (
    AnswerQuery,
    CorrectResponse,
    QueryResponse,
    ValidateResponse,
)
from services.impact.domain.survey_events import (
    Correction,
    Event,
    ReplyValue,
    SurveyCorrected,
    SurveyPlanned,
    SurveyQueried,
    SurveyQueryAnswered,
    SurveyValidated,
    about,
)
from services.impact.domain.survey_state import (
    HAS_RESPONSE,
    Status,
    Survey,
    corrected,
    standing,
)
from shared.kernel.refusals import Invalid, NotAllowed, Reason, RuleBroken

CORRECTION_REASONS = ("slip", "new-information", "restated", "asked-by-officer")


class SurveyNotAnswered(RuleBroken):
    """Only what was answered is asked about, corrected or validated."""

    en = "This survey has not been answered."
    fr = "Ce sondage n’a pas été rempli."


class SurveyAlreadyValidated(RuleBroken):
    """What was validated is corrected, not asked about."""

    en = "The answers were validated on {validated_on}."
    fr = "Les réponses ont été validées le {validated_on}."


class SurveyUnderQuery(RuleBroken):
    """One question of an officer at a time, answered before the answers are validated."""

    en = "An officer’s question of {queried_on} is waiting for its answer."
    fr = "Une question posée le {queried_on} attend sa réponse."


class NoQueryToAnswer(RuleBroken):
    """An officer asks first."""

    en = "There is no question to answer."
    fr = "Il n’y a pas de question à laquelle répondre."


class AnswererDoesNotValidate(NotAllowed):
    """Whoever submitted or corrected answers does not validate them."""

    en = "You submitted or corrected these answers: someone else validates them."
    fr = "Vous avez transmis ou corrigé ces réponses : une autre personne doit les valider."


class QueryNotAcceptable(Invalid):
    """A question to the participant has a text and is about what is asked."""

    en = "The question cannot be asked as it is."
    fr = "La question ne peut être posée telle quelle."


class NothingToCorrect(Invalid):
    """A correction changes at least one answer."""

    en = "Nothing would change."
    fr = "Rien ne changerait."


def query(command: QueryResponse, state: Survey, planned: SurveyPlanned) -> Sequence[Event]:
    """An officer asks about the answers."""
    _must_be_answered(state)
    if state.status is Status.VALIDATED:
        raise SurveyAlreadyValidated(validated_on=state.validated_on)
    _must_not_wait(state)
    known = {each.code for each in command.asked.questions} or set(BY_CODE)
    reasons = [
        Reason(
            code="not-asked",
            en=f"{code} is not asked.",
            fr=f"{code} n’est pas demandé.",
            field=f"codes[{index}]",
            accepted=sorted(known),
        )
        for index, code in enumerate(command.codes)
        if code not in known
    ]
    reasons += _text_wrong(command.text)
    if reasons:
        raise QueryNotAcceptable(reasons=reasons)
    return [
        SurveyQueried(
            effective_on=command.on,
            codes=command.codes,
            text=command.text,
            by=command.by,
            **about(planned),
        )
    ]


def answer_query(command: AnswerQuery, state: Survey, planned: SurveyPlanned) -> Sequence[Event]:
    """The participant answers, and may correct at the same time."""
    if command.organisation_id != planned.organisation_id:
        raise NotYourSurvey
    if state.status is not Status.QUERIED:
        raise NoQueryToAnswer
    corrections = corrections_of(state, command.changes)
    reasons = [*_text_wrong(command.text)]
    if corrections:
        reasons += _wrong_after(command.asked, state, corrections)
    if reasons:
        raise ResponseNotAcceptable(reasons=reasons)
    events: list[Event] = [
        SurveyQueryAnswered(
            effective_on=command.on,
            text=command.text,
            by=command.by,
            corrections=corrections,
            **about(planned),
        )
    ]
    if corrections:
        answers, _ = corrected(state, corrections)
        events += reported(command.on, planned, answers, validated=False)
    return events


def correct(command: CorrectResponse, state: Survey, planned: SurveyPlanned) -> Sequence[Event]:
    """Change answers; what was validated is validated again. A question is answered first."""
    if command.organisation_id not in {None, planned.organisation_id}:
        raise NotYourSurvey
    _must_be_answered(state)
    _must_not_wait(state)
    corrections = corrections_of(state, command.changes)
    if not corrections:
        raise NothingToCorrect(field="changes")
    reasons = [*_wrong_after(command.asked, state, corrections)]
    if command.reason not in CORRECTION_REASONS:
        reasons.append(
            Reason(
                code="reason-unknown",
                en=f"There is no reason {command.reason}.",
                fr=f"Le motif {command.reason} n’existe pas.",
                field="reason",
                accepted=list(CORRECTION_REASONS),
            )
        )
    if reasons:
        raise ResponseNotAcceptable(reasons=reasons)
    answers, _ = corrected(state, corrections)
    return [
        SurveyCorrected(
            effective_on=command.on,
            corrections=corrections,
            reason=command.reason,
            by=command.by,
            **about(planned),
        ),
        *reported(command.on, planned, answers, validated=False),
    ]


def validate(command: ValidateResponse, state: Survey, planned: SurveyPlanned) -> Sequence[Event]:
    """An officer takes the answers as they stand."""
    _must_be_answered(state)
    _must_not_wait(state)
    if state.status is Status.VALIDATED:
        raise SurveyAlreadyValidated(validated_on=state.validated_on)
    if command.by in state.answerers:
        raise AnswererDoesNotValidate
    return [
        SurveyValidated(effective_on=command.on, by=command.by, **about(planned)),
        *reported(command.on, planned, state.answers, validated=True),
    ]


def corrections_of(
    state: Survey, changes: Mapping[str, ReplyValue | None]
) -> tuple[Correction, ...]:
    """What really changes, with both values."""
    values = standing(state)
    return tuple(
        Correction(code=code, old=values.get(code), new=new)
        for code, new in changes.items()
        if new != values.get(code) or type(new) is not type(values.get(code))
    )


def _wrong_after(
    asked: Asked, state: Survey, corrections: tuple[Correction, ...]
) -> Iterator[Reason]:
    changed = {each.code: each.new for each in corrections}
    values = {
        code: value for code, value in (standing(state) | changed).items() if value is not None
    }
    if asked.questions:
        yield from answer_checks.unanswerable(asked.questions, values)
        yield from answer_checks.incomplete(asked.questions, values)
        return
    answers, others = parted(values)
    yield from not_indicators(others)
    yield from answers_unacceptable(answers)


def _must_be_answered(state: Survey) -> None:
    if state.status not in HAS_RESPONSE:
        raise SurveyNotAnswered


def _must_not_wait(state: Survey) -> None:
    if state.status is Status.QUERIED and state.query is not None:
        raise SurveyUnderQuery(queried_on=state.query.effective_on)


def _text_wrong(text: str) -> Iterator[Reason]:
    if not 1 <= len(text.strip()) <= LONGEST_TEXT:
        yield Reason(
            code="text-needed",
            en=f"Write 1 to {LONGEST_TEXT} characters.",
            fr=f"Écrivez de 1 à {LONGEST_TEXT} caractères.",
            field="text",
            accepted={"at_least": 1, "at_most": LONGEST_TEXT},
        )
