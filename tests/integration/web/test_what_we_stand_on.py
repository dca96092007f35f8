import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio
import pytest
from sqlalchemy import create_engine, text

from shared.eventstore.codec import EventType, EventTypes
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Append, Stream
from shared.kernel.clock import FixedClock
from shared.kernel.money import Money
from shared.postgres.database import Database
from shared.web import auth
from shared.web.auth import KeySet, Tokens
from shared.web.development import DevelopmentIssuer
from shared.web.refusals import DependencyDown, TokenNotTrusted
from tests.support.postgres import Databases
from tests.support.toy import EVENT_TYPES, MoneyPutIn, running_toy


@pytest.mark.postgres
def test_a_database_that_restarts(
    database: Database, databases: Databases, clock: FixedClock, tmp_path: Path
) -> None:
    """Connections that the server ends cost at most some 503s; asking again carries out once."""
    store = PostgresEventStore(database.engine, EVENT_TYPES, clock)
    administrator = create_engine(
        databases.as_administrator(str(database.url)), isolation_level="AUTOCOMMIT"
    )
    with running_toy(store, clock, tmp_path / "keys", database=database) as toy:
        jar = toy.open_jar()
        for number in range(3):
            with administrator.connect() as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                )
            headers = toy.headers()
            statuses = []
            while not statuses or (statuses[-1] == 503 and len(statuses) < 20):
                answer = toy.client.put(
                    f"{jar}/money", json={"amount": {"cents": 1}}, headers=headers
                )
                statuses.append(answer.status_code)
            assert statuses[-1] == 200, statuses
            assert set(statuses[:-1]) <= {503}
            assert answer.json()["version"] == number + 2
    administrator.dispose()


@pytest.mark.postgres
def test_a_history_that_newer_code_wrote(
    database: Database, clock: FixedClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever asks about it is told to ask again, an operator where it is; others are answered."""
    store = PostgresEventStore(database.engine, EVENT_TYPES, clock)
    with running_toy(store, clock, tmp_path / "keys") as toy:
        jar = toy.open_jar()
        newer = PostgresEventStore(
            database.engine, EventTypes(EventType("jar.sealed", MoneyPutIn)), clock
        )
        stream = Stream("jar", UUID(jar.rpartition("/")[2]))
        event = MoneyPutIn(effective_on=clock.now().date(), amount=Money(1), note="")
        context = store.load(stream)[0].context
        newer.append([Append(stream, 1, [event])], context)

        body = {"amount": {"cents": 1}}
        command = toy.client.put(f"{jar}/money", json=body, headers=toy.headers())
        query = toy.client.get(jar, headers=toy.headers())
        other = toy.open_jar()
        assert toy.client.get(other, headers=toy.headers()).status_code == 200
    for answer in (command, query):
        assert (answer.status_code, answer.json()["code"]) == (503, "history-unreadable")
        assert answer.headers["Retry-After"] == "60"
    assert "event 2 (" in caplog.text
    assert "jar.sealed version 1" in caplog.text


class Issuer:
    """An identity provider that publishes keys over HTTP."""

    def __init__(self) -> None:
        self.document: Any = {"keys": []}
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(issuer.document).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: Any) -> None:
                """The test's output is not its log."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """A running identity provider."""
    issuer = Issuer()
    thread = threading.Thread(target=issuer.server.serve_forever, args=(0.01,))
    thread.start()
    yield issuer
    issuer.server.shutdown()
    thread.join()
    issuer.server.server_close()


def test_keys_that_the_issuer_publishes(
    issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys are taken from the issuer's URL, and a key it has since changed is noticed."""
    monkeypatch.setattr(auth, "KEYS_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(auth, "KEYS_FRESH_SECONDS", 0.0)
    before = DevelopmentIssuer(tmp_path / "before", mode="embedded")
    after = DevelopmentIssuer(tmp_path / "after", mode="embedded")
    reader = Tokens(issuer=before.issuer, audience=before.audience, keys=KeySet.of_url(issuer.url))

    def caller_of(token: str) -> str:
        return anyio.run(reader.caller, f"Bearer {token}").id

    issuer.document = json.loads(before.jwks_file.read_text())
    assert caller_of(before.token("person-1", ["payer"])) == "person-1"
    issuer.document = json.loads(after.jwks_file.read_text())
    assert caller_of(after.token("person-2", ["payer"])) == "person-2"
    with pytest.raises(TokenNotTrusted):
        caller_of(before.token("person-1", ["payer"]))


def test_an_issuer_that_cannot_be_reached(tmp_path: Path) -> None:
    """Without any keys nobody can be told apart, and that is not the caller's fault."""
    reader = Tokens(issuer="x", audience="y", keys=KeySet.of_url("http://127.0.0.1:1/jwks"))
    token = DevelopmentIssuer(tmp_path / "keys", mode="embedded").token("person-1", ["payer"])
    with pytest.raises(DependencyDown):
        anyio.run(reader.caller, f"Bearer {token}")
