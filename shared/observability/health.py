"""
How a service is, for Prometheus: what ``jalon doctor`` finds, as numbers.

Asked when it is scraped, and not more often than every few seconds: some questions read a lot.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from shared.checkup import Finding

FRESH_SECONDS: Final = 15.0
"""How long an answer is given again."""

log = logging.getLogger(__name__)


class Health(Collector):
    """Gauges of one service, each labelled with what was looked at."""

    def __init__(self, service: str, examine: Callable[[], Sequence[Finding]]) -> None:
        self._service = service
        self._examine = examine
        self._lock = threading.Lock()
        self._found: Sequence[Finding] = ()
        self._at: float | None = None

    def registry(self) -> CollectorRegistry:
        """With these gauges and no others."""
        registry = CollectorRegistry()
        registry.register(self)
        return registry

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked before the first scrape."""
        return []

    def collect(self) -> Iterable[Metric]:
        """See ``prometheus_client``."""
        labels = ("service", "what")
        well = GaugeMetricFamily(
            "jalon_well", "1 when nobody has to do anything about it.", labels=labels
        )
        waiting = GaugeMetricFamily(
            "jalon_waiting", "Events, messages, keys or timers that wait.", labels=labels
        )
        seconds = GaugeMetricFamily(
            "jalon_waiting_seconds", "Since when the oldest of them waits.", labels=labels
        )
        for each in self._findings():
            for family, value in (
                (well, float(each.ok)), (waiting, each.waiting), (seconds, each.seconds)
            ):  # fmt: skip
                family.add_metric([self._service, each.name], value)
        return [well, waiting, seconds]

    def _findings(self) -> Sequence[Finding]:
        with self._lock:
            if self._at is None or time.monotonic() - self._at > FRESH_SECONDS:
                try:
                    self._found = self._examine()
                except Exception:  # whatever it is, it is what has to be seen
                    log.exception("health could not be asked")
                    self._found = [Finding(name="database", ok=False, said="see the log")]
                self._at = time.monotonic()
            return self._found
