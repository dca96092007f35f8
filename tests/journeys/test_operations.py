"""The runbooks of docs/operations.md, each command as the page has it, on real stacks."""

import ast
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner, Result

from deploy.databases import drop_databases
from deploy.embedded import EmbeddedPostgres
from deploy.local import SETTINGS_FILE
from deploy.services import PORTS, database_name
from services.command_line import app
from shared.messaging.message import topic_of
from shared.messaging.transports.base import Outgoing, Partition
from shared.messaging.transports.postgres import PostgresTransport
from shared.web.development import DevelopmentIssuer
from tests.integration.finance.test_funders import AGREEMENT, PATH, money

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
COMMAND = re.compile(r"`(jalon [a-z][^`]*)`|^ {4}(jalon .*)$", re.MULTILINE)
PATIENCE_SECONDS = 120.0


def jalon(command: str, env: Mapping[str, str], **given: object) -> Result:
    """Run a command of the page, with something given for each word in capitals."""
    words = shlex.split(re.sub(r"[A-Z]{3,}", lambda word: str(given[word[0]]), command))
    clean = {name: None for name in os.environ if name.startswith("JALON_")}
    return CliRunner().invoke(app, words[1:], env={**clean, "COLUMNS": "300", **env})


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.5)


@dataclass(frozen=True)
class Operator:
    """Somebody with a terminal, set up as the services are."""

    env: Mapping[str, str]

    def jalon(self, command: str, **given: object) -> str:
        """What a command says that succeeds."""
        done = jalon(command, self.env, **given)
        assert done.exit_code == 0, done.output + str(done.exception)
        return done.output

    def fails(self, command: str, **given: object) -> str:
        """What a command says that does not."""
        done = jalon(command, self.env, **given)
        assert done.exit_code == 1, done.output + str(done.exception)
        return done.output

    def findings(self) -> dict[str, dict[str, Any]]:
        """What the doctor finds, by service and name."""
        done = jalon("jalon doctor --json", self.env)
        return {
            f"{service} {each['name']}": each
            for service, findings in json.loads(done.stdout).items()
            for each in findings
        }

    def amiss(self) -> dict[str, str]:
        """What it finds wrong, and what it says of it."""
        return {name: each["said"] for name, each in self.findings().items() if not each["ok"]}

    def waits_until_well(self) -> None:
        """Nothing needs anybody, and nothing is to come."""
        until(lambda: not any(not x["ok"] or x["waiting"] for x in self.findings().values()))
        assert "0 of " in self.jalon("jalon doctor")

    def url(self, service: str) -> str:
        """Where a service answers."""
        return f"http://127.0.0.1:{self.env[f'JALON_{service.upper()}_HTTP_PORT']}"

    def owner(self, service: str) -> "psycopg.Connection[Any]":
        """A session of the owner of a service's tables."""
        url = make_url(self.env[f"JALON_{service.upper()}_OWNER_URL"])
        dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(dsn, autocommit=True)

    def events(self) -> dict[str, int]:
        """How many each service has."""
        found = {}
        for service in PORTS:
            with self.owner(service) as owner:
                row = owner.execute("SELECT count(*) FROM eventstore.event").fetchone()
                found[service] = 0 if row is None else int(row[0])
        return found


def operator_of(settings: Mapping[str, str]) -> Operator:
    urls = {
        f"JALON_{service.upper()}_OWNER_URL": make_url(
            settings[f"JALON_{service.upper()}_DATABASE_URL"]
        )
        .set(username="postgres")
        .render_as_string(hide_password=False)
        for service in PORTS
    }
    return Operator({**settings, **urls})


def hand_in(operator: Operator, method: str, path: str, body: Mapping[str, Any]) -> None:
    """Ask something of finance over HTTP."""
    issuer = DevelopmentIssuer(Path(operator.env["JALON_JWKS_FILE"]).parent, mode="embedded")
    token = issuer.token("officer-1", ["finance-officer"])
    answer = httpx.request(
        method,
        f"{operator.url('finance')}{path}",
        json=body,
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())},
    )
    assert answer.is_success, answer.text


def a_message_that_is_none(operator: Operator) -> str:
    """Put one before what comes next of the funder's key; the key."""
    transport = PostgresTransport(operator.env["JALON_FINANCE_LOG_DATABASE_URL"])
    topic = topic_of("finance")
    reader = transport.reader({Partition(topic, 0): 0})
    key = reader.poll(limit=1, timeout=5)[0].key
    reader.close()
    publisher = transport.publisher()
    publisher.publish(topic, [Outgoing(key=key, headers=[], value=b"?")])
    publisher.close()
    transport.close()
    return key


def free_a_key(operator: Operator) -> None:
    """Parked: listed, retried, discarded, and what waited behind it handled."""
    key = a_message_that_is_none(operator)
    until(lambda: "selection parked" in operator.amiss())
    changed = {"authority": money(1_200), "effective_on": "2023-01-01"}
    hand_in(operator, "PUT", f"{PATH}/pockets/{key}", changed)
    until(
        lambda: (
            "waits behind another"
            in operator.jalon("jalon parked list SERVICE", SERVICE="selection")
        )
    )
    topic = topic_of("finance")
    listed = operator.jalon("jalon parked list SERVICE", SERVICE="selection")
    assert "UnreadableMessage: no ce_specversion" in listed
    [number] = re.findall(r"│ (\d+) .*unreadable", listed)
    assert "still fails: UnreadableMessage" in operator.fails(
        "jalon parked retry SERVICE TOPIC KEY", SERVICE="selection", TOPIC=topic, KEY=key
    )
    operator.jalon(
        "jalon parked discard SERVICE MESSAGE --reason WHY",
        SERVICE="selection", MESSAGE=number, WHY="'sent by hand'",
    )  # fmt: skip
    assert f"1 handled of {topic} {key}" in operator.jalon(
        "jalon parked retry SERVICE", SERVICE="selection"
    )
    listed = operator.jalon("jalon parked list SERVICE", SERVICE="selection")
    assert "nothing is parked in selection" in listed
    operator.waits_until_well()


