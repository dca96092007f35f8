"""
Personal links to one survey: issued to a contact, expiring, revocable, one of them at a time.

What is sent is a token signed with the deployment's key; what is decided here is whether the link
that it names still opens the survey.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from shared.kernel.decider import Decider
from shared.kernel.identifiers import derived_id
from shared.kernel.refusals import NotFound

LIVES_DAYS = 90
"""From its issue; a survey is open for 60 days before it is due."""
RENEWED_BELOW_DAYS = 30
"""A link that would expire sooner is replaced when it is sent again."""


class Because(StrEnum):
    """Why a link is issued, or revoked."""

    REMINDER = "reminder"
    ASKED = "asked"
    HANDED_OVER = "handed-over"
    RENEWED = "renewed"
    """Another link of the same contact takes its place."""
    REPLACED = "replaced"
    """The survey is answered by another contact."""
    WITHDRAWN = "withdrawn"
    """Somebody asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLink:
    """Let a contact answer the survey; a link of theirs that lives long enough stays."""

    survey_id: UUID
    contact_id: UUID
    because: Because
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeLink:
    """The link opens nothing any more."""

    link_id: UUID
    on: date


Command = IssueLink | RevokeLink


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkIssued:
    """A contact can answer the survey with a link, up to and including a day."""

    effective_on: date
    link_id: UUID
    survey_id: UUID
    contact_id: UUID
    expires_on: date
    because: Because


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRevoked:
    """A link opens nothing any more."""

    effective_on: date
    link_id: UUID
    survey_id: UUID
    contact_id: UUID
    because: Because


Event = LinkIssued | LinkRevoked


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link."""

    link_id: UUID
    survey_id: UUID
    contact_id: UUID
    issued_on: date
    expires_on: date
    revoked_on: date | None = None
    revoked_because: Because | None = None

    def lives(self, on: date) -> bool:
        """Does it open the survey on that day?"""
        return self.revoked_on is None and on <= self.expires_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """All links that were ever issued to one survey, oldest first."""

    issued: tuple[Link, ...] = ()

    def find(self, link_id: UUID) -> Link | None:
        """The link with this id."""
        return next((each for each in self.issued if each.link_id == link_id), None)

    def living(self, contact_id: UUID, on: date) -> Link | None:
        """The link with which a contact can answer on that day."""
        return next(
            (each for each in self.issued if each.contact_id == contact_id and each.lives(on)), None
        )


class LinkUnknown(NotFound):
    """The survey has no such link."""

    en = "There is no such link."
    fr = "Ce lien n’existe pas."


def decide(command: Command, state: Links) -> Sequence[Event]:
    """What follows from a command. Raises ``LinkUnknown``."""
    match command:
        case IssueLink():
            return list(_issue(command, state))
        case RevokeLink():
            link = state.find(command.link_id)
            if link is None:
                raise LinkUnknown
            return [_revoked(link, command.on, Because.WITHDRAWN)] if not link.revoked_on else []
        case unreachable:
            assert_never(unreachable)


def _issue(command: IssueLink, state: Links) -> Iterator[Event]:
    living = state.living(command.contact_id, command.on)
    if living is not None and (living.expires_on - command.on).days >= RENEWED_BELOW_DAYS:
        return
    for link in state.issued:
        if link.lives(command.on):
            because = Because.RENEWED if link is living else Because.REPLACED
            if command.because is Because.HANDED_OVER:
                because = Because.HANDED_OVER
            yield _revoked(link, command.on, because)
    number = len(state.issued) + 1
    yield LinkIssued(
        effective_on=command.on,
        link_id=derived_id("survey-link", command.survey_id, command.contact_id, number),
        survey_id=command.survey_id,
        contact_id=command.contact_id,
        expires_on=command.on + timedelta(days=LIVES_DAYS),
        because=command.because,
    )


def _revoked(link: Link, on: date, because: Because) -> LinkRevoked:
    return LinkRevoked(
        effective_on=on,
        link_id=link.link_id,
        survey_id=link.survey_id,
        contact_id=link.contact_id,
        because=because,
    )


def evolve(state: Links, event: Event) -> Links:
    """The links after an event."""
    match event:
        case LinkIssued():
            link = Link(
                link_id=event.link_id,
                survey_id=event.survey_id,
                contact_id=event.contact_id,
                issued_on=event.effective_on,
                expires_on=event.expires_on,
            )
            return Links(issued=(*state.issued, link))
        case LinkRevoked():
            return Links(
                issued=tuple(
                    replace(each, revoked_on=event.effective_on, revoked_because=event.because)
                    if each.link_id == event.link_id
                    else each
                    for each in state.issued
                )
            )
        case unreachable:
            assert_never(unreachable)


DECIDER: Decider[Command, Links, Event] = Decider(initial=Links(), decide=decide, evolve=evolve)
