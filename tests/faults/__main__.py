"""``make faults``: everything fails, at length; ``ARGS=--short`` as in the suite."""

import argparse
import sys

from tests.faults.storm import LONG, SHORT, storm


def main() -> int:
    """1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="a tenth of it")
    parser.add_argument("--seed", type=int, default=20240401)
    chosen = parser.parse_args()
    outcome = storm(SHORT if chosen.short else LONG, chosen.seed, print)
    print("\n".join(outcome.lines()))  # noqa: T201
    return 0 if outcome.well else 1


if __name__ == "__main__":
    sys.exit(main())
