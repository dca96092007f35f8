"""Naming and erasing who is asked: the details in the table, the fact as an event."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection

from services.impact.domain import contacts as domain
from services.impact.domain import links, reminders
from services.impact.domain.survey_events import SurveyEvent
from services.impact.gateways import contacts as register
from services.impact.gateways.contacts import Person
from services.impact.use_cases import streams
from shared.eventstore.commands import Outcome, carry_out
from shared.eventstore.store import Context, EventStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One transaction: the store bound to it, its connection, and why things are done in it."""

    store: EventStore
    connection: Connection
    context: Context
    request_hash: bytes | None = None
    """Makes the last decision of the transaction idempotent by its command."""


def name(
    transaction: Transaction,
    contact_id: UUID,
    details: Person,
    *,
    organisation_id: UUID,
    scope: domain.Scope,
    by: str,
    on: date,
    is_last: bool = True,
) -> Outcome:
    """Keep the details and let the contact count, within its scope."""
    person_id = register.keep(
        transaction.connection,
        contact_id,
        organisation_id=organisation_id,
        details=details,
        since=on,
    )
    return carry_out(
        transaction.store,
        domain.DECIDER,
        streams.contacts(organisation_id),
        domain.NameContact(
            contact_id=contact_id,
            person_id=person_id,
            organisation_id=organisation_id,
            scope=scope,
            by=by,
            on=on,
        ),
        transaction.context,
        request_hash=transaction.request_hash if is_last else None,
    )


def erase(
    transaction: Transaction, contact_id: UUID, *, organisation_id: UUID, by: str, on: date
) -> Outcome:
    """Leave nothing of a contact but its opaque id. Raises ``ContactUnknown``."""
    outcome = carry_out(
        transaction.store,
        domain.DECIDER,
        streams.contacts(organisation_id),
        domain.EraseContact(contact_id=contact_id, by=by, on=on),
        transaction.context,
        request_hash=transaction.request_hash,
    )
    register.erase(transaction.connection, contact_id, on=on)
    return outcome


def hand_over(
    transaction: Transaction,
    contact_id: UUID,
    colleague: Person,
    survey: SurveyEvent,
    *,
    by: str,
    on: date,
) -> Outcome:
    """
    Let a colleague answer one survey: they are written to, and the link that was there is revoked.

    Later surveys are asked of whoever would have been asked without this.
    """
    name(
        transaction,
        contact_id,
        colleague,
        organisation_id=survey.organisation_id,
        scope=domain.Scope(survey_id=survey.survey_id),
        by=by,
        on=on,
        is_last=False,
    )
    return send_link(
        transaction, survey, contact_id=contact_id, because=links.Because.HANDED_OVER, on=on
    )


def send_link(
    transaction: Transaction,
    survey: SurveyEvent,
    *,
    contact_id: UUID,
    because: links.Because,
    on: date,
) -> Outcome:
    """Issue a link and have it sent with the next message to the contact."""
    carry_out(
        transaction.store,
        links.DECIDER,
        streams.links(survey.survey_id),
        links.IssueLink(survey_id=survey.survey_id, contact_id=contact_id, because=because, on=on),
        transaction.context,
    )
    kind = (
        reminders.Kind.HANDED_OVER if because is links.Because.HANDED_OVER else reminders.Kind.ASKED
    )
    return carry_out(
        transaction.store,
        reminders.DECIDER,
        streams.reminders(survey.survey_id),
        reminders.RaiseReminder(kind=kind, survey=survey, on=on),
        transaction.context,
        request_hash=transaction.request_hash,
    )
