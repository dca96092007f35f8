"""The doctor finds what is wrong, and says when nothing is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

import pytest
from prometheus_client import generate_latest
from sqlalchemy import insert, text

from services.doctor_command import examine
from services.finance.projections.ledger import LINES, PROJECTION
from shared.checkup import Finding
from shared.eventstore.codec import EventType, EventTypes
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import Actor, Append, Context, Stream
from shared.messaging.transports.postgres import create_log
from shared.observability.health import Health
from shared.postgres.database import Database
from shared.process import Parts
from shared.settings import ServiceSettings
from tests.integration.finance.conftest import Finance
from tests.support.clocks import WrongClock
from tests.support.postgres import Databases
from tests.unit.finance import facts
from tests.unit.finance.facts import T1

pytestmark = pytest.mark.postgres


@dataclass(frozen=True, slots=True, kw_only=True)
class Dreamt:
    effective_on: date


Examined = Callable[[], dict[str, Finding]]


@pytest.fixture
def examined(finance: Finance, databases: Databases) -> Examined:
    """What the doctor finds, by name."""
    url = finance.database.url.render_as_string(hide_password=False)
    create_log(databases.as_administrator(url))
    settings = ServiceSettings(
        service="finance",
        mode="embedded",
        database_url=url,
        transport="postgres",
        log_database_url=url,
        jwt_issuer="https://issuer.example",
        jwks_url="https://issuer.example/keys",
        http_port=8105,
    )

    def ask() -> dict[str, Finding]:
        parts = Parts(database=finance.database, clock=finance.clock, store=finance.store)
        return {each.name: each for each in examine(settings, parts)}

    return ask


def wrong(found: dict[str, Finding]) -> set[str]:
    """The names of what is not well."""
    return {name for name, each in found.items() if not each.ok}


def test_all_is_well(finance: Finance, examined: Examined) -> None:
    """After some facts, relayed and projected, nothing needs anybody."""
    finance.hear(facts.agreement_executed(("P", T1, 500_00)))
    finance.projector.catch_up()
    found = examined()
    assert wrong(found) == set()
    assert found["projection ledger"].said == "at 1, up to date"
    assert found["every-entry-adds-up-to-zero-in-every-pocket"].said.endswith(" checked")
    assert len(found) > 12


def test_what_waits_too_long(finance: Finance, examined: Examined) -> None:
    """A view that is behind is well for a minute; with its age it is named afterwards."""
    finance.projector.catch_up()
    finance.hear(facts.agreement_executed(("P", T1, 500_00)))
    assert wrong(examined()) == set()
    finance.clock.instant += timedelta(seconds=61)
    found = examined()
    assert wrong(found) == {"relay", "projection ledger", "projection trail"}
    assert found["projection ledger"].said == "at 0, 1 behind, the oldest for 61 s"


def test_an_event_that_newer_code_wrote(finance: Finance, examined: Examined) -> None:
    """It is named wherever it stands in the way, before and after the views have failed on it."""
    finance.projector.catch_up()
    newer = PostgresEventStore(
        finance.database.engine, EventTypes(EventType("finance.dreamt", Dreamt)), finance.clock
    )
    context = Context(
        command_id=uuid4(), actor=Actor(id="p-1"), correlation_id=uuid4(), causation_id=uuid4()
    )
    newer.append([Append(Stream("dream", uuid4()), 0, [Dreamt(effective_on=facts.DAY)])], context)
    found = examined()
    assert wrong(found) == {"relay", "projection ledger", "projection trail"}
    for name in wrong(found):
        assert found[name].said.startswith("at 0, 1 behind: event 1 (")
        assert found[name].said.endswith("cannot be read by this code: finance.dreamt version 1")
    finance.projector.catch_up()
    assert examined()["projection ledger"].said == "generation 1 failed on event 1"


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(seconds=2), None),
        (timedelta(days=1), "this machine is 86400 s ahead of the database"),
        (timedelta(days=-1), "this machine is 86400 s behind the database"),
    ],
)
def test_a_machine_whose_clock_is_wrong(
    finance: Finance, examined: Examined, ahead: timedelta, said: str | None
) -> None:
    """It is named when it is off by more than seconds; what waits is told by the database."""
    finance.clock = WrongClock(ahead)  # type: ignore[assignment]
    finance.projector.catch_up()
    found = examined()
    assert wrong(found) == ({"clock"} if said else set())
    assert said in {None, found["clock"].said}


def test_an_entry_that_does_not_add_up(finance: Finance, examined: Examined) -> None:
    """Where somebody got round the database's own guard, the identity is named with its break."""
    finance.hear(facts.agreement_executed(("P", T1, 500_00)))
    finance.projector.catch_up()
    with finance.database.engine.begin() as connection:
        placed = {"schema_translate_map": PROJECTION.placed_in(1)}
        connection.exec_driver_sql("ALTER TABLE ledger_1.line DISABLE TRIGGER entry_adds_up")
        row = {
            "position": 999,
            "ordinal": 0,
            "entry": "claim-approved",
            "event_id": uuid4(),
            "event_type": "claim",
            "happened_on": facts.DAY,
            "recorded_at": finance.clock.now(),
            "account": "payable",
            "pocket": "P",
            "cents": 1,
        }
        connection.execute(insert(LINES), [row], execution_options=placed)
    found = examined()
    broken = found["every-entry-adds-up-to-zero-in-every-pocket"]
    assert not broken.ok
    assert "the first 999 P by 1 cents" in broken.said


def test_the_same_as_metrics(finance: Finance, examined: Examined) -> None:
    """What watches the service reads the same findings as numbers, identities among them."""
    finance.projector.catch_up()
    finance.hear(facts.agreement_executed(("P", T1, 500_00)))
    finance.clock.instant += timedelta(seconds=61)
    registry = Health("finance", lambda: list(examined().values())).registry()
    shown = generate_latest(registry).decode()
    assert 'jalon_well{service="finance",what="relay"} 0.0' in shown
    assert 'jalon_waiting{service="finance",what="projection ledger"} 1.0' in shown
    assert 'jalon_waiting_seconds{service="finance",what="projection ledger"} 61.0' in shown
    name = "every-entry-adds-up-to-zero-in-every-pocket"
    assert f'jalon_well{{service="finance",what="{name}"}} 1.0' in shown


def test_a_database_that_cannot_be_asked(examined: Examined) -> None:
    """A scrape is answered whatever is wrong, and says that something is."""
    found: list[Finding] = []

    def examine() -> list[Finding]:
        found.extend(examined().values())
        raise RuntimeError("gone")

    shown = generate_latest(Health("finance", examine).registry()).decode()
    assert found
    assert 'jalon_well{service="finance",what="database"} 0.0' in shown


def test_tables_that_are_not_there(
    finance: Finance, examined: Examined, databases: Databases
) -> None:
    """A database at another revision is named, and nothing else is asked of it."""
    url = finance.database.url.render_as_string(hide_password=False)
    owner = Database(databases.as_administrator(url))
    with owner.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'other'"))
    owner.close()
    found = examined()
    assert wrong(found) == {"migrations"}
    assert found["migrations"].said == "the tables are newer than this code: newer code has to run"
    assert len(found) == 1
