"""
One participant's survey of one year.

    planned → open → answered
                 ↘ late → answered, late

It opens 60 days before it is due and is late from the day after. A late answer is still wanted:
it is accepted and marked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, assert_never
from uuid import UUID

from services.impact.domain.follow_up import PlannedSurvey
from services.impact.domain.indicators import BY_CODE, INDICATORS
from shared.kernel.decider import Decider
from shared.kernel.refusals import Invalid, NotAllowed, Reason, RuleBroken

LARGEST_ANSWER = 10**15
"""Ten trillion dollars in cents; the sums of all answers stay within 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a participant says of one indicator, in whole units of it."""

    indicator: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSurvey:
    """Foresee a survey, as its project's follow-up plans it."""

    project_id: UUID
    programme_code: str
    survey: PlannedSurvey
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSurvey:
    """From now on it can be answered."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkSurveyLate:
    """Its due date has passed; late if it has not been answered."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitResponse:
    """Answer it, for the participant's organisation."""

    answers: tuple[Answer, ...]
    certified: bool
    """The person who answers says that it is true to the best of their knowledge."""
    organisation_id: UUID | None
    """For which organisation the person acts."""
    by: str
    on: date


Command = PlanSurvey | OpenSurvey | MarkSurveyLate | SubmitResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyEvent:
    """What every event about a survey carries, so that each can be read by itself."""

    effective_on: date
    survey_id: UUID
    project_id: UUID
    programme_code: str
    participant_id: UUID
    organisation_id: UUID
    year: int
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyPlanned(SurveyEvent):
    """It will open on a date."""

    opens_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyOpened(SurveyEvent):
    """It can be answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyMarkedLate(SurveyEvent):
    """Its due date passed without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSubmitted(SurveyEvent):
    """The participant answered; ``late`` when after the due date."""

    answers: tuple[Answer, ...]
    by: str
    late: bool


Event = SurveyPlanned | SurveyOpened | SurveyMarkedLate | ResponseSubmitted


