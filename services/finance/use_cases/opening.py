"""Open a funder agreement and all of its envelopes, or nothing."""

from collections.abc import Sequence
from typing import Any

from services.finance.domain import funder_agreement, pocket
from services.finance.domain.funder_agreement import OpenFunderAgreement
from services.finance.domain.pocket import OpenPocket
from services.finance.use_cases import streams
from services.finance.use_cases.together import carry_out_together
from shared.eventstore.commands import Outcome
from shared.eventstore.store import Append, Context, EventStore, Stream


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

    def decide(history: Sequence[Any]) -> list[Append]:
        state = funder_agreement.DECIDER.fold(history)
        opened = funder_agreement.DECIDER.decide(command, state)
        return [
            Append(stream, len(history), opened),
            *(_opening(store, streams.pocket(each.pocket), each) for each in pockets),
        ]

    return carry_out_together(
        store,
        stream,
        decide,
        context,
        request_hash=request_hash,
        expected_version=expected_version,
    )


def _opening(store: EventStore, stream: Stream, command: OpenPocket) -> Append:
    history = store.events(stream)
    state = pocket.DECIDER.fold(history)
    return Append(stream, len(history), pocket.DECIDER.decide(command, state))


def sources(store: EventStore, codes: Sequence[str]) -> frozenset[str]:
    """Those of ``codes`` that are open pockets."""
    return frozenset(code for code in set(codes) if store.events(streams.pocket(code)))
