"""
How the demo speaks to the services: over HTTP, as any client would, and as many different people.

Every command has an ``Idempotency-Key`` that follows from where it stands in the portfolio, so
that asking again after a broken connection changes nothing.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as time_of_day
from typing import Any
from uuid import UUID, uuid5

import httpx

from shared.kernel.periods import TORONTO
from shared.web.development import DevelopmentIssuer

KEYS = UUID("6a616c6f-6e00-5000-8000-0000000000de")
THREADS = 8
QUIET_TIMEOUT_SECONDS = 60.0
SHORTEST_PAUSE_SECONDS = 0.03
LONGEST_PAUSE_SECONDS = 0.2
TRIES = 6
TIMEOUT = httpx.Timeout(30.0).as_dict()
MORNING = time_of_day(9, 0)
"""When a day's work begins: after the timers of the day, which fire at 00:05."""


class DemoStopped(RuntimeError):
    """The run cannot go on; the text says where in the portfolio, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who asks. Different tasks are done by different people."""

    id: str
    roles: tuple[str, ...]
    organisation_id: UUID | None = None


def staff(*roles: str) -> Person:
    """The member of staff who has this role."""
    return Person(id=str(uuid5(KEYS, f"person/{'/'.join(roles)}")), roles=roles)


def of_organisation(organisation_id: UUID, task: str) -> Person:
    """Someone of an organisation: whoever has this task there."""
    return Person(
        id=str(uuid5(KEYS, f"person/{organisation_id}/{task}")),
        roles=("applicant", "recipient"),
        organisation_id=organisation_id,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One request that changes something."""

    service: str
    path: str
    body: Mapping[str, Any]
    by: Person
    key: UUID
    origin: str
    """JSON path of what in the portfolio asks for it."""
    method: str = "POST"


def key_of(origin: str, action: str) -> UUID:
    """The command id of an action on a part of the portfolio."""
    return uuid5(KEYS, f"{origin}/{action}")


def cents(amount: int) -> dict[str, Any]:
    """Money as the services read it."""
    return {"cents": amount, "currency": "CAD"}


class Wire:
    """Connections to all services."""

    def __init__(
        self, urls: Mapping[str, str], issuer: DevelopmentIssuer, *, threads: int = THREADS
    ) -> None:
        self.urls = dict(urls)
        self._issuer = issuer
        self._tokens: dict[Person, str] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="demo")
        # The transport itself: what a client adds (cookies, redirects, proxies) is of no use here
        # and takes a third of the time.
        self._transport = httpx.HTTPTransport(
            limits=httpx.Limits(max_connections=4 * threads, max_keepalive_connections=4 * threads)
        )
        self._quiet_at: dict[str, int] = {}
        """Where each service stood when it was last asked."""
        self._stirred = True
        """Whether anything was asked for since all was quiet."""
        self.commands = 0
        """How many commands were carried out."""

    def close(self) -> None:
        """Let go of threads and connections."""
        self._pool.shutdown(cancel_futures=True)
        self._transport.close()

    def carry_out(
        self, lanes: Iterable[Sequence[Command]], done: Callable[[int], None] = lambda _: None
    ) -> None:
        """
        Carry out lanes side by side, the commands of one lane one after the other.

        ``done`` is told how many more are done. The first refusal stops everything.
        """
        running = [self._pool.submit(self._lane, lane, done) for lane in lanes]
        try:
            for each in running:
                each.result()
        except BaseException:
            for each in running:
                each.cancel()
            raise

    def _lane(self, lane: Sequence[Command], done: Callable[[int], None]) -> None:
        for command in lane:
            self.send(command)
            done(1)

    def send(self, command: Command) -> dict[str, Any]:
        """Carry out one command. Raises ``DemoStopped`` with the place and the problem."""
        response = self._ask(
            command.method,
            command.service,
            command.path,
            by=command.by,
            origin=command.origin,
            body=command.body,
            key=command.key,
        )
        with self._lock:
            self.commands += 1
            self._stirred = True
        answer: dict[str, Any] = response.json()
        return answer

    def stir(self) -> None:
        """Something was asked for beside this wire: ``settle`` looks again."""
        self._stirred = True

    def get(self, service: str, path: str, *, by: Person, **query: Any) -> Any:
        """Ask a question."""
        return self._ask("GET", service, path, by=by, origin="$", query=query).json()

    def pages(self, service: str, path: str, *, by: Person, **query: Any) -> list[dict[str, Any]]:
        """A whole list, page by page."""
        items: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.get(service, path, by=by, limit=200, **query, **cursor)
            items += page["items"]
            if page["next"] is None:
                return items
            cursor = {"cursor": page["next"]}

    def _ask(
        self,
        method: str,
        service: str,
        path: str,
        *,
        by: Person,
        origin: str,
        body: Mapping[str, Any] | None = None,
        key: UUID | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token(by)}"}
        if key is not None:
            headers["Idempotency-Key"] = str(key)
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body).encode()
        url = httpx.URL(self.urls[service] + path, params=query)
        for attempt in range(TRIES):
            try:
                response = self._exchange(method, url, headers, content)
            except httpx.TransportError as error:
                if attempt == TRIES - 1:
                    raise DemoStopped(f"{origin}: {service} does not answer: {error}") from error
            else:
                if response.is_success:
                    return response
                if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or attempt == TRIES - 1:
                    raise DemoStopped(_refusal(origin, method, service, path, response))
            # Sent again under the same key: if it was carried out, it is not done twice.
            time.sleep(0.05 * 2**attempt)
        raise AssertionError("unreachable")

    def _exchange(
        self, method: str, url: httpx.URL, headers: dict[str, str], content: bytes | None
    ) -> httpx.Response:
        request = httpx.Request(
            method, url, headers=headers, content=content, extensions={"timeout": TIMEOUT}
        )
        response = self._transport.handle_request(request)
        response.read()
        return response

    def _token(self, person: Person) -> str:
        with self._lock:
            if person not in self._tokens:
                self._tokens[person] = self._issuer.token(
                    person.id, person.roles, person.organisation_id
                )
            return self._tokens[person]

    # ── time ────────────────────────────────────────────────────────────────────────────────

    def set_clock(self, day: date) -> None:
        """Put the clock of every service at the morning of a day."""
        instant = datetime.combine(day, MORNING, tzinfo=TORONTO).isoformat()
        operator = staff("operator")

        def move(service: str) -> None:
            self._ask("PUT", service, "/clock", by=operator, origin="$", body={"instant": instant})

        list(self._pool.map(move, self.urls))
        self._stirred = True  # timers may be due

    def progress(self, services: Iterable[str] | None = None) -> dict[str, dict[str, Any]]:
        """How far services have got; all of them unless some are named."""
        asked = list(self.urls if services is None else services)

        def ask(service: str) -> dict[str, Any]:
            url = httpx.URL(f"{self.urls[service]}/positions")
            found: dict[str, Any] = self._exchange("GET", url, {}, None).json()
            return found

        return dict(zip(asked, self._pool.map(ask, asked), strict=True))

    def settle(self) -> None:
        """
        Wait until nothing is under way in any service.

        Nothing is, when every service was seen to have done everything, and then all are seen so
        again with no event in between. Raises ``DemoStopped``, saying who is behind, when nothing
        has moved for a minute.
        """
        if not self._stirred:
            return
        deadline = time.monotonic() + QUIET_TIMEOUT_SECONDS
        pause = SHORTEST_PAUSE_SECONDS
        before: dict[str, str] = {}
        waiting: set[str] = set()
        while True:
            # Only those that were behind are asked again: asking costs them time.
            reached = self.progress(waiting or None)
            behind = {service: why for service, at in reached.items() if (why := _behind(at))}
            heads = {service: at["head"] for service, at in reached.items()}
            if not behind and not waiting and heads == self._quiet_at:
                self._stirred = False
                return
            self._quiet_at |= heads
            waiting = set(behind)
            if behind != before:
                before, deadline = behind, time.monotonic() + QUIET_TIMEOUT_SECONDS
            elif time.monotonic() > deadline:
                raise DemoStopped(f"the services did not come to rest: {behind}")
            if behind:
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def _behind(at: Mapping[str, Any]) -> str | None:
    """What a service still has to do; None when it has done everything."""
    head = at["head"]
    if at.get("relayed") is not None and at["relayed"] < head:
        return f"relayed {at['relayed']} of {head}"
    lag = at.get("lag") or 0
    if sum(lag.values()) if isinstance(lag, dict) else lag:
        return f"messages wait: {lag}"
    for name, view in (at.get("projections") or {}).items():
        position = view["position"] if isinstance(view, dict) else view
        if position < head:
            return f"view {name} at {position} of {head}"
    if at.get("timers") is not None and at["timers"] < head:
        return f"timers at {at['timers']} of {head}"
    if at.get("timers_due"):
        return f"{at['timers_due']} timers are due"
    return None


def _refusal(origin: str, method: str, service: str, path: str, response: httpx.Response) -> str:
    """A refusal in one paragraph: the place in the file, the request, and every reason."""
    lines = [f"{origin}: {service} refuses {method} {path} ({response.status_code})"]
    try:
        problem = response.json()
    except ValueError:
        return f"{lines[0]}: {response.text[:500]}"
    lines.append(f"  {problem.get('detail') or problem.get('title') or response.text[:500]}")
    for error in problem.get("errors") or []:
        text = (error.get("messages") or {}).get("en") or error.get("code")
        lines.append(f"  {error.get('field') or ''}: {text}".rstrip())
    return "\n".join(lines)
