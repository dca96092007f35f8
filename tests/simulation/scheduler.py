"""
Processes that take turns, so that every interleaving can be chosen and played again.

A process is code that runs until it reaches a *point*: anywhere a real one could be held up or
killed, that is, before and after whatever it asks of a database or the log. There the scheduler
decides who goes on. What a killed process held in memory is gone; it begins anew.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf

from greenlet import getcurrent, greenlet

from shared.messaging import receiving
from shared.messaging.leadership import NoLongerLeading
from shared.messaging.transports.base import TransportFailed
from shared.projecting.registry import CheckpointMoved
from shared.timers import firing

Step = Callable[[], bool]
"""One round of a loop; whether there was anything to do."""


class Killed(BaseException):
    """The process ends here, whatever it was doing."""


class Process:
    """One loop in its own turn. ``begin`` makes it anew and gives its step."""

    def __init__(self, name: str, begin: Callable[["Process"], Step]) -> None:
        self.name = name
        self.paused = False
        self.idle = False
        self._begin = begin
        self._turn: greenlet | None = None
        self.ended: Callable[[Process], None] = lambda _: None
        """What else is lost with it: sessions and their locks."""

    def run(self) -> str | None:
        """Go on to the next point; its name, or None where it ended."""
        if self._turn is None:
            self._turn = greenlet(self._live)
        reached: str | None = self._turn.switch()
        if self._turn.dead:
            self._turn = None
        return reached

    def kill(self) -> None:
        """End it where it is."""
        if self._turn is not None and self._turn:
            self._turn.throw(Killed)
        self._turn = None
        self.paused = False
        self.ended(self)

    def _live(self) -> None:
        self.idle = False
        try:
            step = self._begin(self)
            while True:
                self.idle = not step()
                point("between steps")
        except Killed:
            return
        except (NoLongerLeading, TransportFailed, CheckpointMoved):
            # As a worker would: it ends, and is started again.
            self.ended(self)


def point(name: str) -> None:
    """Here others may go on, or this process may end. Outside of processes it does nothing."""
    turn = getcurrent()
    if turn.parent is not None:
        turn.parent.switch(name)


@contextmanager
def timeless() -> Iterator[None]:
    """No loop looks at the machine's clock: a run depends on its seed alone."""
    kept = receiving.BATCH_SECONDS, firing.BATCH_SECONDS
    receiving.BATCH_SECONDS = firing.BATCH_SECONDS = inf  # type: ignore[misc]
    try:
        yield
    finally:
        receiving.BATCH_SECONDS, firing.BATCH_SECONDS = kept  # type: ignore[misc]
