"""
Many processes out of one.

The host imports everything once and forks a child for each process of the stack: they share
that memory and start at once. Each child is a whole process, that can be killed and is started
again, as containers would be.
"""

import gc
import logging
import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.1
STOP_SECONDS = 12.0
RESTARTS_MAX = 5
RESTARTS_WINDOW_SECONDS = 60.0
"""A process that ends more than ``RESTARTS_MAX`` times within this is not started again."""


class Host:
    """Keeps ``targets`` running, each in a child of its own, until told to stop."""

    def __init__(self, targets: Mapping[str, Callable[[], int]], logs: Path) -> None:
        self._targets = targets
        self._logs = logs
        self._children: dict[int, str] = {}
        self._starts: dict[str, list[float]] = defaultdict(list)
        self._stopping = False

    def run(self) -> int:
        """The exit status: 0 when told to stop, 1 when a process could not be kept running."""
        # What is imported stays where it is: collecting it would copy it into every child.
        gc.collect()
        gc.freeze()
        parent = os.getppid()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for name in self._targets:
            self._start(name)
        status = 0
        # Whoever started the host may die without a word; then nobody needs the children.
        while not self._stopping and os.getppid() == parent and status == 0:
            status = self._look_after()
            time.sleep(LOOK_SECONDS)
        self._end_all()
        return status

    def _look_after(self) -> int:
        for name in self._ended():
            log.warning("process ended", extra={"ended": name})
            now = time.monotonic()
            recent = [at for at in self._starts[name] if now - at < RESTARTS_WINDOW_SECONDS]
            if len(recent) > RESTARTS_MAX:
                log.error("process given up", extra={"ended": name})
                return 1
            self._starts[name] = recent
            self._start(name)
        return 0

    def _ended(self) -> list[str]:
        names = []
        while self._children:
            pid, _status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            names.append(self._children.pop(pid))
        return names

    def _start(self, name: str) -> None:
        self._starts[name].append(time.monotonic())
        pid = os.fork()
        if pid:
            self._children[pid] = name
            return
        status = 1
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            output = os.open(self._logs / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(output, sys.stdout.fileno())
            os.dup2(output, sys.stderr.fileno())
            status = self._targets[name]()
        except (Exception, SystemExit):  # a missing setting exits, and says which
            log.exception("process failed", extra={"failed": name})
        finally:
            # Never back into the host's code: this is its copy.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _end_all(self) -> None:
        for pid in self._children:
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while self._children and time.monotonic() < deadline:
            self._ended()
            time.sleep(LOOK_SECONDS)
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)
        for pid in self._children:
            os.waitpid(pid, 0)
