"""Run the measurements: ``make bench``, or ``make bench ARGS="append tail"`` for some of them."""

import argparse
import time
from contextlib import ExitStack

from rich.console import Console
from sqlalchemy import URL

console = Console()


def main() -> None:
    """Measure what is asked for, one after the other on one server."""
    # Here, because writers in processes of their own import this module again before they write.
    from tests.benchmarks import machine, results
    from tests.benchmarks.registry import MEASUREMENTS
    from tests.support.postgres import Databases, running_server

    asked = _arguments(list(MEASUREMENTS))
    if asked.list:
        for name, each in MEASUREMENTS.items():
            needs = ", ".join(sorted(need.value for need in each.needs))
            print(f"{name:14} {each.title} ({needs})")  # noqa: T201
        return
    with ExitStack() as stack:
        started: list[URL] = []

        def databases() -> Databases:
            if not started:
                started.append(stack.enter_context(running_server(disposable=False)))
            return Databases(started[0])

        usual = [name for name, each in MEASUREMENTS.items() if not each.only_by_name]
        for name in asked.names or usual:
            each = MEASUREMENTS[name]
            console.print(f"[bold]{each.title}[/bold] ({name})")
            began = time.perf_counter()
            found = each.results(databases, short=asked.short)
            table = each.report(found)
            console.print(f"took {time.perf_counter() - began:.0f} s")
            print(table + "\n", flush=True)  # noqa: T201
            if not asked.short:
                results.keep(
                    name,
                    each.title,
                    results=found,
                    table=table,
                    machine=machine.facts(started[0] if started else None),
                )


def _arguments(known: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="name", help="what to measure; if none, all but the largest"
    )
    parser.add_argument("--list", action="store_true", help="what there is, and what it needs")
    parser.add_argument("--short", action="store_true", help="less of each; nothing is kept")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in known]
    if unknown:
        parser.error(f"{', '.join(unknown)}: there are {', '.join(known)}")
    return asked


if __name__ == "__main__":
    main()
