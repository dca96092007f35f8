"""A command over HTTP beside the same endpoint of a plain FastAPI service on SQLAlchemy."""

import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import uvicorn
from sqlalchemy import create_engine, func, insert, select

from deploy.ports import free_port
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Append, Stream
from shared.kernel.clock import SystemClock
from shared.kernel.money import Money
from shared.postgres.database import Database
from shared.process import http_process, settle
from shared.settings import ServiceSettings
from shared.web.development import DevelopmentIssuer
from tests.benchmarks import http_peer
from tests.benchmarks.http_load import Answers, Load, ask
from tests.benchmarks.jars import WHY
from tests.support import toy
from tests.support.postgres import Databases

JARS = 500
"""So many that two connections seldom ask for the same one at once; our process keeps 1,000."""
LIMIT = Money(10**12)
CONNECTIONS = (1, 4, 16)
SECONDS = 3.0
RUNS = 5
READY_SECONDS = 30.0
AUDIENCE = "jalon"
BODY = b'{"amount":{"cents":100,"currency":"CAD"},"note":"for a rainy day"}'
OURS, THEIRS = "jalon", "FastAPI and SQLAlchemy"
_PROCESSES = get_context("spawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Medians of ``RUNS`` runs."""

    per_second: float
    p50: float
    """Milliseconds."""
    p99: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    """One that answers, and how to count what it has kept."""

    port: int
    kept: Callable[[], int]


def measure(
    databases: Databases, *, runs: int = RUNS, seconds: float = SECONDS
) -> dict[int, dict[str, Rate]]:
    """By number of connections and name. Both servers are up; one is asked at a time."""
    jars = [uuid4() for _ in range(JARS)]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        issuer = DevelopmentIssuer(Path(folder), mode="embedded", audience=AUDIENCE)
        token = issuer.token("person-1", ["applicant"], uuid4())
        servers = {
            OURS: stack.enter_context(_ours(databases, issuer, jars)),
            THEIRS: stack.enter_context(_theirs(databases, issuer, jars)),
        }
        paths = tuple(f"/v1/jars/{jar}/money" for jar in jars)
        for server in servers.values():
            _must_answer_once(server, paths[0], token)

        def run(name: str, connections: int) -> Answers:
            return _asked(
                servers[name],
                Load(
                    port=servers[name].port,
                    connections=connections,
                    seconds=seconds,
                    paths=paths,
                    token=token,
                    body=BODY,
                ),
            )

        for name in servers:
            run(name, 4)  # connections are made, plans and histories are remembered
        found: dict[int, dict[str, Rate]] = {}
        for connections in CONNECTIONS:
            samples: dict[str, list[Answers]] = {name: [] for name in servers}
            for _ in range(runs):
                for name, answers in samples.items():
                    answers.append(run(name, connections))
            found[connections] = {name: _rate(answers) for name, answers in samples.items()}
        return found


def _asked(server: _Server, load: Load) -> Answers:
    """Ask; what is kept afterwards has to be what was answered."""
    before = server.kept()
    answers = ask(load)
    if answers.refused or server.kept() - before != len(answers.milliseconds):
        raise AssertionError(f"{answers.refused} refused of {len(answers.milliseconds)}")
    return answers


def _rate(samples: list[Answers]) -> Rate:
    cuts = [statistics.quantiles(each.milliseconds, n=100) for each in samples]
    return Rate(
        per_second=statistics.median(len(each.milliseconds) / each.seconds for each in samples),
        p50=statistics.median(each[49] for each in cuts),
        p99=statistics.median(each[98] for each in cuts),
    )


def _must_answer_once(server: _Server, path: str, token: str) -> None:
    """Both keep the same promises: one effect per key, no other request under it, a limit."""
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as client:
        headers = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": str(uuid4()),
            "Content-Type": "application/json",
        }
        before = server.kept()
        first, again = (client.put(path, content=BODY, headers=headers) for _ in range(2))
        other = client.put(path, content=BODY.replace(b"100", b"200"), headers=headers)
        headers["Idempotency-Key"] = str(uuid4())
        much = BODY.replace(b"100", str(LIMIT.cents).encode())
        beyond = client.put(path, content=much, headers=headers)
        without = client.put(path, content=BODY, headers={"Content-Type": "application/json"})
        answered = (first.status_code, again.json() == first.json(), server.kept() - before)
        refused = [each.is_client_error for each in (other, beyond, without)]
        if answered != (200, True, 1) or not all(refused):
            raise AssertionError(f"{answered} {refused} {first.text}")


