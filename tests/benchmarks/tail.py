"""
Does a reader that goes on from the last position it saw see every event?

Eight writers in processes of their own append one event per transaction, one in twenty of which is
rolled back; meanwhile one reader asks again and again, in the way of each store, for what comes
after the position it saw last. What it did not see is compared with what is there in the end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread

import psycopg

from tests.benchmarks.addresses import dsn, for_node
from tests.benchmarks.crew import Crew, Worker
from tests.benchmarks.peers.stores import (
    BARE,
    EMMETT,
    JALON,
    MESSAGE_DB,
    RECORDER,
    RECORDER_FUNCTIONS,
    Emmett,
    InPython,
    Store,
    node,
    present,
)
from tests.support.postgres import Databases

WRITERS = 8
SECONDS = 60.0
ROLLED_BACK = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a reader saw of what is there."""

    committed: int
    missed: int


def measure(databases: Databases, *, seconds: float = SECONDS) -> dict[str, Seen]:
    """By name. Each has the server to itself for ``seconds``."""
    stores = present(JALON, RECORDER, RECORDER_FUNCTIONS, MESSAGE_DB, EMMETT, BARE)
    return {each.name: _run(each, each.prepared(databases), seconds) for each in stores}


def _run(store: Store, url: str, seconds: float) -> Seen:
    with Crew(store.writer(url, 1, undone=ROLLED_BACK), WRITERS) as crew:
        reader = _reader(store, url)
        crew.start(seconds)
        crew.rate()
        seen = reader()
    with psycopg.connect(dsn(url)) as connection:
        every = {row[0] for row in connection.execute(store.every).fetchall()}
    return Seen(committed=len(every), missed=len(every - seen))


def _reader(store: Store, url: str) -> Callable[[], set[int]]:
    """Start to read; what is given ends it when all has been read, and says what it saw."""
    if isinstance(store, Emmett):
        worker = Worker(node("read", for_node(url)))
        worker.hear()

        def end_worker() -> set[int]:
            seen = set(worker.ask("end"))
            worker.close()
            return seen

        return end_worker
    assert isinstance(store, InPython)
    seen: set[int] = set()
    ending = Event()
    thread = Thread(target=_read, args=(url, store.read, seen, ending))
    thread.start()

    def end_thread() -> set[int]:
        ending.set()
        thread.join()
        return seen

    return end_thread


def _read(url: str, query: str, seen: set[int], ending: Event) -> None:
    after = 0
    with psycopg.connect(dsn(url), autocommit=True) as connection:
        while True:
            last = ending.is_set()
            rows = connection.execute(query, [after]).fetchall()
            seen.update(row[0] for row in rows)
            after = rows[-1][0] if rows else after
            if last and not rows:
                return


def report(found: dict[str, Seen]) -> str:
    """The figures as a Markdown table."""
    lines = ["| | committed | missed by the reader |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {each.committed:,} | {each.missed:,} |" for name, each in found.items()]
    return "\n".join(lines)
