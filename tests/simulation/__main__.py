"""``python -m tests.simulation --seed N`` plays a seed again; ``--seeds N`` tries many."""

import argparse
import sys
import time

from tests.simulation.mutants import MUTANTS
from tests.simulation.run import STEPS, simulate


def main() -> int:
    """Simulate; 1 when an invariant did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, help="the seed to play again")
    parser.add_argument("--seeds", type=int, default=100, help="how many seeds to try")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--mutants", action="store_true", help="say when each mutant is caught")
    chosen = parser.parse_args()
    if chosen.mutants:
        return _mutants(chosen.steps)
    seeds = range(chosen.seeds) if chosen.seed is None else [chosen.seed]
    began = time.perf_counter()
    events = kills = 0
    for seed in seeds:
        run = simulate(seed, chosen.steps)
        events += run.events
        kills += run.kills
        if run.broken is not None:
            print(f"seed {seed}, step {run.steps}: {run.broken}")  # noqa: T201
            return 1
    print(  # noqa: T201
        f"{len(seeds)} seeds of {chosen.steps} steps, {events} events, {kills} kills,"
        f" nothing broken, {time.perf_counter() - began:.1f} s"
    )
    return 0


def _mutants(steps: int) -> int:
    missed = 0
    print("| mutant | seed | step | seconds | what was found |")  # noqa: T201
    print("| --- | ---: | ---: | ---: | --- |")  # noqa: T201
    for name, build in MUTANTS.items():
        began = time.perf_counter()
        for seed in range(200):
            run = simulate(seed, steps, build)
            if run.broken is not None:
                took = time.perf_counter() - began
                found = run.broken.split(":")[0]
                print(f"| {name} | {seed} | {run.steps} | {took:.2f} | {found} |")  # noqa: T201
                break
        else:
            missed += 1
            print(f"| {name} | | | | not caught |")  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
