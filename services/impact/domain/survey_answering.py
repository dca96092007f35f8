"""Answering a survey: by its organisation, all problems said at once, late answers too."""

from collections.abc import Iterator, Sequence

from services.impact.domain.catalogue_answers import answers_unacceptable
from services.impact.domain.survey_commands import SubmitResponse
from services.impact.domain.survey_events import Event, ResponseSubmitted, SurveyPlanned, about
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


class NotYourSurvey(NotAllowed):
    """A survey is answered by the organisation that it asks."""

    en = "This survey is for another organisation."
    fr = "Ce sondage s’adresse à une autre organisation."


class ResponseNotAcceptable(Invalid):
    """The answers cannot be taken as they are; every reason is given at once."""

    en = "The response cannot be accepted as it is."
    fr = "La réponse ne peut être acceptée telle quelle."


def submit(command: SubmitResponse, state: Survey, planned: SurveyPlanned) -> Sequence[Event]:
    """Take the response. Raises what is wrong with it."""
    if command.organisation_id != planned.organisation_id:
        raise NotYourSurvey
    if state.response is not None:
        raise SurveyAlreadyAnswered(answered_on=state.response.effective_on)
    if state.status is Status.PLANNED:
        raise SurveyNotYetOpen(opens_on=planned.opens_on)
    reasons = [*_certification_missing(command), *answers_unacceptable(command.answers)]
    if reasons:
        raise ResponseNotAcceptable(reasons=reasons)
    return [
        ResponseSubmitted(
            effective_on=command.on,
            answers=command.answers,
            by=command.by,
            late=command.on > planned.due_on,
            lapsed=state.status is Status.LAPSED,
            **about(planned),
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
