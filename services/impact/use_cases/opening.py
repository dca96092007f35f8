"""Opening a survey with a personal link: what the token says is held against what was decided."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.impact.domain import contacts, links, survey
from services.impact.gateways.link_tokens import LinkNotTrusted, LinkTokens
from services.impact.use_cases import streams
from services.impact.use_cases.awaiting import about
from shared.eventstore.store import Stream
from shared.kernel.decider import Decider
from shared.kernel.periods import civil_date

StateOf = Callable[[Decider[Any, Any, Any], Stream], Any]
"""The present state of a stream."""


class LinkNotUsable(Exception):
    """A genuine link opens nothing (any more)."""


class LinkExpired(LinkNotUsable):
    """Its last day is over."""


class LinkRevoked(LinkNotUsable):
    """It was revoked, or whoever holds it is no longer asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a link opens: one survey, for one contact."""

    survey_id: UUID
    link_id: UUID
    contact_id: UUID
    organisation_id: UUID


def open_with(
    tokens: LinkTokens,
    token: str,
    state_of: StateOf,
    now: datetime,
    *,
    let_in: Callable[[UUID], None],
) -> Opened:
    """
    What the token opens now; ``let_in`` is asked first whether its link asks too often.

    Raises ``LinkNotTrusted``, ``LinkExpired`` and ``LinkRevoked``.
    """
    claim = tokens.read(token)
    let_in(claim.link_id)
    issued: links.Links = state_of(links.DECIDER, streams.links(claim.survey_id))
    link = issued.find(claim.link_id)
    if link is None:
        raise LinkNotTrusted
    if link.revoked_on is not None:
        raise LinkRevoked
    if now >= claim.expires_at or not link.lives(civil_date(now)):
        raise LinkExpired
    asked = about(state_of(survey.DECIDER, streams.survey(claim.survey_id)))
    if asked is None:
        raise LinkNotTrusted
    known: contacts.Contacts = state_of(contacts.DECIDER, streams.contacts(asked.organisation_id))
    if known.find(link.contact_id) is None:
        raise LinkRevoked
    return Opened(
        survey_id=claim.survey_id,
        link_id=claim.link_id,
        contact_id=link.contact_id,
        organisation_id=asked.organisation_id,
    )
