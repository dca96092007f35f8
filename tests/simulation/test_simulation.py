"""The loops as they are, in a simulated world: nothing is lost, doubled or overtaken."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.simulation.invariants import check, check_at_rest
from tests.simulation.mutants import MUTANTS
from tests.simulation.run import simulate
from tests.simulation.scheduler import timeless
from tests.simulation.world import FIRST, KEYS, World

SEEDS = 20

PROCESS = st.integers(0, 19)


class Life(RuleBasedStateMachine):
    """Whatever Hypothesis thinks of, in any order."""

    @initialize(seed=st.integers(0, 1_000))
    def begin(self, seed: int) -> None:
        """A new world."""
        self.time = timeless()
        self.time.__enter__()
        self.world = World(seed)

    @rule(process=PROCESS, points=st.integers(1, 20))
    def run(self, process: int, points: int) -> None:
        """A process goes on for some points."""
        for _ in range(points):
            self.world.run(self.world.processes[process])

    @rule(key=st.sampled_from(KEYS))
    def command(self, key: str) -> None:
        """A client wants something counted."""
        self.world.command(key)

    @rule(days=st.integers(0, 9))
    def promise(self, days: int) -> None:
        """A client wants a bell rung."""
        self.world.command(FIRST.date() + timedelta(days=days))

    @rule(process=PROCESS)
    def kill(self, process: int) -> None:
        """A process is killed where it is."""
        self.world.processes[process].kill()

    @rule(process=PROCESS, cut=st.booleans())
    def pause(self, process: int, *, cut: bool) -> None:
        """A process is held up; its session may be cut, so that another leads."""
        self.world.pause(self.world.processes[process], cut=cut)

    @rule(process=PROCESS)
    def wake(self, process: int) -> None:
        """One that was held up goes on as if nothing had happened."""
        self.world.processes[process].paused = False

    @rule(hours=st.integers(-26, 60))
    def jump(self, hours: int) -> None:
        """The clock is set."""
        self.world.jump(timedelta(hours=hours))

    @rule(service=st.sampled_from(["ask", "answer"]))
    def rebuild(self, service: str) -> None:
        """A view is built anew."""
        self.world.rebuild(service)

    @rule()
    def break_broker(self) -> None:
        """The next window gets only halfway."""
        self.world.topics.fails_next = True

    @invariant()
    def holds(self) -> None:
        """After each step."""
        if hasattr(self, "world"):
            check(self.world)

    def teardown(self) -> None:
        """And at rest."""
        if hasattr(self, "world"):
            try:
                self.world.drain()
                check_at_rest(self.world)
            finally:
                self.world.end()
                self.time.__exit__(None, None, None)


TestLife = pytest.mark.slow(Life.TestCase)
TestLife.settings = settings(
    max_examples=25,
    stateful_step_count=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_seed(seed: int) -> None:
    """Commands, kills, pauses, zombies, a clock that jumps, rebuilds: the invariants hold."""
    run = simulate(seed)
    assert run.broken is None
    assert run.events > 100
    assert run.kills > 5


def test_a_seed_is_played_again_exactly() -> None:
    """What was found can be found again."""
    first, again = simulate(7), simulate(7)
    assert (first.events, first.kills, first.steps) == (again.events, again.kills, again.steps)
    flawed = MUTANTS["inbox after effect"]
    found = [simulate(0, build=flawed).broken for _ in range(2)]
    assert found[0] is not None
    assert found[0] == found[1]


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_caught(name: str) -> None:
    """Code that is wrong in a known way does not get through the seeds that ours gets through."""
    steps = 0
    for seed in count():
        assert seed < SEEDS, f"{name} was not caught"
        run = simulate(seed, build=MUTANTS[name])
        steps += run.steps
        if run.broken is not None:
            break
    assert steps > 0
