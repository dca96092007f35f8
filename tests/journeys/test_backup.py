"""A stack is backed up while it works, and lives on somewhere else as if nothing had happened."""

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from rich.console import Console
from sqlalchemy import make_url

from deploy.backup import MANIFEST, BackupRefused, Part, backup, restore
from deploy.demo import checks
from deploy.demo.command import run_demo
from deploy.demo.wire import Wire, staff
from deploy.local import LocalStack, empty_server
from deploy.services import PORTS
from services.doctor_command import examine
from shared.checkup import Finding
from shared.process import Parts
from shared.settings import ServiceSettings
from tests.unit.demo.portfolios import small

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

EVENTS = """
SELECT position, event_id, stream_type, stream_id, stream_version, type, schema_version, data, meta,
       effective_on, recorded_at
FROM eventstore.event WHERE position <= %s ORDER BY position
"""
CAUSES = """
SELECT event_id::text, meta ->> 'causation_id', meta -> 'actor' ->> 'id' LIKE 'policy:%'
FROM eventstore.event
"""
BY_POLICIES = """
SELECT 1 FROM eventstore.event WHERE meta -> 'actor' ->> 'id' LIKE 'policy:%' LIMIT 3
"""
TAKEN = datetime(2026, 11, 24, tzinfo=UTC)


def owners(stack: LocalStack) -> dict[str, str]:
    """How to connect as the owner of each service's tables."""
    return {
        service: make_url(stack.settings[f"JALON_{service.upper()}_DATABASE_URL"])
        .set(username="postgres")
        .render_as_string(hide_password=False)
        for service in PORTS
    }


def asked(owner: str, query: str, *parameters: int) -> list[tuple[Any, ...]]:
    """What a database answers."""
    dsn = make_url(owner).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(dsn) as connection:
        return connection.execute(query, parameters or None).fetchall()  # type: ignore[arg-type]


def events(urls: Mapping[str, str], parts: Mapping[str, Part]) -> dict[str, list[Any]]:
    """The events of every service, as far as a backup goes."""
    return {service: asked(urls[service], EVENTS, part.head) for service, part in parts.items()}


def tables(stack: LocalStack, year: int) -> dict[str, Any]:
    """All five, on all three bases."""
    wire = Wire(stack.urls, stack.issuer)
    finance = staff("finance-officer")
    found = {
        basis: wire.get("finance", f"/v1/tables/{year}", by=finance, basis=basis)
        for basis in ("plan", "forecast", "actual")
    }
    wire.close()
    for each in found.values():
        each.pop("position", None)
    return found


def amiss(stack: LocalStack) -> list[Finding]:
    """What the doctor finds wrong."""
    wrong = []
    for service in PORTS:
        settings = ServiceSettings.from_env(service, stack.settings)
        types = import_module(f"services.{service}.use_cases.event_types").EVENT_TYPES
        parts = Parts.of(settings, types)
        wrong += [each for each in examine(settings, parts) if not each.ok]
        parts.database.close()
    return wrong


def test_a_stack_that_is_at_work(tmp_path: Path) -> None:
    """
    A cut in the middle has no effect without its cause, and has all events up to its positions.

    One at the end, restored into a new folder, comes to the same tables, with nothing amiss.
    """
    portfolio = checks.parse(json.dumps(small()))
    with LocalStack(tmp_path / "first", simulated_clock=True, fresh=True) as stack:
        urls = owners(stack)

        def play() -> None:
            run_demo(
                stack.urls, stack.issuer, portfolio, console=Console(file=StringIO()),
                built_in=False, json_file=tmp_path / "tables.json",
            )  # fmt: skip

        player = threading.Thread(target=play)
        player.start()
        while len(asked(urls["finance"], BY_POLICIES)) < 3:
            assert player.is_alive()
        during = backup(urls, tmp_path / "during", TAKEN)
        assert player.is_alive(), "it was over before it was backed up"
        player.join()
        after = backup(urls, tmp_path / "after", TAKEN)
        wanted = (
            events(urls, during),
            events(urls, after),
            tables(stack, portfolio.fiscal_year),
        )

    with empty_server(tmp_path / "second") as urls:
        assert restore(urls, tmp_path / "during") == during
        assert events(urls, during) == wanted[0]
        known: set[str] = set()
        caused: set[str] = set()
        for url in urls.values():
            for event_id, causation_id, by_policy in asked(url, CAUSES):
                known.add(event_id)
                if by_policy:
                    caused.add(causation_id)
        assert caused
        assert caused <= known
        assert during["claims"].head < after["claims"].head

    with empty_server(tmp_path / "third") as urls:
        restore(urls, tmp_path / "after")
    with LocalStack(tmp_path / "third", simulated_clock=True) as stack:
        wire = Wire(stack.urls, stack.issuer)
        wire.settle()
        wire.close()
        urls = owners(stack)
        assert {service: asked(url, "SELECT count(*) FROM eventstore.event")[0][0]
                for service, url in urls.items()} \
            == {service: part.head for service, part in after.items()}  # fmt: skip
        assert events(urls, after) == wanted[1]
        assert tables(stack, portfolio.fiscal_year) == wanted[2]
        assert amiss(stack) == []

        with pytest.raises(BackupRefused, match="is not empty"):
            restore(urls, tmp_path / "after")
    with (tmp_path / "after" / after["claims"].file).open("ab") as file:
        file.write(b"!")
    with empty_server(tmp_path / "fourth") as urls:
        with pytest.raises(BackupRefused, match=r"claims\.dump is not the file"):
            restore(urls, tmp_path / "after")
        assert asked(urls["intake"], "SELECT count(*) FROM pg_namespace WHERE nspname = 'messaging'"
                     ) == [(0,)]  # fmt: skip


def test_what_is_no_backup(tmp_path: Path) -> None:
    """A folder without a manifest, or with one of another format, is refused; so is overwriting."""
    with pytest.raises(BackupRefused, match="holds no backup"):
        restore({}, tmp_path)
    (tmp_path / MANIFEST).write_text('{"format": 9}')
    with pytest.raises(BackupRefused, match="of format 9"):
        restore({}, tmp_path)
    with pytest.raises(BackupRefused, match="a new folder"):
        backup({}, tmp_path, TAKEN)