def publish_again(operator: Operator) -> None:
    """What was received is known, and everybody goes on."""
    before = operator.events()
    operator.jalon("jalon republish SERVICE", SERVICE="finance")
    operator.waits_until_well()
    assert operator.events() == before


def build_anew(operator: Operator) -> None:
    """The new generation serves, then the one before it again."""
    which = {"SERVICE": "finance", "PROJECTION": "ledger"}
    said = operator.jalon("jalon rebuild SERVICE.PROJECTION", **which)
    assert "generation 2 of finance.ledger serves" in said
    said = operator.jalon("jalon rebuild SERVICE.PROJECTION --back", **which)
    assert "generation 1 of finance.ledger serves" in said
    operator.waits_until_well()


def migrate_what_is_older(operator: Operator) -> None:
    """Named by the doctor, not ready, and well once it is migrated."""
    with operator.owner("claims") as owner:
        owner.execute("DROP TABLE claims.document_of, claims.document")
        owner.execute(
            "UPDATE alembic_version SET version_num = 'claims_0001_bank_account'"
            " WHERE version_num = 'claims_0002_document'"
        )
    said = {"claims migrations": "the tables are older than this code: migrate them"}
    assert operator.amiss() == said
    ready = f"{operator.url('claims')}/ready"
    assert httpx.get(ready).status_code == 503
    operator.jalon("jalon migrate SERVICE", SERVICE="claims")
    assert operator.amiss() == {}
    assert httpx.get(ready).status_code == 200


@contextmanager
def a_new_server(folder: Path) -> Iterator[Operator]:
    """As in production: nothing on it but its administrator."""
    folder.mkdir()
    server = EmbeddedPostgres(folder / "postgres", disposable=True)
    urls = {
        f"JALON_{service.upper()}_OWNER_URL": server.url(database_name(service))
        for service in PORTS
    }
    urls["JALON_ADMIN_URL"] = server.url()
    env = {name: url.render_as_string(hide_password=False) for name, url in urls.items()}
    env |= {f"JALON_{service.upper()}_PASSWORD": "it's 100% secret" for service in PORTS}
    try:
        yield Operator({**env, "JALON_MODE": "production"})
    finally:
        server.stop()


@contextmanager
def started(command: str, **given: object) -> Iterator[None]:
    """A command that stays up, until Ctrl-C."""
    words = shlex.split(re.sub(r"[A-Z]{3,}", lambda word: str(given[word[0]]), command))
    process = subprocess.Popen(
        [sys.executable, "-m", "services", *words[1:]],
        env={name: value for name, value in os.environ.items() if name[:6] != "JALON_"},
        stdout=subprocess.PIPE,
        text=True,
        # Where the tests themselves run in the background it would be ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # one thread
    )
    assert process.stdout is not None
    try:
        said = ""
        while "Ctrl-C stops it" not in said:
            line = process.stdout.readline()
            assert line, f"it ended: {said}"
            said += line
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.postgres
@pytest.mark.slow
def test_each_runbook(tmp_path: Path) -> None:
    """From what is seen, by what the page says, to where nothing needs anybody."""
    empty, folder, data = tmp_path / "empty", tmp_path / "backup", tmp_path / "restored"
    with a_new_server(tmp_path / "production") as production:
        production.jalon("jalon databases")
        for service in PORTS:
            production.jalon("jalon migrate SERVICE", SERVICE=service)
        production.jalon("jalon backup FOLDER", FOLDER=empty)
        assert "is not empty" in production.fails("jalon restore FOLDER", FOLDER=empty)

        Operator({}).jalon("jalon restore FOLDER --data DATA", FOLDER=empty, DATA=data)
        with started("jalon up --data DATA", DATA=data):
            operator = operator_of(json.loads((data / SETTINGS_FILE).read_text()))
            hand_in(operator, "POST", "/v1/funder-agreements", AGREEMENT)
            operator.waits_until_well()
            free_a_key(operator)
            publish_again(operator)
            build_anew(operator)
            migrate_what_is_older(operator)
            operator.jalon("jalon backup FOLDER", FOLDER=folder)
            events = operator.events()
        assert events["finance"] > 1
        assert events["selection"] > 1

        drop_databases(make_url(production.env["JALON_ADMIN_URL"]))
        production.jalon("jalon databases")
        production.jalon("jalon restore FOLDER", FOLDER=folder)
        assert production.events() == events


@pytest.mark.kafka
def test_topics_are_made(kafka_bootstrap: str) -> None:
    """On a new broker all, on one that has them none."""
    for _ in range(2):
        done = jalon("jalon topics", {"JALON_KAFKA_BOOTSTRAP": kafka_bootstrap})
        assert done.exit_code == 0, done.output


def test_every_command_of_the_page_is_run() -> None:
    """Word for word, by a test in this file."""
    page = {inline or block for inline, block in COMMAND.findall(PAGE)}
    run = {
        node.args[0].value
        for node in ast.walk(ast.parse(Path(__file__).read_text("utf-8")))
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
        and str(node.args[0].value).startswith("jalon ")
    }  # fmt: skip
    assert page
    assert page - run == set()
