"""Waiting for notifications without running after every single one."""

import time
from typing import Any

import psycopg


class News:
    """
    Hears what a connection listens to, and lets news gather when it comes thick and fast.

    The first notification after a quiet spell is heard at once; after that there is at most one
    look per ``gather_seconds``, so that a busy loop takes many events at a time. Whoever looks
    after it returned sees what all of them were about.
    """

    def __init__(self, connection: "psycopg.Connection[Any]", *, gather_seconds: float) -> None:
        self._connection = connection
        self._gather_seconds = gather_seconds
        self._looked_at = 0.0

    def wait(self, timeout_seconds: float) -> None:
        """Return when there is news, or after the timeout: a notification can be lost."""
        self._hear(timeout_seconds, stop_after=1)
        self.gather()
        # What came meanwhile is seen in this look and does not ask for another.
        self._hear(0)

    def gather(self) -> None:
        """Return when it is time to look again; at once where the last look took that long."""
        early = self._looked_at + self._gather_seconds - time.monotonic()
        if early > 0:
            time.sleep(early)
        self._looked_at = time.monotonic()

    def _hear(self, timeout_seconds: float, *, stop_after: int | None = None) -> None:
        for _ in self._connection.notifies(timeout=timeout_seconds, stop_after=stop_after):
            pass
