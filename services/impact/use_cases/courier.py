"""
The courier: takes along what waits, one message to a person on a day.

A message is composed, handed to the mail server and recorded as sent, in that order: killed in
between, it is sent again under the same Message-ID. A message that was not sent on its day is left;
what it was to say is said by the next day's.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, Literal
from uuid import UUID

from services.impact.domain import contacts, follow_up, links, messages, survey
from services.impact.domain.messages import Envelope, Message, MessageComposed, Subject, Waiting
from services.impact.domain.reminders import Kind
from services.impact.domain.survey_state import Status, Survey
from services.impact.gateways import contacts as register
from services.impact.gateways.letters import AskedSurvey, letter
from services.impact.gateways.link_tokens import LinkTokens
from services.impact.gateways.mail import MailServer, NotSent
from services.impact.use_cases import streams
from services.impact.use_cases.awaiting import about, asked_by, awaits_answer
from shared.eventstore.commands import Outcome, carry_out
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Context, EventStore
from shared.kernel.clock import Clock
from shared.kernel.periods import TORONTO, civil_date
from shared.messaging.leadership import leadership
from shared.postgres.database import Database
from shared.timers.loop import due, followed_position

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 5.0
WRITES_FROM, WRITES_UNTIL = time(8), time(20)
"""Nobody is written to at night (Toronto)."""

WaitingAt = Callable[[int, Iterable[UUID]], Sequence[Waiting] | None]
"""What waits for some organisations, as of a position; None where the view is behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What is needed to write to somebody."""

    server: MailServer
    tokens: LinkTokens


class Courier:
    """Sends messages of one service. Without a mail server everything waits, and is listed."""

    def __init__(
        self,
        database: Database,
        store: PostgresEventStore,
        clock: Clock,
        *,
        waiting_at: WaitingAt,
        post: Post | None,
    ) -> None:
        self.name = "courier"
        self._database = database
        self._store = store
        self._clock = clock
        self._waiting_at = waiting_at
        self._post = post
        self._nothing_to_do_at: tuple[int, date] | None = None

    def run(self, stop: threading.Event) -> None:
        """Send until told to stop."""
        if self._post is None:
            log.warning("no mail server is set: messages wait")
            stop.wait()
            return
        with leadership(self._database, "courier", stop) as session:
            if session is None:
                return
            while not stop.is_set():
                session.execute("SELECT 1")  # with its session goes the right to send
                if not self.step():
                    stop.wait(POLL_SECONDS)

    def step(self) -> bool:
        """Write once to everybody to whom there is something to say; whether anything was sent."""
        now = self._clock.now()
        today, head = civil_date(now), self._store.head()
        if self._post is None or not _may_write(now) or (head, today) == self._nothing_to_do_at:
            return False
        waiting = self._waiting(head, now)
        if waiting is None:
            return False
        by_organisation = self._contacts({each.asked.organisation_id for each in waiting})
        sent = failing = False
        for envelope in messages.envelopes(waiting, by_organisation):
            message = self._message(envelope, today)
            if message.is_due(now):
                sent |= self._deliver(self._post, _composed(message), today, now)
            failing |= message.status is messages.Status.COMPOSED
        if not failing:
            self._nothing_to_do_at = (head, today)
        return sent

    def _waiting(self, head: int, now: datetime) -> list[Waiting] | None:
        """What waits now, of surveys that still wait; None where the day is not complete yet."""
        with self._database.engine.connect() as connection:
            # A reminder that becomes due today joins the others; there is no second message.
            if due(connection, now) or followed_position(connection) < head:
                return None
            organisations = register.organisations(connection)
        found = self._waiting_at(head, organisations)
        return None if found is None else list(self._as_now(found))

    def _as_now(self, found: Iterable[Waiting]) -> Iterator[Waiting]:
        for each in found:
            state = self._survey(each.asked.survey_id)
            event = about(state)
            if event is not None and awaits_answer(state):
                yield Waiting(
                    kind=each.kind, asked=asked_by(event), due_on=event.due_on, since=each.since
                )

    def _contacts(self, organisations: Iterable[UUID]) -> list[contacts.Contact]:
        return [
            contact
            for each in organisations
            for contact in contacts.DECIDER.fold(self._store.events(streams.contacts(each))).present
        ]

    def _survey(self, survey_id: UUID) -> Survey:
        return survey.DECIDER.fold(self._store.events(streams.survey(survey_id)))

    def _message(self, envelope: Envelope, today: date) -> Message:
        """The person's message of the day, composed now if there was none."""
        message_id = messages.message_id_of(envelope.person_id, today)
        stream = streams.message(message_id)
        message = messages.DECIDER.fold(self._store.events(stream))
        if message.composed is not None:
            return message
        with self._database.engine.begin() as connection:
            store = self._store.bound_to(connection)
            for subject in envelope.subjects:
                _issue_link(store, subject, _context(message_id), today)
            compose = messages.ComposeMessage(message_id=message_id, envelope=envelope, on=today)
            carry_out(store, messages.DECIDER, stream, compose, _context(message_id))
        return messages.DECIDER.fold(self._store.events(stream))

    def _deliver(self, post: Post, composed: MessageComposed, today: date, now: datetime) -> bool:
        to, surveys = self._read(post.tokens, composed, today)
        if to is None or not surveys:
            return False  # erased, answered or withdrawn since it was composed
        command: messages.Command
        try:
            post.server.send(
                composed.message_id, to, letter(name=to.name, language=to.language, surveys=surveys)
            )
            command = messages.RecordSent(on=today)
        except NotSent as failure:
            command = messages.RecordFailure(
                permanent=failure.permanent, code=failure.code, at=now, on=today
            )
        with self._database.engine.begin() as connection:
            store = self._store.bound_to(connection)
            record(store, composed, command, _context(composed.message_id), on=today)
        log.info(
            "message handed over" if isinstance(command, messages.RecordSent) else "message failed",
            extra={"message_id": str(composed.message_id), "surveys": len(surveys)},
        )
        return isinstance(command, messages.RecordSent)

    def _read(
        self, tokens: LinkTokens, composed: MessageComposed, today: date
    ) -> tuple[register.Person | None, list[AskedSurvey]]:
        """Who is written to, and about which surveys with which links."""
        with self._database.engine.connect() as connection:
            details = register.details_of(connection, [composed.contact_id])
        surveys = (self._asked(tokens, subject, today) for subject in composed.subjects)
        return details.get(composed.contact_id), [each for each in surveys if each is not None]

    def _asked(self, tokens: LinkTokens, subject: Subject, today: date) -> AskedSurvey | None:
        state = self._survey(subject.survey_id)
        event = about(state)
        issued = links.DECIDER.fold(self._store.events(streams.links(subject.survey_id)))
        link = issued.living(subject.contact_id, today)
        if event is None or link is None or not awaits_answer(state):
            return None
        plan = follow_up.DECIDER.fold(self._store.events(streams.follow_up(event.project_id)))
        return AskedSurvey(
            title=plan.title if isinstance(plan, follow_up.Planned) else "",
            year=event.year,
            due_on=event.due_on,
            standing=_standing(state, event.due_on, today),
            link=tokens.url(link),
            handed_over=Kind.HANDED_OVER in subject.kinds,
        )


