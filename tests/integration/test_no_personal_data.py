"""
Nothing about a person is in a log, a trace, a metric, an event or a message.

Three services run as in production and are told of people who do not exist, in every field for
people and wherever else somebody could write one, while things go wrong. Then all that is kept
or shown beside the tables made for it is searched.
"""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from fastapi.testclient import TestClient
from prometheus_client import generate_latest
from sqlalchemy import make_url, text

from deploy.embedded import EmbeddedPostgres
from services.claims.use_cases.policies import HANDLERS as CLAIMS_HEARS
from shared.contracts.intake import ProgrammePublished
from shared.eventstore.postgres import PostgresEventStore
from shared.kernel.clock import SystemClock
from shared.messaging.consumer import Consumer
from shared.messaging.message import topic_of
from shared.messaging.parking import parked_keys, parked_messages, retry
from shared.messaging.relay import Relay
from shared.messaging.transports.base import Outgoing
from shared.messaging.transports.postgres import PostgresTransport, create_log
from shared.observability.logs import JsonFormatter
from shared.observability.metrics import REQUESTS
from shared.postgres.database import Database
from shared.settings import ServiceSettings
from shared.web.development import DevelopmentIssuer
from tests.integration.messaging.town import running, until
from tests.support.otlp import Collector, traced
from tests.support.postgres import ROLE, Databases

pytestmark = pytest.mark.postgres

NAME, EMAIL = "Canary Jane", "canary.jane@example.org"
HOLDER, ACCOUNT = "CANARY HOLDER", "987650123498"
NOTE = "canary note"
CANARIES = ("canary", ACCOUNT)
SERVICES = ("intake", "claims", "impact")
ORGANISATION = UUID(int=11)


@dataclass
class Office:
    """One service: its application on a database of its own, and its worker's loops."""

    service: str
    client: TestClient
    issuer: DevelopmentIssuer
    database: Database
    admin: str
    store: PostgresEventStore

    def ask(self, method: str, path: str, role: str, body: Any = None, **more: Any) -> Any:
        """The answer; ``body`` is JSON, or bytes as they are."""
        token = self.issuer.token("p-5", [role], ORGANISATION)
        headers = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": str(uuid4()),
            "Content-Type": "application/json",
            "User-Agent": NAME,
            "X-Correlation-Id": EMAIL,
            "tracestate": "canary=jane",
            "traceparent": NAME,
        } | more.pop("headers", {})
        content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        if method == "GET":
            content = b""
        return self.client.request(method, path, content=content, headers=headers, **more)

    def execute(self, statement: str) -> None:
        """As the owner of the tables."""
        dsn = make_url(self.admin).set(drivername="postgresql")
        with psycopg.connect(dsn.render_as_string(hide_password=False)) as connection:
            connection.execute(statement)

    def kept(self) -> str:
        """The whole event table, as text."""
        with self.database.engine.connect() as connection:
            rows = connection.execute(text("SELECT event::text FROM eventstore.event AS event"))
            return "\n".join(rows.scalars())


@dataclass
class Town:
    """All of them, and what is said meanwhile."""

    offices: dict[str, Office]
    transport: PostgresTransport
    log: io.StringIO
    collector: Collector
    published: list[str] = field(default_factory=list)


@pytest.fixture
def town(databases: Databases, tmp_path: Path) -> Iterator[Town]:
    """Traces are on, and the log is written as in production."""
    issuer = DevelopmentIssuer(tmp_path, mode="embedded")
    administrator = databases.empty()
    create_log(administrator)
    log_url = make_url(administrator).set(username=ROLE, password=ROLE)
    log_database = log_url.render_as_string(hide_password=False)
    made = [administrator]
    with ExitStack() as stack, traced("town") as collector, logging_as_json() as stream:
        transport = PostgresTransport(log_database)
        offices = {}
        for service in SERVICES:
            url = databases.migrated(service)
            made.append(url)
            database = Database(url)
            stack.callback(database.close)
            settings = ServiceSettings(
                service=service,
                mode="embedded",
                database_url=url,
                transport="postgres",
                log_database_url=log_database,
                jwt_issuer=issuer.issuer,
                jwks_file=issuer.jwks_file,
                http_port=8100,
            )
            types = import_module(f"services.{service}.use_cases.event_types").EVENT_TYPES
            app = import_module(f"services.{service}.main").build(settings)
            offices[service] = Office(
                service=service,
                # Not entered: leaving it would end the traces of all.
                client=TestClient(app, raise_server_exceptions=False),
                issuer=issuer,
                database=database,
                admin=databases.as_administrator(url),
                store=PostgresEventStore(database.engine, types, SystemClock()),
            )
            stack.callback(app.state.counter.database.close)
        stack.callback(transport.close)
        yield Town(offices, transport, stream, collector)
    for url in made:
        databases.drop(url)


