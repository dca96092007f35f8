"""
How often one and the same is let in.

Kept in the memory of one process: a service that runs as several processes lets in so many times
as much. It is there to blunt a runaway script, not to count exactly.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from shared.web.refusals import AskedTooOften

MOST_KEYS = 10_000
"""Of more at once, those that asked longest ago are forgotten."""


class Pace:
    """At most ``burst`` requests at once, and ``per_minute`` in the long run, for each key."""

    def __init__(
        self,
        *,
        burst: int,
        per_minute: int,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst = float(burst)
        self._per_second = per_minute / 60
        self._elapsed = elapsed
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def let_in(self, key: Hashable) -> None:
        """Let one request in. Raises ``AskedTooOften``."""
        with self._lock:
            now = self._elapsed()
            left, then = self._left.pop(key, (self._burst, now))
            left = min(self._burst, left + (now - then) * self._per_second)
            is_let_in = left >= 1
            self._left[key] = (left - 1 if is_let_in else left, now)
            if len(self._left) > MOST_KEYS:
                self._left.popitem(last=False)
        if not is_let_in:
            raise AskedTooOften
