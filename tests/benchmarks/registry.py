"""Every measurement by the name it is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

from tests.benchmarks import (
    agreement,
    append,
    batches,
    consumer,
    end_to_end,
    end_to_end_load,
    growth,
    http,
    ledger,
    loading,
    rebuilding,
    relay,
    surveys,
    tail,
    traces,
)
from tests.benchmarks.submissions import load
from tests.support.postgres import Databases


class Need(Enum):
    """What has to be there. PostgreSQL is started for those that need it, the rest they start."""

    POSTGRES = "PostgreSQL"
    KAFKA = "Apache Kafka"
    NODE = "Node, for a peer that is left out without it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One section of ``docs/benchmarks.md``."""

    title: str
    needs: frozenset[Need] = frozenset({Need.POSTGRES})
    measure: Callable[..., Any]
    """Takes the databases of a server that waits for the disk, or nothing where none is needed."""
    report: Callable[[Any], str]
    """What was measured as Markdown."""
    short: Callable[..., Any] | None = None
    """The same with less of everything: shows that it works, and gives no figure worth keeping."""
    only_by_name: bool = False
    """It takes so much that it is left out where nothing is named."""

    def results(self, databases: Callable[[], Databases], *, short: bool = False) -> Any:
        """Measure; ``databases`` is asked only when a server is needed."""
        measure = self.short if short and self.short is not None else self.measure
        return measure(databases()) if Need.POSTGRES in self.needs else measure()


MEASUREMENTS: dict[str, Measurement] = {
    "append": Measurement(
        title="Append, one event per transaction",
        needs=frozenset({Need.POSTGRES, Need.NODE}),
        measure=append.measure,
        short=partial(append.measure, seconds=0.2, runs=1),
        report=append.report,
    ),
    "batches": Measurement(
        title="Append, a hundred events per transaction",
        needs=frozenset({Need.POSTGRES, Need.NODE}),
        measure=batches.measure,
        short=partial(batches.measure, seconds=0.2, runs=1),
        report=batches.report,
    ),
    "tail": Measurement(
        title="What a reader sees of what writers append",
        needs=frozenset({Need.POSTGRES, Need.NODE}),
        measure=tail.measure,
        short=partial(tail.measure, seconds=5.0),
        report=tail.report,
    ),
    "loading": Measurement(
        title="Load, fold and decide on 10, 100 and 1,000 events",
        needs=frozenset({Need.POSTGRES, Need.NODE}),
        measure=loading.measure,
        short=partial(loading.measure, runs=1),
        report=loading.report,
    ),
    "rebuilding": Measurement(
        title="Rebuild a read model from the first event",
        needs=frozenset({Need.POSTGRES, Need.NODE}),
        measure=rebuilding.measure,
        short=partial(rebuilding.measure, events=20_000, peers_events=2_000, seconds=5.0, runs=1),
        report=rebuilding.report,
    ),
    "traces": Measurement(
        title="What a trace costs per event",
        needs=frozenset(),
        measure=traces.measure,
        report=traces.report,
    ),
    "agreement": Measurement(
        title="Decide on an agreement of 5 participants, 8 quarters and 40 claims",
        measure=agreement.measure,
        report=agreement.report,
    ),
    "submissions": Measurement(
        title="Two hundred complete submissions a minute, while the call closes",
        measure=load.measure,
        report=load.report,
    ),
    "surveys": Measurement(
        title="Ten years of surveys of 430 projects with 4 participants each",
        measure=surveys.measure,
        short=partial(surveys.measure, projects=20),
        report=surveys.report,
    ),
    "ledger": Measurement(
        title="A book of twenty years",
        measure=ledger.measure,
        short=partial(ledger.measure, events=5_000),
        report=ledger.report,
    ),
    "end-to-end": Measurement(
        title="From a command accepted by claims to finance's view, over Apache Kafka",
        needs=frozenset({Need.KAFKA}),
        measure=end_to_end.measure,
        report=end_to_end.report,
    ),
    "end-to-end-load": Measurement(
        title="Two hundred commands a second from claims to finance's view",
        needs=frozenset({Need.KAFKA}),
        measure=end_to_end_load.measure,
        short=partial(end_to_end_load.measure, rates=(20,), seconds=3.0),
        report=end_to_end_load.report,
    ),
    "http": Measurement(
        title="A command over HTTP, beside a plain FastAPI service",
        measure=http.measure,
        short=partial(http.measure, runs=1, seconds=1.0),
        report=http.report,
    ),
    "relay": Measurement(
        title="From the store to Apache Kafka",
        needs=frozenset({Need.POSTGRES, Need.KAFKA}),
        measure=relay.measure,
        short=partial(relay.measure, events=2_000, runs=1, seconds=2.0),
        report=relay.report,
    ),
    "consumer": Measurement(
        title="From Apache Kafka to effects, with an inbox",
        needs=frozenset({Need.POSTGRES, Need.KAFKA}),
        measure=consumer.measure,
        short=partial(consumer.measure, messages=4_000, runs=1),
        report=consumer.report,
    ),
    "growth": Measurement(
        title="A store that has grown to ten million events",
        measure=growth.measure,
        short=partial(growth.measure, sizes=(10_000, 50_000), seconds=0.5),
        report=growth.report,
        only_by_name=True,
    ),
}
