"""What is due by an instant is in time when it had arrived, however long its answer takes."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends

from shared.eventstore.memory import MemoryEventStore
from shared.kernel.clock import SystemClock
from shared.web.desk import Desk, at_desk
from tests.support.toy import Toy, running_toy

PATIENCE_SECONDS = 10


def test_waiting_for_a_thread_makes_nothing_late(store: MemoryEventStore, tmp_path: Path) -> None:
    """A command that waits behind others was received when it arrived, not when its turn came."""
    first_inside, second_here, go_on = threading.Event(), threading.Event(), threading.Event()
    router = APIRouter()

    @router.post("/first")
    def first() -> None:
        first_inside.set()
        go_on.wait(PATIENCE_SECONDS)

    async def here() -> None:
        second_here.set()

    @router.post("/second")
    def second(
        _: Annotated[None, Depends(here)], desk: Annotated[Desk, Depends(at_desk("applicant"))]
    ) -> datetime:
        return desk.now

    async def one_thread() -> None:
        to_thread.current_default_thread_limiter().total_tokens = 1

    with (
        running_toy(store, SystemClock(), tmp_path / "keys", routers=[router]) as toy,
        ThreadPoolExecutor(2) as pool,
    ):
        assert toy.client.portal is not None
        toy.client.portal.call(one_thread)
        busy = pool.submit(toy.client.post, "/first", headers=toy.headers())
        assert first_inside.wait(PATIENCE_SECONDS)
        began = datetime.now(UTC)
        waiting = pool.submit(toy.client.post, "/second", headers=toy.headers())
        assert second_here.wait(PATIENCE_SECONDS)
        closing = datetime.now(UTC)
        time.sleep(0.05)
        go_on.set()
        received = datetime.fromisoformat(waiting.result(PATIENCE_SECONDS).json())
        assert busy.result(PATIENCE_SECONDS).status_code == 200
        assert began <= received <= closing < datetime.now(UTC)


def test_a_body_that_is_still_on_its_way_is_not_received(
    store: MemoryEventStore, tmp_path: Path
) -> None:
    """What arrives in parts has arrived with its last part: no head start for half a request."""
    router = APIRouter()

    @router.post("/now")
    def now(desk: Annotated[Desk, Depends(at_desk("applicant"))]) -> datetime:
        return desk.now

    with running_toy(store, SystemClock(), tmp_path / "keys", routers=[router]) as toy:
        received, sent = _ask_slowly(toy, "/now")
    assert sent <= received < sent + timedelta(seconds=PATIENCE_SECONDS)


def _ask_slowly(toy: Toy, path: str) -> tuple[datetime, datetime]:
    """When a body was received, and when its last part was sent."""
    sent: list[datetime] = []

    def parts() -> Any:
        yield b"{"
        time.sleep(0.05)
        sent.append(datetime.now(UTC))
        yield b"}"

    headers = toy.headers() | {"Content-Type": "application/json"}
    answer = toy.client.post(path, content=parts(), headers=headers)
    return datetime.fromisoformat(answer.json()), sent[0]
