"""What supervisors and drivers ask: is it alive, is it ready, how far has it got."""

import logging
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import AwareDatetime, BaseModel

from shared.eventstore.store import EventStore
from shared.postgres.clock import SimulatedClock
from shared.web.desk import Reader, at_counter
from shared.web.schemas import Request

log = logging.getLogger(__name__)

Check = Callable[[], None]
"""Raises when something the service stands on is not as it must be."""
Positions = Callable[[], Mapping[str, Any]]
"""Gives any of the fields of ``Progress`` but the first two."""


class Alive(BaseModel):
    """The process answers."""

    service: str
    alive: bool = True


class Ready(BaseModel):
    """Whether requests may be sent here."""

    service: str
    ready: bool
    checks: dict[str, str]
    """``ok`` or ``failed`` by name; the log says why."""


class Progress(BaseModel):
    """How far a service has got. Everything is quiet when nothing is behind the head."""

    service: str
    head: int
    """Position of the newest event."""
    relayed: int | None = None
    """Up to which position events have been published."""
    consumed: dict[str, int] = {}
    """Per source, up to which of its positions contracts have been handled."""
    lag: int | None = None
    """How many messages wait to be handled."""
    projections: dict[str, Any] = {}
    """Per projection that serves, its position, status and generation."""
    timers: int | None = None
    """Up to which position events have armed their timers; none where there are no timers."""
    timers_due: int | None = None
    """How many timers should have fired by now."""


class ClockReading(BaseModel):
    """What the service takes the time to be."""

    instant: AwareDatetime


class MoveClock(Request):
    """Where to put the simulated clock."""

    instant: AwareDatetime


def operations(
    service: str, *, store: EventStore, checks: Mapping[str, Check], positions: Positions | None
) -> APIRouter:
    """``/health``, ``/ready`` and ``/positions``."""
    router = APIRouter(tags=["operations"])

    @router.get("/health")
    async def health() -> Alive:
        """The process is alive. Nothing else is asked."""
        return Alive(service=service)

    @router.get("/ready", responses={503: {"model": Ready, "description": "Not ready."}})
    def ready(response: Response) -> Ready:
        """Everything the service stands on answers."""
        outcomes = {name: _outcome(name, check) for name, check in checks.items()}
        all_well = all(outcome == "ok" for outcome in outcomes.values())
        response.status_code = 200 if all_well else 503
        return Ready(service=service, ready=all_well, checks=outcomes)

    @router.get("/positions")
    def progress() -> Progress:
        """How far events, contracts, projections and timers have got."""
        # The head is read first: what is then reported as reached may only be too modest.
        head = store.head()
        return Progress(service=service, head=head, **(positions() if positions else {}))

    return router


def _outcome(name: str, check: Check) -> str:
    try:
        check()
    except Exception:
        log.exception("check failed", extra={"check": name})
        return "failed"
    return "ok"


def simulated_clock(clock: SimulatedClock) -> APIRouter:
    """``GET`` and ``PUT /clock``: only where time is simulated."""
    router = APIRouter(tags=["operations"])

    @router.get("/clock")
    def read() -> ClockReading:
        """What the service takes the time to be."""
        return ClockReading(instant=clock.now())

    @router.put("/clock")
    def move(
        asked: MoveClock, _operator: Annotated[Reader, Depends(at_counter("operator"))]
    ) -> ClockReading:
        """Put the clock forward. It never goes back. Asking twice is asking once."""
        clock.move(asked.instant)
        return ClockReading(instant=clock.now())

    return router
