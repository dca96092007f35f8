"""PostgreSQL and Apache Kafka for storms, and the worst that befalls them."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from deploy.embedded import EmbeddedPostgres
from deploy.kafka import KafkaOnJava


class Server:
    """PostgreSQL that waits for the disk, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "pg"
        self._postgres = EmbeddedPostgres(self._data)
        self._control = Path(psutil.Process(self._postgres.pid).exe()).with_name("pg_ctl")
        self._looked = 0.0
        self.started_again = 0
        """How often it had ended and was started."""
        self.url = self._postgres.url()

    def restart_at_once(self) -> None:
        """As after a power failure: no checkpoint, recovery from its log."""
        assert self._ctl("restart", "-m", "immediate") == 0, "PostgreSQL did not start again"

    def tend(self) -> bool:
        """Start it if it has ended, as a supervisor does every second; whether it runs now."""
        if self._pid() is not None:
            return True
        if time.monotonic() - self._looked < 1:
            return False
        self._looked = time.monotonic()
        started = self._ctl("restart", "-t", "5") == 0  # with the options that it had
        self.started_again += started
        return started

    def stop(self) -> None:
        """End it, whichever process it is by now."""
        if self._pid() not in {None, self._postgres.pid}:
            self._ctl("stop", "-m", "immediate")
        self._postgres.stop()

    def _pid(self) -> int | None:
        """Of the server, if it runs."""
        known = self._data / "postmaster.pid"
        lines = known.read_text().splitlines() if known.exists() else []
        return int(lines[0]) if lines and psutil.pid_exists(int(lines[0])) else None

    def _ctl(self, what: str, *options: str) -> int:
        owner = self._data.stat()  # the server never runs as root
        return subprocess.run(
            [self._control, what, "-w", "-s", *options, "-D", self._data, "-l", self._data / "log"],
            check=False,
            user=owner.st_uid,
            group=owner.st_gid,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ).returncode


class Broker:
    """Apache Kafka. Raises ``KafkaUnavailable``."""

    def __init__(self, folder: Path) -> None:
        self._kafka = KafkaOnJava(folder / "kafka")
        self._kafka.start()
        self.bootstrap = self._kafka.bootstrap

    def kill(self) -> None:
        """End it without a word."""
        process = self._kafka._process
        assert process is not None
        for each in psutil.Process(process.pid).children(recursive=True):
            each.kill()
        process.kill()
        self._kafka.stop()

    def start(self) -> None:
        """Start it again, on its data."""
        self._kafka.start()

    def stop(self) -> None:
        """End it."""
        self._kafka.stop()


@contextmanager
def a_server() -> Iterator[Server]:
    """A server on this machine's disk."""
    with _folder() as folder:
        server = Server(folder)
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def a_broker() -> Iterator[Broker]:
    """A broker. Raises ``KafkaUnavailable``."""
    with _folder() as folder:
        broker = Broker(folder)
        try:
            yield broker
        finally:
            broker.stop()


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="jalon-faults-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
