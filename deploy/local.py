"""
The whole of Jalon on one machine: PostgreSQL from its wheel, every service and every worker.

One process tree under the caller (see ``host``), all its data under one folder. Nothing needs
root, Docker or a server that is already running.
"""

import fcntl
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import httpx
import psutil

from deploy.databases import create_databases, drop_databases
from deploy.embedded import EmbeddedPostgres
from deploy.kafka import KafkaOnJava
from deploy.ports import free_port
from deploy.services import LOG_DATABASE, PORTS, database_name
from deploy.topics import create_topics
from shared.messaging.transports.postgres import create_log
from shared.postgres.migrate import migrate
from shared.web.development import DevelopmentIssuer, secret_in

log = logging.getLogger(__name__)

SETTINGS_FILE = "settings.json"
"""In the data folder: the environment of the stack's processes, for the command line."""
USUAL_PORTS_LOCK = Path(tempfile.gettempdir()) / f"jalon-ports-{os.getuid()}"
"""Held by the stack that may use the usual ports."""
READY_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 15.0


class AlreadyRunning(RuntimeError):
    """Another stack uses this data folder."""


class NeverStarted(RuntimeError):
    """There is no stack on this folder and never was."""


class DidNotStart(RuntimeError):
    """A process of the stack ended or never became ready; its log says why."""


