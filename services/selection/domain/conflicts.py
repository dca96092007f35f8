"""
Who may have no part in an item, and why.

A member has a conflict when they declared one, or when an organisation of the application is
theirs or one in which they declared an interest. What they did not declare themselves, the
system finds: a link. It counts as a conflict and is shown to the secretary.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never
from uuid import UUID

from services.selection.domain import application, committee, meeting
from services.selection.domain.application import Proposal
from services.selection.domain.meeting import Called, NotOnTheAgenda, Opened, Sealed
from services.selection.domain.membership import Member
from services.selection.domain.proceedings import ConflictWithdrawn
from services.selection.domain.promises import Consequences
from shared.kernel.refusals import RuleBroken


class Link(StrEnum):
    """What ties a member to an application."""

    SAME_ORGANISATION = "same-organisation"
    DECLARED_INTEREST = "declared-interest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A link between a member and an application, found by the system."""

    person_id: str
    organisation_id: UUID
    link: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawConflict:
    """A conflict was declared wrongly."""

    application_id: UUID
    person_id: str
    reason: str
    on: date


class ConflictNotDeclared(RuleBroken):
    """Only a conflict that was declared is withdrawn."""

    en = "{person_id} has declared no conflict on this item."
    fr = "{person_id} n’a pas déclaré de conflit d’intérêts sur ce point."


class LinkStands(RuleBroken):
    """A conflict that comes from an organisation is not withdrawn."""

    en = "An organisation of {person_id} takes part in this application: the conflict stands."
    fr = "Une organisation de {person_id} participe à cette demande : le conflit demeure."


def links(members: Iterable[Member], proposal: Proposal) -> tuple[Found, ...]:
    """The ties between members and the organisations of an application."""
    found = []
    for member in members:
        for organisation_id in sorted(proposal.organisations, key=str):
            if organisation_id == member.organisation_id:
                link = Link.SAME_ORGANISATION
            elif organisation_id in member.interests:
                link = Link.DECLARED_INTEREST
            else:
                continue
            found.append(
                Found(person_id=member.person_id, organisation_id=organisation_id, link=link)
            )
    return tuple(found)


def conflicted_members(members: Iterable[Member], before: application.Known) -> frozenset[str]:
    """Who may have no part in it: those who said so, and those who are linked to it."""
    return before.conflicted | {each.person_id for each in links(members, before.proposal)}


def conflicts_on(
    application_id: UUID,
    before: application.Known,
    record: Called | Opened,
    seated: committee.Established,
) -> frozenset[str]:
    """Who may have no part in an item of a meeting: then, and by what is known since."""
    conflicted = conflicted_members(seated.members, before)
    if isinstance(record, Opened):
        conflicted |= conflicted_members(record.members, before)
        conflicted |= record.conflicted.get(application_id, frozenset())
    return conflicted


def with_present_links(
    opened: Opened,
    application_id: UUID,
    before: application.Application,
    seated: committee.Established,
) -> Opened:
    """The meeting with the links to one item as they are now, whatever they were at its opening."""
    if isinstance(before, application.NotReceived) or application_id not in opened.conflicted:
        return opened
    conflicted = conflicts_on(application_id, before, opened, seated)
    return replace(
        opened,
        conflicted=MappingProxyType({**opened.conflicted, application_id: conflicted}),
    )


def withdraw(
    command: WithdrawConflict,
    sitting: meeting.Meeting,
    seated: committee.Established,
    before: application.Application,
) -> Consequences:
    """Take a wrongly declared conflict back, before the item is decided and never after."""
    match meeting.called(sitting):
        case Sealed(sealed_on=sealed_on):
            raise meeting.MeetingIsSealed(sealed_on=sealed_on)
        case Called(meeting_id=meeting_id):
            ahead = seated.scheduled.get(meeting_id)
            agenda: Sequence[UUID] = ahead.items if ahead else ()
            members: tuple[Member, ...] = seated.members
        case Opened():
            opened = meeting.sitting(sitting)
            meeting_id, members, agenda = opened.meeting_id, opened.members, [*opened.conflicted]
            if command.application_id in opened.decided:
                raise meeting.ItemAlreadyDecided(
                    application_id=command.application_id, field="application_id"
                )
        case unreachable:
            assert_never(unreachable)
    if command.application_id not in agenda:
        raise NotOnTheAgenda(application_id=command.application_id, field="application_id")
    known = application.waiting(command.application_id, before)
    if command.person_id not in known.conflicted:
        raise ConflictNotDeclared(person_id=command.person_id, field="person_id")
    linked = {each.person_id for each in links((*seated.members, *members), known.proposal)}
    if command.person_id in linked:
        raise LinkStands(person_id=command.person_id, field="person_id")
    return Consequences(
        meeting=[
            ConflictWithdrawn(
                meeting_id=meeting_id,
                application_id=command.application_id,
                person_id=command.person_id,
                reason=command.reason,
                effective_on=command.on,
            )
        ],
        application=application.decide(
            application.DropConflict(
                application_id=command.application_id, person_id=command.person_id, on=command.on
            ),
            known,
        ),
    )
