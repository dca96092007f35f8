"""Processes that write when they are told to, and how fast they were together."""

import json
import subprocess
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self


class Worker:
    """A process that answers each line on its input with one JSON value; see ``peers.writer``."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def tell(self, line: str) -> None:
        """Send it a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self) -> Any:
        """What it says next. Raises ``RuntimeError`` when it ended instead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"ended with {self._process.wait()}: {self._process.args}")
        return json.loads(line)

    def ask(self, line: str) -> Any:
        """Tell and hear."""
        self.tell(line)
        return self.hear()

    def close(self) -> None:
        """Close its input, and wait until it has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


class Crew:
    """Workers that write together; ready when made, closed on leaving."""

    def __init__(self, command: Sequence[str], processes: int = 1) -> None:
        self._workers = [Worker(command) for _ in range(processes)]
        for each in self._workers:
            each.hear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for each in self._workers:
            each.close()

    def start(self, seconds: float) -> None:
        """Let all write for so long; ``rate`` waits for them."""
        for each in self._workers:
            each.tell(str(seconds))

    def rate(self) -> float:
        """Appends per second of all together, since ``start``."""
        heard = [each.hear() for each in self._workers]
        return float(sum(each["appends"] / each["seconds"] for each in heard))
