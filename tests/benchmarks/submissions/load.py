"""
Two hundred complete submissions a minute, on PostgreSQL, while the call closes.

Every three tenths of a second somebody starts an application, describes its consortium and budget,
attaches a letter and submits. They come on time whatever is still under way, and wait counts from
when they came. One request in five is sent again with the same key, as after a lost answer. The
call closes a minute after the first came; some still come after.
"""

import os
import queue
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import text

from services.intake.domain.organisation import organisation_id_of
from shared.messaging.transports.postgres import create_log
from shared.postgres.database import Database
from shared.web.development import DevelopmentIssuer
from tests.integration.intake.conftest import (
    ADOPTER,
    BUDGET,
    CONSORTIUM,
    LEAD,
    PROGRAMME,
    PROVIDER,
    beginning,
    organisation,
)
from tests.support.postgres import Databases

PER_MINUTE = 200
OPEN_SECONDS, AFTER_SECONDS = 60, 15
REPEATED_SHARE = 0.2
LETTER_BYTES = 200_000
CLIENTS = 32
PORT = 8191
READY_SECONDS = 30.0


@dataclass(slots=True)
class Submission:
    """One that tried: which requests, sent when, answered how."""

    came_at: float
    application_id: str = ""
    sent_at: datetime | None = None
    """When the submission itself was first sent."""
    answered_at: datetime | None = None
    status: int = 0
    code: str = ""
    done_at: float = 0.0
    milliseconds: list[tuple[str, float]] = field(default_factory=list)
    differences: int = 0
    """How many requests were answered otherwise when they were sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a run."""

    submissions: list[Submission]
    closes_at: datetime
    submitted: dict[str, tuple[int, datetime]]
    """From the events: how often each application was submitted, and when last."""
    started: int
    documents: int


def measure(databases: Databases) -> Result:
    """Play the closing of a call."""
    url = databases.migrated("intake")
    create_log(databases.as_administrator(url))
    with tempfile.TemporaryDirectory() as folder:
        issuer = DevelopmentIssuer(Path(folder), mode="embedded")
        with serving(url, issuer) as address, httpx.Client(base_url=address, timeout=60) as client:
            prepared = _Office(client, issuer)
            prepared.open()
            closes_at = datetime.now(UTC) + timedelta(seconds=OPEN_SECONDS)
            call_id = prepared.call(closes_at)
            submissions = _play(prepared, call_id)
    database = Database(url)
    with database.engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT stream_id::text, count(*), max(data->>'submitted_at')"
                " FROM eventstore.event WHERE type = 'application.submitted' GROUP BY 1"
            )
        ).all()
        started, documents = (
            connection.execute(
                text("SELECT count(*) FROM eventstore.event WHERE type = :type"), {"type": each}
            ).scalar_one()
            for each in ("application.started", "application.document-attached")
        )
    database.close()
    return Result(
        submissions=submissions,
        closes_at=closes_at,
        submitted={row[0]: (row[1], datetime.fromisoformat(row[2])) for row in rows},
        started=started,
        documents=documents,
    )


@contextmanager
def serving(url: str, issuer: DevelopmentIssuer) -> Iterator[str]:
    """Intake's HTTP process and its worker, as they are deployed."""
    settings = {
        "JALON_MODE": "embedded",
        "JALON_CLOCK": "system",
        "JALON_TRANSPORT": "postgres",
        "JALON_DATABASE_URL": url,
        "JALON_LOG_DATABASE_URL": url,
        "JALON_JWT_ISSUER": issuer.issuer,
        "JALON_JWKS_FILE": str(issuer.jwks_file),
        "JALON_HTTP_PORT": str(PORT),
    }
    env = {key: value for key, value in os.environ.items() if key[:6] != "JALON_"} | settings
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "services", verb, "intake"],
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for verb in ("serve", "work")
    ]
    address = f"http://127.0.0.1:{PORT}"
    try:
        _wait_until_ready(address)
        yield address
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)


def _wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            if httpx.get(f"{address}/ready").is_success:
                return
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
        if time.monotonic() > deadline:
            raise TimeoutError("intake is not ready")
        time.sleep(0.1)


class _Office:
    """Who asks intake for something."""

    def __init__(self, client: httpx.Client, issuer: DevelopmentIssuer) -> None:
        self.client = client
        self._headers = {
            role: {"Authorization": f"Bearer {issuer.token(f'person-{role}', [role], whose)}"}
            for role, whose in (
                ("applicant", organisation_id_of(LEAD)),
                ("intake-officer", None),
                ("programme-manager", None),
            )
        }

    def send(self, who: str, method: str, path: str, key: str, **body: Any) -> httpx.Response:
        """One request, as somebody."""
        headers = self._headers[who] | {"Idempotency-Key": key}
        return self.client.request(method, path, headers=headers, **body)

    def open(self) -> None:
        """A programme and three organisations."""
        asked = [("programme-manager", "/v1/programmes", PROGRAMME)]
        large = organisation(ADOPTER, kind="large", employees=9_000, province="ON")
        asked += [
            ("intake-officer", "/v1/organisations", each)
            for each in (organisation(LEAD), organisation(PROVIDER), large)
        ]
        for who, path, body in asked:
            self.send(who, "POST", path, str(uuid4()), json=body).raise_for_status()

    def call(self, closes_at: datetime) -> str:
        """A call that closes then; its id."""
        body = {
            "programme_code": PROGRAMME["code"],
            "title": {"en": "Closing", "fr": "Fermeture"},
            "opens_at": "2023-03-27T04:00:00Z",
            "closes_at": closes_at.isoformat(),
        }
        answer = self.send("programme-manager", "POST", "/v1/calls", str(uuid4()), json=body)
        return str(answer.raise_for_status().json()["id"])


