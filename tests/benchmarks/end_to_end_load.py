"""
Two hundred commands a second from claims to finance's view, over Apache Kafka.

Commands are sent at their time whether or not earlier ones have arrived, each over a connection
that is free; wait counts from the HTTP answer to the instant at which finance's ledger shows the
line, and from sending as well: on a busy machine the line may be there before the answer is. Rates
rise until one is not kept: an agreement that was amended hundreds of times takes longer to amend.
"""

import http.client
import itertools
import json
import statistics
import tempfile
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from deploy.demo import checks
from deploy.demo.driver import Driver
from deploy.demo.wire import Wire, cents, staff
from deploy.local import LocalStack
from shared.projecting.registry import CHANNEL
from tests.benchmarks.addresses import dsn
from tests.benchmarks.end_to_end import Silent, Tolerant
from tests.unit.demo.portfolios import small

RATES = (25, 50, 75, 100, 150, 200)
SECONDS = 30.0
WARM_SECONDS = 3.0
CONNECTIONS = 16
PROJECTS = 20
"""Agreements that take turns, so that two commands seldom decide about the same one at once."""
KEPT_SHARE = 0.95
"""A rate is kept when so many commands a second were answered as were asked for…"""
KEPT_MILLISECONDS = 1_000.0
"""… and 99 % of their lines were visible so soon afterwards."""
LOOK_SECONDS = 0.2
PATIENCE_SECONDS = 60.0
_PROCESSES = get_context("spawn")
_LINES = (
    "SELECT DISTINCT event.position, event.data->>'amendment_id'"
    " FROM ledger_1.line JOIN eventstore.event USING (position)"
    " WHERE line.entry = 'agreement-amended' AND event.data->>'amendment_id' = ANY(%s)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One command that was answered."""

    late: float
    """Seconds by which it was sent too late, because no connection was free."""
    sent_at: float
    answered_at: float
    amendment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One rate, and how it was held."""

    asked: int
    """Commands per second."""
    answered: float
    """Commands per second."""
    p50: float
    """Milliseconds from the answer until the line is visible."""
    p95: float
    p99: float
    whole_p50: float
    """Milliseconds from sending until the line is visible."""
    whole_p99: float
    late_p99: float
    """Milliseconds by which commands were sent too late."""

    @property
    def kept(self) -> bool:
        """Did the machine keep up?"""
        return self.answered >= KEPT_SHARE * self.asked and self.p99 <= KEPT_MILLISECONDS


def measure(*, rates: Sequence[int] = RATES, seconds: float = SECONDS) -> list[Held]:
    """The rates that were tried, up to the first that was not kept."""
    portfolio = checks.parse(json.dumps(_portfolio()))
    # Not disposable: what is measured waits for the disk, as it would in service.
    with tempfile.TemporaryDirectory() as folder:
        with LocalStack(Path(folder), transport="kafka", simulated_clock=True) as stack:
            wire = Tolerant(stack.urls, stack.issuer)
            Driver(portfolio, wire, Silent()).play(until=portfolio.plan.approved_on)
            wire.settle()
            wire.close()
        # The time of demonstrations is asked of the database; in service it is the system's.
        with LocalStack(Path(folder), transport="kafka") as stack:
            wire = Wire(stack.urls, stack.issuer)
            found = list(_held_at(rates, seconds, stack, wire))
            wire.close()
    return found


def _held_at(rates: Sequence[int], seconds: float, stack: LocalStack, wire: Wire) -> Iterator[Held]:
    """Try one rate after the other, each at rest, until one is not kept."""
    wire.stir()
    wire.settle()
    asking = _Asking(stack, wire)
    with _looking(stack.settings["JALON_FINANCE_DATABASE_URL"]) as visible:
        asking.send(rates[0], WARM_SECONDS)
        for rate in rates:
            wire.stir()
            wire.settle()
            sent = asking.send(rate, seconds)
            held = _held(rate, sent, visible(sent))
            yield held
            if not held.kept:
                return


def _portfolio() -> dict[str, Any]:
    """The small one, with its project many times over, executed and without claims."""
    portfolio = small()
    [project] = portfolio["projects"]
    project["claims"] = []
    for amount in (*project["funding"], *project["match"]):
        for name in ("cents", "cash_cents", "in_kind_cents"):
            if name in amount:
                amount[name] //= PROJECTS
    portfolio["projects"] = []
    for number in range(PROJECTS):
        each = deepcopy(project)
        each["code"] = f"AI-{number + 1}"
        portfolio["projects"].append(each)
    return portfolio


class _Asking:
    """Amends agreements in turns: each time a cent moves between two quarters, to or fro."""

    def __init__(self, stack: LocalStack, wire: Wire) -> None:
        self._host = stack.urls["claims"].removeprefix("http://")
        officer = staff("agreement-officer")
        token = stack.issuer.token("officer", ["agreement-officer"])
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._bodies: list[tuple[str, tuple[bytes, bytes]]] = []
        for agreement in wire.pages("claims", "/v1/agreements", by=officer, state="executed"):
            path = f"/v1/agreements/{agreement['agreement_id']}"
            statement = wire.get("claims", path, by=officer)
            bodies = (_body(statement, 1), _body(statement, -1))
            self._bodies.append((f"{path}/amendments", bodies))

    def send(self, rate: int, seconds: float) -> list[Sent]:
        """Send on time, by whichever connection is free."""
        numbers = itertools.count()
        lock = threading.Lock()
        sent: list[Sent] = []
        failures: list[str] = []
        began = time.monotonic()

        def serve() -> None:
            connection = http.client.HTTPConnection(self._host)
            while not failures:
                with lock:
                    number = next(numbers)
                # Those that are still due when the time is over are not sent: it was too much.
                if number >= rate * seconds or time.monotonic() > began + seconds:
                    break
                due = began + number / rate
                time.sleep(max(0.0, due - time.monotonic()))
                sent_at = time.monotonic()
                status, answer = self._ask(connection, number)
                if status != http.client.CREATED:
                    failures.append(answer.decode())
                    break
                sent.append(
                    Sent(
                        late=sent_at - due,
                        sent_at=sent_at,
                        answered_at=time.monotonic(),
                        amendment_id=json.loads(answer)["id"],
                    )
                )
            connection.close()

        threads = [threading.Thread(target=serve) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise RuntimeError(failures[0])
        return sent

    def _ask(self, connection: http.client.HTTPConnection, number: int) -> tuple[int, bytes]:
        path, (forth, back) = self._bodies[number % len(self._bodies)]
        body = back if number // len(self._bodies) % 2 else forth
        headers = self._headers | {"Idempotency-Key": str(uuid4())}
        connection.request("POST", path, body=body, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()


def _body(statement: dict[str, Any], sign: int) -> bytes:
    participant = statement["participants"][0]
    cells = [cell for cell in participant["committed"] if cell["pocket"] == "FED"]
    funding = [
        {
            "participant_id": participant["participant_id"],
            "pocket": cell["pocket"],
            "quarter": cell["quarter"],
            "amount": cents(amount),
        }
        for cell, amount in zip(cells, (-sign, sign), strict=False)
    ]
    asked = {
        "kind": "budget-moved",
        "funding": funding,
        "effective_on": statement["executed_on"],
    }
    return json.dumps(asked).encode()


@contextmanager
def _looking(url: str) -> "Iterator[Any]":
    """Somebody who hears of finance's ledger all the time; gives what waits for their notes."""
    ours, theirs = _PROCESSES.Pipe()
    looking = _PROCESSES.Process(target=look, args=(url, theirs))
    looking.start()
    theirs.close()
    ours.recv()

    def visible(sent: Sequence[Sent]) -> dict[str, float]:
        """When each amendment was seen first, by its id."""
        wanted = [each.amendment_id for each in sent]
        deadline = time.monotonic() + PATIENCE_SECONDS
        with psycopg.connect(dsn(url), autocommit=True) as connection:
            while len(lines := connection.execute(_LINES, (wanted,)).fetchall()) < len(wanted):
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{len(wanted) - len(lines)} lines never came")
                time.sleep(0.5)
        notes: list[tuple[int, float]] = []
        while not notes or notes[-1][0] < max(lines)[0]:
            ours.send("notes")
            notes = ours.recv()
        positions, instants = zip(*notes, strict=True)
        return {
            amendment_id: instants[bisect_left(positions, position)]
            for position, amendment_id in lines
        }

    try:
        yield visible
    finally:
        ours.close()
        looking.join()


def look(url: str, caller: Connection) -> None:
    """
    Note when the ledger is at each of its positions, until the caller goes away.

    Its lines are visible when its projector says so: the server tells after the commit.
    """
    notes: list[tuple[int, float]] = []
    with psycopg.connect(dsn(url), autocommit=True) as connection:
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
        caller.send("looking")
        while True:
            for told in connection.notifies(timeout=LOOK_SECONDS, stop_after=1):
                name, _, position = told.payload.partition(":")
                if name == "ledger":
                    notes.append((int(position), time.monotonic()))
            if caller.poll():
                try:
                    caller.recv()
                except EOFError:
                    return
                caller.send(notes)


def _held(rate: int, sent: Sequence[Sent], seen: dict[str, float]) -> Held:
    waits = [(seen[each.amendment_id] - each.answered_at) * 1_000 for each in sent]
    cuts = statistics.quantiles(waits, n=100)
    whole = [(seen[each.amendment_id] - each.sent_at) * 1_000 for each in sent]
    whole_cuts = statistics.quantiles(whole, n=100)
    answered = [each.answered_at for each in sent]
    return Held(
        asked=rate,
        answered=len(sent) / (max(answered) - min(answered)),
        p50=cuts[49],
        p95=cuts[94],
        p99=cuts[98],
        whole_p50=whole_cuts[49],
        whole_p99=whole_cuts[98],
        late_p99=statistics.quantiles((each.late * 1_000 for each in sent), n=100)[98],
    )


def report(found: Sequence[Held]) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| asked/s | answered/s | p50, ms | p95 | p99 | from sending, p50 | p99 | late | kept |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    lines += [
        f"| {each.asked} | {each.answered:.0f} | {each.p50:.1f} | {each.p95:.1f} |"
        f" {each.p99:.1f} | {each.whole_p50:.1f} | {each.whole_p99:.1f} | {each.late_p99:.1f} |"
        f" {'yes' if each.kept else 'no'} |"
        for each in found
    ]
    return "\n".join(lines)
