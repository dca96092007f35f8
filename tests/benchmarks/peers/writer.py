"""
A process that appends when it is told to: ``writer STORE URL THREADS EVENTS UNDONE``.

It says that it is ready, then for each line with a number of seconds on its input it appends for
so long and says how many appends were made and how long it took. It ends with its input.
"""

import json
import random
import sys
import threading
import time
from importlib import import_module

from tests.benchmarks.peers import Append


def main(name: str, url: str, threads: str, events: str, undone: str) -> None:
    """Write as told on standard input."""
    store = import_module(f"tests.benchmarks.peers.{name}")
    new_writer = store.connect(url, int(threads))
    writers: list[Append] = [new_writer() for _ in range(int(threads))]
    for each in writers:
        each(int(events), False)  # connected, planned and prepared before the first measurement
    _say({"ready": True})
    for line in sys.stdin:
        _say(_write(writers, float(line), int(events), float(undone)))


def _write(writers: list[Append], seconds: float, events: int, undone: float) -> dict[str, float]:
    counts = [0] * len(writers)
    started = time.perf_counter()
    until = started + seconds

    def write(index: int) -> None:
        append = writers[index]
        while time.perf_counter() < until:
            undo = undone > 0 and random.random() < undone  # noqa: S311  # a load, not a secret
            append(events, undo)
            counts[index] += not undo

    threads = [threading.Thread(target=write, args=(index,)) for index in range(len(writers))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return {"appends": sum(counts), "seconds": time.perf_counter() - started}


def _say(what: dict[str, object] | dict[str, float]) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201  # this is how it is heard


if __name__ == "__main__":
    main(*sys.argv[1:])
