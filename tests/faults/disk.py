"""A disk that gets full, and what HTTP answers meanwhile."""

import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID, uuid4

from shared.eventstore.postgres import PostgresEventStore
from shared.kernel.clock import SystemClock
from shared.postgres.database import Database
from tests.faults.servers import Server
from tests.integration.messaging.town import rows
from tests.support.toy import EVENT_TYPES, running_toy

DISK_MEBIBYTES = 256
DONE = "201"
LATER = "503 with Retry-After 1"
"""What HTTP may answer to a command while the disk is full, besides."""


class CannotMount(Exception):
    """No file system of its own can be had here; the sentence says why."""


class Disk:
    """A small file system and the ballast that fills it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Take all that is left."""
        with self._ballast.open("ab") as ballast:
            found = os.statvfs(self.folder)
            left = found.f_bavail * found.f_frsize
            while left >= found.f_frsize:
                try:
                    os.posix_fallocate(ballast.fileno(), os.fstat(ballast.fileno()).st_size, left)
                except OSError:
                    left //= 2  # PostgreSQL has taken some of it just now

    def free(self) -> None:
        """Give it back."""
        self._ballast.unlink()


@contextmanager
def a_small_disk() -> Iterator[tuple[Disk, Server]]:
    """A disk with a PostgreSQL server on it. Raises ``CannotMount``."""
    folder = Path(tempfile.mkdtemp(prefix="jalon-disk-"))
    with ExitStack() as later:
        later.callback(folder.rmdir)
        _mount(folder)
        later.callback(_unmount, folder)
        folder.chmod(0o755)  # the server never runs as root
        server = Server(folder)
        later.callback(server.stop)
        yield Disk(folder), server


def _mount(folder: Path) -> None:
    mount = shutil.which("mount")
    if mount is None:
        raise CannotMount("there is no mount")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={DISK_MEBIBYTES}m", "tmpfs", folder],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise CannotMount(done.stderr.strip())


def _unmount(folder: Path) -> None:
    # Lazily: it goes once the last process of the server has ended.
    subprocess.run(["umount", "--lazy", folder], check=True)


class Callers:
    """Clients of a service over HTTP, who repeat what was not answered under the same key."""

    def __init__(self, database_url: str, keys: Path) -> None:
        self._later = ExitStack()
        self._database = Database(database_url)
        self._later.callback(self._database.close)
        store = PostgresEventStore(self._database.engine, EVENT_TYPES, SystemClock())
        toy = running_toy(store, SystemClock(), keys, database=self._database)
        self._toy = self._later.enter_context(toy)
        self._asked: list[UUID] = []
        self.answers: Counter[str] = Counter()
        """Statuses, each with its ``Retry-After`` where there is one."""

    def ask(self) -> None:
        """One command more."""
        self._asked.append(uuid4())
        self.answers[self._answer(self._asked[-1])] += 1

    def repeat(self) -> Counter[str]:
        """Everything again under the same keys: what is answered now."""
        return Counter(self._answer(key) for key in self._asked)

    def recorded(self) -> tuple[int, int]:
        """How many commands were asked for, and how many events there are."""
        [row] = rows(self._database, "SELECT count(*) AS n FROM eventstore.event")
        return len(self._asked), int(row.n)

    def close(self) -> None:
        """Go home."""
        self._later.close()

    def _answer(self, key: UUID) -> str:
        body = {"organisation_id": str(self._toy.organisation_id), "limit": {"cents": 1}}
        headers = self._toy.headers(key=key)
        response = self._toy.client.post("/v1/jars", json=body, headers=headers)
        after = response.headers.get("Retry-After")
        return f"{response.status_code}" + (f" with Retry-After {after}" if after else "")
