"""Append a hundred events per transaction by one writer, beside peers and ``COPY`` of such rows."""

import statistics
from contextlib import ExitStack

from tests.benchmarks.crew import Crew
from tests.benchmarks.peers.stores import (
    COPYING,
    EMMETT,
    JALON,
    MESSAGE_DB,
    RECORDER,
    present,
)
from tests.support.postgres import Databases

EVENTS = 100
SECONDS = 1.5
RUNS = 7


def measure(
    databases: Databases, *, seconds: float = SECONDS, runs: int = RUNS
) -> dict[str, float]:
    """Events per second by name: medians of interleaved runs."""
    stores = present(JALON, RECORDER, MESSAGE_DB, EMMETT, COPYING)
    samples: dict[str, list[float]] = {each.name: [] for each in stores}
    with ExitStack() as stack:
        crews = {
            each.name: stack.enter_context(
                Crew(each.writer(each.prepared(databases), 1, events=EVENTS))
            )
            for each in stores
        }
        for _ in range(runs):
            for name, crew in crews.items():
                crew.start(seconds)
                samples[name].append(crew.rate() * EVENTS)
    return {name: statistics.median(values) for name, values in samples.items()}


def report(found: dict[str, float]) -> str:
    """The figures as a Markdown table, with the share of ``COPY``."""
    lines = ["| | events/s | jalon is | of COPY |", "| --- | ---: | ---: | ---: |"]
    lines += [
        f"| {name} | {rate:,.0f} | {found['jalon'] / rate:.1f} × | {rate / found['COPY']:.0%} |"
        for name, rate in found.items()
    ]
    return "\n".join(lines)
