"""A run that follows from its seed: what happens is drawn step by step, and can be played again."""

import time
from dataclasses import dataclass
from datetime import timedelta

from tests.simulation.invariants import Broken, check, check_at_rest
from tests.simulation.scheduler import timeless
from tests.simulation.world import FIRST, KEYS, Build, World

STEPS = 600

LIKELY = {
    "run": 800,
    "count": 100,
    "promise": 20,
    "kill": 30,
    "pause": 20,
    "wake": 15,
    "clock": 5,
    "rebuild": 5,
    "broker": 5,
}
"""How often what happens, of a thousand steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a seed led to."""

    seed: int
    steps: int
    events: int
    kills: int
    seconds: float
    broken: str | None
    """The invariant that did not hold, with what was found."""


def simulate(seed: int, steps: int = STEPS, build: Build | None = None) -> Run:
    """Run a world of this seed, then let it come to rest."""
    began = time.perf_counter()
    world = World(seed, build)
    kills = step = 0
    broken: str | None = None
    with timeless():
        try:
            for step in range(1, steps + 1):  # noqa: B007  # told afterwards
                kills += _happen(world)
                check(world)
            world.drain()
            check_at_rest(world)
        except Broken as found:
            broken = str(found)
        finally:
            world.end()
    return Run(
        seed=seed,
        steps=step,
        events=sum(len(each.database.log) for each in world.services.values()),
        kills=kills,
        seconds=time.perf_counter() - began,
        broken=broken,
    )


def _happen(world: World) -> int:
    """Let something happen; how many processes were killed."""
    chance = world.chance
    process = chance.choice(world.processes)
    [what] = chance.choices(list(LIKELY), list(LIKELY.values()))
    match what:
        case "run":
            for _ in range(chance.randint(1, 12)):
                world.run(process)
        case "count":
            world.command(chance.choice(KEYS))
        case "promise":
            world.command(FIRST.date() + timedelta(days=chance.randint(0, 9)))
        case "kill":
            process.kill()
        case "pause":
            world.pause(process, cut=chance.random() < 0.7)
        case "wake":
            process.paused = False
        case "clock":
            world.jump(timedelta(hours=chance.randint(-26, 60)))
        case "rebuild":
            world.rebuild(chance.choice(sorted(world.services)))
        case _:
            world.topics.fails_next = True
    return what == "kill"
