"""The streams of this service, by what they are about."""

from uuid import UUID

from shared.eventstore.store import Stream
from shared.kernel.identifiers import derived_id


def programme(code: str) -> Stream:
    """A programme and its versions."""
    return Stream("programme", derived_id("programme", code))


def organisation(organisation_id: UUID) -> Stream:
    """An organisation, whose id follows from its business number."""
    return Stream("organisation", organisation_id)


def call(call_id: UUID) -> Stream:
    """A published call."""
    return Stream("call", call_id)


def application(application_id: UUID) -> Stream:
    """One application, from draft to decision."""
    return Stream("application", application_id)


def question(question_id: UUID) -> Stream:
    """One question about a call."""
    return Stream("question", question_id)


def organisation_import(import_id: UUID) -> Stream:
    """One list of organisations that was brought in."""
    return Stream("organisation-import", import_id)
