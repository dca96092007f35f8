"""Run the measurements: ``make bench``."""

from rich.console import Console

from tests.benchmarks import append
from tests.support.postgres import Databases, running_server

console = Console()

with running_server() as server:
    console.print("Append, one event per transaction")
    print(append.report(append.measure(Databases(server))))  # noqa: T201