class Status(StrEnum):
    """Where a survey is in its life."""

    UNKNOWN = "unknown"
    PLANNED = "planned"
    OPEN = "open"
    LATE = "late"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A survey, as its history tells it."""

    status: Status = Status.UNKNOWN
    planned: SurveyPlanned | None = None
    response: ResponseSubmitted | None = None


class SurveyNotForeseen(RuleBroken):
    """No such survey is foreseen."""

    en = "No such survey is foreseen."
    fr = "Ce sondage n’est pas prévu."


class SurveyNotYetOpen(RuleBroken):
    """A survey is answered once it has opened, so that the year it asks about is nearly over."""

    en = "This survey opens on {opens_on}."
    fr = "Ce sondage ouvre le {opens_on}."


class SurveyAlreadyAnswered(RuleBroken):
    """A survey is answered once."""

    en = "This survey was answered on {answered_on}."
    fr = "Ce sondage a été rempli le {answered_on}."


class NotYourSurvey(NotAllowed):
    """A survey is answered by the organisation that it asks."""

    en = "This survey is for another organisation."
    fr = "Ce sondage s’adresse à une autre organisation."


class ResponseNotAcceptable(Invalid):
    """The answers cannot be taken as they are; every reason is given at once."""

    en = "The response cannot be accepted as it is."
    fr = "La réponse ne peut être acceptée telle quelle."


def decide(command: Command, state: Survey) -> Sequence[Event]:
    """What follows from a command. What was done before is not done again."""
    match command:
        case PlanSurvey():
            return _plan(command, state)
        case OpenSurvey():
            planned = _planned(state)
            if state.status is not Status.PLANNED:
                return []
            return [SurveyOpened(effective_on=command.on, **_about(planned))]
        case MarkSurveyLate():
            planned = _planned(state)
            if state.status is not Status.OPEN:
                return []
            return [SurveyMarkedLate(effective_on=command.on, **_about(planned))]
        case SubmitResponse():
            return _submit(command, state, _planned(state))
        case unreachable:
            assert_never(unreachable)


def evolve(state: Survey, event: Event) -> Survey:
    """The survey after an event."""
    match event:
        case SurveyPlanned():
            return Survey(status=Status.PLANNED, planned=event)
        case SurveyOpened():
            return replace(state, status=Status.OPEN)
        case SurveyMarkedLate():
            return replace(state, status=Status.LATE)
        case ResponseSubmitted():
            return replace(state, status=Status.ANSWERED, response=event)
        case unreachable:
            assert_never(unreachable)


def late_on(survey: SurveyPlanned) -> date:
    """The day from which a survey without an answer is late."""
    return survey.due_on + timedelta(days=1)


def _plan(command: PlanSurvey, state: Survey) -> Sequence[Event]:
    if state.planned is not None:
        return []
    survey = command.survey
    return [
        SurveyPlanned(
            effective_on=command.on,
            survey_id=survey.survey_id,
            project_id=command.project_id,
            programme_code=command.programme_code,
            participant_id=survey.participant_id,
            organisation_id=survey.organisation_id,
            year=survey.year,
            due_on=survey.due_on,
            opens_on=survey.opens_on,
        )
    ]


def _submit(command: SubmitResponse, state: Survey, planned: SurveyPlanned) -> Sequence[Event]:
    if command.organisation_id != planned.organisation_id:
        raise NotYourSurvey
    if state.response is not None:
        raise SurveyAlreadyAnswered(answered_on=state.response.effective_on)
    if state.status is Status.PLANNED:
        raise SurveyNotYetOpen(opens_on=planned.opens_on)
    reasons = [*_certification_missing(command), *_answers_unacceptable(command.answers)]
    if reasons:
        raise ResponseNotAcceptable(reasons=reasons)
    return [
        ResponseSubmitted(
            effective_on=command.on,
            answers=command.answers,
            by=command.by,
            late=command.on > planned.due_on,
            **_about(planned),
        )
    ]


def _certification_missing(command: SubmitResponse) -> Iterator[Reason]:
    if not command.certified:
        yield Reason(
            code="not-certified",
            en="Certify that the answers are true to the best of your knowledge.",
            fr="Attestez que les réponses sont vraies au meilleur de votre connaissance.",
            field="certified",
            accepted=[True],
        )


def _answers_unacceptable(answers: Sequence[Answer]) -> Iterator[Reason]:
    if not answers:
        yield Reason(
            code="no-answer",
            en="Answer at least one indicator.",
            fr="Répondez pour au moins un indicateur.",
            field="answers",
            accepted={"at_least": 1},
        )
    seen: set[str] = set()
    for index, answer in enumerate(answers):
        indicator = BY_CODE.get(answer.indicator)
        lowest = -LARGEST_ANSWER if indicator is None or indicator.may_be_negative else 0
        if indicator is None:
            yield Reason(
                code="unknown-indicator",
                en=f"There is no indicator {answer.indicator}.",
                fr=f"L’indicateur {answer.indicator} n’existe pas.",
                field=f"answers[{index}].indicator",
                accepted=[each.code for each in INDICATORS],
            )
        elif answer.indicator in seen:
            yield Reason(
                code="answered-twice",
                en=f"{indicator.name_en} is answered twice.",
                fr=f"{indicator.name_fr} : il y a deux réponses.",
                field=f"answers[{index}].indicator",
            )
        if not lowest <= answer.value <= LARGEST_ANSWER:
            yield Reason(
                code="value-out-of-bounds",
                en=f"The value is between {lowest} and {LARGEST_ANSWER}.",
                fr=f"La valeur est comprise entre {lowest} et {LARGEST_ANSWER}.",
                field=f"answers[{index}].value",
                accepted={"at_least": lowest, "at_most": LARGEST_ANSWER},
            )
        seen.add(answer.indicator)


def _planned(state: Survey) -> SurveyPlanned:
    if state.planned is None:
        raise SurveyNotForeseen
    return state.planned


def _about(planned: SurveyPlanned) -> dict[str, Any]:
    """The fields that all events about one survey share."""
    return {
        "survey_id": planned.survey_id,
        "project_id": planned.project_id,
        "programme_code": planned.programme_code,
        "participant_id": planned.participant_id,
        "organisation_id": planned.organisation_id,
        "year": planned.year,
        "due_on": planned.due_on,
    }


DECIDER: Decider[Command, Survey, Event] = Decider(initial=Survey(), decide=decide, evolve=evolve)
