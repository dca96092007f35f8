"""Personal links of a survey: sent again, listed, revoked. A token is seen by its contact alone."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.impact.api.contact_schemas import LinkOut, LinkRequest
from services.impact.api.contacts import OFFICERS
from services.impact.api.transactions import transaction_of
from services.impact.domain import contacts as people
from services.impact.domain import links, survey
from services.impact.domain.survey_events import SurveyEvent
from services.impact.domain.survey_state import Survey
from services.impact.use_cases import streams
from services.impact.use_cases.awaiting import about, asked_by, awaits_answer
from services.impact.use_cases.contacts import send_link
from shared.kernel.refusals import NotFound, RuleBroken
from shared.web.auth import Caller
from shared.web.desk import CommandAnswer, Desk, Reader, at_counter, at_desk

LinksDesk = Annotated[Desk, Depends(at_desk("recipient", *OFFICERS))]
LinksReader = Annotated[Reader, Depends(at_counter("recipient", *OFFICERS))]

router = APIRouter(prefix="/v1", tags=["links"])


class NobodyToAsk(RuleBroken):
    """A link is sent to the contact of the survey's organisation."""

    en = "Nobody is named who could be written to about this survey."
    fr = "Aucune personne à qui écrire n’est désignée pour ce sondage."


class SurveyNotAwaitingAnswer(RuleBroken):
    """Links are for surveys that wait for their response, or for the answer to an officer."""

    en = "This survey does not wait for an answer."
    fr = "Ce sondage n’attend pas de réponse."


@router.post("/surveys/{survey_id}/links", status_code=201)
def send(survey_id: UUID, body: LinkRequest, desk: LinksDesk) -> CommandAnswer:
    """Send the survey's contact a link with the next message; one at most to a person on a day."""
    del body
    state = desk.state(survey.DECIDER, streams.survey(survey_id))
    event = own(state, desk.caller)
    known = people.DECIDER.fold(desk.store.events(streams.contacts(event.organisation_id)))
    with desk.transaction() as connection:
        before = desk.answered_before()
        if before is not None:
            return before
        if not awaits_answer(state):
            raise SurveyNotAwaitingAnswer
        contact = people.contact_for(asked_by(event), known.present)
        if contact is None:
            raise NobodyToAsk
        outcome = send_link(
            transaction_of(desk, connection),
            event,
            contact_id=contact.contact_id,
            because=links.Because.ASKED,
            on=desk.today,
        )
        return desk.answer(outcome)


@router.get("/surveys/{survey_id}/links")
def list_links(survey_id: UUID, reader: LinksReader) -> list[LinkOut]:
    """The links that were issued to a survey, oldest first."""
    state, _ = reader.state(survey.DECIDER, streams.survey(survey_id))
    own(state, reader.caller)
    issued = links.DECIDER.fold(reader.store.events(streams.links(survey_id)))
    return [
        LinkOut(
            link_id=each.link_id,
            contact_id=each.contact_id,
            issued_on=each.issued_on,
            expires_on=each.expires_on,
            revoked_on=each.revoked_on,
            revoked_because=each.revoked_because,
        )
        for each in issued.issued
    ]


@router.post("/surveys/{survey_id}/links/{link_id}/revocation")
def revoke(survey_id: UUID, link_id: UUID, desk: LinksDesk) -> CommandAnswer:
    """Let a link open nothing any more."""
    own(desk.state(survey.DECIDER, streams.survey(survey_id)), desk.caller)
    command = links.RevokeLink(link_id=link_id, on=desk.today)
    return desk.carry_out(links.DECIDER, streams.links(survey_id), command)


def own(state: Survey, caller: Caller) -> SurveyEvent:
    """The survey's particulars, where the caller may see them. Raises ``NotFound``."""
    event = about(state)
    if event is None or caller.only_organisation not in {None, event.organisation_id}:
        raise NotFound(kind="survey")
    return event
