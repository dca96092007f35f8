"""
``make faults``: everything fails, at length, and then the disk is full.

``ARGS=--short`` as in the suite; ``ARGS=--mutants`` says when each mutant is caught.
"""

import argparse
import sys

from tests.faults.disk import CannotMount, a_small_disk
from tests.faults.mutants import MUTANTS
from tests.faults.servers import Broker, a_broker, a_server
from tests.faults.storm import LONG, SHORT, Plan, Report, hunt, storm, storm_on_a_full_disk


def main() -> int:
    """1 when a promise was broken, or a mutant was not caught."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="a tenth of it")
    parser.add_argument("--mutants", action="store_true", help="wrong code, until it is caught")
    parser.add_argument("--seed", type=int, default=20240401)
    chosen = parser.parse_args()
    with a_broker() as broker:
        if chosen.mutants:
            return _mutants(broker, chosen.seed)
        plan = SHORT if chosen.short else LONG
        with a_server() as server:
            report = storm(broker, server, plan, chosen.seed, print)
        print("\n".join(report.lines()), flush=True)  # noqa: T201
        full = _full_disk(broker, plan, chosen.seed)
    return 0 if report.well and (full is None or full.well) else 1


def _full_disk(broker: Broker, plan: Plan, seed: int) -> Report | None:
    try:
        with a_small_disk() as (disk, server):
            report = storm_on_a_full_disk(broker, server, disk, plan, seed)
    except CannotMount as reason:
        print(f"full disk left out: {reason}")  # noqa: T201
        return None
    print("\n".join(report.lines()))  # noqa: T201
    return report


def _mutants(broker: Broker, seed: int) -> int:
    missed = 0
    print("| mutant | seconds | kills | what was found |")  # noqa: T201
    print("| --- | ---: | ---: | --- |", flush=True)  # noqa: T201
    with a_server() as server:
        for name in MUTANTS:
            hunted = hunt(broker, server, name, seed)
            missed += not hunted.found
            found = "; ".join(hunted.found) or "not caught"
            print(f"| {name} | {hunted.seconds:.0f} | {hunted.kills} | {found} |", flush=True)  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
