"""Load, decide, append: how every command is carried out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.eventstore.folds import AnyFolds, NoFolds
from shared.eventstore.store import (
    Append,
    CommandIdReused,
    CommandRecord,
    Context,
    Event,
    EventStore,
    Stream,
    VersionConflict,
)
from shared.kernel.decider import Decider
from shared.kernel.refusals import StaleVersion

ATTEMPTS = 5
"""How often a decision is made again when another one got in between."""

FROM_THE_START = NoFolds()

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command led to. ``events`` is empty when it had been carried out before."""

    stream: Stream
    version: int
    position: int
    events: Sequence[Any] = ()


def carry_out(
    store: EventStore,
    decider: Decider[C, S, E],
    stream: Stream,
    command: C,
    context: Context,
    *,
    request_hash: bytes | None = None,
    expected_version: int | None = None,
    folds: AnyFolds = FROM_THE_START,
) -> Outcome:
    """
    Decide ``command`` on the state of ``stream`` and append what follows.

    With ``request_hash`` the command is idempotent by ``context.command_id``: carried out once,
    and the same outcome answered again. ``expected_version`` refuses when the stream has moved
    since the caller saw it. ``folds`` may remember states between commands. Raises the decider's
    refusals, ``StaleVersion``, ``CommandIdReused``, and ``VersionConflict`` when others kept
    getting in between.
    """
    for attempt in range(ATTEMPTS):
        if request_hash is not None:
            previous = answered_before(store, context, request_hash)
            if previous is not None:
                return previous
        state, version = folds.state(store, decider, stream)
        if expected_version is not None and version != expected_version:
            raise StaleVersion(expected=expected_version, actual=version)
        events = decider.decide(command, state)
        left_at = version + len(events)
        record = None
        if request_hash is not None:
            record = CommandRecord(
                command_id=context.command_id,
                request_hash=request_hash,
                stream=stream,
                version=left_at,
            )
        appends = [Append(stream, version, events)] if events else []
        try:
            position = store.append(appends, context, command=record)
        except VersionConflict:
            if attempt == ATTEMPTS - 1:
                raise
            continue
        return Outcome(stream=stream, version=left_at, position=position, events=events)
    raise AssertionError("unreachable")


def answered_before(store: EventStore, context: Context, request_hash: bytes) -> Outcome | None:
    """The outcome of this command if it was carried out before; refuses another request."""
    record = store.find_command(context.command_id)
    if record is None:
        return None
    if record.request_hash != request_hash:
        raise CommandIdReused(field="Idempotency-Key")
    return Outcome(stream=record.stream, version=record.version, position=record.position)
