"""Open a funder agreement and all of its envelopes, or nothing."""

from collections.abc import Sequence

from services.finance.domain import funder_agreement, pocket
from services.finance.domain.funder_agreement import OpenFunderAgreement
from services.finance.domain.pocket import OpenPocket
from services.finance.use_cases import streams
from shared.eventstore.commands import ATTEMPTS, Outcome, answered_before
from shared.eventstore.store import (
    Append,
    CommandRecord,
    Context,
    EventStore,
    Stream,
    VersionConflict,
)
from shared.kernel.refusals import StaleVersion


def open_funder_agreement(
    store: EventStore,
    command: OpenFunderAgreement,
    pockets: Sequence[OpenPocket],
    context: Context,
    *,
    request_hash: bytes,
    expected_version: int | None,
) -> Outcome:
    """
    Append to the agreement's stream and to those of its pockets, all at once.

    Raises the refusals of either decider, ``StaleVersion``, ``CommandIdReused``, and
    ``VersionConflict`` when others kept getting in between.
    """
    stream = streams.funder_agreement(command.code)
    for attempt in range(ATTEMPTS):
        previous = answered_before(store, context, request_hash)
        if previous is not None:
            return previous
        history = store.events(stream)
        if expected_version is not None and expected_version != len(history):
            raise StaleVersion(expected=expected_version, actual=len(history))
        state = funder_agreement.DECIDER.fold(history)
        opened = funder_agreement.DECIDER.decide(command, state)
        version = len(history) + len(opened)
        appends = [Append(stream, len(history), opened)]
        appends += [_opening(store, streams.pocket(each.pocket), each) for each in pockets]
        record = CommandRecord(
            command_id=context.command_id,
            request_hash=request_hash,
            stream=stream,
            version=version,
        )
        try:
            position = store.append(appends, context, command=record)
        except VersionConflict:
            if attempt == ATTEMPTS - 1:
                raise
            continue
        return Outcome(stream=stream, version=version, position=position, events=opened)
    raise AssertionError("unreachable")


def _opening(store: EventStore, stream: Stream, command: OpenPocket) -> Append:
    history = store.events(stream)
    state = pocket.DECIDER.fold(history)
    return Append(stream, len(history), pocket.DECIDER.decide(command, state))


def sources(store: EventStore, codes: Sequence[str]) -> frozenset[str]:
    """Those of ``codes`` that are open pockets."""
    return frozenset(code for code in set(codes) if store.events(streams.pocket(code)))