def _play(office: _Office, call_id: str) -> list[Submission]:
    """Everybody comes on time and is served by whichever client is free."""
    waiting: queue.Queue[Submission | None] = queue.Queue()
    everybody: list[Submission] = []
    with ThreadPoolExecutor(CLIENTS) as clients:
        running = [clients.submit(_serve, office, call_id, waiting, n) for n in range(CLIENTS)]
        began = time.perf_counter()
        for number in range((OPEN_SECONDS + AFTER_SECONDS) * PER_MINUTE // 60):
            came_at = began + number * 60 / PER_MINUTE
            time.sleep(max(0.0, came_at - time.perf_counter()))
            everybody.append(Submission(came_at))
            waiting.put(everybody[-1])
        for _ in range(CLIENTS):
            waiting.put(None)
        for each in running:
            each.result()
    return everybody


def _serve(
    office: _Office, call_id: str, waiting: "queue.Queue[Submission | None]", seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  # always the same repetitions
    while (submission := waiting.get()) is not None:
        _submit(office, call_id, submission, chance)


def _submit(office: _Office, call_id: str, submission: Submission, chance: random.Random) -> None:
    """Start, describe, attach and submit."""

    def ask(step: str, method: str, path: str, **body: Any) -> httpx.Response:
        key, repeated = str(uuid4()), chance.random() < REPEATED_SHARE
        began = time.perf_counter()
        answer = office.send("applicant", method, path, key, **body)
        submission.milliseconds.append((step, (time.perf_counter() - began) * 1000))
        if repeated:
            again = office.send("applicant", method, path, key, **body)
            same = (answer.status_code, answer.content) == (again.status_code, again.content)
            # A refusal is decided anew: one on time may be late when it is asked again.
            submission.differences += not same and answer.is_success
        return answer

    started = ask("start", "POST", "/v1/applications", json=beginning(call_id))
    submission.application_id = started.raise_for_status().json()["id"]
    path = f"/v1/applications/{submission.application_id}"
    ask("consortium", "PUT", f"{path}/consortium", json=CONSORTIUM).raise_for_status()
    ask("budget", "PUT", f"{path}/budget", json=BUDGET).raise_for_status()
    letter = b"%PDF-1.7\n" + chance.randbytes(LETTER_BYTES)
    document = f"{path}/documents?kind=letter-of-intent&title=Letter"
    ask("document", "POST", document, content=letter).raise_for_status()
    submission.sent_at = datetime.now(UTC)
    answer = ask("submission", "POST", f"{path}/submission", json={"certified": True})
    submission.answered_at = datetime.now(UTC)
    submission.done_at = time.perf_counter()
    submission.status = answer.status_code
    if not answer.is_success:
        submission.code = answer.json()["errors"][0]["code"]


def problems(result: Result) -> list[str]:
    """What must not be, as sentences; none when all is well."""
    found: list[str] = []
    for each in result.submissions:
        if each.sent_at is None or each.answered_at is None:
            found.append(f"{each.application_id} never came to be submitted")
            continue
        times, at = result.submitted.get(each.application_id, (0, None))
        accepted = each.status == 200
        if times != int(accepted):
            found.append(f"{each.application_id}: {times} submissions for status {each.status}")
        if at is not None and at > result.closes_at:
            found.append(f"{each.application_id} was accepted at {at}, after the closing")
        if accepted and each.sent_at > result.closes_at:
            found.append(f"{each.application_id} was sent after the closing, and accepted")
        if not accepted and each.code != "call-closed":
            found.append(f"{each.application_id} was refused: {each.code}")
        if not accepted and each.answered_at < result.closes_at:
            found.append(f"{each.application_id} was refused before the closing: {each.code}")
        if each.differences:
            found.append(
                f"{each.application_id}: {each.differences} repetitions answered otherwise"
            )
    if not len(result.submissions) == result.started == result.documents:
        found.append(
            f"{len(result.submissions)} came; {result.started} applications, "
            f"{result.documents} documents"
        )
    return found


def report(result: Result) -> str:
    """The figures as Markdown, and what is wrong."""
    steps: dict[str, list[float]] = {}
    for each in result.submissions:
        for step, milliseconds in each.milliseconds:
            steps.setdefault(step, []).append(milliseconds)
        steps.setdefault("all five, since it came", []).append((each.done_at - each.came_at) * 1000)
    accepted = sum(each.status == 200 for each in result.submissions)
    late = len(result.submissions) - accepted
    lines = [
        f"{accepted + late} came at {PER_MINUTE} a minute: {accepted} accepted, {late} refused.",
        "",
        "| request | p50, ms | p99, ms | most, ms |",
        "| --- | ---: | ---: | ---: |",
    ]
    for step, values in steps.items():
        ordered = sorted(values)
        p50, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * q))] for q in (0.5, 0.99))
        lines.append(f"| {step} | {p50:.1f} | {p99:.1f} | {ordered[-1]:.1f} |")
    wrong = problems(result) or ["None lost, none doubled, the closing applied exactly."]
    return "\n".join([*lines, "", *wrong])


if __name__ == "__main__":
    from tests.support.postgres import running_server

    with running_server(disposable=False) as server:
        print(report(measure(Databases(server))))  # noqa: T201
