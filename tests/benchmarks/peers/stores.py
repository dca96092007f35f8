"""The stores that are measured beside each other, and the processes that write to them."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from tests.benchmarks.addresses import for_node
from tests.support.postgres import Databases

NODE_FOLDER = Path(__file__).parent
SCRIPTS = NODE_FOLDER / "emmett"


class Store(Protocol):
    """Something that appends, on a database of its own."""

    @property
    def name(self) -> str:
        """As it stands in the tables."""
        ...

    @property
    def every(self) -> str:
        """The query for all positions that are there."""
        ...

    def prepared(self, databases: Databases) -> str:
        """The URL of a new database with its tables."""
        ...

    def writer(self, url: str, threads: int, *, events: int = 1, undone: float = 0.0) -> list[str]:
        """The command of a process of so many writers; see ``writer.py``."""
        ...


@dataclass(frozen=True, slots=True)
class InPython:
    """A module of this package; ours has its tables from its own migrations."""

    name: str
    module: str

    @property
    def every(self) -> str:
        """See ``Store.every``."""
        return str(self._module.EVERY)

    @property
    def read(self) -> str:
        """The query for the next positions after one, as a reader of this store asks."""
        return str(self._module.READ)

    @property
    def _module(self) -> Any:
        return import_module(f"tests.benchmarks.peers.{self.module}")

    def prepared(self, databases: Databases) -> str:
        """See ``Store.prepared``."""
        if self.module == "jalon":
            return databases.migrated()
        url = databases.empty()
        self._module.prepare(url)
        return url

    def writer(self, url: str, threads: int, *, events: int = 1, undone: float = 0.0) -> list[str]:
        """See ``Store.writer``."""
        module = "tests.benchmarks.peers.writer"
        numbers = [str(threads), str(events), str(undone)]
        return [sys.executable, "-m", module, self.module, url, *numbers]


@dataclass(frozen=True, slots=True)
class Emmett:
    """``emmett-postgresql``, on Node."""

    name: str = "emmett"
    every: str = "SELECT global_position FROM emt_messages"

    def prepared(self, databases: Databases) -> str:
        """See ``Store.prepared``."""
        url = databases.empty()
        subprocess.run(node("prepare", for_node(url)), check=True)
        return url

    def writer(self, url: str, threads: int, *, events: int = 1, undone: float = 0.0) -> list[str]:
        """See ``Store.writer``."""
        return node("write", for_node(url), str(threads), str(events), str(undone))


def node(script: str, *arguments: str) -> list[str]:
    """The command that runs one of the scripts of this folder."""
    return ["node", str(SCRIPTS / f"{script}.mjs"), *arguments]


JALON = InPython("jalon", "jalon")
RECORDER = InPython("eventsourcing", "recorder")
RECORDER_FUNCTIONS = InPython("eventsourcing, functions", "recorder_functions")
MESSAGE_DB = InPython("message-db functions", "message_db")
EMMETT = Emmett()
BARE = InPython("bare sequence", "bare")
COPYING = InPython("COPY", "copying")


def present(*stores: Store) -> list[Store]:
    """Those that can run here: Emmett needs Node and what ``npm ci`` installs."""
    return [each for each in stores if not isinstance(each, Emmett) or node_is_ready()]


def node_is_ready() -> bool:
    """Is Node here, and have the peers from npm been installed?"""
    return shutil.which("node") is not None and (NODE_FOLDER / "node_modules").is_dir()
