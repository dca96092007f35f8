"""
Run a service's loops in one process.

A loop that fails ends the process with status 1: whoever supervises it starts it again, and it
resumes from its checkpoint. Nothing is retried inside, so nothing is retried twice.
"""

import logging
import signal
import threading
from collections.abc import Sequence
from typing import Protocol

log = logging.getLogger(__name__)

STOP_TIMEOUT_SECONDS = 10.0


class Loop(Protocol):
    """Something that goes on until it is told to stop."""

    name: str

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set; raise when it cannot go on."""
        ...


class Worker:
    """The loops of one service."""

    def __init__(self, loops: Sequence[Loop]) -> None:
        self._loops = loops
        self._stop = threading.Event()
        self._failed: list[str] = []

    def run(self) -> int:
        """Run every loop in a thread of its own until a signal or a failure; the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        threads = [
            threading.Thread(target=self._guard, args=(loop,), name=loop.name, daemon=True)
            for loop in self._loops
        ]
        for thread in threads:
            thread.start()
        self._stop.wait()
        for thread in threads:
            thread.join(STOP_TIMEOUT_SECONDS)
        return 1 if self._failed else 0

    def _guard(self, loop: Loop) -> None:
        try:
            loop.run(self._stop)
        except Exception:
            log.exception("loop failed", extra={"loop": loop.name})
            self._failed.append(loop.name)
        finally:
            self._stop.set()
