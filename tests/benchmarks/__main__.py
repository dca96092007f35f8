"""Run the measurements: ``make bench``."""

from rich.console import Console

from tests.benchmarks import agreement, append, batches, end_to_end, ledger, surveys, tail, traces
from tests.benchmarks.submissions import load
from tests.support.postgres import Databases, running_server

console = Console()

if __name__ == "__main__":
    with running_server(disposable=False) as server:
        console.print("Append, one event per transaction")
        print(append.report(append.measure(Databases(server))))  # noqa: T201
        console.print("Append, a hundred events per transaction, one writer")
        print(batches.report(batches.measure(Databases(server))))  # noqa: T201
        console.print("Does a reader see everything that eight writers append?")
        print(tail.report(tail.measure(Databases(server))))  # noqa: T201
        console.print("Decide on an agreement of 5 participants, 8 quarters and 40 claims")
        print(agreement.report(agreement.measure(Databases(server))))  # noqa: T201
        console.print("Two hundred complete submissions a minute, while the call closes")
        print(load.report(load.measure(Databases(server))))  # noqa: T201
        console.print("Ten years of surveys of 430 projects with 4 participants each")
        print(surveys.report(surveys.measure(Databases(server))))  # noqa: T201
        console.print("A book of twenty years")
        print(ledger.report(ledger.measure(Databases(server))))  # noqa: T201

    console.print("What a trace costs per event")
    print(traces.report(traces.measure()))  # noqa: T201
    console.print("From a command accepted by claims to finance's view, over Apache Kafka")
    print(end_to_end.report(end_to_end.measure()))  # noqa: T201
