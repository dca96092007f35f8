"""
The whole of Jalon on one machine: PostgreSQL from its wheel, every service and every worker.

One process tree under the caller, all its data under one folder. Nothing needs root, Docker or a
server that is already running.
"""

import fcntl
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import httpx
import psutil

from deploy.databases import create_databases, drop_databases
from deploy.embedded import EmbeddedPostgres
from deploy.kafka import KafkaOnJava
from deploy.services import LOG_DATABASE, PORTS, database_name
from deploy.topics import create_topics
from shared.messaging.transports.postgres import create_log
from shared.postgres.migrate import migrate
from shared.web.development import DevelopmentIssuer

log = logging.getLogger(__name__)

SETTINGS_FILE = "settings.json"
"""In the data folder: the environment of the stack's processes, for the command line."""
READY_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 15.0
RESTARTS_MAX = 5
"""How often one process is started again before the stack gives up."""


class AlreadyRunning(RuntimeError):
    """Another stack uses this data folder."""


class NeverStarted(RuntimeError):
    """There is no stack on this folder and never was."""


class DidNotStart(RuntimeError):
    """A process of the stack ended or never became ready; its log says why."""


@dataclass
class _Process:
    name: str
    arguments: list[str]
    env: Mapping[str, str]
    log: Path
    popen: "subprocess.Popen[bytes] | None" = None
    starts: int = 0

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.popen = subprocess.Popen(  # noqa: S603  # our own command line
                [sys.executable, "-m", "services", *self.arguments],
                env=dict(self.env),
                stdout=output,
                stderr=output,
                # Ctrl-C reaches the stack, and the stack stops its processes in order.
                start_new_session=True,
            )
        self.starts += 1


