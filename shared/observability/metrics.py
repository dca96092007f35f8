"""
Metrics of a process, for Prometheus.

They are shown on a port of their own, on the loopback interface unless said otherwise, so that
no token is needed and nothing of it is in the API: counts, seconds and names of ours, never ids.
"""

from collections.abc import MutableMapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server

REQUESTS = CollectorRegistry()
"""What an HTTP process counts."""

_SECONDS = Histogram(
    "jalon_http_request_seconds",
    "Seconds from the first byte of a request to the end of its answer.",
    ("method", "route", "status"),
    registry=REQUESTS,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)

_REFUSALS = Counter(
    "jalon_refusals",
    "Requests that were refused, by the code that their answer carries.",
    ("code",),
    registry=REQUESTS,
)


def count_request(scope: MutableMapping[str, Any], status: int | None, seconds: float) -> None:
    """
    Count an answer by the pattern of its path, so that no id becomes a label.

    Requests that no route took are counted together; so is one whose client left (status 0).
    """
    _SECONDS.labels(scope["method"], route_of(scope), str(status or 0)).observe(seconds)


def count_refusal(code: str) -> None:
    """Count a refusal by the stable code of its class: as many as there are classes."""
    _REFUSALS.labels(code).inc()


def route_of(scope: MutableMapping[str, Any]) -> str:
    """The pattern of the path that took a request; ``none`` where none did."""
    return getattr(scope.get("route"), "path", "none")


def show_metrics(registry: CollectorRegistry, host: str, port: int) -> None:
    """Answer ``GET /metrics`` from a thread of its own until the process ends."""
    start_http_server(port, addr=host, registry=registry)
