"""
Messages: one to a person on a day, whatever there is to say that day.

    composed → sent → bounced
       ↘ failed, tried again, and given up after a number of attempts or when the day is over

A stream is one person's one day, so that nobody is ever written to twice on a day. No address is
in any of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from services.impact.domain.contacts import Asked, Contact, contact_for
from services.impact.domain.reminders import Kind
from shared.kernel.decider import Decider
from shared.kernel.identifiers import derived_id
from shared.kernel.refusals import RuleBroken

RETRY_AFTER = tuple(timedelta(minutes=each) for each in (5, 15, 60, 180))
"""How long after each failure it is tried again."""
MOST_ATTEMPTS = len(RETRY_AFTER) + 1
"""Within one day; what was to be said is said again with the next day's message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A reminder that no message has taken along yet."""

    kind: Kind
    asked: Asked
    due_on: date
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One survey that a message is about, with the reminders that it takes along."""

    survey_id: UUID
    kinds: tuple[Kind, ...]
    contact_id: UUID
    """As whom the person is asked: one person may be the contact of several organisations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Everything that is to be said to one person now."""

    person_id: UUID
    contact_id: UUID
    """Under which name and in which language they are addressed: that of the first survey due."""
    subjects: tuple[Subject, ...]
    """By due date."""


def envelopes(waiting: Iterable[Waiting], contacts: Sequence[Contact]) -> list[Envelope]:
    """
    One envelope for each person that there is something to say to.

    A reminder about a survey for which nobody can be written to waits on.
    """
    by_person: dict[UUID, dict[UUID, list[tuple[Waiting, Contact]]]] = defaultdict(dict)
    for each in sorted(waiting, key=lambda each: (each.due_on, each.asked.survey_id, each.kind)):
        contact = contact_for(each.asked, contacts)
        if contact is not None:
            surveys = by_person[contact.person_id]
            surveys.setdefault(each.asked.survey_id, []).append((each, contact))
    return [_envelope(person_id, list(said.values())) for person_id, said in by_person.items()]


def _envelope(person_id: UUID, surveys: list[list[tuple[Waiting, Contact]]]) -> Envelope:
    return Envelope(
        person_id=person_id,
        contact_id=surveys[0][0][1].contact_id,
        subjects=tuple(
            Subject(
                survey_id=reminders[0][0].asked.survey_id,
                kinds=tuple(waiting.kind for waiting, _ in reminders),
                contact_id=reminders[0][1].contact_id,
            )
            for reminders in surveys
        ),
    )


def message_id_of(person_id: UUID, day: date) -> UUID:
    """The one message to a person on a day."""
    return derived_id("message", person_id, day)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeMessage:
    """Write to a person, today."""

    message_id: UUID
    envelope: Envelope
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSent:
    """A mail server took it."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFailure:
    """No mail server took it."""

    permanent: bool
    """The server knows nobody at that address."""
    code: int | None
    """What the server answered (RFC 5321, 4.2.3); None where none answered."""
    at: datetime
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBounce:
    """It came back."""

    permanent: bool
    by: str
    on: date


Command = ComposeMessage | RecordSent | RecordFailure | RecordBounce


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageComposed:
    """What is said to a person on a day."""

    effective_on: date
    message_id: UUID
    person_id: UUID
    contact_id: UUID
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent:
    """A mail server took the message; it is on its way."""

    effective_on: date
    message_id: UUID
    contact_id: UUID
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFailed:
    """An attempt to send it failed."""

    effective_on: date
    message_id: UUID
    contact_id: UUID
    attempt: int
    """From 1."""
    permanent: bool
    code: int | None
    tried_at: datetime
    given_up: bool
    """It is not tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageBounced:
    """It came back, as an operator says."""

    effective_on: date
    message_id: UUID
    contact_id: UUID
    permanent: bool
    by: str


Event = MessageComposed | MessageSent | MessageFailed | MessageBounced


class Status(StrEnum):
    """How far a message has got."""

    NONE = "none"
    COMPOSED = "composed"
    SENT = "sent"
    FAILED = "failed"
    """Given up."""
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The one message to a person on a day, if there is one."""

    status: Status = Status.NONE
    composed: MessageComposed | None = None
    attempts: int = 0
    """How many failed."""
    tried_at: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Is it time to try (again)?"""
        if self.status is not Status.COMPOSED:
            return False
        return self.tried_at is None or now >= self.tried_at + RETRY_AFTER[self.attempts - 1]


class MessageNotSent(RuleBroken):
    """Only what was sent can come back."""

    en = "This message has not been sent."
    fr = "Ce message n’a pas été envoyé."


def decide(command: Command, state: Message) -> Sequence[Event]:
    """What follows from a command; what was done before is not done again."""
    match command:
        case ComposeMessage(envelope=envelope):
            if state.composed is not None:
                return []
            return [
                MessageComposed(
                    effective_on=command.on,
                    message_id=command.message_id,
                    person_id=envelope.person_id,
                    contact_id=envelope.contact_id,
                    subjects=envelope.subjects,
                )
            ]
        case RecordSent():
            if state.status is not Status.COMPOSED:
                return []
            composed = _composed(state)
            return [
                MessageSent(
                    effective_on=command.on,
                    message_id=composed.message_id,
                    contact_id=composed.contact_id,
                    subjects=composed.subjects,
                )
            ]
        case RecordFailure():
            return _fail(command, state)
        case RecordBounce():
            return _bounce(command, state)
        case unreachable:
            assert_never(unreachable)


def _fail(command: RecordFailure, state: Message) -> Sequence[Event]:
    if state.status is not Status.COMPOSED:
        return []
    composed, attempt = _composed(state), state.attempts + 1
    return [
        MessageFailed(
            effective_on=command.on,
            message_id=composed.message_id,
            contact_id=composed.contact_id,
            attempt=attempt,
            permanent=command.permanent,
            code=command.code,
            tried_at=command.at,
            given_up=command.permanent or attempt >= MOST_ATTEMPTS,
        )
    ]


def _bounce(command: RecordBounce, state: Message) -> Sequence[Event]:
    if state.status is Status.BOUNCED:
        return []
    if state.status is not Status.SENT:
        raise MessageNotSent
    composed = _composed(state)
    return [
        MessageBounced(
            effective_on=command.on,
            message_id=composed.message_id,
            contact_id=composed.contact_id,
            permanent=command.permanent,
            by=command.by,
        )
    ]


def _composed(state: Message) -> MessageComposed:
    if state.composed is None:
        raise MessageNotSent
    return state.composed


def evolve(state: Message, event: Event) -> Message:
    """The message after an event."""
    match event:
        case MessageComposed():
            return Message(status=Status.COMPOSED, composed=event)
        case MessageSent():
            return replace(state, status=Status.SENT)
        case MessageFailed():
            status = Status.FAILED if event.given_up else state.status
            return replace(state, status=status, attempts=event.attempt, tried_at=event.tried_at)
        case MessageBounced():
            return replace(state, status=Status.BOUNCED)
        case unreachable:
            assert_never(unreachable)


DECIDER: Decider[Command, Message, Event] = Decider(initial=Message(), decide=decide, evolve=evolve)