class LocalStack:
    """
    Start with ``with LocalStack(folder) as stack``; leaving stops everything, data stays.

    ``transport`` is ``postgres`` or ``kafka``. ``simulated_clock`` lets ``PUT /clock`` move
    time. ``fresh`` drops earlier data first.
    """

    def __init__(
        self,
        folder: Path,
        *,
        transport: str = "postgres",
        simulated_clock: bool = False,
        fresh: bool = False,
    ) -> None:
        self._folder = folder.resolve()
        self._transport = transport
        self._simulated_clock = simulated_clock
        self._fresh = fresh
        self._lock: IO[str] | None = None
        self._postgres: EmbeddedPostgres | None = None
        self._kafka: KafkaOnJava | None = None
        self._processes: list[_Process] = []
        self._watcher: threading.Thread | None = None
        self._stopping = threading.Event()
        self.failed = threading.Event()
        """Set when a process could not be kept running."""
        self.urls: dict[str, str] = {}
        """Where each service's HTTP API is."""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def issuer(self) -> DevelopmentIssuer:
        """Makes tokens that this stack's services accept."""
        return DevelopmentIssuer(self._folder / "keys", mode="embedded")

    def start(self, announce: Callable[[str], None] = log.info) -> None:
        """Bring everything up; returns when every service is ready. See ``AlreadyRunning``."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._take_folder()
        announce("PostgreSQL starts")
        self._postgres = EmbeddedPostgres(self._folder / "postgres")
        if self._fresh:
            drop_databases(self._postgres.url())
        create_databases(self._postgres.url())
        create_log(self._postgres.url(LOG_DATABASE).render_as_string(hide_password=False))
        announce("tables are migrated")
        for service in PORTS:
            owner = self._postgres.url(database_name(service))
            migrate(owner.render_as_string(hide_password=False), role=service)
        if self._transport == "kafka":
            announce("Apache Kafka starts")
            self._kafka = KafkaOnJava(self._folder / "kafka")
            self._kafka.start()
            create_topics(self._kafka.bootstrap)
        ports = {service: _free_port(preferred) for service, preferred in PORTS.items()}
        self.urls = {service: f"http://127.0.0.1:{port}" for service, port in ports.items()}
        settings = self._settings(ports)
        (self._folder / SETTINGS_FILE).write_text(json.dumps(settings, indent=2), encoding="utf-8")
        inherited = {key: value for key, value in os.environ.items() if key[:6] != "JALON_"}
        env = inherited | settings
        logs = self._folder / "logs"
        logs.mkdir(exist_ok=True)
        for service in PORTS:
            for verb in ("serve", "work"):
                name = f"{verb}-{service}"
                self._processes.append(_Process(name, [verb, service], env, logs / f"{name}.log"))
        announce("services start")
        for process in self._processes:
            process.start()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()
        self._wait_until_ready()
        announce("Jalon is ready")

    def stop(self) -> None:
        """Stop every process, the servers last; safe to call twice."""
        self._stopping.set()
        running = [each.popen for each in self._processes if each.popen is not None]
        for popen in running:
            if popen.poll() is None:
                popen.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        for popen in running:
            try:
                popen.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                popen.kill()
                popen.wait()
        if self._kafka is not None:
            self._kafka.stop()
        if self._postgres is not None:
            self._postgres.stop()
            self._postgres = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def resident_bytes(self) -> int:
        """
        Memory of all services and workers and of PostgreSQL, as proportional set size.

        Pages that processes share are counted once.
        """
        total = 0
        for process in psutil.Process().children(recursive=True):
            try:
                total += process.memory_full_info().pss
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return total + self._postgres_bytes()

    def _postgres_bytes(self) -> int:
        # The server detaches itself, so that it is not among our children.
        if self._postgres is None:
            return 0
        server = psutil.Process(self._postgres.pid)
        family = [server, *server.children(recursive=True)]
        return sum(process.memory_full_info().pss for process in family)

    def _take_folder(self) -> None:
        self._lock = (self._folder / "lock").open("w", encoding="utf-8")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            self._lock = None
            raise AlreadyRunning(f"a stack already runs on {self._folder}; stop it first") from None

    def _settings(self, ports: Mapping[str, int]) -> dict[str, str]:
        if self._postgres is None:
            raise RuntimeError("PostgreSQL has not started")
        jalon = {
            "MODE": "embedded",
            "CLOCK": "simulated" if self._simulated_clock else "system",
            "TRANSPORT": self._transport,
            "JWT_ISSUER": self.issuer.issuer,
            "JWKS_FILE": str(self.issuer.jwks_file),
        }
        if self._kafka is not None:
            jalon["KAFKA_BOOTSTRAP"] = self._kafka.bootstrap
        for service, port in ports.items():
            own = service.upper()
            url = self._postgres.url(database_name(service), role=service)
            log_url = self._postgres.url(LOG_DATABASE, role=service)
            jalon[f"{own}_DATABASE_URL"] = url.render_as_string(hide_password=False)
            jalon[f"{own}_LOG_DATABASE_URL"] = log_url.render_as_string(hide_password=False)
            jalon[f"{own}_HTTP_PORT"] = str(port)
        return {f"JALON_{key}": value for key, value in jalon.items()}

    def _watch(self) -> None:
        while not self._stopping.wait(0.2):
            for process in self._processes:
                if process.popen is None or process.popen.poll() is None:
                    continue
                if self._stopping.is_set():
                    return
                log.warning("process ended", extra={"ended": process.name})
                if process.starts > RESTARTS_MAX:
                    self.failed.set()
                    return
                process.start()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_TIMEOUT_SECONDS
        waiting = dict(self.urls)
        while waiting:
            for service, url in list(waiting.items()):
                if _is_ready(url):
                    del waiting[service]
            if self.failed.is_set() or time.monotonic() > deadline:
                raise DidNotStart(
                    f"not ready: {', '.join(waiting)}; see the logs in {self._folder / 'logs'}"
                )
            time.sleep(0.05)


@contextmanager
def settings_of(folder: Path) -> Iterator[Mapping[str, str]]:
    """
    The settings with which the stack on ``folder`` runs, or ran last; PostgreSQL runs meanwhile.

    Raises ``NeverStarted``.
    """
    file = folder.resolve() / SETTINGS_FILE
    if not file.exists():
        raise NeverStarted(f"there is no data in {folder}; `jalon demo` or `jalon up` makes some")
    server = EmbeddedPostgres(folder.resolve() / "postgres")
    try:
        yield json.loads(file.read_text(encoding="utf-8"))
    finally:
        # Only if nobody else uses it.
        server.stop()


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready", timeout=2.0).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _free_port(preferred: int) -> int:
    for port in (preferred, 0):
        with socket.socket() as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            number: int = candidate.getsockname()[1]
            return number
    raise RuntimeError("no free port")
