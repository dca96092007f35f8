"""
What a command says by id, looked up: calls, programmes, organisations.

Each is what is known when it is looked up. A version of a programme never changes. A call that is
extended or closed early meanwhile takes nothing away from what was received in time
(``domain.call_changes``). An organisation that was merged is the one that stands for it, and takes
part as it is described when it joins.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from services.intake.domain import call, organisation, programme
from services.intake.domain.consortium import Participant, participant_id_of
from services.intake.domain.definition import Definition
from services.intake.use_cases import streams
from shared.eventstore.store import Event, EventStore, Stream
from shared.kernel.decider import Decider
from shared.kernel.refusals import Invalid

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E", bound=Event)


class ProgrammeUnknown(Invalid):
    """A call is for a programme that is published."""

    en = "There is no programme {code}."
    fr = "Il n’y a pas de programme {code}."


class CallUnknown(Invalid):
    """An application answers a call that is published."""

    en = "There is no such call."
    fr = "Cet appel n’existe pas."


class OrganisationsUnknown(Invalid):
    """Organisations are registered before they take part."""

    en = "Some organisations are not registered."
    fr = "Certaines organisations ne sont pas inscrites."


class OrganisationUnknown(Invalid):
    """An organisation is registered before it takes part."""

    en = "No organisation is registered as {organisation_id}."
    fr = "Aucune organisation n’est inscrite sous {organisation_id}."


def programme_of(store: EventStore, code: str) -> programme.Programme:
    """The programme a request names. Raises ``ProgrammeUnknown``."""
    known = _state(store, programme.DECIDER, streams.programme(code))
    if known.version == 0:
        raise ProgrammeUnknown(code=code, field="programme_code")
    return known


def call_of(store: EventStore, call_id: UUID) -> call.Call:
    """The call a request names. Raises ``CallUnknown``."""
    known = _state(store, call.DECIDER, streams.call(call_id))
    if not isinstance(known, call.Call):
        raise CallUnknown(field="call_id")
    return known


def definition_of(store: EventStore, answered: call.Call) -> Definition:
    """The version of the programme that a call applies."""
    known = programme_of(store, answered.programme_code)
    return known.definition(answered.programme_version)


def organisation_of(store: EventStore, organisation_id: UUID) -> organisation.Organisation | None:
    """A registered organisation, or the one that stands for it since a merger; None: neither."""
    known = _state(store, organisation.DECIDER, streams.organisation(organisation_id))
    # What was merged absorbs nothing, so that following mergers comes to an end.
    while isinstance(known, organisation.Organisation) and known.merged_into is not None:
        known = _state(store, organisation.DECIDER, streams.organisation(known.merged_into))
    return known if isinstance(known, organisation.Organisation) else None


def ids_of(store: EventStore, organisation_id: UUID) -> frozenset[UUID]:
    """Every id under which things of an organisation may be kept, mergers followed."""
    known = organisation_of(store, organisation_id)
    if known is None:
        return frozenset({organisation_id})
    return frozenset({organisation_id, known.organisation_id, *known.absorbed})


def on_hold_among(store: EventStore, organisation_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those that are on hold at present, or were merged into one that is."""
    found = {each: organisation_of(store, each) for each in organisation_ids}
    return frozenset(each for each, known in found.items() if known is not None and known.on_hold)


def participant_of(
    store: EventStore, application_id: UUID, organisation_id: UUID, role: str, *, field: str
) -> Participant:
    """An organisation as it takes part. Raises ``OrganisationUnknown``."""
    known = organisation_of(store, organisation_id)
    if known is None:
        raise OrganisationUnknown(organisation_id=organisation_id, field=field)
    return Participant(
        participant_id=participant_id_of(application_id, known.organisation_id),
        organisation_id=known.organisation_id,
        role=role,
        profile=known.profile,
    )


def participants_of(
    store: EventStore, application_id: UUID, members: Iterable[tuple[UUID, str]]
) -> Sequence[Participant]:
    """Organisations and roles as they take part. Raises ``OrganisationsUnknown`` with each."""
    found, reasons = [], []
    for index, (organisation_id, role) in enumerate(members):
        field = f"participants[{index}].organisation_id"
        try:
            found.append(participant_of(store, application_id, organisation_id, role, field=field))
        except OrganisationUnknown as unknown:
            reasons.append(unknown.as_reason())
    if reasons:
        raise OrganisationsUnknown(reasons=reasons)
    return found


def _state(store: EventStore, decider: Decider[C, S, E], stream: Stream) -> S:
    return decider.fold(store.events(stream))