def record(
    store: EventStore,
    composed: MessageComposed,
    command: messages.Command,
    context: Context,
    *,
    on: date,
    request_hash: bytes | None = None,
) -> Outcome:
    """Record what became of a message, and that a contact whose mail comes back is unreachable."""
    outcome = carry_out(
        store,
        messages.DECIDER,
        streams.message(composed.message_id),
        command,
        context,
        request_hash=request_hash,
    )
    for event in outcome.events:
        if isinstance(event, messages.MessageFailed | messages.MessageBounced) and event.permanent:
            _mark_unreachable(store, composed, context, on)
    return outcome


def _mark_unreachable(
    store: EventStore, composed: MessageComposed, context: Context, on: date
) -> None:
    for survey_id, contact_id in {
        each.contact_id: (each.survey_id, each.contact_id) for each in composed.subjects
    }.values():
        event = about(survey.DECIDER.fold(store.events(streams.survey(survey_id))))
        if event is not None:
            carry_out(
                store,
                contacts.DECIDER,
                streams.contacts(event.organisation_id),
                contacts.MarkContactUnreachable(
                    contact_id=contact_id, message_id=composed.message_id, on=on
                ),
                context,
            )


def _issue_link(store: EventStore, subject: Subject, context: Context, on: date) -> None:
    command = links.IssueLink(
        survey_id=subject.survey_id,
        contact_id=subject.contact_id,
        because=links.Because.REMINDER,
        on=on,
    )
    carry_out(store, links.DECIDER, streams.links(subject.survey_id), command, context)


def _composed(message: Message) -> MessageComposed:
    if message.composed is None:
        raise messages.MessageNotSent
    return message.composed


def _context(message_id: UUID) -> Context:
    return Context(
        command_id=message_id,
        actor=Actor(id="policy:courier"),
        correlation_id=message_id,
        causation_id=message_id,
    )


def _may_write(now: datetime) -> bool:
    return WRITES_FROM <= now.astimezone(TORONTO).time() < WRITES_UNTIL


def _standing(
    state: Survey, due_on: date, today: date
) -> Literal["open", "due", "late", "queried"]:
    if state.status is Status.QUERIED:
        return "queried"
    if today > due_on:
        return "late"
    return "due" if today == due_on else "open"
