"""
Taking the answers of a survey, and entering what they tell of intellectual property.

Both are one decision: what an officer has taken is in the register, and no other answer is.
"""

from collections.abc import Iterator
from uuid import UUID

from services.impact.domain import intellectual_property as ip
from services.impact.domain import survey
from services.impact.domain.survey_commands import ValidateResponse
from services.impact.domain.survey_events import IpEntry, SurveyPlanned
from services.impact.domain.survey_state import Survey
from services.impact.use_cases import streams
from shared.eventstore.together import Changes, Loaded
from shared.kernel.identifiers import derived_id


def validate(survey_id: UUID, command: ValidateResponse, loaded: Loaded) -> Changes:
    """Take the answers; every piece they tell of is entered, or told anew where it is known."""
    stream = streams.survey(survey_id)
    state: Survey = loaded.state(survey.DECIDER, stream)
    events = survey.DECIDER.decide(command, state)
    yield stream, events
    if not events or state.planned is None:
        return
    # A piece that is told of twice in one survey is as it was told last.
    pieces = {each.ip_id or _id_of(state.planned, each): each for each in _pieces(state)}
    for ip_id, entry in pieces.items():
        piece = loaded.state(ip.DECIDER, streams.ip(ip_id))
        told = _told(ip_id, piece, state.planned, entry, command)
        if told is not None:
            yield streams.ip(ip_id), ip.DECIDER.decide(told, piece)


def _pieces(state: Survey) -> Iterator[IpEntry]:
    for reply in state.replies:
        if isinstance(reply.value, tuple):
            yield from reply.value


def _id_of(planned: SurveyPlanned, entry: IpEntry) -> UUID:
    """A piece that a participant tells of again under the same title is the same piece."""
    title = " ".join(entry.title.split()).casefold()
    return derived_id("ip", planned.participant_id, title)


def _told(
    ip_id: UUID,
    piece: ip.State,
    planned: SurveyPlanned,
    entry: IpEntry,
    command: ValidateResponse,
) -> ip.Command | None:
    """What the register hears of a piece; nothing of another's, or of one that was taken out."""
    facts = ip.Facts(
        title=entry.title,
        kind=entry.kind,
        owner_organisation_id=entry.owner_organisation_id or planned.organisation_id,
        canadian_owned=entry.canadian_owned,
        reuse_allowed=entry.reuse_allowed,
        reused=entry.reused,
        commercialised=entry.commercialised,
    )
    if isinstance(piece, ip.Registered):
        if piece.deregistered or piece.participant_id != planned.participant_id:
            return None
        return ip.UpdateIp(facts=facts, source=ip.Source.SURVEY, on=command.on, by=command.by)
    return ip.RegisterIp(
        ip_id=ip_id,
        project_id=planned.project_id,
        programme_code=planned.programme_code,
        participant_id=planned.participant_id,
        facts=facts,
        source=ip.Source.SURVEY,
        on=command.on,
        by=command.by,
    )