class LocalStack:
    """
    Start with ``with LocalStack(folder) as stack``; leaving stops everything, data stays.

    ``transport`` is ``postgres`` or ``kafka``. ``simulated_clock`` lets ``PUT /clock`` move
    time. ``fresh`` drops earlier data first, and
    because the next run would drop this run's, PostgreSQL does not wait for the disk.
    """

    def __init__(
        self,
        folder: Path,
        *,
        transport: str = "postgres",
        simulated_clock: bool = False,
        fresh: bool = False,
        announce: Callable[[str], None] = log.info,
    ) -> None:
        self._folder = folder.resolve()
        self._transport = transport
        self._simulated_clock = simulated_clock
        self._fresh = fresh
        self._announce = announce
        self._lock: IO[str] | None = None
        self._usual_ports: IO[str] | None = None
        self._postgres: EmbeddedPostgres | None = None
        self._kafka: KafkaOnJava | None = None
        self._host: subprocess.Popen[bytes] | None = None
        self.urls: dict[str, str] = {}
        """Where each service's HTTP API is."""
        self.settings: dict[str, str] = {}
        """The environment of its processes."""

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

    @property
    def failed(self) -> bool:
        """Has the host ended: could a process not be kept running?"""
        return self._host is not None and self._host.poll() is not None

    def start(self) -> None:
        """Bring everything up; returns when every service is ready. See ``AlreadyRunning``."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._take_folder()
        self._announce("PostgreSQL starts")
        self._postgres = EmbeddedPostgres(self._folder / "postgres", disposable=self._fresh)
        if self._fresh:
            drop_databases(self._postgres.url())
        create_databases(self._postgres.url())
        create_log(self._postgres.url(LOG_DATABASE).render_as_string(hide_password=False))
        self._announce("tables are migrated")
        for service in PORTS:
            owner = self._postgres.url(database_name(service))
            migrate(owner.render_as_string(hide_password=False), service=service)
        if self._transport == "kafka":
            self._announce("Apache Kafka starts")
            if self._fresh:
                shutil.rmtree(self._folder / "kafka", ignore_errors=True)
            self._kafka = KafkaOnJava(self._folder / "kafka")
            self._kafka.start()
            create_topics(self._kafka.bootstrap)
        ports = self._ports()
        self.urls = {service: f"http://127.0.0.1:{port}" for service, port in ports.items()}
        self.settings = self._settings(ports)
        text = json.dumps(self.settings, indent=2)
        (self._folder / SETTINGS_FILE).write_text(text, encoding="utf-8")
        self._announce("services start")
        inherited = {key: value for key, value in os.environ.items() if key[:6] != "JALON_"}
        logs = self._folder / "logs"
        logs.mkdir(exist_ok=True)
        with (logs / "host.log").open("ab") as output:
            self._host = subprocess.Popen(  # noqa: S603  # our own command line
                [sys.executable, "-m", "services", "host", str(logs)],
                env=inherited | self.settings,
                stdout=output,
                stderr=output,
                # Ctrl-C reaches the stack, and the stack stops its processes in order.
                start_new_session=True,
            )
        self._wait_until_ready()
        self._announce("Jalon is ready")

    def stop(self) -> None:
        """Stop every process, the servers last; safe to call twice."""
        if self._host is not None:
            self._host.terminate()
            try:
                self._host.wait(STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                self._host.kill()
                self._host.wait()
            self._host = None
        if self._kafka is not None:
            self._kafka.stop()
        if self._postgres is not None:
            self._postgres.stop()
            self._postgres = None
        for held in (self._usual_ports, self._lock):
            if held is not None:
                held.close()
        self._usual_ports = self._lock = None

    def resident_bytes(self) -> int:
        """
        Memory of all services and workers and of PostgreSQL, as proportional set size.

        Pages that processes share are counted once.
        """
        family = psutil.Process().children(recursive=True)
        if self._postgres is not None:
            # The server detaches itself, so that it is not among our children.
            server = psutil.Process(self._postgres.pid)
            family += [server, *server.children(recursive=True)]
        return sum(map(_resident_bytes, family))

    def _take_folder(self) -> None:
        self._lock = (self._folder / "lock").open("w", encoding="utf-8")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            self._lock = None
            raise AlreadyRunning(f"a stack already runs on {self._folder}; stop it first") from None

    def _ports(self) -> dict[str, int]:
        """
        The usual ports where they are free, for one stack of a machine; others get any.

        A port that is free now may be another stack's by the time its process takes it.
        """
        self._usual_ports = USUAL_PORTS_LOCK.open("a", encoding="utf-8")
        try:
            fcntl.flock(self._usual_ports, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return {service: free_port() for service in PORTS}
        return {service: free_port(preferred) for service, preferred in PORTS.items()}

    def _settings(self, ports: Mapping[str, int]) -> dict[str, str]:
        if self._postgres is None:
            raise RuntimeError("PostgreSQL has not started")
        jalon = {
            "MODE": "embedded",
            "CLOCK": "simulated" if self._simulated_clock else "system",
            "TRANSPORT": self._transport,
            "JWT_ISSUER": self.issuer.issuer,
            "JWKS_FILE": str(self.issuer.jwks_file),
            "IMPACT_LINK_KEY": secret_in(self._folder / "keys", "link-key"),
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

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_TIMEOUT_SECONDS
        waiting = dict(self.urls)
        while waiting:
            for service, url in list(waiting.items()):
                if _is_ready(url):
                    del waiting[service]
            if self.failed or time.monotonic() > deadline:
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


@contextmanager
def empty_server(folder: Path) -> Iterator[dict[str, str]]:
    """
    Empty databases in a new data folder: how to connect as the owner of each, while it runs.

    A stack started on the folder afterwards has what was put in. Raises ``AlreadyRunning`` where
    the folder is in use already, running or not.
    """
    if folder.exists():
        raise AlreadyRunning(f"{folder} is there already; a restore goes into a new folder")
    server = EmbeddedPostgres(folder.resolve() / "postgres")
    try:
        create_databases(server.url())
        yield {
            service: server.url(database_name(service)).render_as_string(hide_password=False)
            for service in PORTS
        }
    finally:
        server.stop()


def _resident_bytes(process: psutil.Process) -> int:
    try:
        memory = process.memory_full_info()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0  # it ended meanwhile, or is not ours to ask
    # Where the system does not tell proportional from resident, shared pages count several times.
    size: int = getattr(memory, "pss", memory.rss)
    return size


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready", timeout=2.0).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
