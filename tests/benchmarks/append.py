"""
Append one event per transaction, from 1 to 16 writers, beside peers.

Writers are threads of one process (of one Node process: calls that wait), because that is what a
service is; and, in a second table, processes of their own with one connection each.
"""

import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from tests.benchmarks.crew import Crew
from tests.benchmarks.peers.stores import (
    BARE,
    EMMETT,
    JALON,
    MESSAGE_DB,
    RECORDER,
    Store,
    present,
)
from tests.support.postgres import Databases

SECONDS = 1.0
RUNS = 5
WRITERS = (1, 4, 16)
TOGETHER, APART = "threads of one process", "processes"

Rates = dict[str, dict[int, float]]
"""Events per second by name and number of writers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Medians of interleaved runs, by how writers are spread."""

    rates: dict[str, Rates]
    runs: dict[str, dict[str, dict[int, list[float]]]]
    """Every single run."""


def measure(databases: Databases, *, seconds: float = SECONDS, runs: int = RUNS) -> Results:
    """All stores in turns, so that what else the machine does hits them alike."""
    stores = present(JALON, RECORDER, MESSAGE_DB, EMMETT, BARE)
    urls = {each.name: each.prepared(databases) for each in stores}
    every: dict[str, dict[str, dict[int, list[float]]]] = {TOGETHER: {}, APART: {}}
    for spread, store, writers, rate in _rates(stores, urls, seconds, runs):
        every[spread].setdefault(store.name, {}).setdefault(writers, []).append(rate)
    medians = {
        spread: {
            name: {writers: statistics.median(rates) for writers, rates in by_writers.items()}
            for name, by_writers in by_name.items()
        }
        for spread, by_name in every.items()
    }
    return Results(rates=medians, runs=every)


def _rates(
    stores: list[Store], urls: dict[str, str], seconds: float, runs: int
) -> Iterator[tuple[str, Store, int, float]]:
    for spread in (TOGETHER, APART):
        for writers in WRITERS:
            threads, processes = (writers, 1) if spread == TOGETHER else (1, writers)
            with ExitStack() as stack:
                crews = [
                    (each, stack.enter_context(
                        Crew(each.writer(urls[each.name], threads), processes)
                    ))
                    for each in stores
                ]  # fmt: skip
                for _ in range(runs):
                    for store, crew in crews:
                        crew.start(seconds)
                        yield spread, store, writers, crew.rate()


def report(results: Results) -> str:
    """Two Markdown tables: rates, how ours compares with each peer, and how flat each stays."""
    return "\n\n".join(
        f"Writers are {spread}:\n\n{_table(rates)}" for spread, rates in results.rates.items()
    )


def _table(rates: Rates) -> str:
    ours = rates["jalon"]
    heads = [f"{writers}, events/s" for writers in ours]
    lines = [
        f"| writers | {' | '.join(heads)} | jalon is | {max(ours)} to {min(ours)} writers |",
        f"| --- | {' | '.join('---:' for _ in heads)} | ---: | ---: |",
    ]
    for name, by_writers in rates.items():
        shown = " | ".join(f"{rate:,.0f}" for rate in by_writers.values())
        ratios = ", ".join(f"{ours[writers] / rate:.1f}" for writers, rate in by_writers.items())
        flat = by_writers[max(by_writers)] / by_writers[min(by_writers)]
        times = "" if name == "jalon" else f"{ratios} ×"
        lines.append(f"| {name} | {shown} | {times} | {flat:.2f} |")
    return "\n".join(lines)