@contextmanager
def logging_as_json() -> Iterator[io.StringIO]:
    """What every logger of this process writes, as it is written in production."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter("town"))
    handler.addFilter(lambda record: not record.name.startswith("httpx"))  # the test's own client
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def test_no_canary_gets_out(town: Town) -> None:
    """Whatever people are called, and whatever goes wrong with it."""
    _tell_of_people(town)
    _tell_what_is_refused(town)
    _let_the_database_refuse(town)
    _let_the_database_go_away(town)
    _park_a_message(town)
    _publish(town)

    with town.offices["impact"].database.engine.connect() as connection:
        # They were taken: what is searched for was there to be found.
        assert connection.execute(text("SELECT name FROM impact.contact")).scalar() == NAME
    log = town.log.getvalue()
    for phrase in ("request answered", "request failed", "message parked"):
        assert phrase in log
    assert "_on_contact" in log  # a traceback leads to the constraint
    assert town.published
    assert town.offices["claims"].kept()

    from shared.observability.tracing import stop_tracing

    stop_tracing()
    assert len(town.collector.spans) > 10
    searched = {
        "log": log,
        "traces": b"".join(town.collector.bodies).decode("latin-1"),
        "metrics": generate_latest(REQUESTS).decode(),
        "messages": "\n".join(town.published),
    } | {f"events of {name}": office.kept() for name, office in town.offices.items()}
    for place, told in searched.items():
        for canary in CANARIES:
            at = told.casefold().find(canary)
            assert at < 0, f"{place}: …{told[max(0, at - 300) : at + 100]}…"


def test_the_log_of_postgresql_keeps_no_rows(tmp_path: Path) -> None:
    """The server that we bring notes what it refused, not the row that it refused."""
    folder = tmp_path / "pg"
    server = EmbeddedPostgres(folder, disposable=True)
    try:
        dsn = server.url().set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("CREATE TABLE contact (name text UNIQUE)")
            connection.execute("INSERT INTO contact VALUES (%s)", [NAME])
            with pytest.raises(psycopg.errors.UniqueViolation, match=NAME):
                connection.execute("INSERT INTO contact VALUES (%s)", [NAME])
    finally:
        server.stop()
    log = "".join(path.read_text("utf-8") for path in tmp_path.rglob("*log*") if path.is_file())
    assert "duplicate key value violates unique constraint" in log
    assert NAME not in log


def _tell_of_people(town: Town) -> None:
    impact, claims, intake = (town.offices[each] for each in ("impact", "claims", "intake"))
    contact = {"name": NAME, "email": EMAIL, "language": "en"}
    path = f"/v1/contacts/{ORGANISATION}"
    assert impact.ask("PUT", path, "recipient", contact).status_code == 200
    assert impact.ask("GET", path, "recipient").json()[0]["email"] == EMAIL
    account = {"institution": "003", "transit": "12345", "number": ACCOUNT, "holder": HOLDER}
    path = f"/v1/organisations/{ORGANISATION}/bank-account"
    assert claims.ask("PUT", path, "recipient", account).status_code == 200
    assert claims.ask("GET", path, "recipient").json()["holder"] == HOLDER
    programme = _programme()
    assert intake.ask("POST", "/v1/programmes", "programme-manager", programme).status_code == 201


def _tell_what_is_refused(town: Town) -> None:
    impact, claims, intake = (town.offices[each] for each in ("impact", "claims", "intake"))
    path = f"/v1/contacts/{ORGANISATION}"
    for body in (
        {"name": NAME * 20, "email": EMAIL, "language": "en"},
        {"name": NAME, "email": f"{EMAIL}@", "language": "en"},
        {"name": NAME, "email": EMAIL, "language": NAME},
        {"name": [NAME], "email": {EMAIL: EMAIL}},
        {NAME: EMAIL},
        f'{{"name": "{NAME}", '.encode(),
        f'"{EMAIL}'.encode("utf-16"),
    ):
        answer = impact.ask("PUT", path, "recipient", body)
        assert 400 <= answer.status_code < 500, answer.text
    account = {"institution": NAME, "transit": EMAIL, "number": ACCOUNT * 2, "holder": f"_{HOLDER}"}
    path = f"/v1/organisations/{ORGANISATION}/bank-account"
    assert claims.ask("PUT", path, "recipient", account).status_code == 422
    for path in (f"/v1/contacts/{EMAIL}", f"/{EMAIL}", f"/v1/contacts?cursor={EMAIL}&{NAME}=1"):
        assert 400 <= impact.ask("GET", path, "recipient").status_code < 500
    # A document brings its name with it, and says who wrote it.
    query = f"kind={NAME}&title={NAME}"
    headers = {"Content-Disposition": f'attachment; filename="{NAME}.pdf"', "Content-Type": "x/y"}
    answer = intake.ask(
        "POST", f"/v1/applications/{uuid4()}/documents?{query}", "applicant", b"%PDF-1.7 Canary",
        headers=headers,
    )  # fmt: skip
    assert 400 <= answer.status_code < 500
    # Somebody whose issuer takes an address for an opaque id, and somebody without a token.
    for token in (impact.issuer.token(EMAIL, ["recipient"], ORGANISATION), NAME, ""):
        answer = impact.ask(
            "GET", f"/v1/contacts/{ORGANISATION}", "recipient",
            headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip
        assert answer.status_code == 401


def _let_the_database_refuse(town: Town) -> None:
    """PostgreSQL repeats the row that fails, the key that is taken, the value it cannot read."""
    impact = town.offices["impact"]
    impact.execute(
        "ALTER TABLE impact.contact ADD CONSTRAINT no_other_on_contact"
        f" CHECK (name = '{NAME}')"
    )  # fmt: skip
    path = f"/v1/contacts/{ORGANISATION}"
    other = {"name": f"{NAME} II", "email": f"ii.{EMAIL}", "language": "en"}
    assert impact.ask("PUT", path, "recipient", other).status_code == 500
    impact.execute(
        "ALTER TABLE impact.contact DROP CONSTRAINT no_other_on_contact;"
        " CREATE UNIQUE INDEX one_name_on_contact ON impact.contact (name)"
    )
    again = {"name": NAME, "email": f"iii.{EMAIL}", "language": "en"}
    assert impact.ask("PUT", path, "recipient", again).status_code == 500
    impact.execute(
        "DROP INDEX impact.one_name_on_contact;"
        " CREATE FUNCTION impact.stumble() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM NEW.name::date; RETURN NEW; END $$;"
        " CREATE TRIGGER stumble BEFORE INSERT ON impact.contact"
        " FOR EACH ROW EXECUTE FUNCTION impact.stumble()"
    )
    assert impact.ask("PUT", path, "recipient", again).status_code == 500


def _let_the_database_go_away(town: Town) -> None:
    """In the middle of the statement that brings the name."""
    impact = town.offices["impact"]
    impact.execute(
        "CREATE OR REPLACE FUNCTION impact.stumble() RETURNS trigger LANGUAGE plpgsql"
        " SECURITY DEFINER AS"
        " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$"
    )
    again = {"name": NAME, "email": f"iv.{EMAIL}", "language": "en"}
    answer = impact.ask("PUT", f"/v1/contacts/{ORGANISATION}", "recipient", again)
    assert answer.status_code == 503
    impact.execute("DROP TRIGGER stumble ON impact.contact")


def _park_a_message(town: Town) -> None:
    """What cannot be read, what has the wrong form, and what a handler cannot bear."""
    claims = town.offices["claims"]
    fact = json.loads(_published().model_dump_json())
    bodies = [
        f'{{"code": "{NAME}", '.encode(),
        json.dumps(fact | {"version": NAME, EMAIL: NAME}).encode(),
        json.dumps(fact | {"code": "BEAR"}).encode(),
    ]
    headers = {
        "ce_specversion": "1.0",
        "ce_source": "/jalon/intake",
        "ce_type": ProgrammePublished.contract_type,
        "ce_subject": "programme/1",
        "ce_time": "2023-04-01T00:00:00-04:00",
        "ce_datacontenttype": "application/json",
        "content-type": "application/json",
        "ce_recordedtime": "2023-04-01T12:00:00+00:00",
        "ce_sequence": "1",
        "ce_correlationid": str(uuid4()),
        "ce_causationid": str(uuid4()),
        "ce_traceparent": NAME,
    }
    window = [
        Outgoing(key=f"k{number}", headers=_encoded(headers | {"ce_id": str(uuid4())}), value=body)
        for number, body in enumerate(bodies)
    ]
    odd = headers | {"ce_id": NAME, "ce_sequence": EMAIL, "ce_time": NAME}
    window.append(Outgoing(key="k9", headers=_encoded(odd), value=b"{}"))
    publisher = town.transport.publisher()
    publisher.publish(topic_of("elsewhere"), window)
    publisher.close()

    def bear(fact: ProgrammePublished, _effects: Any) -> None:
        if fact.code == "BEAR":
            raise ValueError(f"{NAME} cannot be borne")

    handlers = dict(CLAIMS_HEARS) | {ProgrammePublished: bear}
    consumer = Consumer(
        "claims", claims.database, claims.store, SystemClock(), [topic_of("elsewhere")],
        handlers, town.transport,
    )  # fmt: skip

    def keys() -> list[Any]:
        with claims.database.engine.connect() as connection:
            return parked_keys(connection)

    with running(consumer):
        until(lambda: len(keys()) == len(window))
    problem = retry(
        claims.database, consumer.reactions, topic=topic_of("elsewhere"), key="k2", by="p-1"
    ).problem
    assert problem == "ValueError"
    # What people are shown of it (``jalon parked list``); the message itself is kept as it came.
    with claims.database.engine.connect() as connection:
        shown = [str(each.problem) for each in keys()] + [
            str(each.problem)
            for key in keys()
            for each in parked_messages(connection, key.topic, key.key)
        ]
    assert not any("canary" in each.casefold() for each in shown), shown
    assert any("int_parsing at version" in each for each in shown), shown


def _publish(town: Town) -> None:
    """All that the services tell others, as their relays do; and what stands on the topics."""
    for service, office in town.offices.items():
        to_contract = import_module(f"services.{service}.use_cases.publishing").to_contract
        publisher = town.transport.publisher()
        relay = Relay(service, office.database, office.store, to_contract, publisher)
        with running(relay):
            until(lambda office=office: _relayed(office) == office.store.head())
    partitions = dict.fromkeys(town.transport.ends([topic_of(each) for each in SERVICES]), 0)
    reader = town.transport.reader(partitions)
    town.published += [
        f"{each.key} {dict(each.headers)!r} {each.value!r}"
        for each in reader.poll(limit=1_000, timeout=1)
    ]
    reader.close()


def _relayed(office: Office) -> int:
    from shared.messaging.positions import relayed_position

    with office.database.engine.connect() as connection:
        return relayed_position(connection)


def _encoded(headers: dict[str, str]) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in headers.items()]


def _published() -> ProgrammePublished:
    return ProgrammePublished(
        effective_on=date(2023, 4, 1),
        code="IND-P2",
        version=1,
        name_en="Industry-led projects",
        name_fr="Projets menés par l’industrie",
        phase="P2",
        pockets=("ISED-P2-PROJECTS",),
        reimbursement_rate_bp=4_000,
        holdback_bp=1_000,
        claim_frequency="quarterly",
        survey_years=5,
    )


def _programme() -> dict[str, Any]:
    return {
        "code": "AI",
        "names": {"en": "AI in industry", "fr": "L’IA dans l’industrie"},
        "purpose": {"en": "Better industry", "fr": "Une meilleure industrie"},
        "phase": "P1",
        "pockets": [{"code": "FED"}],
        "reimbursement_rate_bp": 5_000,
        "holdback_bp": 1_000,
        "claim_frequency": "quarterly",
        "survey_years": 2,
        "rules": [{"name": "call-open"}],
        "scoring_grid": [{"criterion": "merit", "out_of": 100}],
        "cost_categories": ["labour"],
    }
