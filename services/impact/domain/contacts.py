"""
Who is asked for an organisation: people, known here by opaque ids alone.

An organisation names one contact for all its surveys, and where it wants another for a project,
for a participant or for a single survey. Names and addresses are in a table that can be erased.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from shared.kernel.decider import Decider
from shared.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a contact is asked about: the narrowest that is said; nothing said: everything."""

    project_id: UUID | None = None
    participant_id: UUID | None = None
    survey_id: UUID | None = None

    @property
    def narrowness(self) -> int:
        """A survey is narrower than a participant, that than a project, that than all."""
        if self.survey_id is not None:
            return 3
        if self.participant_id is not None:
            return 2
        return 0 if self.project_id is None else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A survey, as far as it says who is to answer it."""

    survey_id: UUID
    participant_id: UUID
    project_id: UUID
    organisation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody who is asked, without name and address."""

    contact_id: UUID
    person_id: UUID
    """The same for all contacts with one address: nobody is written to twice on a day."""
    organisation_id: UUID
    scope: Scope
    is_reachable: bool = True

    def answers_for(self, asked: Asked) -> bool:
        """Is this survey within what the contact is asked about?"""
        scope = self.scope
        return self.organisation_id == asked.organisation_id and (
            scope.survey_id in {None, asked.survey_id}
            and scope.participant_id in {None, asked.participant_id}
            and scope.project_id in {None, asked.project_id}
        )


def contact_for(asked: Asked, contacts: Iterable[Contact]) -> Contact | None:
    """
    Who is written to about a survey: the contact with the narrowest scope that holds it.

    A contact whose mail comes back is passed over; None where nobody is left.
    """
    fitting = [each for each in contacts if each.is_reachable and each.answers_for(asked)]
    return max(fitting, key=lambda each: (each.scope.narrowness, each.contact_id), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameContact:
    """From now on this person is asked, within a scope; whoever was before no longer is."""

    contact_id: UUID
    person_id: UUID
    organisation_id: UUID
    scope: Scope
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseContact:
    """The person asks that nothing about them be kept."""

    contact_id: UUID
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkContactUnreachable:
    """Mail to the contact comes back."""

    contact_id: UUID
    message_id: UUID
    on: date


Command = NameContact | EraseContact | MarkContactUnreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactNamed:
    """An organisation said who is asked, within a scope."""

    effective_on: date
    contact_id: UUID
    person_id: UUID
    organisation_id: UUID
    project_id: UUID | None
    participant_id: UUID | None
    survey_id: UUID | None
    replaces: UUID | None
    """The contact that was asked before, within the same scope."""
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactErased:
    """Name, address and language of a contact are gone."""

    effective_on: date
    contact_id: UUID
    organisation_id: UUID
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactMarkedUnreachable:
    """Mail to a contact came back: nothing more is sent there, and an officer is told."""

    effective_on: date
    contact_id: UUID
    organisation_id: UUID
    message_id: UUID


Event = ContactNamed | ContactErased | ContactMarkedUnreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """The contacts of one organisation that count now; those replaced or erased are not there."""

    organisation_id: UUID | None = None
    present: tuple[Contact, ...] = field(default=())
    replaced: frozenset[UUID] = frozenset()
    """No longer asked; their details are kept until they are erased."""

    def find(self, contact_id: UUID) -> Contact | None:
        """The contact, if it counts."""
        return next((each for each in self.present if each.contact_id == contact_id), None)


class ContactUnknown(NotFound):
    """The organisation has no such contact, or its details were erased."""

    en = "There is no such contact."
    fr = "Ce contact n’existe pas."


def decide(command: Command, state: Contacts) -> Sequence[Event]:
    """What follows from a command. Raises ``ContactUnknown``."""
    match command:
        case NameContact():
            return [_named(command, state)]
        case EraseContact():
            if state.find(command.contact_id) is None and command.contact_id not in state.replaced:
                raise ContactUnknown
            return [
                ContactErased(
                    effective_on=command.on,
                    contact_id=command.contact_id,
                    organisation_id=_organisation(state),
                    by=command.by,
                )
            ]
        case MarkContactUnreachable():
            contact = state.find(command.contact_id)
            if contact is None or not contact.is_reachable:
                return []  # replaced, erased or known to be unreachable: nothing is sent there
            return [
                ContactMarkedUnreachable(
                    effective_on=command.on,
                    contact_id=command.contact_id,
                    organisation_id=contact.organisation_id,
                    message_id=command.message_id,
                )
            ]
        case unreachable:
            assert_never(unreachable)


def _organisation(state: Contacts) -> UUID:
    if state.organisation_id is None:
        raise ContactUnknown
    return state.organisation_id


def _named(command: NameContact, state: Contacts) -> ContactNamed:
    before = next((each for each in state.present if each.scope == command.scope), None)
    return ContactNamed(
        effective_on=command.on,
        contact_id=command.contact_id,
        person_id=command.person_id,
        organisation_id=command.organisation_id,
        project_id=command.scope.project_id,
        participant_id=command.scope.participant_id,
        survey_id=command.scope.survey_id,
        replaces=None if before is None else before.contact_id,
        by=command.by,
    )


def evolve(state: Contacts, event: Event) -> Contacts:
    """The contacts after an event."""
    match event:
        case ContactNamed():
            contact = Contact(
                contact_id=event.contact_id,
                person_id=event.person_id,
                organisation_id=event.organisation_id,
                scope=Scope(
                    project_id=event.project_id,
                    participant_id=event.participant_id,
                    survey_id=event.survey_id,
                ),
            )
            others = [each for each in state.present if each.scope != contact.scope]
            gone = () if event.replaces is None else (event.replaces,)
            return Contacts(
                organisation_id=event.organisation_id,
                present=(*others, contact),
                replaced=state.replaced.union(gone),
            )
        case ContactErased():
            return replace(
                state,
                present=tuple(
                    each for each in state.present if each.contact_id != event.contact_id
                ),
                replaced=state.replaced - {event.contact_id},
            )
        case ContactMarkedUnreachable():
            return replace(
                state,
                present=tuple(
                    replace(each, is_reachable=False)
                    if each.contact_id == event.contact_id
                    else each
                    for each in state.present
                ),
            )
        case unreachable:
            assert_never(unreachable)


DECIDER: Decider[Command, Contacts, Event] = Decider(
    initial=Contacts(), decide=decide, evolve=evolve
)
