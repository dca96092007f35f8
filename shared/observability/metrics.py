"""
Metrics of a process, for Prometheus.

They are shown on a port of their own, on the loopback interface unless said otherwise, so that
no token is needed and nothing of it is in the API: counts, seconds and names of ours, never ids.
"""

from collections.abc import MutableMapping
from typing import Any

from prometheus_client import CollectorRegistry, Histogram, start_http_server

REQUESTS = CollectorRegistry()
"""What an HTTP process counts."""

_SECONDS = Histogram(
    "jalon_http_request_seconds",
    "Seconds from the first byte of a request to the end of its answer.",
    ("method", "route", "status"),
    registry=REQUESTS,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)


def count_request(scope: MutableMapping[str, Any], status: int | None, seconds: float) -> None:
    """
    Count an answer by the pattern of its path, so that no id becomes a label.

    Requests that no route took are counted together; so is one whose client left (status 0).
    """
    route = getattr(scope.get("route"), "path", "none")
    _SECONDS.labels(scope["method"], route, str(status or 0)).observe(seconds)


def show_metrics(registry: CollectorRegistry, host: str, port: int) -> None:
    """Answer ``GET /metrics`` from a thread of its own until the process ends."""
    start_http_server(port, addr=host, registry=registry)
