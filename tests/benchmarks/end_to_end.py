"""From a command accepted by claims to its lines in finance's view, over Apache Kafka."""

import json
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg

from deploy.demo import checks
from deploy.demo.driver import Driver
from deploy.demo.wire import Command, Wire, staff
from deploy.local import LocalStack
from shared.postgres.database import Database
from tests.unit.demo.portfolios import small

COMMANDS = 300
PAUSE_SECONDS = 0.05
LOOK_SECONDS = 0.0005


class Tolerant(Wire):
    """Publishes programmes under which money moves without an approval: one command, one effect."""

    def send(self, command: Command) -> dict[str, Any]:
        """See ``Wire.send``."""
        if command.path == "/v1/programmes":
            body = {**command.body, "claims": {"reallocation_tolerance_bp": 10_000}}
            command = replace(command, body=body)
        return super().send(command)


class Silent:
    """The driver reports to nobody."""

    def span(self, title: str, total: int) -> None:
        """Nothing is shown."""

    def __call__(self, day: date, done: int) -> None:
        """Nothing is shown."""


def measure() -> list[float]:
    """Milliseconds per command from the answer to the ledger line that it led to, sorted."""
    portfolio = checks.parse(json.dumps(small()))
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        # Not disposable: what is measured waits for the disk, as it would in service.
        stack = LocalStack(data, transport="kafka", simulated_clock=True)
        with stack:
            wire = Tolerant(stack.urls, stack.issuer)
            Driver(portfolio, wire, Silent()).play(until=portfolio.plan.approved_on)
            database = Database(stack.settings["JALON_FINANCE_DATABASE_URL"])
            with database.connect() as finance:
                latencies = _amend(wire, stack, finance)
            database.close()
            wire.close()
    return sorted(latencies)


def _amend(wire: Wire, stack: LocalStack, finance: "psycopg.Connection[Any]") -> list[float]:
    """Move a cent of one agreement between two quarters, to and fro."""
    officer = staff("agreement-officer")
    [agreement, *_] = wire.pages("claims", "/v1/agreements", by=officer, state="executed")
    path = f"/v1/agreements/{agreement['agreement_id']}"
    statement = wire.get("claims", path, by=officer)
    participant = statement["participants"][0]
    cells = [cell for cell in participant["committed"] if cell["pocket"] == "FED"]
    token = stack.issuer.token("officer", ["agreement-officer"])
    lines = "SELECT count(*) FROM ledger_1.line WHERE entry = 'agreement-amended'"
    latencies = []
    with httpx.Client(base_url=stack.urls["claims"]) as client:
        for number in range(COMMANDS):
            before = _count(finance, lines)
            funding = [
                {
                    "participant_id": participant["participant_id"],
                    "pocket": cell["pocket"],
                    "quarter": cell["quarter"],
                    "amount": {"cents": sign if number % 2 else -sign, "currency": "CAD"},
                }
                for cell, sign in zip(cells, (1, -1), strict=False)
            ]
            response = client.post(
                f"{path}/amendments",
                json={
                    "kind": "reprofile",
                    "ends_on": None,
                    "funding": funding,
                    "match": [],
                    "effective_on": statement["executed_on"],
                },
                headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())},
            )
            response.raise_for_status()
            accepted = time.perf_counter()
            while _count(finance, lines) == before:
                time.sleep(LOOK_SECONDS)
            latencies.append((time.perf_counter() - accepted) * 1000)
            time.sleep(PAUSE_SECONDS)
    return latencies


def _count(finance: "psycopg.Connection[Any]", query: str) -> int:
    row = finance.execute(query).fetchone()
    return 0 if row is None else int(row[0])


def report(latencies: list[float]) -> str:
    """The figures as a Markdown table."""
    cuts = statistics.quantiles(latencies, n=100)
    return (
        "| commands | p50, ms | p95, ms | p99, ms |\n| ---: | ---: | ---: | ---: |\n"
        f"| {len(latencies)} | {cuts[49]:.1f} | {cuts[94]:.1f} | {cuts[98]:.1f} |"
    )