@contextmanager
def _ours(databases: Databases, issuer: DevelopmentIssuer, jars: list[UUID]) -> Iterator[_Server]:
    url, port = databases.migrated(), free_port()
    database = Database(url)
    store = PostgresEventStore(database.engine, toy.EVENT_TYPES, SystemClock())
    opened = toy.JarOpened(effective_on=date(2023, 4, 1), organisation_id=uuid4(), limit=LIMIT)
    store.append([Append(Stream("jar", jar), 0, [opened]) for jar in jars], WHY)
    settings = ServiceSettings(
        service="toy",
        mode="embedded",
        database_url=url,
        transport="postgres",
        log_database_url=url,
        jwt_issuer=issuer.issuer,
        jwt_audience=AUDIENCE,
        jwks_file=issuer.jwks_file,
        http_port=port,
    )
    with _running(serve_ours, port, settings):
        yield _Server(port=port, kept=store.head)
    database.close()


@contextmanager
def _theirs(databases: Databases, issuer: DevelopmentIssuer, jars: list[UUID]) -> Iterator[_Server]:
    url, port = databases.empty(), free_port()
    engine = create_engine(url)
    http_peer.create(engine)
    whose = uuid4()
    with engine.begin() as connection:
        connection.execute(
            insert(http_peer.JAR),
            [
                {
                    "id": jar,
                    "organisation_id": whose,
                    "limit_cents": LIMIT.cents,
                    "held_cents": 0,
                    "version": 1,
                }
                for jar in jars
            ],
        )

    def kept() -> int:
        with engine.connect() as connection:
            query = select(func.count()).select_from(http_peer.HISTORY)
            return connection.execute(query).scalar_one()

    with _running(serve_theirs, port, url, issuer.jwks_file, issuer.issuer):
        yield _Server(port=port, kept=kept)
    engine.dispose()


@contextmanager
def _running(serve: Callable[..., None], port: int, *arguments: Any) -> Iterator[None]:
    process = _PROCESSES.Process(target=serve, args=(port, *arguments))
    process.start()
    try:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                if time.monotonic() > deadline or not process.is_alive():
                    raise
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.join()


def serve_ours(port: int, settings: ServiceSettings) -> None:
    """The toy as any service's HTTP process."""
    app = http_process(
        settings, toy.EVENT_TYPES, routers=[toy.router], title="Toy", description="Jars."
    )
    _serve(app, port)


def serve_theirs(port: int, url: str, jwks_file: Path, issuer: str) -> None:
    """The plain service."""
    _serve(http_peer.application(url, http_peer.Tokens(jwks_file, issuer, AUDIENCE)), port)


def _serve(app: Any, port: int) -> None:
    """As services are served; the collector is told the same by both."""
    settle()
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
    )


def report(found: dict[int, dict[str, Rate]]) -> str:
    """The figures as a Markdown table, with our ratio to the peer."""
    lines = [
        "| connections | | requests/s | p50, ms | p99, ms | ratio |",
        "| ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for connections, rates in found.items():
        for name, each in rates.items():
            ratio = each.per_second / rates[THEIRS].per_second
            shown = f"{ratio:.2f} ×" if name == OURS else ""
            lines.append(
                f"| {connections} | {name} | {each.per_second:,.0f} | {each.p50:.1f} |"
                f" {each.p99:.1f} | {shown} |"
            )
    return "\n".join(lines)
