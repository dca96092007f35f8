"""One command as one trace: real processes of two services on PostgreSQL and Apache Kafka."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from deploy.ports import free_port
from deploy.topics import create_topics
from shared.web.development import DevelopmentIssuer
from tests.integration.messaging.town import until
from tests.support.otlp import Collector, collecting
from tests.support.postgres import Databases

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.slow]

TRACE, CLIENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
START_SECONDS = 240.0
"""On a busy machine; it takes three."""
SERVER_SPAN, PRODUCER_SPAN, CONSUMER_SPAN = 2, 4, 5
PROGRAMME = {
    "code": "AI",
    "names": {"en": "AI in industry", "fr": "L’IA dans l’industrie"},
    "purpose": {"en": "Better industry", "fr": "Une meilleure industrie"},
    "phase": "P1",
    "pockets": [{"code": "FED"}],
    "reimbursement_rate_bp": 5_000,
    "holdback_bp": 1_000,
    "claim_frequency": "quarterly",
    "survey_years": 2,
    "rules": [{"name": "call-open"}],
    "scoring_grid": [{"criterion": "merit", "out_of": 100}],
    "cost_categories": ["labour"],
}


@dataclass
class Street:
    """Intake, which publishes, and claims, which listens; each in processes of its own."""

    url: str
    issuer: DevelopmentIssuer
    collector: Collector
    processes: list[subprocess.Popen[bytes]]

    def publish_programme(self, **headers: str) -> httpx.Response:
        """A command to intake that claims hears of."""
        token = self.issuer.token("person-1", ["programme-manager"], None)
        own = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
        return httpx.post(
            f"{self.url}/v1/programmes", json=PROGRAMME, headers=own | headers, timeout=30
        )

    def stop(self) -> list[int]:
        """Ask every process to end; how each did."""
        for each in self.processes:
            each.terminate()
        return [each.wait(20) for each in self.processes]


@pytest.fixture
def every_milliseconds() -> int:
    """How often spans are handed over."""
    return 200


@pytest.fixture
def commands() -> list[tuple[str, str]]:
    """The processes that are started."""
    return [("serve", "intake"), ("work", "intake"), ("work", "claims")]


@pytest.fixture
def street(
    databases: Databases,
    kafka_bootstrap: str,
    tmp_path: Path,
    every_milliseconds: int,
    commands: list[tuple[str, str]],
) -> Iterator[Street]:
    """What is written to the log is beside the test's other files."""
    create_topics(kafka_bootstrap, ["jalon.intake.v1", "jalon.selection.v1"])
    issuer = DevelopmentIssuer(tmp_path / "keys", mode="embedded")
    urls = {service: databases.migrated(service) for service in ("intake", "claims")}
    port = free_port()
    with collecting() as collector, ExitStack() as stack:
        env = {
            "JALON_MODE": "embedded",
            "JALON_TRANSPORT": "kafka",
            "JALON_KAFKA_BOOTSTRAP": kafka_bootstrap,
            "JALON_JWT_ISSUER": issuer.issuer,
            "JALON_JWKS_FILE": str(issuer.jwks_file),
            "JALON_INTAKE_DATABASE_URL": urls["intake"],
            "JALON_CLAIMS_DATABASE_URL": urls["claims"],
            "JALON_INTAKE_HTTP_PORT": str(port),
            "JALON_CLAIMS_HTTP_PORT": str(free_port()),
            "JALON_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": str(every_milliseconds),
        }
        processes = [
            stack.enter_context(_running(command, env, tmp_path / f"{'-'.join(command)}.log"))
            for command in commands
        ]
        street = Street(f"http://127.0.0.1:{port}", issuer, collector, processes)
        _wait_until_ready(street.url)
        yield street
    for url in urls.values():
        databases.drop(url)


def test_a_command_is_one_tree_of_spans(street: Street) -> None:
    """From the client over Kafka to the views of another service, each below what led to it."""
    answer = street.publish_programme(traceparent=f"00-{TRACE}-{CLIENT}-01")
    assert answer.status_code == 201, answer.text
    seen = street.collector

    def everything_came() -> bool:
        return {each.name for each in seen.spans} >= {
            "POST /v1/programmes",
            "handle intake.programme-published.v1",
        } and sum(each.name == "project" for each in seen.spans) >= 2

    until(everything_came)
    street.stop()

    # Other services listen as well; here are those of the one line that is followed.
    request = seen.named("POST /v1/programmes")
    [appended] = [e for e in seen.spans if e.parent_id == request.span_id]
    published = seen.named("publish intake.programme-published.v1")
    handled = seen.named("handle intake.programme-published.v1")
    [heard] = [e for e in seen.spans if e.parent_id == handled.span_id]
    projected = {e.service: e for e in seen.spans if e.name == "project"}
    assert [
        (each.service, each.name, each.kind, each.parent_id)
        for each in (request, published, handled)
    ] == [
        ("intake", "POST /v1/programmes", SERVER_SPAN, CLIENT),
        ("intake", "publish intake.programme-published.v1", PRODUCER_SPAN, appended.span_id),
        (
            "claims",
            "handle intake.programme-published.v1",
            CONSUMER_SPAN,
            published.span_id,
        ),
    ]
    assert (appended.service, appended.name) == ("intake", "append programme")
    assert (heard.service, heard.name) == ("claims", "append programme")
    assert projected["intake"].parent_id == appended.span_id
    assert projected["claims"].parent_id == heard.span_id
    assert {each.trace_id for each in seen.spans} == {TRACE}
    assert not [each for each in seen.spans if each.failed]
    assert request.attributes["http.response.status_code"] == 201
    assert appended.attributes["jalon.position"] == answer.json()["position"]
    assert published.attributes["jalon.position"] == answer.json()["position"]
    assert heard.attributes["jalon.position"] == 1
    assert "agreements" in projected["claims"].attributes["jalon.projections"]


@pytest.mark.parametrize("every_milliseconds", [600_000])
@pytest.mark.parametrize("commands", [[("serve", "intake"), ("work", "intake")]])
def test_what_is_left_is_handed_over_at_the_end(street: Street) -> None:
    """A process that is stopped gives up its spans; without the client's, a trace begins here."""
    assert street.publish_programme().status_code == 201
    until(lambda: httpx.get(f"{street.url}/positions", timeout=30).json()["relayed"] == 1)
    assert street.collector.spans == []
    assert street.stop()[1:] == [0]  # uvicorn ends by the signal itself
    request = street.collector.named("POST /v1/programmes")
    assert request.parent_id == ""
    [appended] = [e for e in street.collector.spans if e.parent_id == request.span_id]
    published = street.collector.named("publish intake.programme-published.v1")
    assert appended.trace_id == request.trace_id
    assert published.parent_id == appended.span_id


@contextmanager
def _running(
    command: tuple[str, str], env: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    inherited = {key: value for key, value in os.environ.items() if key[:6] != "JALON_"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "services", *command],
            env=inherited | dict(env),
            stdout=output,
            stderr=output,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def _wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_ready(url):
        assert time.monotonic() < deadline, "it did not start"
        time.sleep(0.2)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready", timeout=30).status_code == 200
    except httpx.TransportError:
        return False
